"""What is kept of a deal to plan its writes, and the hash that tells if it moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.dossier import inputs_of, open_dossier, supported_text
from gatekeeper.core.model import (
    EMPTY,
    Ahead,
    Cover,
    DealVerdicts,
    Dossier,
    FieldChange,
    Finding,
    Flags,
    History,
    Mode,
    Outcome,
    Person,
    Row,
    Standing,
    State,
    Stint,
    SupportedStage,
    TaskPart,
    Unavailable,
    Verdict,
    Waived,
)
from gatekeeper.core.model.history import by_field
from gatekeeper.core.people import Directory
from tests.builders import (
    DEAL_ID,
    ORG,
    OWNER,
    a_deal,
    a_pack,
    a_rule,
    a_task,
    a_violation,
    dollars,
)

ANN = Person(OWNER, "Ann Rep", "ann@acme.example", manager_id="m1")
MAY = Person("m1", "May Manager", "may@acme.example")
REACHED = SupportedStage("Qualification")


def opened(
    *verdicts,
    violations=(),
    tasks=(),
    deal=None,
    people=(ANN, MAY),
    rules=(),
    supported=REACHED,
    **project,
):
    return open_dossier(
        DealVerdicts(deal or a_deal(), verdicts, supported),
        violations,
        tasks,
        a_pack(*rules, **project),
        Directory({each.id: each for each in people}),
    )


def test_a_dossier_holds_the_deal_as_people_see_it_and_who_owes_what():
    flags, task = Flags(status="Clear"), a_task()
    deal = replace(a_deal("Proposal"), stage_label="Proposal / Price Quote")
    found = opened(
        Verdict("qual-amount", Outcome.FAIL),
        violations=[a_violation()],
        tasks=(task,),
        deal=replace(deal, flags=flags),
    )
    assert found == Dossier(
        org=ORG,
        deal_id=DEAL_ID,
        name="Acme renewal",
        pipeline="Default",
        stage="Proposal / Price Quote",
        url=f"https://acme.example/{DEAL_ID}",
        people={"deal_owner": OWNER},
        instead={"deal_owner": ""},
        addresses={"deal_owner": "ann@acme.example"},
        flags=flags,
        tasks=(task,),
        supported_stage="Qualification",
        is_enforced=True,
    )


def test_a_stage_without_a_label_is_called_by_its_value():
    assert opened(deal=replace(a_deal("Proposal"), stage_label="")).stage == "Proposal"


def test_only_roles_with_something_to_do_are_looked_for():
    over = a_violation("old", role="deal_desk", state=State.RESOLVED)
    assert opened(violations=[over]).people == {}
    waits = a_violation("new", role="owner_manager", state=State.PENDING)
    found = opened(violations=[a_violation(), waits, over])
    assert found.people == {"deal_owner": OWNER, "owner_manager": "m1"}


def test_who_stands_in_is_told_why_and_a_role_of_nobody_is_kept():
    gone = replace(ANN, is_active=False)
    found = opened(violations=[a_violation()], people=(gone, MAY))
    assert found.people == {"deal_owner": "m1"}
    assert found.instead == {
        "deal_owner": "You are asked because Ann Rep is not active."
    }
    nobody = opened(violations=[a_violation()], people=(gone,))
    assert (nobody.people, nobody.instead) == ({"deal_owner": None}, {})


# ---- what is enforced ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "is_enforced", "cannot_tell"),
    [
        (Outcome.PASS, True, False),
        (Outcome.FAIL, True, False),
        (Outcome.CANNOT_TELL, True, True),
        (Outcome.NOT_APPLICABLE, False, False),
    ],
)
def test_a_deal_is_held_to_a_rule_that_applies_to_it(outcome, is_enforced, cannot_tell):
    found = opened(Verdict("qual-amount", outcome))
    assert (found.is_enforced, found.cannot_tell) == (is_enforced, cannot_tell)


def test_a_rule_or_pack_that_only_warns_holds_a_deal_to_nothing():
    blind = Verdict("qual-amount", Outcome.CANNOT_TELL)
    warned = opened(blind, rules=[a_rule(mode=Mode.WARN), a_rule("enforced")])
    assert (warned.is_enforced, warned.cannot_tell) == (False, False)
    below = opened(blind, mode_ceiling=Mode.WARN)
    assert (below.is_enforced, below.cannot_tell) == (False, False)


# ---- the gate ahead -----------------------------------------------------------------


def ahead_of(*, violations=(), waived=None, readiness=Standing.NOT_MET):
    findings = tuple(
        Finding("x", readiness, f"{text}, 3 days ago.", f"{text}.")
        for text in ("Amount is empty", "There is no quote")
    )
    verdict = Verdict(
        "qual-amount",
        Outcome.NOT_APPLICABLE,
        readiness=readiness,
        findings=findings,
        waived=waived,
    )
    return opened(verdict, violations=violations).ahead


def test_what_the_gate_ahead_asks_stands_in_a_task_in_lasting_words():
    assert ahead_of(violations=[a_violation("other")]) == (
        Ahead(
            "qual-amount",
            "Title of qual-amount",
            "Amount is empty. There is no quote.",
        ),
    )
    assert ahead_of() == ()  # nothing is owed: there is no task to stand in


def test_what_holds_or_cannot_be_told_or_is_waived_is_not_still_to_do():
    owes = [a_violation("other")]
    for readiness in (Standing.MET, Standing.CANNOT_TELL):
        assert ahead_of(violations=owes, readiness=readiness) == ()
    accepted = Waived("w", Cover.APPLIES, "Waived.")
    assert ahead_of(violations=owes, waived=accepted) == ()
    doubtful = replace(accepted, cover=Cover.CANNOT_TELL)
    assert len(ahead_of(violations=owes, waived=doubtful)) == 1


@pytest.mark.parametrize(
    ("supported", "text"),
    [
        (SupportedStage(None), None),
        (SupportedStage(None, at_least=True, waived=True), None),
        (SupportedStage("Proposal"), "Proposal"),
        (SupportedStage("Proposal", at_least=True), "at least Proposal"),
        (SupportedStage("Proposal", waived=True), "Proposal (with a waiver)"),
        (SupportedStage("Proposal", label="Offer sent"), "Offer sent"),
        (SupportedStage("Proposal", at_least=True, label="Offer"), "at least Offer"),
        (
            SupportedStage("Proposal", at_least=True, waived=True),
            "at least Proposal (with a waiver)",
        ),
    ],
)
def test_the_supported_stage_says_what_is_open_about_it(supported, text):
    assert supported_text(supported) == text


# ---- the hash of what a plan was based on --------------------------------------------

MEETING: Row = {"subject": "Demo", "who": frozenset({"Champion", "User"})}
CALL: Row = {"subject": "Call", "who": frozenset[str]()}
DEAL = a_deal(
    "Proposal",
    related={"meetings": (MEETING, CALL), "quotes": Unavailable("no access")},
    segments=frozenset({"SMB", "Retail"}),
)
TASKS = (a_task(remote_id="00T1"), a_task(remote_id="00T2", episode=2))


def related(**collections):
    return replace(DEAL, related={**DEAL.related, **collections})


def fields(**values):
    return replace(DEAL, fields={**DEAL.fields, **values})


def day(number):
    return datetime(2026, 11, number, 12, tzinfo=UTC)


def past(*changes, stints=()):
    return replace(DEAL, history=History(stints, by_field(changes)))


THERE = FieldChange("next_step", day(3), "Call", "Mail", EMPTY)
BACK = FieldChange("next_step", day(4), "Mail", "Call", EMPTY)


@pytest.mark.parametrize(
    "moved",
    [
        replace(DEAL, stage="Discovery"),
        replace(DEAL, pipeline="Renewals"),
        replace(DEAL, owner_id="005new"),
        replace(DEAL, flags=Flags(status="Clear")),
        fields(amount=dollars(50_001)),
        fields(segments=frozenset({"SMB"})),
        fields(extra="x"),
        related(meetings=(MEETING,)),
        related(meetings=(MEETING, MEETING, CALL)),
        related(meetings=({**MEETING, "subject": "Visit"}, CALL)),
        related(quotes=()),
        related(quotes=Unavailable("cut off")),
        related(contacts=({"name": "Dana"},)),
        past(THERE, BACK),
        past(stints=(Stint("Proposal", day(3), None, EMPTY),)),
    ],
)
def test_a_deal_that_moved_has_another_hash(moved):
    assert inputs_of(moved, TASKS) != inputs_of(DEAL, TASKS)


@pytest.mark.parametrize(
    "touched",
    [
        replace(TASKS[1], key="gk1-other"),
        replace(TASKS[1], is_closed=True),
        replace(TASKS[1], written={}),
        replace(TASKS[1], actual={**TASKS[1].actual, TaskPart.DUE: "0badcafe"}),
    ],
)
def test_a_task_that_was_touched_gives_another_hash(touched):
    assert inputs_of(DEAL, (TASKS[0], touched)) != inputs_of(DEAL, TASKS)
    assert inputs_of(DEAL, TASKS[:1]) != inputs_of(DEAL, TASKS)


@pytest.mark.parametrize(
    "other",
    [
        replace(BACK, at=day(5)),
        replace(BACK, old="Visit"),
        replace(BACK, new="Visit"),
        replace(BACK, by="005ann"),
        replace(BACK, field="amount"),
    ],
)
def test_each_thing_told_of_a_change_counts(other):
    assert inputs_of(past(THERE, other), TASKS) != inputs_of(past(THERE, BACK), TASKS)


@pytest.mark.parametrize(
    "other", [{"stage": "Closing"}, {"entered": day(2)}, {"left": day(4)}]
)
def test_each_thing_told_of_a_stay_in_a_stage_counts(other):
    stay = Stint("Proposal", day(3), None, EMPTY)
    moved = past(stints=(replace(stay, **other),))
    assert inputs_of(moved, TASKS) != inputs_of(past(stints=(stay,)), TASKS)


def test_from_when_on_the_past_is_complete_plays_no_part():
    """Where a CRM keeps changes for two years, that day moves on every day."""
    known = past(THERE)
    later = replace(known.history, complete_since={"next_step": day(1)}, began=day(1))
    assert inputs_of(replace(known, history=later), TASKS) == inputs_of(known, TASKS)


@given(
    st.permutations(sorted(DEAL.fields)),
    st.permutations([MEETING, CALL]),
    st.permutations(["meetings", "quotes"]),
    st.permutations(TASKS),
)
def test_the_order_in_which_things_come_plays_no_part(names, rows, collections, tasks):
    known = {**DEAL.related, "meetings": tuple(rows)}
    same = replace(
        DEAL,
        fields={name: DEAL.fields[name] for name in names},
        related={name: known[name] for name in collections},
    )
    assert inputs_of(same, tasks) == inputs_of(DEAL, TASKS)


def test_a_plan_made_before_an_upgrade_still_knows_its_deal_after_it():
    """The text that is hashed, spelled out: a release that changes it drops plans."""
    hidden = Unavailable("no access")
    at = datetime(2026, 11, 2, 9, tzinfo=UTC)
    notes: tuple[Row, ...] = ({"title": "b", "at": date(2026, 11, 2)},)
    deal = replace(
        a_deal(related={"notes": notes, "calls": hidden}),
        fields={"probability": Decimal(20), "next_step": "Call Dana"},
        owner_id=None,
        history=History(
            (
                Stint(
                    "Qualification", datetime(2026, 11, 1, 9, tzinfo=UTC), None, EMPTY
                ),
            ),
            by_field([FieldChange("next_step", at, "Mail", "Call Dana", "005ann")]),
        ),
    )
    text = (
        "('Qualification', 'Default', None)None"
        "next_step='Call Dana'probability=Decimal('20')"
        "calls:Unavailable(reason='no access', at_least=None)"
        "notes:at=datetime.date(2026, 11, 2);title='b'"
        "('Qualification', datetime.datetime(2026, 11, 1, 9, 0, "
        "tzinfo=datetime.timezone.utc), None)"
        "('next_step', datetime.datetime(2026, 11, 2, 9, 0, "
        "tzinfo=datetime.timezone.utc), (\"'Mail'\", \"'Call Dana'\", \"'005ann'\"))"
        "('gk1-k', False, [('due', 'd1'), ('subject', 's1')])"
    )
    task = a_task(key="gk1-k", actual={TaskPart.SUBJECT: "s1", TaskPart.DUE: "d1"})
    assert inputs_of(deal, [task]) == sha256(text.encode()).hexdigest()[:16]
    wiped = sha256(f"{text}no reference".encode()).hexdigest()[:16]
    assert inputs_of(deal, [replace(task, written={})]) == wiped
