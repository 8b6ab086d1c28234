from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.catalogue import SUPPORTED_STAGE
from gatekeeper.core.judge.conditions import findings, standing
from gatekeeper.core.judge.evaluate import Judge, judge
from gatekeeper.core.model import (
    EMPTY,
    Group,
    Mode,
    Outcome,
    Quorum,
    Standing,
    SupportedStage,
    Unavailable,
)
from gatekeeper.core.pack import Needs, Position, Reach
from tests.builders import a_context, a_deal, a_line, a_pack, a_rule, dollars, filled

HIDDEN = Unavailable("the integration user may not read Amount")


def outcome(deal, *rules, **project):
    verdicts = judge(deal, a_pack(*rules, **project), a_context()).verdicts
    return {each.rule_id: each.outcome for each in verdicts}


def one(deal, rule):
    (verdict,) = judge(deal, a_pack(rule), a_context()).verdicts
    return verdict


def test_an_exit_rule_binds_once_the_deal_is_past_its_stage():
    rule = a_rule(stage="Qualification")
    expected = {
        "Prospecting": Outcome.NOT_APPLICABLE,
        "Qualification": Outcome.NOT_APPLICABLE,
        "Needs Analysis": Outcome.FAIL,
        "Proposal": Outcome.FAIL,
        "Closed Won": Outcome.FAIL,
        "Closed Lost": Outcome.NOT_APPLICABLE,
    }
    found = {
        stage: one(a_deal(stage, amount=EMPTY), rule).outcome for stage in expected
    }
    assert found == expected


def test_the_gate_ahead_is_shown_as_readiness_and_never_as_a_violation():
    ahead = one(a_deal("Qualification", amount=EMPTY), a_rule())
    far = one(a_deal("Prospecting", amount=EMPTY), a_rule())
    assert (ahead.outcome, ahead.readiness) == (
        Outcome.NOT_APPLICABLE,
        Standing.NOT_MET,
    )
    assert [finding.because_empty for finding in ahead.findings] == [True]
    assert far.readiness is None


def test_a_lost_deal_is_asked_only_where_the_rule_includes_lost():
    lost = a_deal("Closed Lost", amount=EMPTY)
    assert one(lost, a_rule(include_lost=True)).outcome is Outcome.FAIL
    assert one(lost, a_rule()).outcome is Outcome.NOT_APPLICABLE


def test_a_deal_won_before_the_lookback_is_not_looked_at():
    old = a_deal("Closed Won", amount=EMPTY, close_date=date(2026, 10, 20))
    edge = a_deal("Closed Won", amount=EMPTY, close_date=date(2026, 10, 21))
    assert one(old, a_rule()).outcome is Outcome.NOT_APPLICABLE
    assert one(edge, a_rule()).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("Qualification", Outcome.NOT_APPLICABLE),
        ("Value Proposition", Outcome.FAIL),
        ("Needs Analysis", Outcome.FAIL),
        ("Proposal", Outcome.NOT_APPLICABLE),
    ],
)
def test_while_in_binds_in_every_crm_stage_its_stage_covers(stage, expected):
    rule = a_rule(position=Position.WHILE_IN, stage="Discovery")
    assert one(a_deal(stage, amount=EMPTY), rule).outcome is expected


def test_entry_of_an_open_stage_binds_from_there_on_and_of_a_closed_one_only_there():
    open_entry = a_rule("open", position=Position.ENTRY, stage="Discovery")
    won_entry = a_rule("won", position=Position.ENTRY, stage="Closed Won")
    na, fail = Outcome.NOT_APPLICABLE, Outcome.FAIL
    assert outcome(a_deal("Proposal", amount=EMPTY), open_entry, won_entry) == {
        "open": fail,
        "won": na,
    }
    assert outcome(a_deal("Closed Won", amount=EMPTY), open_entry, won_entry) == {
        "open": fail,
        "won": fail,
    }
    ahead = one(a_deal("Proposal", amount=EMPTY), won_entry)
    assert ahead.readiness is Standing.NOT_MET


def test_every_open_stage_leaves_closed_deals_and_every_stage_takes_them_in():
    every_open = a_rule(
        "open", reach=Reach.EVERY_OPEN_STAGE, position=Position.WHILE_IN, stage=None
    )
    every = a_rule("all", reach=Reach.EVERY_STAGE, position=Position.WHILE_IN)
    lost = outcome(a_deal("Closed Lost", amount=EMPTY), every_open, every)
    assert lost == {"open": Outcome.NOT_APPLICABLE, "all": Outcome.FAIL}


def test_a_stage_the_pipeline_does_not_list_cannot_be_placed():
    verdict = one(a_deal("In Progress", amount=EMPTY), a_rule())
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.reason == 'its stage "In Progress" is not a stage of its pipeline'


def test_an_unreadable_field_cannot_be_told_and_an_empty_one_fails():
    assert one(a_deal("Proposal", amount=HIDDEN), a_rule()).outcome is (
        Outcome.CANNOT_TELL
    )
    empty = one(a_deal("Proposal", amount=EMPTY), a_rule())
    assert empty.outcome is Outcome.FAIL
    assert empty.findings[0].because_empty


def test_when_decides_whether_a_rule_applies_and_unknown_means_no():
    met, unmet, unknown, hidden = (
        a_line(answer) for answer in (True, False, EMPTY, HIDDEN)
    )
    deal = a_deal("Proposal", amount=EMPTY)
    na = Outcome.NOT_APPLICABLE
    assert one(deal, a_rule(when=met)).outcome is Outcome.FAIL
    assert one(deal, a_rule(when=unmet)).outcome is na
    assert one(deal, a_rule(when=unknown)).outcome is na
    assert one(deal, a_rule(when=hidden)).outcome is Outcome.CANNOT_TELL
    assert one(deal, a_rule(unless=met)).outcome is na
    assert one(deal, a_rule(unless=unmet)).outcome is Outcome.FAIL
    assert one(deal, a_rule(unless=unknown)).outcome is Outcome.FAIL
    assert one(deal, a_rule(unless=hidden)).outcome is Outcome.CANNOT_TELL


def test_a_defect_in_one_check_costs_one_verdict_and_says_so():
    def broken(_deal):
        raise ZeroDivisionError

    verdicts = judge(
        a_deal("Proposal"),
        a_pack(a_rule("broken", require=a_line(broken)), a_rule("fine")),
        a_context(),
    ).verdicts
    assert [each.outcome for each in verdicts] == [Outcome.CANNOT_TELL, Outcome.PASS]
    reason = verdicts[0].reason
    report_id = reason.partition("Report id ")[2][:4]
    line = broken.__code__.co_firstlineno + 1
    assert reason == (
        f"E999: gatekeeper could not evaluate broken on {a_deal().id}. This is a bug in"
        " gatekeeper, not in your rule. Other rules were evaluated; this one is"
        f' "cannot tell". Report id {report_id} (ZeroDivisionError in broken, line'
        f" {line})."
    )
    assert int(report_id, 16) >= 0


def test_one_defect_has_one_report_id_on_every_deal():
    def broken(deal):
        raise (KeyError if deal.name == "other" else ValueError)(deal.id)

    def reported(deal):
        (verdict,) = judge(
            deal, a_pack(a_rule("broken", require=a_line(broken))), a_context()
        ).verdicts
        return verdict.reason.partition("Report id ")[2]

    first = a_deal("Proposal")
    assert reported(first) == reported(replace(first, id="006B"))
    assert reported(first) != reported(replace(first, name="other"))


# ---- groups -----------------------------------------------------------------------

ANSWERS = st.sampled_from([True, False, EMPTY, HIDDEN])


def stands(condition):
    return standing(condition, a_deal(), a_context())


def group(quorum, answers, count=0):
    return Group(quorum, tuple(a_line(each) for each in answers), count)


@given(st.lists(ANSWERS, min_size=1, max_size=6))
def test_all_fails_before_it_cannot_tell(answers):
    expected = (
        Standing.NOT_MET
        if any(each is False or each is EMPTY for each in answers)
        else Standing.CANNOT_TELL
        if HIDDEN in answers
        else Standing.MET
    )
    assert stands(group(Quorum.ALL, answers)) is expected


@given(st.lists(ANSWERS, min_size=1, max_size=6))
def test_any_passes_before_it_cannot_tell(answers):
    expected = (
        Standing.MET
        if any(each is True for each in answers)
        else Standing.CANNOT_TELL
        if HIDDEN in answers
        else Standing.NOT_MET
    )
    assert stands(group(Quorum.ANY, answers)) is expected


@given(st.lists(ANSWERS, min_size=1, max_size=6), st.integers(1, 6))
def test_at_least_is_decided_only_when_the_unreadable_could_not_change_it(
    answers, count
):
    met = sum(each is True for each in answers)
    hidden = sum(each is HIDDEN for each in answers)
    got = stands(group(Quorum.AT_LEAST, answers, count))
    if met >= count:
        assert got is Standing.MET
    elif met + hidden >= count:
        assert got is Standing.CANNOT_TELL
    else:
        assert got is Standing.NOT_MET


def test_an_empty_line_that_passes_on_blank_is_left_out_of_an_any():
    blank = replace(a_line(EMPTY), blank_passes=True)
    assert stands(blank) is Standing.MET
    assert stands(Group(Quorum.ANY, (blank, a_line(False)))) is Standing.NOT_MET
    assert stands(Group(Quorum.ANY, (blank, a_line(True)))) is Standing.MET


def test_a_line_with_its_own_when_is_not_asked_where_that_does_not_hold():
    asked = replace(a_line(False), when=a_line(False))
    assert stands(Group(Quorum.ALL, (asked, a_line(True)))) is Standing.MET
    assert stands(replace(a_line(False), when=a_line(HIDDEN))) is (Standing.CANNOT_TELL)


# ---- supported stage ----------------------------------------------------------------


def supported(deal, *rules, **project):
    return judge(deal, a_pack(*rules, **project), a_context()).supported


def test_the_evidence_supports_the_stage_before_the_first_gate_that_fails():
    rules = (
        a_rule("q", stage="Qualification", require=filled("amount")),
        a_rule("d", stage="Discovery", require=filled("close_date")),
    )
    in_proposal = a_deal("Proposal", close_date=EMPTY)
    assert supported(in_proposal, *rules).stage == "Discovery"
    assert supported(a_deal("Proposal"), *rules).stage == "Proposal"
    assert supported(a_deal("Prospecting"), *rules).stage == "Proposal"
    assert supported(a_deal("Proposal", amount=EMPTY), *rules).stage == "Qualification"


def test_an_unreadable_criterion_supports_at_least_the_stage_before_it():
    found = supported(a_deal("Proposal", amount=HIDDEN), a_rule())
    assert (found.stage, found.at_least) == ("Qualification", True)


def test_a_gate_that_surely_fails_ends_the_walk_whatever_else_cannot_be_told():
    deal = a_deal("Proposal", amount=HIDDEN, close_date=EMPTY)
    untold = a_rule("untold", require=filled("amount"))
    fails = a_rule("fails", require=filled("close_date"))
    for rules in ((untold, fails), (fails, untold)):
        assert supported(deal, *rules) == SupportedStage("Qualification")
    beyond = replace(fails, stage="Discovery")
    assert supported(deal, untold, beyond) == SupportedStage(
        "Qualification", at_least=True
    )


def test_optional_criteria_and_closed_deals_do_not_count_for_support():
    optional = a_rule(is_optional=True)
    assert supported(a_deal("Proposal", amount=EMPTY), optional).stage == "Proposal"
    assert supported(a_deal("Closed Won"), a_rule()).stage is None


def test_an_exempt_criterion_counts_as_passed_for_support():
    coming, done = date(2026, 12, 1), date(2026, 11, 1)
    deal = a_deal("Discovery", amount=EMPTY, created_on=date(2026, 10, 31))
    hidden = replace(deal, fields={**deal.fields, "amount": HIDDEN})
    later = a_rule("later", effective_from=coming)
    older = a_rule(
        "older", effective_from=done, stage=None, reach=Reach.EVERY_OPEN_STAGE
    )
    for rule in (later, older):
        assert supported(deal, rule) == SupportedStage("Proposal")
        assert supported(hidden, rule) == SupportedStage("Proposal")
    younger = a_deal("Discovery", amount=EMPTY, created_on=done)
    assert supported(younger, older) == SupportedStage("Prospecting")
    held = replace(older, includes_existing=True)
    assert supported(deal, held) == SupportedStage("Prospecting")


def test_entry_criteria_count_with_the_gate_before_them_but_not_for_the_first_stage():
    first = a_rule("first", position=Position.ENTRY, stage="Prospecting")
    second = a_rule("second", position=Position.ENTRY, stage="Qualification")
    blank = a_deal("Proposal", amount=EMPTY)
    assert supported(blank, first).stage == "Proposal"
    assert supported(blank, second).stage == "Prospecting"


@pytest.mark.parametrize(
    ("stage_label", "amount", "label"),
    [
        ("Presentation Scheduled", EMPTY, ""),
        ("Presentation Scheduled", dollars(60_000), "Presentation Scheduled"),
        ("Proposal", dollars(60_000), ""),
        ("", dollars(60_000), ""),
    ],
)
def test_the_supported_stage_is_called_as_the_crm_calls_it_where_the_deal_is_in_it(
    stage_label, amount, label
):
    deal = replace(a_deal("Proposal", amount=amount), stage_label=stage_label)
    assert supported(deal, a_rule()).label == label


# ---- rules that read the supported stage -------------------------------------------


def test_a_rule_may_hold_the_stage_against_what_the_evidence_supports():
    asks = a_rule(
        "ahead-of-evidence",
        reach=Reach.EVERY_STAGE,
        position=Position.WHILE_IN,
        stage=None,
        needs=Needs(frozenset({SUPPORTED_STAGE})),
        require=a_line(lambda deal: _reads(deal.fields[SUPPORTED_STAGE])),
    )
    gate = a_rule()

    def told(deal):
        verdicts = judge(deal, a_pack(asks, gate), a_context()).verdicts
        return verdicts[0].outcome

    assert told(a_deal("Proposal")) is Outcome.PASS
    assert told(a_deal("Proposal", amount=EMPTY)) is Outcome.FAIL
    assert told(a_deal("Proposal", amount=HIDDEN)) is Outcome.CANNOT_TELL
    assert told(a_deal("Closed Won")) is Outcome.FAIL  # closed deals have none


@pytest.mark.parametrize(
    ("deal", "value"),
    [
        (a_deal("Proposal"), "Proposal"),
        (a_deal("Proposal", amount=EMPTY), "Prospecting"),
        (
            a_deal("Proposal", amount=HIDDEN),
            Unavailable("a criterion beyond Prospecting cannot be told"),
        ),
        (a_deal("Closed Won"), EMPTY),
    ],
)
def test_the_supported_stage_is_read_as_the_value_the_crm_has_for_it(deal, value):
    asks = a_rule("asks", stage="Proposal", needs=Needs(frozenset({SUPPORTED_STAGE})))
    pack = a_pack(asks, a_rule(stage="Prospecting"))
    judged = judge(deal, pack, a_context())
    assert judged.deal.fields[SUPPORTED_STAGE] == value
    assert {**judged.deal.fields, SUPPORTED_STAGE: 0} == {
        **deal.fields,
        SUPPORTED_STAGE: 0,
    }


def test_a_project_may_count_enforced_criteria_only():
    watched, held = a_rule(mode=Mode.WARN), a_rule("held", stage="Discovery")
    lacking = a_deal("Proposal", amount=EMPTY)

    def reached(*rules, counts):
        pack = a_pack(*rules, supported_stage=counts)
        return judge(lacking, pack, a_context()).supported.stage

    assert reached(watched, held, counts="all") == "Qualification"
    assert reached(watched, held, counts="enforced") == "Discovery"


def _reads(value):
    return value if isinstance(value, Unavailable) else value == "Proposal"


def test_a_line_left_out_of_an_any_says_so_and_is_no_reason():
    left_out = replace(a_line(EMPTY, "discount <= 10%"), blank_passes=True)
    group = Group(Quorum.ANY, (left_out, a_line(False, "seats > 5")))
    (finding,) = findings(group, a_deal(), a_context())
    assert [part.standing for part in finding.parts] == [
        Standing.NOT_ASKED,
        Standing.NOT_MET,
    ]
    assert finding.parts[0].text == "Left out, being empty: discount <= 10%"
    assert finding.text == "None of these holds: seats > 5 is False."


# ---- a page of deals -----------------------------------------------------------------

KINDS = {
    "plain": a_deal("Proposal"),
    "lacking": a_deal("Proposal", amount=EMPTY),
    "hidden": a_deal("Discovery", amount=HIDDEN),
    "early": a_deal("Prospecting"),
    "won": a_deal("Closed Won"),
    "elsewhere": replace(a_deal("Proposal", amount=EMPTY), pipeline="Partners"),
}


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=12))
def test_a_deal_is_told_the_same_whichever_deals_share_its_page(names):
    supports = Needs(frozenset({SUPPORTED_STAGE}))
    asks = a_rule("asks", position=Position.WHILE_IN, stage="Proposal", needs=supports)
    theirs = a_rule("theirs", pipelines=("Partners",), reach=Reach.EVERY_STAGE)
    pack = a_pack(asks, a_rule(), a_rule("late", stage="Discovery"), theirs)
    page = [
        replace(KINDS[name], id=f"006{place:012}") for place, name in enumerate(names)
    ]
    judged = Judge(pack, a_context()).judge_page(page)
    assert judged == [judge(deal, pack, a_context()) for deal in page]
    assert [each.deal.id for each in judged] == [deal.id for deal in page]
    of_each = {tuple(each.rule_id for each in one.verdicts) for one in judged}
    assert of_each <= {
        ("asks", "qual-amount", "late"),
        ("asks", "qual-amount", "late", "theirs"),
    }
