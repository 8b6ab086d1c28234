"""The database cannot be written: no request leaves without its intent (F28)."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import COMMAND, LONGEST_S, Ended, wait_for
from tests.store.values import edit, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.program import Sandbox, Workspace

pytestmark = [pytest.mark.promise("F28"), pytest.mark.slow]
MOUNT, UNMOUNT = "/bin/mount", "/bin/umount"


def limited(workspace: Workspace, limit: Callable[[], None]) -> Ended:
    """Run the command as a process with less rights or room."""
    ended = subprocess.run(  # noqa: S603
        [COMMAND, "run", "--json"],
        cwd=workspace.folder,
        env={**os.environ, **workspace.settings, "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        preexec_fn=limit,
        check=False,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def expect_an_intent_for_each_task(workspace: Workspace, sandbox: Sandbox) -> None:
    known = {key for (key,) in read(workspace.database, "SELECT key FROM obligation")}
    assert {task.key for task in sandbox.tasks()} <= known


@pytest.mark.parametrize("room_kb", [64, 250, 500, 1000])
def test_a_full_disk_ends_the_run_and_the_next_one_finishes_it(
    observed: Workspace, sandbox: Sandbox, room_kb: int
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    room = room_kb * 1024

    full = limited(
        observed, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    )

    assert full.code in (0, 3), full.err
    if full.code:
        assert full.sentence.startswith(f"error: The database {observed.database}")
    else:
        assert room_kb > 250, "so little room is not enough"
    expect_an_intent_for_each_task(observed, sandbox)
    again = observed.run("run", "--json")
    assert again.code == 0, again.err
    sandbox.expect_one_task_per_deal(owing)


@contextmanager
def read_only(database: Path, place: Path) -> Iterator[str]:
    """Put a database onto a file system that nobody may write; yield its address."""
    place.mkdir()
    is_root = os.getuid() == 0  # whom no right of a folder stops
    if is_root and subprocess.call([MOUNT, "-t", "tmpfs", "tmpfs", place]):  # noqa: S603
        pytest.skip("this user may neither mount nor be refused")
    try:
        shutil.copy(database, place)
        if is_root:
            subprocess.check_call([MOUNT, "-o", "remount,ro", place])  # noqa: S603
        else:
            place.chmod(0o555)
        yield f"sqlite:///{place / database.name}"
    finally:
        if is_root:
            subprocess.check_call([UNMOUNT, place])  # noqa: S603
        else:
            place.chmod(0o755)


def test_a_database_that_may_not_be_written_writes_nothing_to_the_crm(
    observed: Workspace, sandbox: Sandbox
) -> None:
    before = sandbox.writes()
    edit(observed.database, "PRAGMA wal_checkpoint(TRUNCATE)")

    with read_only(observed.database, observed.folder / "fixed") as url:
        refused = observed.run("run", GATEKEEPER_DATABASE_URL=url)

    assert refused.code == 3, refused.err
    assert refused.sentence.startswith("error: The database")
    assert "Check that this user may" in refused.sentence
    assert sandbox.writes() == before


def test_a_database_somebody_else_holds_ends_the_run_and_nothing_is_doubled(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    creating = sandbox.people.creating
    before = sandbox.requests().get(creating, 0)
    sandbox.order(f"{creating}:slow=5:1")
    impatient = f"sqlite:///{observed.database}?timeout=5"
    with (
        observed.start("run", "--json", GATEKEEPER_DATABASE_URL=impatient) as process,
        closing(sqlite3.connect(observed.database)) as other,
    ):
        wait_for(process, sandbox, creating, before + 1)
        other.execute("BEGIN IMMEDIATE")
        ended = Ended(0, *process.communicate(timeout=LONGEST_S))
        other.rollback()

    assert process.returncode == 3, ended.err
    assert "is in use by another program" in ended.sentence
    expect_an_intent_for_each_task(observed, sandbox)
    assert observed.run("run").code == 0
    sandbox.expect_one_task_per_deal(owing)


def test_a_damaged_database_writes_nothing_to_the_crm(
    observed: Workspace, sandbox: Sandbox
) -> None:
    before = sandbox.writes()
    edit(observed.database, "PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray(observed.database.read_bytes())
    raw[len(raw) // 2 :] = b"\xff" * (len(raw) - len(raw) // 2)
    observed.database.write_bytes(raw)

    ended = observed.run("run")

    assert ended.code == 3
    assert "is damaged" in ended.sentence
    assert sandbox.writes() == before
