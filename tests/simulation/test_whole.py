"""The same promises held against the whole product, behind its own client libraries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.quiet import without_log
from tests.simulation.schedule import generated
from tests.simulation.search import search, story_of
from tests.simulation.whole.simulator import WholeSimulator

STEPS = 120
PARTS = 20
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.usefixtures("log_as_it_was")
@pytest.mark.promise("W1")
@pytest.mark.promise("W2")
@pytest.mark.promise("W3")
@pytest.mark.promise("W4")
@pytest.mark.promise("W5")
@pytest.mark.promise("W6")
@pytest.mark.promise("W7")
@pytest.mark.promise("W8")
@pytest.mark.promise("W9")
@pytest.mark.promise("W10")
@pytest.mark.promise("W11")
@pytest.mark.promise("B1")
def test_nothing_is_doubled_lost_or_taken_from_a_person(part: int) -> None:
    without_log()
    seeds = range(part * 5, (part + 1) * 5)

    found = search(WholeSimulator, seeds, STEPS)

    assert found.failures == (), "\n".join(
        f"make simulate WHOLE=1 STEPS={STEPS} SEED={each.schedule.seed}: {each.text}"
        for each in found.failures
    )


@pytest.mark.usefixtures("log_as_it_was")
def test_a_seed_replays_to_the_last_step_in_another_process() -> None:
    without_log()
    once = story_of(WholeSimulator, generated(3, STEPS, WholeSimulator.name))

    command = [sys.executable, "-m", "tests.simulation", "--whole", "--seed", "3"]
    again = subprocess.run(  # noqa: S603  (our own program)
        [*command, "--steps", str(STEPS)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert again.stdout.splitlines() == once.splitlines()
    assert len(once.splitlines()) > STEPS
