from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gatekeeper.core.model import Resolution, State
from gatekeeper.core.waiver_review import WaiverReview, Watched, review, unused
from gatekeeper.core.waivers import Waiver, WaiverBook, WaiverPolicy
from tests.builders import DEAL_ID, NEW_YORK, a_violation

WAIVER = Waiver(
    id="w-1",
    rules=("qual-amount",),
    reason="Strategic logo.",
    requested_by="ana@example.com",
    approved_by="ops@example.com",
    approved_on=date(2026, 11, 3),
    expires=date(2026, 12, 31),
    deals=frozenset({DEAL_ID}),
)
LONG_AGO = date(2026, 1, 1)
WAIVED = a_violation(state=State.WAIVED, waiver="w-1")


def reviewed(day: date, *violations, policy=None, **changes):
    waivers = (replace(WAIVER, **changes),)
    book = WaiverBook(waivers, NEW_YORK, policy or WaiverPolicy())
    (found,) = review(book, violations, day, Watched(LONG_AGO, day))
    return found


def test_a_waiver_at_work_needs_no_word():
    found = reviewed(date(2026, 12, 1), WAIVED)
    assert (found.status, found.covers, found.notices) == ("in force", 1, ())
    assert not found.is_stale


@pytest.mark.parametrize(
    ("day", "status", "notices", "stale"),
    [
        (date(2026, 11, 2), "not yet", (), False),
        (date(2026, 12, 23), "in force", (), False),
        (
            date(2026, 12, 24),
            "ends soon",
            ("It ends with 31 Dec 2026; what it covers is open from the next day on.",),
            False,
        ),
        (
            date(2027, 1, 1),
            "ended",
            ("It ended with 31 Dec 2026; take it out.",),
            True,
        ),
    ],
)
def test_a_waiver_is_told_by_its_term(day, status, notices, stale):
    found = reviewed(day, WAIVED)
    assert (found.status, found.notices, found.is_stale) == (status, notices, stale)


@pytest.mark.parametrize(
    ("day", "unused"), [(date(2026, 11, 16), False), (date(2026, 11, 17), True)]
)
def test_a_waiver_is_unused_after_fourteen_days(day, unused):
    """Approved on the 3rd: fourteen days later is the 17th."""
    found = reviewed(day)
    said = ("It has covered nothing for 14 days.",) if unused else ()
    assert (found.notices, found.is_stale) == (said, unused)


@pytest.mark.parametrize(
    ("judged_on", "covers", "unused"),
    [
        (None, None, False),
        (date(2026, 11, 16), 0, False),
        (date(2026, 11, 17), 0, True),
    ],
)
def test_only_runs_tell_that_a_waiver_is_unused(judged_on, covers, unused):
    """On 1 Dec nobody has looked since the last run, or ever."""
    book = WaiverBook((WAIVER,), NEW_YORK, WaiverPolicy())
    watched = Watched(LONG_AGO, judged_on) if judged_on else None
    (found,) = review(book, (), date(2026, 12, 1), watched)
    assert (found.covers, found.is_stale) == (covers, unused)


@pytest.mark.parametrize(("first", "unused"), [(17, True), (18, False)])
def test_runs_of_fourteen_days_tell_that_an_old_waiver_is_unused(first, unused):
    """Approved on the 3rd, and on 1 Dec watched since the 17th or the 18th."""
    watched = Watched(date(2026, 11, first), date(2026, 12, 1))
    book = WaiverBook((WAIVER,), NEW_YORK, WaiverPolicy())
    (found,) = review(book, (), date(2026, 12, 1), watched)
    assert (found.covers, found.is_stale) == (0, unused)


@pytest.mark.parametrize(("day", "unused"), [(4, True), (5, False)])
def test_what_it_covered_until_lately_counts_as_use(day, unused):
    """On 18 Dec the last fourteen days are the 5th to the 18th."""
    fixed = replace(
        WAIVED,
        state=State.RESOLVED,
        resolution=Resolution.FIXED,
        resolved_at=datetime(2026, 12, day, 14, tzinfo=UTC),
    )
    assert reviewed(date(2026, 12, 18), fixed).is_stale is unused


@pytest.mark.parametrize(
    ("void", "consequence"),
    [(False, "it holds"), (True, "it does not cover that rule any more")],
)
def test_a_waiver_of_an_earlier_version_is_named(void, consequence):
    found = reviewed(
        date(2026, 12, 1),
        WAIVED,
        policy=WaiverPolicy(void_on_change=void),
        outdated=frozenset({"qual-amount"}),
    )
    assert found.notices == (
        f"Approved for an earlier version of qual-amount; {consequence}.",
    )
    assert found.is_stale


def test_a_review_is_whole():
    idle = replace(WAIVER, id="w-2", outdated=frozenset({"b", "a"}))
    book = WaiverBook((WAIVER, idle), NEW_YORK)
    other = a_violation(state=State.WAIVED, waiver="")
    open_again = a_violation(waiver="w-1")
    day = date(2026, 12, 28)
    found = review(
        book, (WAIVED, WAIVED, other, open_again), day, Watched(LONG_AGO, day)
    )
    assert found == (
        WaiverReview(
            WAIVER,
            "ends soon",
            2,
            ("It ends with 31 Dec 2026; what it covers is open from the next day on.",),
        ),
        WaiverReview(
            idle,
            "ends soon",
            0,
            (
                "It ends with 31 Dec 2026; what it covers is open from the next day"
                " on.",
                "It has covered nothing for 14 days.",
                "Approved for an earlier version of a; it holds.",
                "Approved for an earlier version of b; it holds.",
            ),
            is_stale=True,
        ),
    )


@pytest.mark.parametrize("day", [date(2026, 11, 3), date(2026, 12, 31)])
def test_the_first_and_the_last_day_are_of_its_term(day):
    assert reviewed(day, WAIVED).status in ("in force", "ends soon")
    assert not reviewed(day, WAIVED).is_stale


def test_an_ended_or_future_waiver_is_not_called_unused():
    for day in (date(2026, 11, 2), date(2027, 2, 1)):
        assert not any("nothing" in each for each in reviewed(day).notices)


# ---- idle waivers, as a digest asks -------------------------------------------------

TODAY = date(2026, 12, 18)
WATCHED = Watched(LONG_AGO, TODAY)


def idle(*violations, zone=NEW_YORK, watched=WATCHED, **changes):
    waiver = replace(WAIVER, **changes)
    found = unused(WaiverBook((waiver,), zone), [waiver], violations, watched)
    return found == (waiver,)


def ended(day, hour, minute=0, **changes):
    at = datetime(2026, 12, day, hour, minute, tzinfo=UTC)
    return replace(WAIVED, state=State.RESOLVED, resolved_at=at, **changes)


def test_an_idle_waiver_is_unused_from_its_fourteenth_day_on():
    assert idle(approved_on=date(2026, 12, 4))
    assert not idle(approved_on=date(2026, 12, 5))


def test_an_idle_waiver_is_unused_once_it_was_watched_for_fourteen_days():
    assert idle(watched=Watched(date(2026, 12, 4), TODAY))
    assert not idle(watched=Watched(date(2026, 12, 5), TODAY))
    assert not idle(watched=None)


def test_what_ended_within_two_weeks_by_the_local_day_is_use():
    """In New York the 5th begins at 05:00 in UTC."""
    assert idle(ended(5, 4, 59))
    assert not idle(ended(5, 5, 0))
    assert not idle(ended(5, 4, 59), zone=None)
    assert not idle(WAIVED)


def test_what_other_waivers_cover_or_what_stands_open_is_no_use():
    assert idle(ended(17, 9, waiver="w-2"))
    assert idle(ended(17, 9, waiver=""))
    assert idle(a_violation(waiver="w-1"))


def test_violations_are_read_only_where_a_waiver_is_old_enough():
    def never():
        raise AssertionError("nobody asked for violations")
        yield

    young = replace(WAIVER, approved_on=date(2026, 12, 17))
    assert unused(WaiverBook((young,)), [young], never(), WATCHED) == ()
