"""A simulation that finds nothing proves nothing: it must find what is planted."""

from __future__ import annotations

import pytest

from tests.simulation.core.bugs import BUGS
from tests.simulation.planted import hunted, planted
from tests.simulation.quiet import without_log
from tests.simulation.whole.bugs import WHOLE_BUGS

SOON = 60
"""Schedules within which the plain bugs are found; `planted` hunts for all of them."""
WHOLE_SOON = 10
WHOLE_PLAIN = {
    "intent not committed to the database": "W3",
    "unanswered request sent again": "W3",
    "external id left out": "W3",
    "item missing in a 207 refused": "W3",
    "no answer taken for done": "W3",
    "undo writes over what a person changed": "W7 W11",
    "what was undone is written again": "W11",
    "another org on the same database": "W6",
}
PLAIN = {
    "no intent before a request": "W3",
    "no seal before closing": "W4",
    "blind retry": "W3",
    "edits of a person overwritten": "W7",
    "task of a copied sandbox taken for ours": "W6 W2",
    "cannot tell taken for a pass": "W5",
    "partial pull taken for complete": "W5",
    "flag written before its ledger is committed": "W3",
    "no fence at a commit": "W9",
    "closing by a person reverted at once": "W7",
    "kill switch not looked at": "B1",
}


@pytest.mark.usefixtures("log_as_it_was")
@pytest.mark.parametrize(
    "bug",
    [each for each in BUGS if each.what in PLAIN],
    ids=lambda bug: bug.what.replace(" ", "-"),
)
def test_a_planted_bug_is_found_by_the_promise_it_breaks(bug) -> None:
    without_log()

    caught = hunted(bug, SOON)

    (failure,) = caught.found.failures
    assert failure.promise in PLAIN[bug.what].split()


@pytest.mark.usefixtures("log_as_it_was")
@pytest.mark.parametrize(
    "bug",
    [each for each in WHOLE_BUGS if each.what in WHOLE_PLAIN],
    ids=lambda bug: bug.what.replace(" ", "-"),
)
def test_a_bug_planted_into_store_or_adapter_is_found_in_the_whole(bug) -> None:
    without_log()

    caught = hunted(bug, WHOLE_SOON)

    (failure,) = caught.found.failures
    assert failure.promise in WHOLE_PLAIN[bug.what].split()


def test_there_are_fifteen_bugs_and_more_each_another_one() -> None:
    assert len({bug.what for bug in BUGS}) == len(BUGS) >= 15
    assert PLAIN.keys() <= {bug.what for bug in BUGS}


def test_a_bug_is_taken_out_again() -> None:
    for bug in BUGS:
        sound = getattr(bug.owner, bug.name)
        with planted(bug):
            assert getattr(bug.owner, bug.name) is not sound
        assert getattr(bug.owner, bug.name) is sound
