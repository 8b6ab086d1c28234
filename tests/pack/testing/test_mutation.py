"""Mutation of rules: what no test notices is named, and nothing else."""

from __future__ import annotations

from textwrap import indent

from gatekeeper.pack.testing.mutation.survivors import Mutation, mutate
from tests.pack.testing.suites import (
    a_suite,
    a_test_pack,
    cases,
    held,
    read,
    standpoint,
)

HEAD = """\
version: 1
kind: test
as_of: 2026-11-20 09:00
pipelines: {D: {open: [Discovery, Proposal]}}
"""
RULES = """\
version: 1
kind: rules
pipeline: "*"
params: {{limit: {{type: money, value: 100}}}}
define: {{is_big: amount >= 1000}}
stages:
  Proposal:
    while_in:
      - id: a
        title: A
        fix: F.
{rule}
"""


def mutated(base, rule: str, *texts: str, more: str = "") -> Mutation:
    """Change a rule that is held against cases."""
    rules = RULES.format(rule=indent(rule, "        ")) + more
    test = cases("\n".join(texts), head=HEAD, deals="deals: {it: {stage: Proposal}}")
    suite = a_suite(base, test, e_rules=rules)
    reports = tuple(held(suite))
    assert [each.text for one in reports for each in one.failures] == []
    return mutate([(suite, reports)], standpoint, lambda *_: None)


def case(change: str, expect: str) -> str:
    return (
        f"- {{name: '{change}', deal: it, change: {{{change}}}, expect: {{{expect}}}}}"
    )


PASSES, FAILS = "violations: []", "violations: [a]"


def survivors(mutation: Mutation, of: str = "a") -> list[str]:
    return [mutant.what for mutant in mutation.scores[of].survivors]


def test_a_limit_is_held_by_a_case_at_it_and_one_beside_it(tmp_path):
    found = mutated(
        tmp_path,
        "require: amount >= 50",
        case("amount: 50", PASSES),
        case("amount: 49.99", FAILS),
    )
    assert (found.made, found.noticed, found.percent) == (4, 4, 100)


def test_without_a_case_at_the_limit_the_limit_may_move_unnoticed(tmp_path):
    found = mutated(
        tmp_path,
        "require: amount >= 50",
        case("amount: 90", PASSES),
        case("amount: 10", FAILS),
    )
    assert survivors(found) == [">= becomes >", "50 becomes 49", "50 becomes 51"]
    assert (found.made, found.noticed, found.percent) == (4, 1, 25)


def test_a_survivor_says_where_it_is(tmp_path):
    found = mutated(
        tmp_path,
        "require: amount >= 50",
        case("amount: 90", PASSES),
        case("amount: 10", FAILS),
    )
    first = found.scores["a"].survivors[0].place
    assert (first.path, first.line, first.column) == ("rules/e.rules.yaml", 12, 25)
    assert first.source_line[first.column - 1 :] == ">= 50"


def test_lines_and_conditions_are_left_out_one_at_a_time(tmp_path):
    rule = "when: type is filled\nrequire: [next_step is filled, amount > 5]"
    found = mutated(
        tmp_path,
        rule,
        case("type: New, next_step: Call, amount: 6", PASSES),
        case("type: New, amount: 5", FAILS),
    )
    # Both lines fail in the one case that fails, so either may go; and no case shows
    # a deal without a type.
    assert survivors(found) == [
        "any one of these lines is enough",
        "this line is left out",
        "this line is left out",
        "> becomes >=",
        "5 becomes 4",
        '"when" is left out',
    ]


def test_any_and_all_are_told_apart_by_a_case_in_which_one_line_holds(tmp_path):
    rule = "require: {any: [next_step is filled, type is filled]}"
    both = (case("next_step: Call, type: New", PASSES), case("amount: 1", FAILS))
    assert "all of these lines must hold" in survivors(mutated(tmp_path, rule, *both))
    one = (case("next_step: Call", PASSES), case("type: New", PASSES), both[1])
    assert survivors(mutated(tmp_path, rule, *one)) == []


def test_at_least_is_moved_by_one(tmp_path):
    lines = "[next_step is filled, type is filled, amount is filled]"
    found = mutated(
        tmp_path,
        f"require: {{at_least: {{2: {lines}}}}}",
        case("next_step: Call, type: New", PASSES),
        case("amount: 1", FAILS),
    )
    said = survivors(found)
    assert "at least 2 becomes at least 1" not in said
    assert "at least 2 becomes at least 3" not in said


def test_parameters_and_named_conditions_are_changed_where_they_are_declared(tmp_path):
    found = mutated(
        tmp_path,
        "when: is_big\nrequire: amount >= $limit",
        case("amount: 1000", "passes: [a]"),
        case("amount: 999.99", "not_applicable: [a]"),
    )
    assert survivors(found, "is_big") == []
    assert survivors(found, "$limit") == ["100 becomes 99", "100 becomes 101"]
    place = found.scores["$limit"].survivors[0].place
    assert (place.line, place.column) == (4, 10)


def test_limits_of_segments_and_bands_are_changed_one_at_a_time(tmp_path):
    params = (
        "params:\n"
        "  by_type: {type: money, by: type, values: {New: 20}, else: 30}\n"
        "  by_discount: {type: money, by: probability, from: {50%: 40}}\n"
    )
    rules = RULES.format(
        rule="        require: amount >= $by_type and amount >= $by_discount"
    )
    rules = rules.replace("params: {limit: {type: money, value: 100}}\n", params)
    test = cases(
        case("amount: 90, type: New, probability: 90%", PASSES),
        head=HEAD,
        deals="deals: {it: {stage: Proposal}}",
    )
    suite = a_suite(tmp_path, test, e_rules=rules)
    found = mutate([(suite, tuple(held(suite)))], standpoint, lambda *_: None)
    assert survivors(found, "$by_type") == [
        "20 becomes 19 for New",
        "20 becomes 21 for New",
        "30 becomes 29 else",
        "30 becomes 31 else",
    ]
    assert survivors(found, "$by_discount") == [
        "50 becomes 49",
        "50 becomes 51",
        "40 becomes 39 from 50",
        "40 becomes 41 from 50",
    ]


def test_a_change_that_means_the_same_is_not_made(tmp_path):
    found = mutated(
        tmp_path,
        "require: count(contacts) > 0",
        case("contacts: [{name: A}]", PASSES),
        case("contacts: []", FAILS),
    )
    # `> 0` moved to `> -1` asks what `>= 0` asks: any count. Made once, and noticed.
    assert found.made == 3
    assert survivors(found) == []


def test_a_change_that_is_no_check_is_not_made(tmp_path):
    # Days have a difference, but no sum: "- becomes +" is not among the four.
    found = mutated(
        tmp_path,
        "require: close_date - created_on >= 5",
        case("created_on: 2026-11-14, close_date: 2026-11-19", PASSES),
        case("created_on: 2026-11-14, close_date: 2026-11-18", FAILS),
    )
    assert (found.made, survivors(found)) == (4, [])


def test_only_what_a_case_expects_can_notice_a_change(tmp_path):
    found = mutated(
        tmp_path,
        "require: amount is filled",
        case("amount: 1", "passes: [b]"),
        more="""
      - {id: b, title: B, require: amount is filled, fix: F.}
""",
    )
    assert survivors(found, "a") == ["filled becomes empty"]
    assert survivors(found, "b") == []


def test_a_known_gap_notices_nothing(tmp_path):
    gap = (
        "- {name: gap, deal: it, known_gap: true, change: {amount: 1},"
        " expect: {violations: [a]}}"
    )
    found = mutated(tmp_path, "require: amount is filled", gap)
    assert survivors(found) == ["filled becomes empty"]
    assert not found.scores["a"].is_reached


def test_a_rule_that_no_case_reaches_is_marked(tmp_path):
    found = mutated(
        tmp_path,
        "require: amount is filled",
        case("stage: Discovery", PASSES),
        case("stage: Closed Won", PASSES),
    )
    assert not found.scores["a"].is_reached
    assert found.percent == 0


def test_a_quieted_rule_notices_what_happens_to_the_one_that_quiets_it(tmp_path):
    timeline = "timeline: {2026-11-20: {b: suppressed}}"
    found = mutated(
        tmp_path,
        "require: amount is filled",
        "- name: quiet\n  deal: it\n  over: {from: 2026-11-20, to: 2026-11-20}\n"
        f"  expect: {{{timeline}}}",
        more="""
      - id: b
        title: B
        require: next_step is filled
        fix: F.
        suppressed_by: [a]
""",
    )
    assert survivors(found) == []


def test_waivers_and_history_of_a_case_count(tmp_path):
    found = mutated(
        tmp_path,
        "require: days_in_stage() <= 30",
        "- {name: at, deal: it, change: {created_on: 2026-10-21}, expect:"
        " {violations: []}}",
        "- name: past\n  deal: it\n  change: {created_on: 2026-10-20}\n"
        "  waivers: [{rule: a, expires: 2026-11-20}]\n  expect: {waived: [a]}",
    )
    # "<" and the limit of 29 ask for the same and are one change.
    assert (found.made, survivors(found)) == (3, [])


def test_test_files_of_one_pack_notice_together(tmp_path):
    rules = RULES.format(rule="        require: amount >= 50")
    deals = "deals: {it: {stage: Proposal}}"
    at, under = (
        cases(text, head=HEAD, deals=deals)
        for text in (case("amount: 50", PASSES), case("amount: 49.99", FAILS))
    )
    folder = a_test_pack(tmp_path, at, e_rules=rules)
    (folder / "tests" / "b.test.yaml").write_text(under, encoding="utf-8")
    suites, _ = read(folder)
    tested = [(suite, tuple(held(suite))) for suite in suites]
    alone = [mutate([one], standpoint, lambda *_: None).percent for one in tested]
    assert alone == [50, 50]
    assert mutate(tested, standpoint, lambda *_: None).percent == 100


EMEA = "version: 1\nkind: overlay\nfor: {team: [EMEA]}\n"
THERE = "owner: {email: a@b.example, team: EMEA}"


def mutated_under(base, overlay: str, rules: str, *texts: str) -> Mutation:
    """Change rules that are held against cases, some of them under an overlay."""
    (base / "rules" / "overlays").mkdir(parents=True, exist_ok=True)
    suite = a_suite(
        base,
        cases("\n".join(texts), head=HEAD, deals="deals: {it: {stage: Proposal}}"),
        e_rules=rules,
        **{"overlays/emea_overlay": EMEA + overlay},
    )
    reports = tuple(held(suite))
    assert [each.text for one in reports for each in one.failures] == []
    return mutate([(suite, reports)], standpoint, lambda *_: None)


def test_an_overlays_limits_are_changed_apart_from_the_projects(tmp_path):
    rules = RULES.format(rule="        require: amount >= $limit")
    found = mutated_under(
        tmp_path,
        "params: {limit: 50}\n",
        rules,
        case(f"amount: 50, {THERE}", PASSES),
        case(f"amount: 49, {THERE}", FAILS),
    )
    # The rule is the same for both; the project's limit is held by no case.
    assert survivors(found) == survivors(found, "$limit under emea") == []
    assert survivors(found, "$limit") == ["100 becomes 99", "100 becomes 101"]
    assert not found.scores["$limit"].is_reached


def test_a_limit_of_an_overlay_that_no_case_reaches_is_named(tmp_path):
    rules = RULES.format(rule="        require: amount >= $limit")
    found = mutated_under(
        tmp_path,
        "params: {limit: 50}\n",
        rules,
        case("amount: 100", PASSES),
        case("amount: 99", FAILS),
    )
    score = found.scores["$limit under emea"]
    assert [one.what for one in score.survivors] == ["50 becomes 49", "50 becomes 51"]
    assert not score.is_reached
    first = score.survivors[0].place
    assert (first.path, first.line) == ("rules/overlays/emea.overlay.yaml", 4)


def test_a_limit_that_an_overlay_leaves_alone_is_held_by_its_cases(tmp_path):
    rules = RULES.format(rule="        require: amount >= $limit")
    found = mutated_under(
        tmp_path,
        "rules: {a: {severity: critical}}\n",
        rules,
        case(f"amount: 100, {THERE}", PASSES),
        case(f"amount: 99, {THERE}", FAILS),
    )
    assert (found.noticed, found.made) == (4, 4)


def test_limits_of_segments_are_held_by_cases_under_an_overlay(tmp_path):
    params = "params: {limit: {type: money, by: type, values: {New: 20}, else: 30}}\n"
    rules = RULES.format(rule="        require: amount >= $limit")
    rules = rules.replace("params: {limit: {type: money, value: 100}}\n", params)
    found = mutated_under(
        tmp_path,
        "rules: {a: {severity: critical}}\n",
        rules,
        case(f"type: New, amount: 20, {THERE}", PASSES),
        case(f"type: New, amount: 19, {THERE}", FAILS),
        case("amount: 30", PASSES),
    )
    assert survivors(found, "$limit") == ["30 becomes 29 else"]


def test_changed_rules_keep_what_the_overlay_says_of_them(tmp_path):
    # The project asks for "medium" and grace; were that forgotten, any change would
    # seem to be noticed.
    worse = "severity: {a: critical}, timeline: {2026-11-20: {a: open}}"
    found = mutated_under(
        tmp_path,
        "rules: {a: {severity: critical, grace: 0 days}}\n",
        RULES.format(rule="        grace: 3 days\n        require: amount >= 50"),
        f"- name: x\n  deal: it\n  change: {{amount: 9, {THERE}}}\n"
        "  over: {from: 2026-11-20, to: 2026-11-20}\n"
        f"  expect: {{{worse}}}",
    )
    assert survivors(found) == [">= becomes >", "50 becomes 49", "50 becomes 51"]


def test_a_changed_rule_takes_in_old_deals_as_the_case_does(tmp_path):
    # A date that only the defaults of the file write spares no deal of a test; were
    # the deal spared by the changed rule, any change would seem to be noticed.
    rules = RULES.format(rule="        grace: 0 days\n        require: amount >= 50")
    rules = rules.replace("stages:", "defaults: {effective_from: 2026-11-20}\nstages:")
    found = mutated_under(
        tmp_path,
        "rules: {a: {severity: critical}}\n",
        rules,
        "- name: x\n  deal: it\n  change: {amount: 9, created_on: 2026-10-01}\n"
        "  over: {from: 2026-11-20, to: 2026-11-20}\n"
        "  expect: {timeline: {2026-11-20: {a: open}}}",
    )
    assert survivors(found) == [">= becomes >", "50 becomes 49", "50 becomes 51"]


def test_a_rule_that_an_overlay_switches_off_stays_off_however_it_is_changed(tmp_path):
    off = "{enabled: false, until: 2026-12-31, reason: The team is new}"
    found = mutated_under(
        tmp_path,
        f"rules: {{a: {off}}}\n",
        RULES.format(rule="        require: amount >= 50"),
        case(f"amount: 9, {THERE}", "not_applicable: [a]"),
    )
    assert found.noticed == 0


def test_changed_rules_are_judged_by_the_calendar_of_the_overlay(tmp_path):
    # The 19th is a holiday there: after the 18th only the 20th counts. With the
    # project's calendar there are two days, and "<" would seem to be noticed.
    rule = "        require: business_days_between(close_date, today) <= 2"
    found = mutated_under(
        tmp_path,
        "business_calendar: {extra_holidays: [2026-11-19]}\n",
        RULES.format(rule=rule),
        case(f"close_date: 2026-11-18, {THERE}", PASSES),
        case(f"close_date: 2026-11-12, {THERE}", FAILS),
    )
    assert survivors(found) == ["<= becomes <", "2 becomes 3"]


STARTS = """\
version: 1
kind: rules
pipeline: "*"
params: {from: {type: money, value: 100}}
define: {is_renewal: type = "Renewal" and amount >= $from}
stages:
  Discovery:
    exit:
      - {id: a, title: A, fix: F., require: next_step is filled}
  Proposal:
    start_when: is_renewal
"""
IN_STAGE = "history: {2026-11-01: {stage: Proposal}}"


def test_where_deals_may_be_created_is_changed_too(tmp_path):
    found = mutated_under(
        tmp_path,
        "params: {from: 50}\n",
        STARTS,
        case(f"{IN_STAGE}, type: Renewal, amount: 100", "not_applicable: [a]"),
        case(f"{IN_STAGE}, type: Renewal, amount: 99", FAILS),
        case(f"{IN_STAGE}, type: New, amount: 100", FAILS),
    )
    assert survivors(found, "stage Proposal") == []
    assert found.scores["stage Proposal"].made == 2
    assert survivors(found, "is_renewal") == []
    assert survivors(found, "$from") == []
    assert survivors(found, "$from under emea") == ["50 becomes 49", "50 becomes 51"]


def test_a_beginning_that_no_case_has_is_not_noticed(tmp_path):
    found = mutated_under(
        tmp_path,
        "rules: {a: {severity: critical}}\n",
        STARTS,
        case("stage: Discovery, created_on: 2026-11-01", PASSES),
    )
    score = found.scores["stage Proposal"]
    assert [one.what for one in score.survivors] == [
        '"start_when" is left out',
        "is_renewal must not hold",
    ]
    assert (score.survivors[0].place.line, score.is_reached) == (11, True)


ASIDE = """\
version: 1
kind: rules
pipeline: "*"
suspend_when: lead_source = "Migration"
stages:
  Proposal:
    when: type is filled
    while_in:
      - id: a
        title: A
        fix: F.
        require: amount is filled
        escalate:
          - {when: probability >= 90%, severity: critical, owed_by: owner_manager}
"""


def beside(base, *texts: str) -> Mutation:
    test = cases("\n".join(texts), head=HEAD, deals="deals: {it: {stage: Proposal}}")
    suite = a_suite(base, test, e_rules=ASIDE)
    reports = tuple(held(suite))
    assert [each.text for one in reports for each in one.failures] == []
    return mutate([(suite, reports)], standpoint, lambda *_: None)


def test_what_stands_beside_a_rule_is_changed_too(tmp_path):
    # A single case says least: neither stage, file nor escalation is pinned down.
    found = beside(tmp_path, case("type: New, amount: 1", PASSES))
    assert survivors(found, "stage Proposal") == [
        '"when" is left out',
        "filled becomes empty",
    ]
    assert survivors(found, "suspend_when") == [
        '"suspend_when" is left out',
        "= becomes !=",
    ]
    assert "this escalation is left out" in survivors(found)
    assert "severity critical becomes high" in survivors(found)
    assert "owed_by: owner_manager is left out" in survivors(found)


def test_cases_pin_down_what_stands_beside_a_rule(tmp_path):
    worse = "violations: [a], severity: {a: critical}, owed_by: {a: owner_manager}"
    found = beside(
        tmp_path,
        case("type: New, amount: 1", "passes: [a]"),
        case("amount: 2", "not_applicable: [a]"),
        case("type: New, lead_source: Migration", "cannot_tell: [a]"),
        case("type: New, probability: 90%", worse),
        case("type: New, probability: 89%", "severity: {a: medium}"),
    )
    assert found.noticed == found.made == 12
