"""A run killed between its steps leaves exactly what it committed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import ObligationState, WriteStatus
from gatekeeper.ports import RunStatus
from tests.builders import ORG, a_violation
from tests.store.values import a_change, open_run, the_obligation, write

if TYPE_CHECKING:
    from gatekeeper.store.sql_store import SqlStore

ROOT = Path(__file__).resolve().parents[2]


def kill_at(step: str, database: Path) -> None:
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "tests.store.child", step, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "waiting\n"
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL


@pytest.mark.promise("F02", "W3")
def test_killed_after_the_intent_the_next_run_sees_it_at_once(
    store: SqlStore, database: Path
) -> None:
    kill_at("intent", database)

    with open_run(store) as run:  # the dead holder's lease is not waited for
        known = the_obligation(run, a_change())
        assert known is not None
        assert known.state is ObligationState.INTENT
        assert list(run.open_obligations()) == [known]
        write(run, a_change(), WriteStatus.ADOPTED)
        adopted = the_obligation(run, a_change())
        run.finish(RunStatus.DONE, {})

    assert adopted is not None
    assert (adopted.state, adopted.episode) == (ObligationState.OPEN, 1)
    assert [row.status for row in store.runs()] == [RunStatus.DONE, RunStatus.FAILED]
    assert store.verify_audit(ORG).damaged_at is None


@pytest.mark.promise("F01")
def test_killed_before_the_intent_no_trace_of_the_write_is_left(
    store: SqlStore, database: Path
) -> None:
    kill_at("commit", database)

    assert list(store.violations(ORG)) == [a_violation()]
    with open_run(store) as run:
        assert the_obligation(run, a_change()) is None
        assert list(run.open_obligations()) == []


@pytest.mark.parametrize("step", ["commit", "intent"])
def test_a_killed_run_can_be_looked_at(
    store: SqlStore, database: Path, step: str
) -> None:
    kill_at(step, database)

    row = store.run("latest")
    assert row is not None
    assert row.status is RunStatus.RUNNING
    (change,) = store.changes(row.id)
    assert change.status == {"commit": "planned", "intent": "intent"}[step]
