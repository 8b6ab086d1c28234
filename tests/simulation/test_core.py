"""The promises held against random people, faults and timings, two thousand times."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulation.core.simulator import Simulator
from tests.simulation.quiet import without_log
from tests.simulation.schedule import BOTH, KINDS, generated
from tests.simulation.search import search, story_of

STEPS = 300
PARTS = 20


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
    seeds = range(part * 100, (part + 1) * 100)

    found = search(Simulator, seeds, STEPS)

    assert found.failures == (), "\n".join(
        f"make simulate SEED={each.schedule.seed}: {each.text}"
        for each in found.failures
    )


@pytest.mark.usefixtures("log_as_it_was")
@pytest.mark.parametrize("seed", [3, 17])
def test_a_seed_replays_to_the_last_step(seed: int) -> None:
    without_log()
    once, again = (
        story_of(Simulator, generated(seed, STEPS, Simulator.name)) for _ in range(2)
    )

    assert once == again
    assert len(once.splitlines()) > STEPS


@pytest.mark.parametrize("stage", BOTH)
def test_every_kind_of_event_befalls_some_schedule(stage: str) -> None:
    schedules = [generated(seed, STEPS, stage) for seed in range(80)]

    befallen = {event.kind for each in schedules for event in each.events}
    assert befallen == {name for name, kind in KINDS.items() if stage in kind.stages}


@pytest.mark.usefixtures("log_as_it_was")
def test_events_may_be_taken_out_of_a_schedule() -> None:
    without_log()
    schedule = generated(5, STEPS, Simulator.name)

    calm = story_of(Simulator, replace(schedule, events=()))

    assert calm.endswith("nothing is broken")
    assert "EVENT" not in calm
