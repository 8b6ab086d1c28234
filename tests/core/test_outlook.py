"""What changes next on a deal, and when: worked out by hand with a calendar beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.judge.evaluate import judge
from gatekeeper.core.judge.outlook import Upcoming, upcoming
from gatekeeper.core.model import (
    EMPTY,
    Answer,
    Escalation,
    Finding,
    Line,
    Mode,
    Outcome,
    Severity,
    Standing,
    State,
    Unavailable,
)
from gatekeeper.core.pack import Grace, Position, Reach, Unit
from gatekeeper.core.track import Memory, track
from gatekeeper.core.waivers import Waiver, WaiverBook
from tests.builders import (
    NEW_YORK,
    NOW,
    a_context,
    a_deal,
    a_line,
    a_pack,
    a_rule,
    a_violation,
    asking,
    filled,
)

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Violation
    from gatekeeper.core.pack import Rule

FRIDAY = NOW  # 20 Nov 2026, 09:00 in New York


def until(day: date) -> Line:
    """A line that holds up to and including a day."""

    def test(_deal: Deal, context: Context) -> bool:
        return context.today <= day

    def explain(deal: Deal, context: Context) -> Finding:
        stands = Standing.MET if test(deal, context) else Standing.NOT_MET
        return Finding(f"today <= {day}", stands, "It is late.", "It is late.")

    return Line(lambda: f"today <= {day}", lambda: (test, explain))


def next_of(deal: Deal, *violations: Any, **rule: Any) -> Upcoming | None:
    pack = a_pack(a_rule(**rule))
    known = {each.rule_id: each for each in violations}
    return upcoming(deal, pack, a_context(), known).get("qual-amount")


def test_a_rule_that_holds_today_says_on_which_day_it_will_fail():
    found = next_of(a_deal("Proposal"), require=until(date(2026, 12, 1)))
    assert found == Upcoming(
        date(2026, 12, 2),
        "will fail on 2 Dec 2026 if nothing happens",
        Outcome.FAIL,
        State.OPEN,
    )


def test_a_rule_that_never_changes_says_nothing():
    assert next_of(a_deal("Proposal")) is None
    assert next_of(a_deal("Proposal", amount=EMPTY)) is None


def test_the_last_day_of_grace_is_told():
    """Three business days from Friday the 20th: Monday, Tuesday, Wednesday."""
    pending = a_violation(state=State.PENDING, opened_at=None)
    found = next_of(
        a_deal("Proposal", amount=EMPTY),
        pending,
        grace=Grace(3, Unit.BUSINESS_DAYS),
    )
    assert found == Upcoming(
        date(2026, 11, 26),
        "grace ends on 25 Nov 2026, open from 26 Nov 2026 on",
        Outcome.FAIL,
        State.OPEN,
    )


def test_grace_counts_from_the_first_day_it_was_seen_not_from_today():
    pending = a_violation(
        state=State.PENDING, opened_at=None, first_seen=NOW - timedelta(days=2)
    )
    found = next_of(
        a_deal("Proposal", amount=EMPTY), pending, grace=Grace(3, Unit.BUSINESS_DAYS)
    )
    assert found is not None
    assert found.on == date(2026, 11, 24)


def a_waiver(
    approved_on: date, expires: date, rules: tuple[str, ...] = ("qual-amount",)
) -> Waiver:
    return Waiver(
        id="w-1",
        rules=rules,
        reason="Strategic.",
        requested_by="a@example.com",
        approved_by="b@example.com",
        approved_on=approved_on,
        expires=expires,
        deals=frozenset({a_deal().id}),
    )


def test_the_last_day_of_a_waiver_is_told():
    waiver = a_waiver(date(2026, 11, 1), date(2026, 12, 31))
    pack = replace(a_pack(), waivers=WaiverBook((waiver,), NEW_YORK))
    found = upcoming(a_deal("Proposal", amount=EMPTY), pack, a_context(), {})
    assert found["qual-amount"].text == (
        "the waiver ends on 31 Dec 2026, open from 1 Jan 2027 on"
    )


def test_a_rule_that_is_not_in_effect_yet_says_from_when_it_counts():
    """Created in August, so an old deal on 1 December: exempt for good."""
    told = {"effective_from": date(2026, 12, 1), "includes_existing": True}
    found = next_of(a_deal("Proposal", amount=EMPTY), **told)
    assert found is not None
    assert found.text == "exempt until 30 Nov 2026, open from 1 Dec 2026 on"
    told["includes_existing"] = False
    assert next_of(a_deal("Proposal", amount=EMPTY), **told) is None


def test_a_won_deal_says_when_it_is_no_longer_asked():
    """Won on the 10th; the lookback of 30 days ends with 10 December."""
    won = a_deal("Closed Won", amount=EMPTY, close_date=date(2026, 11, 10))
    found = next_of(won)
    assert found is not None
    assert found.on == date(2026, 12, 11)
    assert found.text == (
        "will not be asked any more from 11 Dec 2026 on: closed before the lookback"
    )


def test_a_rule_switched_off_says_when_it_comes_back():
    off = {"off_until": date(2026, 11, 30), "off_because": "Kept elsewhere"}
    found = next_of(a_deal("Proposal", amount=EMPTY), **off)
    assert found is not None
    assert found.text == "will apply from 1 Dec 2026 on, and fail if nothing happens"
    holding = next_of(a_deal("Proposal"), **off)
    assert holding is not None
    assert holding.text == "will apply from 1 Dec 2026 on"


def test_a_failure_may_end_by_itself():
    def after(_deal: Deal, context: Context) -> bool:
        return context.today > date(2026, 11, 30)

    line = asking(until(date(2026, 11, 30)), after)
    found = next_of(a_deal("Proposal"), require=line)
    assert found is not None
    assert found.text == "will hold from 1 Dec 2026 on by itself"
    assert found.state is None


def test_what_the_gate_ahead_asks_may_turn_before_the_deal_gets_there():
    found = next_of(a_deal("Qualification"), require=until(date(2026, 12, 1)))
    assert found is not None
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert found.text == (
        "will not hold any more from 2 Dec 2026 on if nothing happens"
    )


def test_only_the_next_change_is_told_and_none_beyond_the_horizon():
    """Ninety days from 20 November is 18 February."""
    near = next_of(a_deal("Proposal"), require=until(date(2027, 2, 17)))
    assert near is not None
    assert near.on == date(2027, 2, 18)
    assert next_of(a_deal("Proposal"), require=until(date(2027, 2, 18))) is None


def test_today_is_looked_at_to_its_end():
    """Asked in the morning: it will not hold any more in the evening."""

    def before_noon(_deal: Deal, context: Context) -> bool:
        return context.now < datetime(2026, 11, 20, 17, tzinfo=UTC)

    line = asking(until(date(2026, 11, 20)), before_noon)
    found = next_of(a_deal("Proposal"), require=line)
    assert found is not None
    assert found.on == date(2026, 11, 20)


def test_a_quieted_violation_says_when_it_stands_alone():
    """The rule that quiets it holds by itself from 1 December on."""

    def after(_deal: Deal, context: Context) -> bool:
        return context.today > date(2026, 11, 30)

    main = a_rule("main", require=asking(until(date(2026, 11, 30)), after))
    quiet = a_rule("quiet", require=a_line(answer=False), suppressed_by=("main",))
    found = upcoming(a_deal("Proposal"), a_pack(main, quiet), a_context(), {})
    assert found["quiet"].text == "will be open from 1 Dec 2026 on"


@pytest.mark.parametrize("mode", list(Mode))
def test_the_outlook_is_the_same_in_every_mode(mode: Mode):
    found = next_of(a_deal("Proposal"), require=until(date(2026, 12, 1)), mode=mode)
    assert found is not None
    assert found.on == date(2026, 12, 2)


def test_looking_ahead_says_the_same_as_being_there():
    """The state told for a day is the one a run at that day's end would give."""
    deal = a_deal("Proposal")
    rule = a_rule(
        require=until(date(2026, 12, 1)),
        grace=Grace(2, Unit.BUSINESS_DAYS),
        position=Position.WHILE_IN,
        reach=Reach.EVERY_STAGE,
        severity=Severity.HIGH,
    )
    first = upcoming(deal, a_pack(rule), a_context(), {})["qual-amount"]
    assert (first.on, first.state) == (date(2026, 12, 2), State.PENDING)
    at_its_end = datetime(2026, 12, 3, 4, 59, 59, tzinfo=UTC)
    pending = a_violation(state=State.PENDING, first_seen=at_its_end, opened_at=None)
    then = upcoming(
        deal, a_pack(rule), a_context(at_its_end), {"qual-amount": pending}
    )["qual-amount"]
    assert then.text == "grace ends on 4 Dec 2026, open from 5 Dec 2026 on"


def from_first_of_december(answer: Answer, before: Answer = False) -> Line:
    """A line that answers otherwise from 1 December on."""

    def test(_deal: Deal, context: Context) -> Answer:
        return answer if context.today >= date(2026, 12, 1) else before

    return asking(until(date(2026, 11, 30)), test)


HIDDEN = Unavailable("no access")


def test_what_will_not_be_told_any_more_says_so():
    found = next_of(
        a_deal("Proposal", amount=EMPTY), require=from_first_of_december(HIDDEN)
    )
    assert found == Upcoming(
        date(2026, 12, 1),
        "will not be told any more from 1 Dec 2026 on",
        Outcome.CANNOT_TELL,
        State.OPEN,
    )


def test_what_the_gate_ahead_asks_may_hold_or_be_hidden_later():
    holds = next_of(
        a_deal("Qualification"), require=from_first_of_december(answer=True)
    )
    assert holds is not None
    assert holds.text == "will hold from 1 Dec 2026 on by itself"
    hidden = next_of(a_deal("Qualification"), require=from_first_of_december(HIDDEN))
    assert hidden is not None
    assert hidden.text == "will be asked differently from 1 Dec 2026 on"


def test_the_first_day_of_a_waiver_is_told():
    waiver = Waiver(
        id="w-1",
        rules=("qual-amount",),
        reason="Strategic.",
        requested_by="a@example.com",
        approved_by="b@example.com",
        approved_on=date(2026, 12, 1),
        expires=date(2026, 12, 31),
        deals=frozenset({a_deal().id}),
    )
    pack = replace(a_pack(), waivers=WaiverBook((waiver,), NEW_YORK))
    found = upcoming(a_deal("Proposal", amount=EMPTY), pack, a_context(), {})
    assert found["qual-amount"] == Upcoming(
        date(2026, 12, 1),
        "a waiver begins on 1 Dec 2026",
        Outcome.FAIL,
        State.WAIVED,
    )


def test_a_failure_that_gets_worse_says_from_when_on():
    worse = Escalation(from_first_of_december(answer=True), Severity.CRITICAL)
    found = next_of(a_deal("Proposal", amount=EMPTY), escalate=(worse,))
    assert found == Upcoming(
        date(2026, 12, 1),
        "will be critical from 1 Dec 2026 on",
        Outcome.FAIL,
        State.OPEN,
    )


def test_a_rule_under_its_former_id_has_the_grace_it_had():
    pending = a_violation(
        "old", state=State.PENDING, opened_at=None, first_seen=NOW - timedelta(days=2)
    )
    found = next_of(
        a_deal("Proposal", amount=EMPTY),
        pending,
        grace=Grace(3, Unit.BUSINESS_DAYS),
        formerly=("old",),
    )
    assert found is not None
    assert found.on == date(2026, 11, 24)


def test_so_many_days_are_looked_at_as_are_asked_for():
    rule = a_rule(require=until(date(2026, 11, 22)))
    for days, is_found in ((2, False), (3, True)):
        found = upcoming(a_deal("Proposal"), a_pack(rule), a_context(), {}, days)
        assert ("qual-amount" in found) == is_found


# ---- day by day ----------------------------------------------------------------------

COMING = [date(2026, 11, 20) + timedelta(days=ahead) for ahead in range(40)]
some_day = st.sampled_from(COMING)
rules = st.builds(
    lambda number, day, turns, **more: a_rule(
        f"r-{number}",
        require=until(day) if turns else a_line(answer=False),
        **more,
    ),
    st.integers(0, 3),
    some_day,
    st.booleans(),
    grace=st.builds(Grace, st.integers(0, 9), st.sampled_from(list(Unit))),
    effective_from=st.none() | some_day,
    includes_existing=st.booleans(),
    suppressed_by=st.sampled_from([(), ("r-0",), ("r-1", "r-2")]),
    off_until=st.none() | some_day,
)
packs = st.lists(rules, min_size=1, max_size=4, unique_by=lambda rule: rule.id)
terms = st.none() | st.tuples(some_day, some_day)


@given(packs, terms, st.sampled_from(["Qualification", "Proposal"]))
def test_looking_ahead_says_what_each_day_in_turn_would_say(
    chosen: list[Rule], term: tuple[date, date] | None, stage: str
) -> None:
    """Against a judge and a tracker that are asked anew at the end of every day."""
    pack = a_pack(*chosen)
    if term is not None:
        first, last = sorted(term)
        waiver = a_waiver(first, last, ("r-1", "r-3"))
        pack = replace(pack, waivers=WaiverBook((waiver,), NEW_YORK))
    deal, seen = a_deal(stage), {(rule.id, rule.logic) for rule in chosen}
    known: dict[str, Violation] = {}

    def standing_at(context: Context) -> dict[str, tuple[object, ...]]:
        judged = judge(deal, pack, context)
        tracked = track(judged, Memory(known, seen), pack, context)
        known.update({each.rule_id: each for each in tracked})
        states = {each.rule_id: each.state for each in tracked if each.is_live}
        return {
            each.rule_id: (each.outcome, each.readiness, states.get(each.rule_id))
            for each in judged.verdicts
        }

    before = standing_at(a_context())
    changed: dict[str, tuple[date, object, object]] = {}
    for day in COMING:
        end = datetime.combine(day, time(23, 59, 59), tzinfo=NEW_YORK)
        for rule_id, stands in standing_at(a_context(end)).items():
            if stands != before[rule_id]:
                changed.setdefault(rule_id, (day, stands[0], stands[2]))

    told = upcoming(deal, pack, a_context(), {}, days=len(COMING) - 1)

    assert {
        rule_id: (each.on, each.outcome, each.state) for rule_id, each in told.items()
    } == changed


def test_grace_runs_out_beside_a_rule_that_leaves_the_deal_alone():
    lacking = a_deal("Proposal", amount=EMPTY)
    exempt = a_rule("exempt", effective_from=date(2026, 9, 1))
    waits = a_rule("waits", grace=Grace(3, Unit.BUSINESS_DAYS))
    pending = a_violation("waits", state=State.PENDING, opened_at=None)
    found = upcoming(lacking, a_pack(waits, exempt), a_context(), {"waits": pending})
    assert {rule_id: each.on for rule_id, each in found.items()} == {
        "waits": date(2026, 11, 26)
    }


def test_a_rule_that_leaves_the_deal_alone_for_good_changes_nothing():
    lacking = a_deal("Proposal", amount=EMPTY)
    exempt = a_rule("exempt", effective_from=date(2026, 9, 1))
    pack = a_pack(a_rule("plain", require=filled("close_date")), exempt)
    assert upcoming(lacking, pack, a_context(), {}) == {}
