"""What a waiver says, which won deals keep it, and what it leaves in a violation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gatekeeper.core.model import (
    EMPTY,
    Cover,
    History,
    State,
    Stint,
    Unavailable,
    Waived,
)
from gatekeeper.core.waivers import Waiver, WaiverBook, WaiverPolicy, accept
from tests.builders import (
    DEAL_ID,
    NEW_YORK,
    NOW,
    a_context,
    a_deal,
    a_line,
    a_violation,
)

WAIVER = Waiver(
    id="w-1",
    rules=("qual-amount",),
    reason="Strategic logo.",
    requested_by="ana@example.com",
    approved_by="ops@example.com",
    approved_on=date(2026, 11, 3),
    expires=date(2026, 11, 20),
    deals=frozenset({DEAL_ID}),
)
HIDDEN = Unavailable("no access")
WORDS = "Waived until 20 Nov 2026 by ops@example.com (w-1): Strategic logo."


def waived(*waivers, deal=None, now=NOW, zone=NEW_YORK, too_broad=(), **policy):
    book = WaiverBook(waivers or (WAIVER,), zone, WaiverPolicy(**policy))
    context = a_context(now)
    return book.waived_now("qual-amount", deal or a_deal(), context, too_broad)


def test_a_waiver_says_until_when_by_whom_and_why_with_its_ticket():
    assert WAIVER.words == WORDS
    assert replace(WAIVER, ticket="OPS-7").words == (
        "Waived until 20 Nov 2026 by ops@example.com (w-1, OPS-7): Strategic logo."
    )


def test_what_a_waiver_says_of_a_deal_goes_with_its_last_day():
    last = date(2026, 11, 20)
    assert waived() == Waived("w-1", Cover.APPLIES, WORDS, last)
    broad = waived(too_broad={"w-1"})
    assert broad == Waived("w-1", Cover.TOO_BROAD, WORDS, last)
    doubtful = waived(replace(WAIVER, ends_early_when=a_line(HIDDEN)))
    why = f"a check is {HIDDEN}."
    assert doubtful == Waived("w-1", Cover.CANNOT_TELL, WORDS, last, why)


def test_a_waiver_is_found_by_its_id():
    other = replace(WAIVER, id="w-2")
    book = WaiverBook((WAIVER, other))
    assert (book.get("w-2"), book.get("w-3")) == (other, None)


def test_without_a_zone_of_the_project_that_of_the_run_decides():
    book = WaiverBook((WAIVER,))
    late = a_context(datetime(2026, 11, 21, 4, 59, tzinfo=UTC))
    assert book.today(late) == date(2026, 11, 20)


def test_a_waiver_needs_nobody_to_be_named_twice_and_no_policy():
    assert WaiverBook().waivers == ()
    assert WaiverBook().policy == WaiverPolicy(None, {}, void_on_change=False)


def test_the_id_of_a_list_is_fifteen_characters_long():
    for length, applies in ((14, False), (15, True), (16, False)):
        named = replace(WAIVER, deals=frozenset({DEAL_ID[:length]}))
        assert (waived(named) is not None) == applies


def test_a_void_version_leaves_the_other_rules_of_the_waiver():
    outdated = replace(
        WAIVER, outdated=frozenset({"other"}), rules=("other", "qual-amount")
    )
    assert waived(outdated, void_on_change=True) is not None
    old = replace(WAIVER, outdated=frozenset({"qual-amount"}))
    assert waived(old, void_on_change=True) is None


def test_of_two_that_might_apply_the_first_is_told():
    first = replace(WAIVER, id="w-a", ends_early_when=a_line(HIDDEN))
    second = replace(first, id="w-b")
    found = waived(first, second)
    assert found is not None
    assert found.waiver_id == "w-a"


def test_one_that_ended_hides_none_that_is_in_force():
    over = replace(WAIVER, id="w-0", expires=date(2026, 11, 19))
    elsewhere = replace(WAIVER, id="w-9", deals=frozenset({"006000000000002AAA"}))
    found = waived(over, elsewhere, WAIVER)
    assert found is not None
    assert found.waiver_id == "w-1"


@pytest.mark.parametrize(
    ("where", "ended", "cover"),
    [
        (True, False, Cover.APPLIES),
        (True, True, None),
        (True, HIDDEN, Cover.CANNOT_TELL),
        (HIDDEN, False, Cover.CANNOT_TELL),
        (HIDDEN, True, None),
        (False, HIDDEN, None),
    ],
)
def test_a_condition_and_an_early_end_are_told_together(where, ended, cover):
    found = waived(
        replace(
            WAIVER,
            deals=frozenset(),
            deals_where=a_line(where),
            ends_early_when=a_line(ended),
        )
    )
    assert (found.cover if found else None) == cover


def test_a_defect_in_a_condition_costs_one_verdict_and_says_so():
    def broken(_deal):
        raise ZeroDivisionError

    said = (
        f"E999: gatekeeper could not evaluate waiver w-1 on {DEAL_ID}"
        " (ZeroDivisionError). This is a bug in gatekeeper, not in your waiver."
    )
    assert waived(replace(WAIVER, ends_early_when=a_line(broken))) == Waived(
        "w-1", Cover.CANNOT_TELL, said, date(2026, 11, 20), said
    )


def test_one_in_doubt_comes_before_one_that_covers_too_much():
    broad = replace(WAIVER, id="w-a")
    doubtful = replace(WAIVER, id="w-b", ends_early_when=a_line(HIDDEN))
    found = waived(broad, doubtful, too_broad={"w-a"})
    assert found is not None
    assert (found.waiver_id, found.cover) == ("w-b", Cover.CANNOT_TELL)


# ---- won deals keep what they were won under ----------------------------------------

LATER = datetime(2026, 12, 10, 14, tzinfo=UTC)


def won(*steps, complete=True, close_date=date(2026, 12, 1), **fields):
    """A won deal that entered those stages at those moments."""
    following = [*steps[1:], (None, None)]
    stints = tuple(
        Stint(stage, at, left, EMPTY)
        for (stage, at), (_, left) in zip(steps, following, strict=False)
    )
    began = steps[0][1] if steps else NOW
    past = History(stints, {}, {"stage": began} if complete else {}, began)
    deal = a_deal("Closed Won", close_date=close_date, **fields)
    return replace(deal, history=past)


def keeps(deal, now=LATER):
    return waived(deal=deal, now=now) is not None


PROPOSED = ("Proposal", datetime(2026, 11, 2, 15, tzinfo=UTC))


def won_at(day, hour, minute=0):
    return ("Closed Won", datetime(2026, 11, day, hour, minute, tzinfo=UTC))


def test_a_deal_is_won_on_the_local_day_on_which_its_stage_says_so():
    """The 20th in New York ends at 05:00 in UTC."""
    assert keeps(won(PROPOSED, won_at(21, 4, 59)))
    assert not keeps(won(PROPOSED, won_at(21, 5)))
    in_term = date(2026, 11, 20)  # what somebody wrote there does not matter
    assert not keeps(won(PROPOSED, won_at(21, 5), close_date=in_term))


def test_that_day_is_the_runs_own_where_the_project_has_no_zone():
    late = won(PROPOSED, won_at(21, 4, 59))
    assert waived(deal=late, now=LATER, zone=None) is not None


@pytest.mark.parametrize(
    "deal",
    [
        won(close_date=date(2026, 11, 20)),
        won(won_at(25, 9), complete=False, close_date=date(2026, 11, 20)),
        won(PROPOSED, close_date=date(2026, 11, 20)),
        won(("Elsewhere", NOW), close_date=date(2026, 11, 20)),
        replace(
            won(PROPOSED, won_at(25, 9), close_date=date(2026, 11, 20)),
            pipeline="Unknown",
        ),
    ],
)
def test_where_its_stages_do_not_tell_the_close_date_does(deal):
    assert keeps(deal)


@pytest.mark.parametrize("closed_on", [EMPTY, HIDDEN])
def test_without_any_day_a_won_deal_keeps_nothing(closed_on):
    assert not keeps(won(close_date=closed_on))


def test_a_day_to_come_is_not_the_day_a_deal_was_won():
    """Its term begins tomorrow, and so far nobody won anything."""
    term = replace(WAIVER, approved_on=date(2026, 12, 11), expires=date(2026, 12, 20))
    ahead = won(close_date=date(2026, 12, 12))
    assert waived(term, deal=ahead, now=LATER) is None
    today = replace(term, approved_on=date(2026, 12, 10))
    assert waived(today, deal=won(close_date=date(2026, 12, 10)), now=LATER) is not None


@pytest.mark.parametrize("is_won", [False, EMPTY, HIDDEN])
def test_only_a_won_deal_keeps_its_waiver(is_won):
    assert not keeps(won(PROPOSED, won_at(19, 9), is_won=is_won))


# ---- what it leaves in a violation --------------------------------------------------

ACCEPTED: dict[str, Any] = {
    "waiver": "w-1",
    "accepted": "Waived.",
    "accepted_until": date(2026, 12, 1),
}
APPLIES = Waived("w-2", Cover.APPLIES, "Accepted.", date(2026, 12, 31))


def accepted(violation, waived=None, before=None, now=NOW):
    return accept(violation, waived, before, a_context(now))


def test_a_waiver_that_applies_gives_the_violation_its_words_and_day():
    assert accepted(a_violation(), APPLIES) == a_violation(
        state=State.WAIVED,
        waiver="w-2",
        accepted="Accepted.",
        accepted_until=date(2026, 12, 31),
    )


def test_an_exempt_violation_is_accepted_by_nobody():
    exempt = a_violation(state=State.EXEMPT, **ACCEPTED)
    assert accepted(exempt, APPLIES) == a_violation(state=State.EXEMPT, waiver="w-1")


def test_while_its_own_waiver_is_in_doubt_it_stays_waived_with_what_was_said():
    before = a_violation(state=State.WAIVED, **ACCEPTED)
    doubt = replace(APPLIES, waiver_id="w-1", cover=Cover.CANNOT_TELL)
    assert accepted(a_violation(**ACCEPTED), doubt, before) == before
    for never_waived in (None, a_violation(**ACCEPTED)):
        stands = accepted(a_violation(**ACCEPTED), doubt, never_waived)
        assert stands == a_violation(waiver="w-1")


def test_when_its_waiver_is_gone_it_is_open_since_then_or_since_it_was():
    before = a_violation(state=State.WAIVED, **ACCEPTED)
    never_open = a_violation(opened_at=None, **ACCEPTED)
    assert accepted(never_open, None, before) == a_violation(waiver="w-1")
    early = NOW - timedelta(days=3)
    assert accepted(a_violation(opened_at=early), None, before).opened_at == early
    waits = a_violation(state=State.PENDING, opened_at=None)
    assert accepted(waits, None, before) == waits
    assert accepted(replace(waits, state=State.OPEN), None, waits).opened_at is None
