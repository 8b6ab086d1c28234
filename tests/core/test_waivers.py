from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.desire import desire
from gatekeeper.core.dossier import open_dossier, supported_text
from gatekeeper.core.judge.evaluate import Judge, judge
from gatekeeper.core.model import (
    EMPTY,
    Action,
    Cover,
    Mode,
    Obligation,
    ObligationId,
    ObligationState,
    Outcome,
    Severity,
    Standing,
    State,
    SupportedStage,
    TaskPart,
    Unavailable,
)
from gatekeeper.core.pack import Grace, Unit
from gatekeeper.core.people import Directory
from gatekeeper.core.reconcile import reconcile
from gatekeeper.core.track import Memory, track
from gatekeeper.core.waivers import Waiver, WaiverBook, WaiverPolicy
from tests.builders import (
    DEAL_ID,
    NEW_YORK,
    NOW,
    a_context,
    a_deal,
    a_line,
    a_pack,
    a_rule,
    a_task,
    a_violation,
    filled,
)

HIDDEN = Unavailable("no access")
LACKING = a_deal("Proposal", amount=EMPTY)
LAST_DAY = date(2026, 11, 20)


def a_waiver(**changes) -> Waiver:
    base = Waiver(
        id="w-1",
        rules=("qual-amount",),
        reason="Strategic logo.",
        requested_by="ana@example.com",
        approved_by="ops@example.com",
        approved_on=date(2026, 11, 3),
        expires=LAST_DAY,
        deals=frozenset({DEAL_ID}),
    )
    return replace(base, **changes)


def by_condition(answer, **changes) -> Waiver:
    """Build a waiver of the deals for which `answer` holds."""
    where = a_line(answer)
    return a_waiver(deals=frozenset(), deals_where=where, max_deals=25, **changes)


def a_book(*waivers: Waiver, **policy) -> WaiverBook:
    return WaiverBook(waivers or (a_waiver(),), NEW_YORK, WaiverPolicy(**policy))


def waived(book, deal=LACKING, now=NOW, rule_id="qual-amount", too_broad=()):
    return book.waived_now(rule_id, deal, a_context(now), too_broad)


def is_waived(book, deal=LACKING, now=NOW, **more) -> bool:
    found = waived(book, deal, now, **more)
    return found is not None and found.applies


def a_waiving_pack(*rules, book=None, **project):
    return replace(a_pack(*rules, **project), waivers=book or a_book())


def tracked(book, deal=LACKING, *, now=NOW, known=(), rule=None):
    """Track one run under the waivers; `known` are violations from before."""
    pack = a_waiving_pack(rule or a_rule(), book=book)
    context = a_context(now)
    memory = Memory(
        {each.rule_id: each for each in known},
        {("qual-amount", "logic of qual-amount")},
    )
    return track(judge(deal, pack, context), memory, pack, context)


def only(violations):
    (violation,) = violations
    return violation


# ---- its term ----------------------------------------------------------------------


def test_the_last_day_still_counts_to_its_end_in_the_projects_zone():
    """New York is five hours behind in November: its 20th ends at 05:00 on the 21st."""
    last_minute = datetime(2026, 11, 21, 4, 59, tzinfo=UTC)
    assert is_waived(a_book(), now=last_minute)
    assert not is_waived(a_book(), now=last_minute + timedelta(minutes=1))


def test_it_works_from_the_day_of_its_approval():
    assert is_waived(a_book(), now=datetime(2026, 11, 3, 5, 0, tzinfo=UTC))
    assert not is_waived(a_book(), now=datetime(2026, 11, 3, 4, 59, tzinfo=UTC))


@given(st.integers(-40, 40))
def test_it_works_exactly_on_the_days_of_its_term(days):
    now = NOW + timedelta(days=days)
    day = date(2026, 11, 20) + timedelta(days=days)
    assert is_waived(a_book(), now=now) == (date(2026, 11, 3) <= day <= LAST_DAY)


def test_notice_is_due_on_each_of_the_last_seven_days():
    waiver = a_waiver()
    assert [waiver.ends_soon(date(2026, 11, day)) for day in (12, 13, 19, 20, 21)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_a_won_deal_keeps_the_waiver_it_was_won_under():
    won = a_deal("Closed Won", amount=EMPTY, close_date=date(2026, 11, 20))
    later = datetime(2026, 12, 10, 14, tzinfo=UTC)
    assert is_waived(a_book(), won, later)
    won_later = replace(won, fields={**won.fields, "close_date": date(2026, 11, 21)})
    assert not is_waived(a_book(), won_later, later)


def test_an_open_deal_keeps_nothing_by_its_close_date():
    slipped = a_deal("Proposal", amount=EMPTY, close_date=date(2026, 11, 20))
    assert not is_waived(a_book(), slipped, datetime(2026, 12, 10, 14, tzinfo=UTC))


# ---- its deals ---------------------------------------------------------------------


def test_it_speaks_of_its_rules_and_deals_only():
    assert waived(a_book(), rule_id="other") is None
    assert waived(a_book(), a_deal("Proposal", deal_id="006000000000002AAA")) is None


def test_a_deal_may_be_named_by_the_short_id_a_list_shows():
    assert is_waived(a_book(a_waiver(deals=frozenset({DEAL_ID[:15]}))))
    other_case = DEAL_ID[:15].replace("6", "7")
    assert not is_waived(a_book(a_waiver(deals=frozenset({other_case}))))


@pytest.mark.parametrize(
    ("answer", "cover"),
    [
        (True, Cover.APPLIES),
        (False, None),
        (EMPTY, None),
        (HIDDEN, Cover.CANNOT_TELL),
    ],
)
def test_a_condition_covers_deals_for_which_it_holds(answer, cover):
    found = waived(a_book(by_condition(answer)))
    assert (found.cover if found else None) == cover


@pytest.mark.parametrize(
    ("answer", "cover"),
    [
        (True, None),
        (False, Cover.APPLIES),
        (EMPTY, Cover.APPLIES),
        (HIDDEN, Cover.CANNOT_TELL),
    ],
)
def test_it_ends_early_for_a_deal_that_is_no_longer_the_one_approved(answer, cover):
    found = waived(a_book(a_waiver(ends_early_when=a_line(answer))))
    assert (found.cover if found else None) == cover


def test_a_waiver_that_reaches_too_far_is_not_applied():
    found = waived(a_book(by_condition(answer=True)), too_broad={"w-1"})
    assert found is not None
    assert found.cover is Cover.TOO_BROAD


def test_a_waiver_that_names_the_deal_comes_first():
    book = a_book(by_condition(answer=True, id="w-all"), a_waiver(id="w-one"))
    found = waived(book)
    assert found is not None
    assert found.waiver_id == "w-one"


def test_one_that_applies_beats_one_that_might():
    book = a_book(by_condition(HIDDEN, id="w-a"), by_condition(answer=True, id="w-b"))
    found = waived(book)
    assert found is not None
    assert (found.waiver_id, found.applies) == ("w-b", True)


def test_a_waiver_of_an_earlier_version_holds_unless_the_policy_ends_it():
    outdated = a_waiver(outdated=frozenset({"qual-amount"}))
    assert is_waived(a_book(outdated))
    assert not is_waived(a_book(outdated, void_on_change=True))


def test_approvers_are_looked_up_by_severity_then_for_all_others():
    policy = WaiverPolicy(approvers={"critical": ("vp",), "*": ("ops",)})
    assert policy.may_approve(Severity.CRITICAL) == ("vp",)
    assert policy.may_approve(Severity.LOW) == ("ops",)
    assert WaiverPolicy().may_approve(Severity.LOW) is None
    assert WaiverPolicy(approvers={"low": ("a",)}).may_approve(Severity.HIGH) == ()


# ---- the verdict -------------------------------------------------------------------


def test_a_waived_criterion_is_still_judged_and_fails():
    verdict = only(judge(LACKING, a_waiving_pack(), a_context()).verdicts)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.findings
    assert verdict.waived is not None
    assert verdict.waived.words == (
        "Waived until 20 Nov 2026 by ops@example.com (w-1): Strategic logo."
    )


def test_a_criterion_that_holds_asks_for_no_waiver():
    passed = judge(a_deal("Proposal"), a_waiving_pack(), a_context())
    hidden = judge(a_deal("Proposal", amount=HIDDEN), a_waiving_pack(), a_context())
    assert only(passed.verdicts).waived is None
    assert only(hidden.verdicts).waived is None


def test_a_waived_criterion_of_the_next_gate_is_not_still_to_do():
    deal = a_deal("Qualification", amount=EMPTY, close_date=EMPTY)
    other = a_rule("qual-close-date", require=filled("close_date"))
    pack = a_waiving_pack(a_rule(), other)
    judged = judge(deal, pack, a_context())
    assert [each.readiness for each in judged.verdicts] == [Standing.NOT_MET] * 2
    live = (a_violation("another-rule"),)
    dossier = open_dossier(judged, live, (), pack, Directory({}))
    assert [each.rule_id for each in dossier.ahead] == ["qual-close-date"]


@pytest.mark.parametrize(
    ("book", "text"),
    [
        (WaiverBook(), "Qualification"),
        (a_book(), "Proposal (with a waiver)"),
        (a_book(by_condition(HIDDEN)), "at least Qualification"),
    ],
)
def test_a_waiver_carries_the_supported_stage_and_is_marked(book, text):
    judged = judge(LACKING, a_waiving_pack(book=book), a_context())
    assert supported_text(judged.supported) == text


def test_what_a_waiver_carried_stays_marked_where_the_walk_ends():
    hidden = a_rule("h", stage="Discovery", require=a_line(HIDDEN))
    failing = a_rule("f", stage="Discovery", require=a_line(answer=False))
    for rule, at_least in ((hidden, True), (failing, False)):
        pack = a_waiving_pack(a_rule(), rule)
        found = judge(LACKING, pack, a_context()).supported
        assert found == SupportedStage("Discovery", at_least=at_least, waived=True)


def test_a_waiver_marks_no_stage_where_another_criterion_closes_its_gate():
    waived, failing = a_rule(), a_rule("f", require=a_line(answer=False))
    for rules in ((waived, failing), (failing, waived)):
        found = judge(LACKING, a_waiving_pack(*rules), a_context()).supported
        assert found == SupportedStage("Qualification")


def test_a_waiver_that_reaches_too_far_carries_no_stage():
    pack = a_waiving_pack(book=a_book(by_condition(answer=True)))
    judged = Judge(pack, a_context(), {"w-1"}).judge(LACKING)
    assert supported_text(judged.supported) == "Qualification"


# ---- over time ---------------------------------------------------------------------


def test_a_waived_failure_is_tracked_as_waived_with_its_words():
    violation = only(tracked(a_book()))
    assert violation.state is State.WAIVED
    assert violation.waiver == "w-1"
    assert violation.accepted.endswith("Strategic logo.")
    assert violation.released_on is None


def test_an_open_line_leaves_its_task_and_keeps_its_first_day():
    first = NOW - timedelta(days=9)
    known = a_violation(first_seen=first, opened_at=first)
    violation = only(tracked(a_book(), known=(known,)))
    assert (violation.state, violation.first_seen) == (State.WAIVED, first)
    assert violation.released_on is None


def test_when_it_ends_the_violation_is_open_without_a_new_grace():
    rule = a_rule(grace=Grace(10, Unit.BUSINESS_DAYS))
    held = tracked(a_book(), rule=rule)
    assert only(held).state is State.WAIVED
    tomorrow = NOW + timedelta(days=1)
    violation = only(tracked(a_book(), now=tomorrow, known=held, rule=rule))
    assert (violation.state, violation.opened_at) == (State.OPEN, tomorrow)
    assert violation.accepted == ""
    assert violation.waiver == "w-1"


def test_a_failure_that_was_never_waived_has_its_grace():
    rule = a_rule(grace=Grace(10, Unit.BUSINESS_DAYS))
    violation = only(tracked(WaiverBook(), rule=rule))
    assert violation.state is State.PENDING


DOUBTFUL = by_condition(HIDDEN)


def test_where_a_waiver_may_cover_the_deal_the_verdict_cannot_be_told():
    (verdict,) = judge(
        LACKING, a_waiving_pack(book=a_book(DOUBTFUL)), a_context()
    ).verdicts
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.reason == (
        f"Cannot tell: waiver w-1 may cover the deal (a check is {HIDDEN})."
    )
    assert [each.standing for each in verdict.findings] == [Standing.NOT_MET]
    assert verdict.waived is not None


def test_a_defect_in_a_waiver_is_told_as_one():
    def broken(_deal):
        raise ZeroDivisionError

    pack = a_waiving_pack(book=a_book(by_condition(broken)))
    (verdict,) = judge(LACKING, pack, a_context()).verdicts
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.reason.startswith("E999: gatekeeper could not evaluate waiver w-1")


def test_a_rule_that_holds_asks_no_waiver():
    pack = a_waiving_pack(book=a_book(DOUBTFUL))
    (verdict,) = judge(a_deal("Proposal"), pack, a_context()).verdicts
    assert (verdict.outcome, verdict.waived) == (Outcome.PASS, None)


def test_a_waiver_that_surely_covers_the_deal_leaves_no_doubt():
    sure = a_waiver(id="w-2")
    assert only(tracked(a_book(DOUBTFUL, sure))).waiver == "w-2"


def test_doubt_about_a_waiver_opens_nothing():
    assert tracked(a_book(DOUBTFUL)) == ()


@pytest.mark.parametrize("waiver", ["w-1", "w-old"])
@pytest.mark.parametrize("before", [State.WAIVED, State.OPEN, State.PENDING])
def test_where_it_cannot_be_told_what_stood_stands(before, waiver):
    """A grace that ran out meanwhile opens nothing either."""
    known = a_violation(state=before, waiver=waiver, accepted="Waived by ops.")
    violation = only(tracked(a_book(DOUBTFUL), known=(known,)))
    assert violation == replace(known, outcome=Outcome.CANNOT_TELL)


def test_a_waived_failure_that_is_fixed_is_resolved():
    known = a_violation(state=State.WAIVED, waiver="w-1", accepted="Waived.")
    violation = only(tracked(a_book(), a_deal("Proposal"), known=(known,)))
    assert violation.state is State.RESOLVED
    assert violation.waiver == "w-1"


def test_an_exempt_deal_stays_exempt():
    rule = a_rule(effective_from=date(2026, 11, 1))
    assert only(tracked(a_book(), rule=rule)).state is State.EXEMPT


def test_a_waived_violation_does_not_suppress_another():
    quiet = a_rule("qual-other", suppressed_by=("qual-amount",))
    pack = a_waiving_pack(a_rule(), quiet)
    context = a_context()
    states = {
        each.rule_id: each.state
        for each in track(judge(LACKING, pack, context), Memory(), pack, context)
    }
    assert states == {"qual-amount": State.WAIVED, "qual-other": State.OPEN}


# ---- the task ----------------------------------------------------------------------


def planned(*violations, task):
    """Plan the writes for a deal with our task on it."""
    pack = a_waiving_pack()
    judged = judge(LACKING, pack, a_context())
    dossier = open_dossier(judged, violations, (task,), pack, Directory({}))
    dossier = replace(dossier, people={"deal_owner": "005000000000001AAA"})
    owed = ObligationId(DEAL_ID, "deal_owner")
    open_task = Obligation(owed, 1, task.key, ObligationState.OPEN, task.remote_id, NOW)
    desired = desire(dossier, violations, {owed: open_task}, pack, a_context())
    changes = reconcile(desired, dossier, {owed: open_task}).changes
    return [each for each in changes if each.action is not Action.FLAG], desired.flags


WAIVED_LINE = a_violation(
    state=State.WAIVED, released_on=None, waiver="w-1", accepted=a_waiver().words
)


def test_the_task_closes_with_the_reason_when_its_last_line_is_waived():
    (close,), flags = planned(WAIVED_LINE, task=a_task())
    assert close.action is Action.CLOSE
    assert close.reason == a_waiver().words
    assert close.write == {
        "body": "Nothing is asked here any more.\n" + a_waiver().words
    }
    assert flags.status == "Waived"


def test_a_text_that_a_person_changed_stays_when_the_task_closes():
    task = a_task()
    touched = replace(task, actual={**task.actual, TaskPart.BODY: "00000000"})
    (close,), _ = planned(WAIVED_LINE, task=touched)
    assert close.action is Action.CLOSE
    assert not close.write


def test_the_other_lines_stay_in_the_task():
    other = a_violation("qual-close-date")
    (update,), flags = planned(WAIVED_LINE, other, task=a_task())
    assert update.action is Action.UPDATE
    assert update.rule_ids == ("qual-close-date",)
    assert flags.status == "Open"


def test_under_observe_a_waiver_closes_nothing():
    observed = replace(WAIVED_LINE, mode=Mode.OBSERVE)
    (close,), _ = planned(observed, task=a_task())
    assert close.reason == "all done"
