"""Night after night: digests on time and once, whatever befalls hosts and servers."""

from __future__ import annotations

import pytest

from tests.simulation.nights.bugs import NIGHT_BUGS
from tests.simulation.nights.schedule import nights_of
from tests.simulation.nights.simulator import NightSimulator
from tests.simulation.planted import planted
from tests.simulation.quiet import without_log
from tests.simulation.search import search, story_of

STEPS = 70
PARTS, EACH = 5, 14
SOON = 25
"""Schedules of 150 steps within which the plain slips are found."""
PLAIN = (
    "what became of a letter forgotten",
    "one id for all days",
    "silence taken for sent",
    "restored over what was sent",
    "days off not known",
    "owners read of all deals",
    "one id for all kinds",
    "RevOps told a whole run",
)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.usefixtures("log_as_it_was")
@pytest.mark.promise("D1", "D2", "F17", "F32", "F33", "F34", "S22")
def test_every_day_has_one_digest_that_is_sent_once_and_tells_the_truth(
    part: int,
) -> None:
    without_log()
    seeds = range(part * EACH, (part + 1) * EACH)

    found = search(NightSimulator, seeds, STEPS, drawn=nights_of)

    assert found.failures == (), "\n".join(
        f"make simulate NIGHTS=1 STEPS={STEPS} SEED={each.schedule.seed}: {each.text}"
        for each in found.failures
    )


@pytest.mark.slow
@pytest.mark.usefixtures("log_as_it_was")
@pytest.mark.parametrize(
    ("bug", "promise"),
    [(bug, promise) for bug, promise in NIGHT_BUGS.items() if bug.what in PLAIN],
    ids=lambda value: getattr(value, "what", value).replace(" ", "-"),
)
def test_a_slip_planted_into_the_nights_is_found(bug, promise: str) -> None:
    without_log()

    with planted(bug):
        found = search(NightSimulator, range(SOON), 150, drawn=nights_of)

    (failure,) = found.failures
    assert failure.promise in promise.split(" or ")


@pytest.mark.usefixtures("log_as_it_was")
def test_a_night_replays_to_the_last_step() -> None:
    without_log()
    schedule = nights_of(3, STEPS)

    once = story_of(NightSimulator, schedule)

    assert story_of(NightSimulator, schedule) == once
    assert once.endswith("nothing is broken")
