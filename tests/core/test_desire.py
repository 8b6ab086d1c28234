from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.desire import desire
from gatekeeper.core.model import (
    Ahead,
    Dossier,
    Finding,
    Flags,
    Mode,
    Obligation,
    ObligationId,
    ObligationState,
    Outcome,
    Severity,
    Standing,
    State,
    TaskText,
    task_key,
)
from gatekeeper.core.pack import Grouping
from gatekeeper.core.roles import People
from gatekeeper.core.wording import BODY_LENGTH, SUBJECT_LENGTH, plain
from tests.builders import (
    DEAL_ID,
    NOW,
    ORG,
    OWNER,
    a_context,
    a_pack,
    a_rule,
    a_task,
    a_violation,
)

OWES = ObligationId(DEAL_ID, "deal_owner")


def a_dossier(**changes):
    base = Dossier(
        org=ORG,
        deal_id=DEAL_ID,
        name="Acme renewal",
        pipeline="Default",
        stage="Proposal",
        url=f"https://acme.example/{DEAL_ID}",
        people={"deal_owner": OWNER},
        flags=Flags(),
        supported_stage="Qualification",
        is_enforced=True,
    )
    return replace(base, **changes)


def an_obligation(state=ObligationState.OPEN, **changes):
    base = Obligation(
        OWES, 1, task_key(ORG, DEAL_ID, "deal_owner", "", 1), state, "00T1", NOW
    )
    return replace(base, **changes)


def wish(*violations, dossier=None, obligations=(), now=NOW, rules=(), **project):
    return desire(
        dossier or a_dossier(),
        violations,
        {each.id: each for each in obligations},
        a_pack(*(rules or (a_rule(),)), **project),
        a_context(now),
    )


def task_of(*violations, **more):
    (wanted,) = wish(*violations, **more).wanted
    return wanted


def test_one_task_lists_everything_a_role_owes_worst_first():
    low = a_violation("low-one", severity=Severity.LOW)
    high = a_violation("high-one", severity=Severity.HIGH)
    wanted = task_of(low, high)
    assert wanted.rule_ids == ("high-one", "low-one")
    assert wanted.text.subject == "Acme renewal (Proposal): 2 things missing"
    assert wanted.text.body == (
        "What is missing:",
        "",
        "1. Title of high-one",
        "   Amount is empty.",
        "   To do: Enter the amount.",
        "",
        "2. Title of low-one",
        "   Amount is empty.",
        "   To do: Enter the amount.",
        "",
        "This task closes itself when everything is in place.",
    )


def test_each_role_gets_its_own_task_and_each_rule_where_grouped_by_rule():
    mine, theirs = a_violation("a"), a_violation("b", role="deal_desk")
    dossier = a_dossier(people={"deal_owner": OWNER, "deal_desk": "005desk"})
    by_role = wish(mine, theirs, dossier=dossier).wanted
    assert {(each.id.role, each.text.owner_id) for each in by_role} == {
        ("deal_owner", OWNER),
        ("deal_desk", "005desk"),
    }
    by_rule = wish(mine, a_violation("c"), grouping=Grouping.RULE).wanted
    assert {each.id.group for each in by_rule} == {"a", "c"}
    assert len({each.key for each in by_rule}) == 2


def test_only_open_enforced_released_lines_stand_in_a_task():
    for quiet in (
        {"state": State.PENDING},
        {"state": State.WAIVED},
        {"state": State.SUPPRESSED},
        {"state": State.EXEMPT},
        {"state": State.RESOLVED},
        {"mode": Mode.WARN},
        {"released_on": None, "waiting": "ramp"},
    ):
        assert wish(a_violation(**quiet)).wanted == ()


def test_a_role_nobody_holds_is_named_and_gets_no_task():
    found = wish(a_violation(), dossier=a_dossier(people={"deal_owner": None}))
    assert (found.wanted, found.unassigned) == ((), ("deal_owner",))
    assert found.flags.open_count == 1


def test_the_due_day_is_the_earliest_line_in_business_days_from_today():
    """Friday 20 Nov: medium has 3 business days, high 2; Tuesday is the earlier."""
    rules = (a_rule("medium", due_in=3), a_rule("high", due_in=2))
    alone = task_of(a_violation("medium"), rules=rules)
    both = task_of(a_violation("medium"), a_violation("high"), rules=rules)
    assert alone.text.due_on == date(2026, 11, 25)
    assert both.text.due_on == date(2026, 11, 24)


def test_due_days_are_counted_in_the_days_worked_by_the_one_who_is_asked():
    """Ann has Monday the 23rd off, so her third business day is Thursday the 26th."""
    monday = Calendar(frozenset({date(2026, 11, 23)}))
    people = People(calendars={"ann@acme.example": monday})
    pack = replace(a_pack(a_rule(due_in=3)), people=people)

    def due(address):
        dossier = a_dossier(addresses={"deal_owner": address})
        found = desire(dossier, [a_violation()], {}, pack, a_context())
        return found.wanted[0].text.due_on

    assert due("ann@acme.example") == date(2026, 11, 26)
    assert due("bob@acme.example") == date(2026, 11, 25)


def test_a_later_line_brings_the_due_day_forward_but_never_before_the_next_day():
    text = TaskText(OWNER, date(2026, 12, 4), "s", ("b",))
    standing = a_task(text, rule_ids=("qual-amount",))
    rules = (a_rule(), a_rule("urgent", due_in=0), a_rule("slow", due_in=60))
    dossier = a_dossier(tasks=(standing,))
    known = (an_obligation(),)

    def due(*violations):
        wanted = task_of(*violations, dossier=dossier, obligations=known, rules=rules)
        return wanted.text.due_on

    assert due(a_violation()) == date(2026, 12, 4)
    assert due(a_violation(), a_violation("urgent")) == date(2026, 11, 23)
    assert due(a_violation(), a_violation("slow")) == date(2026, 12, 4)


def test_a_new_episode_follows_a_sealed_one_and_keeps_the_key_of_a_live_one():
    resolved = an_obligation(ObligationState.RESOLVED)
    assert task_of(a_violation(), obligations=[resolved]).episode == 2
    for state in (ObligationState.OPEN, ObligationState.INTENT):
        wanted = task_of(a_violation(), obligations=[an_obligation(state)])
        assert wanted.key == task_key(ORG, DEAL_ID, "deal_owner", "", 1)


def test_a_task_closed_by_hand_rests_five_business_days_and_comes_back_twice_at_most():
    def again(days, raised=0):
        closed = an_obligation(
            ObligationState.CLOSED_BY_PERSON, closed_at=NOW, raised=raised
        )
        later = NOW + timedelta(days=days)
        return wish(a_violation(), obligations=[closed], now=later).wanted

    assert again(6) == ()  # Thursday, the fourth business day
    (raised,) = again(7)
    assert (raised.episode, raised.raised) == (2, 1)
    assert again(70, raised=2) == ()


def test_what_the_next_gate_asks_is_listed_after_what_is_missing():
    dossier = a_dossier(ahead=(Ahead("r", "A quote exists", "There is no quote."),))
    body = task_of(a_violation(), dossier=dossier).text.body
    assert "Still to do before the deal leaves this stage:" in body
    assert "- A quote exists: There is no quote." in body


# ---- flags -------------------------------------------------------------------------


def test_flags_tell_the_same_as_the_task():
    flags = wish(
        a_violation(severity=Severity.HIGH, opened_at=NOW - timedelta(days=2)),
        a_violation("other"),
    ).flags
    assert flags == Flags(
        status="Open",
        open_count=2,
        worst_severity="high",
        missing="Title of qual-amount: Amount is empty. Enter the amount.\n"
        "Title of other: Amount is empty. Enter the amount.",
        open_since=date(2026, 11, 18),
        supported_stage="Qualification",
    )


def test_the_status_is_the_first_that_applies():
    blind = a_violation(outcome=Outcome.CANNOT_TELL)
    pending = a_violation("p", state=State.PENDING, released_on=None)
    waived = a_violation("w", state=State.WAIVED)
    unreadable = a_dossier(cannot_tell=True)

    def status(*violations, dossier=None):
        return wish(*violations, dossier=dossier).flags.status

    assert status(blind, pending, waived) == "Open"
    assert status(pending, waived, dossier=unreadable) == "Pending"
    assert status(waived, dossier=unreadable) == "Waived"
    assert status(dossier=unreadable) == "Cannot tell"
    assert status() == "Clear"


def test_a_deal_no_enforced_rule_applies_to_gets_no_flag():
    assert wish(dossier=a_dossier(is_enforced=False)).flags == Flags()


# ---- properties ----------------------------------------------------------------------

HOSTILE = st.text(max_size=400)


@given(HOSTILE, HOSTILE, st.integers(1, 30))
def test_texts_are_bounded_and_plain_whatever_the_crm_holds(name, value, count):
    lines = [
        a_violation(
            f"rule-{number}",
            title=value,
            fix=value,
            findings=(Finding("x", Standing.NOT_MET, value, value),),
        )
        for number in range(count)
    ]
    text = task_of(*lines, dossier=a_dossier(name=name, stage=value)).text
    assert len(text.subject) <= SUBJECT_LENGTH
    assert len("\n".join(text.body)) <= BODY_LENGTH
    assert text.body[0] == "What is missing:"
    for written in (text.subject, *text.body):
        assert written == written.rstrip("\r\n")
        assert not set(written) & set("\u202e\u2066\x00\x1b\n\r")


@given(st.permutations([a_violation(rule_id) for rule_id in ("a", "b", "c")]))
def test_the_order_of_violations_plays_no_part(violations):
    assert wish(*violations) == wish(*sorted(violations, key=lambda v: v.rule_id))


@given(st.text())
def test_plain_text_is_one_line_and_stays_as_it_is_when_cleaned_again(text):
    once = plain(text)
    assert plain(once) == once
    assert "\n" not in once
