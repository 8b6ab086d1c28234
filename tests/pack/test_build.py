"""A pack as it runs: rules, conditions, needs and fingerprints."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gatekeeper.core.catalogue import SUPPORTED_STAGE, Path, Pipeline
from gatekeeper.core.judge.conditions import findings, standing
from gatekeeper.core.judge.evaluate import judge
from gatekeeper.core.model import (
    EMPTY,
    Line,
    Mode,
    Outcome,
    Row,
    Severity,
    Standing,
    Unavailable,
)
from gatekeeper.core.pack import Deprecation, Grace, Position, Reach, Rule, Unit
from gatekeeper.errors import PackError
from gatekeeper.pack.source.problems import framed
from tests.builders import PIPELINE, a_context, a_deal, dollars
from tests.pack.crm_schemas import FIELDS, a_schema
from tests.pack.packs import PROJECT, RULES, a_draft, rule, text

HEAD = ("id: ent-a", "title: T", "fix: Fill in the amount.")


def the_rule(base, *lines: str, **files: str) -> Rule:
    draft = a_draft(base, e_rules=rule(*HEAD, *lines), **files)
    (found,) = draft.compile(None).rules
    return found


def stands(found: Rule, **fields) -> Standing:
    return standing(found.require, a_deal(**fields), a_context())


def test_a_rule_that_says_little_has_the_stated_defaults(tmp_path):
    found = the_rule(tmp_path, "require: amount is filled")
    assert (found.id, found.title, found.fix_text) == (
        "ent-a",
        "T",
        "Fill in the amount.",
    )
    assert (found.position, found.reach, found.stage) == (
        Position.EXIT,
        Reach.STAGE,
        "Discovery",
    )
    assert (found.severity, found.mode, found.grace) == (
        Severity.MEDIUM,
        Mode.OBSERVE,
        Grace(),
    )
    days = found.due_after(found.severity)
    assert (days, found.owed_by, found.pipelines) == (
        3,
        "deal_owner",
        ("Enterprise",),
    )
    assert found.place == "e.rules.yaml:7"
    assert found.fix(a_deal(), a_context()) == "Fill in the amount."


@pytest.mark.parametrize(
    ("severity", "days"), [("critical", 1), ("high", 2), ("medium", 3), ("low", 5)]
)
def test_the_due_date_follows_the_severity(tmp_path, severity, days):
    found = the_rule(tmp_path, "require: amount > 5", f"severity: {severity}")
    assert found.due_after(found.severity) == days


def test_a_rule_takes_from_its_file_what_it_does_not_say(tmp_path):
    defaults = (
        "defaults:\n  maintainer: revops@example.com\n  severity: high\n"
        "  mode: enforce\n  grace: 3 business days\n  tags: [hygiene]\nstages:"
    )
    written = rule(*HEAD, "require: amount > 5", "mode: warn")
    draft = a_draft(tmp_path, e_rules=written.replace("stages:", defaults, 1))
    (found,) = draft.compile(None).rules
    assert found.maintainer == "revops@example.com"
    assert found.severity is Severity.HIGH
    assert found.due_after(Severity.HIGH) == 2
    assert found.mode is Mode.WARN
    assert found.grace == Grace(3, Unit.BUSINESS_DAYS)
    assert found.tags == ("hygiene",)


def test_all_options_of_a_rule_are_read(tmp_path):
    found = the_rule(
        tmp_path,
        "require: amount > 5",
        "why: Because.",
        "due_in: 4 business days",
        "optional: true",
        "include_lost: true",
        "effective_from: 2026-12-01",
        "existing_deals: include",
        "formerly: [ent-old, ent-older]",
        "maintainer: a@example.com",
        "owed_by: owner_manager",
    )
    assert (found.why, found.due_in, found.is_optional) == ("Because.", 4, True)
    assert (found.include_lost, found.effective_from) == (True, date(2026, 12, 1))
    assert found.includes_existing
    assert found.formerly == ("ent-old", "ent-older")
    assert (found.maintainer, found.owed_by) == ("a@example.com", "owner_manager")


SUPPORT = "require: stage on or before supported_stage()"


def test_a_gate_may_not_ask_what_follows_from_the_gates(tmp_path):
    draft = a_draft(tmp_path, e_rules=rule(*HEAD, SUPPORT))
    (found,) = draft.findings(None)
    assert found.framed() == (
        "rules/e.rules.yaml:7:13: error E429: ent-a reads supported_stage(), which"
        " follows from the exit and entry criteria and cannot be part of one.\n"
        "    7 |       - id: ent-a\n"
        "      |             ^^^^^\n"
        '  help: put the rule under "while_in" of a stage or of every stage.'
    )


def test_a_rule_beside_the_gates_may_ask_it_and_the_crm_is_not(tmp_path):
    beside = rule(*HEAD, SUPPORT).replace("exit:", "while_in:")
    pack = a_draft(tmp_path, e_rules=beside).compile(None)
    (found,) = pack.rules
    assert SUPPORTED_STAGE not in pack.needs.fields

    def stands_at(supported):
        deal = replace(a_deal("Proposal"), fields={SUPPORTED_STAGE: supported})
        return standing(found.require, deal, a_context())

    assert stands_at("Proposal") is Standing.MET
    assert stands_at("Qualification") is Standing.NOT_MET
    assert stands_at(Unavailable("hidden")) is Standing.CANNOT_TELL
    assert stands_at(EMPTY) is Standing.NOT_MET


def test_a_rule_that_looks_at_the_age_of_deals_reads_it(tmp_path):
    dated = rule(*HEAD, "require: amount > 5", "effective_from: 2026-12-01")
    needs = a_draft(tmp_path, e_rules=dated).compile(None).needs
    assert "created_on" in needs.fields


# ---- conditions ----------------------------------------------------------------


def test_a_list_asks_for_all_of_its_lines(tmp_path):
    found = the_rule(tmp_path, "require:", "  - amount > 10", "  - amount < 20")
    assert stands(found, amount=dollars(15)) is Standing.MET
    assert stands(found, amount=dollars(20)) is Standing.NOT_MET


def test_any_asks_for_one_of_its_lines(tmp_path):
    found = the_rule(tmp_path, "require: {any: [amount < 10, amount > 20]}")
    assert stands(found, amount=dollars(21)) is Standing.MET
    assert stands(found, amount=dollars(15)) is Standing.NOT_MET


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(5, Standing.NOT_MET), (15, Standing.NOT_MET), (25, Standing.MET)],
)
def test_at_least_counts_the_lines_that_hold(tmp_path, amount, expected):
    found = the_rule(
        tmp_path, "require: {at_least: {2: [amount > 10, amount > 20, amount > 30]}}"
    )
    assert stands(found, amount=dollars(amount)) is expected


def test_an_empty_value_fails_unless_the_rule_says_otherwise(tmp_path):
    strict = the_rule(tmp_path, "require: amount > 10")
    lenient = the_rule(tmp_path, "require: amount > 10", "on_blank: pass")
    assert stands(strict, amount=EMPTY) is Standing.NOT_MET
    assert stands(lenient, amount=EMPTY) is Standing.MET


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("N/A.", Standing.NOT_MET),
        ("TBD!!", Standing.NOT_MET),
        ("xxxxx", Standing.NOT_MET),
        ("--", Standing.NOT_MET),
        ("Call back", Standing.MET),
    ],
)
def test_placeholders_of_the_project_count_as_empty(tmp_path, written, expected):
    draft = a_draft(
        tmp_path, project=PROJECT + 'placeholders: ["n/a", tbd, "-", xxx]\n'
    )
    pack = draft.compile(None)
    context = a_context(placeholders=pack.project.placeholders)
    deal = a_deal(next_step=written)
    assert standing(pack.rules[0].require, deal, context) is expected


def test_a_line_may_overrule_what_its_rule_says_of_empty_values(tmp_path):
    found = the_rule(
        tmp_path,
        "on_blank: pass",
        "require: [{check: amount > 10, on_blank: fail}]",
    )
    assert stands(found, amount=EMPTY) is Standing.NOT_MET


def test_a_line_with_a_condition_is_left_out_where_it_does_not_hold(tmp_path):
    found = the_rule(
        tmp_path,
        "require:",
        "  - amount > 10",
        "  - {check: amount > 100, when: is_won is true}",
    )
    assert stands(found, amount=dollars(50), is_won=False) is Standing.MET
    assert stands(found, amount=dollars(50), is_won=True) is Standing.NOT_MET


def test_a_line_may_have_a_title_and_a_fix_of_its_own(tmp_path):
    found = the_rule(
        tmp_path,
        "require: [{check: amount > 10, title: Big, fix: 'Raise {amount}.'}]",
    )
    assert isinstance(found.require, Line)
    finding = found.require.explain(a_deal(amount=dollars(5)), a_context())
    assert (finding.title, finding.fix) == ("Big", "Raise 5.00.")


def test_when_and_unless_take_the_shapes_of_require(tmp_path):
    found = the_rule(
        tmp_path,
        "require: amount > 10",
        "when: [amount is filled, is_won is false]",
        "unless: {any: [amount > 1000, amount < 0]}",
    )
    assert found.when is not None
    assert found.unless is not None
    deal = a_deal(amount=dollars(50), is_won=False)
    assert standing(found.when, deal, a_context()) is Standing.MET
    assert standing(found.unless, deal, a_context()) is Standing.NOT_MET


# ---- names ---------------------------------------------------------------------

SHARED = """\
version: 1
kind: defs
params:
  least: {type: money, value: 50_000}
define:
  is_big: amount >= $least
  engaged:
    any:
      - some contacts where role = "Champion"
      - at least 2 contacts
  champions: contacts where role = "Champion"
"""


def with_names(*lines: str) -> str:
    return rule(*HEAD, *lines).replace("stages:", "use: s.defs.yaml\nstages:", 1)


def test_names_of_another_file_are_used_like_own_ones(tmp_path):
    draft = a_draft(
        tmp_path, s_defs=SHARED, e_rules=with_names("require: [is_big, engaged]")
    )
    pack = draft.compile(None)
    (found,) = pack.rules
    assert found.needs.fields == {"amount"}
    # the name is read for the explanation, which says who was counted
    assert found.needs.collections == {"contacts": frozenset({"name", "role"})}
    assert pack.params == {"least": Decimal(50000)}
    champion: Row = {"role": "Champion"}
    big = a_deal(amount=dollars(50_000), related={"contacts": (champion,)})
    assert standing(found.require, big, a_context()) is Standing.MET
    small = a_deal(amount=dollars(49_999), related={"contacts": (champion,)})
    assert standing(found.require, small, a_context()) is Standing.NOT_MET


def test_named_rows_stand_where_a_collection_stands(tmp_path):
    written = with_names("require: at least 2 champions")
    draft = a_draft(tmp_path, s_defs=SHARED, e_rules=written)
    (found,) = draft.compile(None).rules
    champion: Row = {"role": "Champion"}
    user: Row = {"role": "User"}
    deal = a_deal(related={"contacts": (champion, user)})
    assert standing(found.require, deal, a_context()) is Standing.NOT_MET
    deal = a_deal(related={"contacts": (champion, user, champion)})
    assert standing(found.require, deal, a_context()) is Standing.MET


def test_a_mistake_in_a_name_is_shown_in_the_line_and_column_of_the_check(tmp_path):
    broken = rule(*HEAD, "require:", "  - amount > 5", "  - 'amonut > 5'")
    with pytest.raises(PackError) as refused:
        a_draft(tmp_path, e_rules=broken).compile(None)
    lines = refused.value.messages[0].splitlines()
    assert lines[:3] == [
        'rules/e.rules.yaml:12:14: error E401: there is no field "amonut" on the deal.',
        "   12 |           - 'amonut > 5'",
        "      |              ^^^^^^",
    ]


def test_a_placeholder_that_names_nothing_is_shown_in_its_text(tmp_path):
    broken = rule("id: ent-a", "title: T", "require: amount > 5", "fix: Add {ammount}")
    with pytest.raises(PackError) as refused:
        a_draft(tmp_path, e_rules=broken).compile(None)
    assert refused.value.messages[0] == text(
        """
        rules/e.rules.yaml:10:18: error E426: the fix text mentions {ammount}; did you mean {amount}?
           10 |         fix: Add {ammount}
              |                  ^^^^^^^^^
        """  # noqa: E501
    )


def test_a_placeholder_in_a_title_is_refused_for_a_rule_and_for_a_line(tmp_path):
    broken = rule(
        "id: ent-a",
        "title: Amount {amount}",
        "require: {check: amount > 5, title: 'Of {account.name}'}",
        "fix: F",
    )
    with pytest.raises(PackError) as refused:
        a_draft(tmp_path, e_rules=broken).compile(None)
    assert "\n".join(refused.value.messages) == text(
        """
        rules/e.rules.yaml:8:23: error E426: the title mentions {amount}; a title is the same on every deal.
            8 |         title: Amount {amount}
              |                       ^^^^^^^^
          help: write it in "fix", where it shows the value of the deal.
        rules/e.rules.yaml:9:49: error E426: the title mentions {account.name}; a title is the same on every deal.
            9 |         require: {check: amount > 5, title: 'Of {account.name}'}
              |                                                 ^^^^^^^^^^^^^^
          help: write it in "fix", where it shows the value of the deal.
        """  # noqa: E501
    )


def test_all_mistakes_of_all_files_come_at_once_and_sorted(tmp_path):
    with pytest.raises(PackError) as refused:
        a_draft(
            tmp_path,
            project=PROJECT + "zzz: 1\n",
            b_rules=rule("id: ent-b", "title: T", "require: amonut > 5", "fix: F"),
            a_rules=rule("id: ent-c", "title: T", "require: amount >", "fix: F"),
        ).compile(None)
    places = [each.partition(": ")[0] for each in refused.value.messages]
    assert [place.partition(":")[0] for place in places] == [
        "rules/a.rules.yaml",
        "rules/b.rules.yaml",
        "rules/project.yaml",
    ]


def test_checks_are_looked_at_even_where_the_project_cannot_be_read(tmp_path):
    with pytest.raises(PackError) as refused:
        a_draft(
            tmp_path,
            project="version: 1\nkind: project\n",
            e_rules=rule(*HEAD, "require: amonut > 5"),
        ).compile(None)
    assert [each.partition(" error ")[2][:4] for each in refused.value.messages] == [
        "E401",
        "E202",
    ]


def test_a_message_shows_what_it_reads(tmp_path):
    written = rule(
        "id: ent-a", "title: T", "require: some contacts", "fix: 'See {next_step}.'"
    )
    needs = a_draft(tmp_path, e_rules=written).compile(None).rules[0].needs
    assert needs.fields == {"next_step"}


# ---- the pack ------------------------------------------------------------------


def test_some_fields_are_read_whatever_the_rules_say(tmp_path):
    assert a_draft(tmp_path).compile(None).needs.fields == {
        "amount",
        "close_date",
        "is_closed",
        "is_won",
        "name",
        "next_step",
        "owner.manager",
        "owner.name",
        "stage",
    }


def test_a_disabled_rule_is_checked_and_not_run(tmp_path):
    off = rule(*HEAD, "require: amount > 5", "enabled: false")
    assert a_draft(tmp_path, e_rules=off).compile(None).rules == ()
    broken = rule(*HEAD, "require: amonut > 5", "enabled: false")
    with pytest.raises(PackError):
        a_draft(tmp_path, e_rules=broken).compile(None)


def test_a_rule_over_an_undecided_number_observes_and_applies_to_nothing(tmp_path):
    written = rule(*HEAD, "require: amount >= $least", "mode: enforce").replace(
        "stages:",
        "params: {least: {type: money, value: undecided}}\nstages:",
        1,
    )
    (found,) = a_draft(tmp_path, e_rules=written).compile(None).rules
    assert (found.undecided, found.mode) == (True, Mode.OBSERVE)


def test_a_deprecated_rule_still_runs_and_says_so(tmp_path):
    written = rule(
        *HEAD,
        "require: amount > 5",
        "deprecated: {since: 2026-11-01, remove_after: 2027-02-01}",
    )
    draft = a_draft(tmp_path, e_rules=written)
    pack = draft.compile(None)
    (left,) = pack.rules
    assert left.deprecated == Deprecation(
        date(2026, 11, 1), remove_after=date(2027, 2, 1)
    )
    assert "\n".join(framed(draft.findings(None))) == text(
        """
        rules/e.rules.yaml:11:9: warning W201: ent-a is deprecated since 1 Nov 2026 and still runs.
           11 |         deprecated: {since: 2026-11-01, remove_after: 2027-02-01}
              |         ^^^^^^^^^^
          help: take the rule out after 1 Feb 2027.
        """  # noqa: E501
    )
    (said,) = pack.remarks
    assert (said.place, said.code) == ("rules/e.rules.yaml:11:9", "W201")
    assert said.help == "take the rule out after 1 Feb 2027."
    assert not said.is_mistake


def test_a_rule_that_stayed_too_long_is_a_mistake_that_stops_no_run(tmp_path):
    """The whole of 1 February in New York is in time; the next day is not."""
    written = rule(
        *HEAD,
        "require: amount > 5",
        "deprecated: {since: 2026-11-01, remove_after: 2027-02-01}",
    )
    draft = a_draft(tmp_path, e_rules=written)

    def mistakes(now: datetime) -> str:
        found = [each for each in draft.findings(None, now) if each.code == "E222"]
        return "\n".join(framed(found))

    assert mistakes(datetime(2027, 2, 2, 4, 59, tzinfo=UTC)) == ""
    assert mistakes(datetime(2027, 2, 2, 5, 0, tzinfo=UTC)) == text(
        """
        rules/e.rules.yaml:11:9: error E222: ent-a was to be taken out after 1 Feb 2027; it still runs.
           11 |         deprecated: {since: 2026-11-01, remove_after: 2027-02-01}
              |         ^^^^^^^^^^
          help: take the rule out, or give it a later remove_after.
        """  # noqa: E501
    )
    assert len(draft.compile(None).rules) == 1


def test_a_star_means_every_pipeline(tmp_path):
    every = RULES.replace("pipeline: Enterprise", 'pipeline: "*"')
    schema = a_schema(replace(PIPELINE, name="Default"))
    pack = a_draft(tmp_path, e_rules=every).compile(schema)
    assert pack.rules[0].pipelines == ()
    assert list(pack.pipelines) == ["Default"]


def test_the_names_of_pipelines_and_stages_are_found_in_any_case(tmp_path):
    written = RULES.replace("Enterprise", "enterprise").replace("Disc", "DISC")
    pack = a_draft(tmp_path, e_rules=written).compile(a_schema())
    assert pack.rules[0].pipelines == ("Enterprise",)


def test_the_scope_takes_the_names_of_the_crm(tmp_path):
    project = PROJECT + "scope: [ENTERPRISE]\n"
    pack = a_draft(tmp_path, project=project).compile(a_schema())
    assert pack.project.scope == ("Enterprise",)


def test_a_compiled_pack_judges_a_deal(tmp_path):
    every = RULES.replace("pipeline: Enterprise", 'pipeline: "*"')
    pack = a_draft(tmp_path, e_rules=every).compile(a_schema(PIPELINE, fields=FIELDS))
    verdicts = judge(a_deal("Proposal", next_step=EMPTY), pack, a_context())
    assert [each.outcome for each in verdicts.verdicts] == [Outcome.FAIL]


def test_a_name_may_ask_for_some_of_several_lines(tmp_path):
    two = "{at_least: {2: [amount > 5, next_step is filled, type is filled]}}"
    written = rule(*HEAD, "require: is_ready or amount > 100").replace(
        "stages:", f"define: {{is_ready: {two}}}\nstages:", 1
    )
    (found,) = a_draft(tmp_path, e_rules=written).compile(None).rules
    one = {"amount": dollars(6), "next_step": EMPTY, "type": EMPTY}

    assert stands(found, **one) is Standing.NOT_MET
    assert stands(found, **{**one, "next_step": "Call"}) is Standing.MET
    assert stands(found, **{**one, "next_step": Unavailable("x")}) is (
        Standing.CANNOT_TELL
    )
    assert stands(found, **{**one, "amount": dollars(101)}) is Standing.MET
    deal = a_deal(amount=dollars(6), next_step=EMPTY, type=EMPTY)
    (said,) = findings(found.require, deal, a_context())
    assert said.text == (
        "None of these holds: Is ready: 1 of the 2 needed: Next Step is empty; or: Type"
        " is empty; or: Amount is 6.00; it must be more than 100.00."
    )


# ---- fingerprints --------------------------------------------------------------


def prints(base, *lines: str, title: str = "T") -> tuple[str, str, str]:
    written = rule("id: ent-a", f"title: {title}", "fix: F", *lines)
    pack = a_draft(base, e_rules=written).compile(None)
    return pack.rules[0].logic, pack.rules[0].wording, pack.fingerprint


def test_layout_and_comments_change_no_fingerprint(tmp_path):
    plain = prints(tmp_path, "require: amount > 50k")
    assert prints(tmp_path, "require: 'amount   >  50_000' # big") == plain
    assert prints(tmp_path, "require:", "  - amount > 50k") == plain


def test_words_change_the_wording_only(tmp_path):
    before = prints(tmp_path, "require: amount > 5")
    after = prints(tmp_path, "require: amount > 5", title="Other")
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert after[2] != before[2]


@pytest.mark.parametrize(
    "line",
    [
        "require: amount > 6",
        "require: amount >= 5",
        "require: {any: [amount > 5, amount < 1]}",
        "require: {check: amount > 5, on_blank: pass}",
        "require: {check: amount > 5, when: is_won is true}",
        "require: {check: amount > 5 or next_step is filled, forbid: [tbd]}",
    ],
)
def test_another_condition_is_another_logic(tmp_path, line):
    before = prints(tmp_path, "require: amount > 5")
    assert prints(tmp_path, line)[0] != before[0]


@pytest.mark.parametrize(
    "line",
    [
        "severity: high",
        "grace: 2 days",
        "mode: warn",
        "owed_by: owner_manager",
        "escalate: [{when: amount > 9, severity: high}]",
    ],
)
def test_what_is_done_about_a_violation_is_no_logic(tmp_path, line):
    before = prints(tmp_path, "require: amount > 5")
    after = prints(tmp_path, "require: amount > 5", line)
    assert after[0] == before[0]
    assert after[2] != before[2]


NAMES_STAGES = """\
define:
  is_late: stage in ["Proposal", "Closed Won"]
params:
  gate: {type: text, value: Proposal}
stages:
  Proposal:
    exit:
      - id: ent-a
        title: T
        when: is_late
        require: [stage != $gate, 'visited("proposal")', next_step != "Proposal"]
        fix: F
"""


def test_a_stage_that_is_called_otherwise_changes_no_logic(tmp_path):
    def logic(rules: str, *former: str, name: str = "Proposal") -> str:
        stages = tuple(
            replace(each, name=name, former=former) if each.name == "Proposal" else each
            for each in PIPELINE.stages
        )
        schema = a_schema(Pipeline("Enterprise", stages), fields=FIELDS)
        head = RULES.partition("stages:")[0]
        pack = a_draft(tmp_path, e_rules=head + rules).compile(schema)
        return pack.rules[0].logic

    before = logic(NAMES_STAGES)
    assert logic(NAMES_STAGES, "Proposal", name="Quote") == before
    updated = NAMES_STAGES.replace("Proposal", "Quote").replace("proposal", "quote")
    updated = updated.replace('next_step != "Quote"', 'next_step != "Proposal"')
    assert logic(updated, "Proposal", name="Quote") == before
    assert logic(updated, "Quotation", "Proposal", name="Quote") != before
    assert logic(NAMES_STAGES.replace("Proposal:", "Discovery:")) != before


def test_another_position_is_another_logic(tmp_path):
    exit_rule = a_draft(tmp_path).compile(None).rules[0]
    moved = RULES.replace("exit:", "while_in:")
    assert a_draft(tmp_path, e_rules=moved).compile(None).rules[0].logic != (
        exit_rule.logic
    )


def test_another_value_of_a_parameter_is_another_logic(tmp_path):
    def logic(value: str) -> str:
        written = rule(*HEAD, "require: amount > $least").replace(
            "stages:", f"params: {{least: {{type: money, value: {value}}}}}\nstages:", 1
        )
        return a_draft(tmp_path, e_rules=written).compile(None).rules[0].logic

    assert logic("5") != logic("6")
    assert logic("5_000") == logic("5k")


def test_a_pack_compiled_twice_has_one_fingerprint(tmp_path):
    draft = a_draft(tmp_path)
    assert draft.compile(None).fingerprint == draft.compile(None).fingerprint
    other = a_draft(tmp_path, project=PROJECT + "closed_lookback: 31 days\n")
    assert other.compile(None).fingerprint != draft.compile(None).fingerprint


def test_a_pack_with_the_holidays_of_a_country_read_twice_has_one_fingerprint(tmp_path):
    def fingerprint(folder: str, days: str) -> str:
        calendar = f"business_calendar: {{country: {days}}}\n"
        (tmp_path / folder).mkdir()
        draft = a_draft(tmp_path / folder, project=PROJECT + calendar)
        return draft.compile(None).fingerprint

    assert fingerprint("once", "US") == fingerprint("again", "US")
    others = {
        fingerprint("abroad", "DE"),
        fingerprint("in-a-state", "US, subdivision: CA"),
        fingerprint("with-a-day", "US, extra_holidays: [2026-12-24]"),
        fingerprint("with-another", "US, extra_holidays: [2026-12-31]"),
    }
    assert len(others | {fingerprint("once-more", "US")}) == 5


STAGED = """\
version: 1
kind: rules
pipeline: Enterprise
{suspend}
stages:
  Discovery:
    exit:
      - {{id: ent-a, title: T, require: amount > 5, fix: F}}
    {discovery}
  Proposal:
    while_in:
      - {{id: ent-b, title: T, require: amount > 5, fix: F}}
    {proposal}
"""


def staged(base, *, suspend="", discovery="", proposal=""):
    """Build two rules with what is said of their file and stages."""
    written = STAGED.format(suspend=suspend, discovery=discovery, proposal=proposal)
    return a_draft(base, e_rules=written).compile(a_schema())


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ({"discovery": "when: is_won is true"}, {"ent-a"}),
        ({"discovery": "unless: is_won is true"}, {"ent-a"}),
        ({"discovery": "path: optional"}, {"ent-a"}),
        ({"proposal": "start_when: is_won is true"}, {"ent-a"}),
        ({"discovery": "start_when: is_won is true"}, set()),
        ({"discovery": "counts_as: lost"}, set()),
        ({"suspend": "suspend_when: is_won is true"}, set()),
    ],
)
def test_what_is_said_of_a_stage_is_logic_of_the_rules_it_touches(
    tmp_path, said, changed
):
    before, after = staged(tmp_path), staged(tmp_path, **said)
    logics = {rule.id: rule.logic for rule in before.rules}
    assert {rule.id for rule in after.rules if rule.logic != logics[rule.id]} == changed
    assert after.fingerprint != before.fingerprint


@pytest.mark.parametrize(
    "said",
    [
        {"discovery": "path: optional"},
        {"discovery": "path: side"},
        {"proposal": "start_when: amount > 5"},
    ],
)
def test_where_a_deal_has_been_is_read_only_when_it_decides(tmp_path, said):
    assert "stage" not in staged(tmp_path).needs.history
    assert "stage" in staged(tmp_path, **said).needs.history


def test_what_stands_over_a_stage_is_read_for_its_rules(tmp_path):
    pack = staged(tmp_path, discovery='when: lead_source = "Web"')
    first, second = pack.rules
    assert "lead_source" in first.needs.fields
    assert "lead_source" not in second.needs.fields
    suspended = staged(tmp_path, suspend='suspend_when: lead_source = "Web"')
    assert all("lead_source" in rule.needs.fields for rule in suspended.rules)
    begun = staged(tmp_path, proposal='start_when: lead_source = "Web"')
    assert "lead_source" in begun.needs.fields


def test_the_stages_of_the_pack_are_what_the_files_say_they_are(tmp_path):
    pack = staged(tmp_path, discovery="path: side", proposal="counts_as: won")
    stages = {stage.name: stage for stage in pack.pipelines["Enterprise"].stages}
    assert stages["Discovery"].path is Path.SIDE
    assert (stages["Proposal"].is_closed, stages["Proposal"].is_won) == (True, True)
    lost = staged(tmp_path, proposal="counts_as: lost").pipelines["Enterprise"]
    excluded = staged(tmp_path, proposal="counts_as: excluded").pipelines["Enterprise"]
    (lost_one,) = (one for one in lost.stages if one.name == "Proposal")
    (left_out,) = (one for one in excluded.stages if one.name == "Proposal")
    assert (lost_one.is_closed, lost_one.is_won) == (True, False)
    assert left_out.is_excluded


def test_one_of_two_unless_is_enough_to_be_spared(tmp_path):
    spared = "unless: is_won is true"
    written = rule(*HEAD, "require: amount > 5", "unless: amount is empty")
    written = written.replace("exit:", f"{spared}\n    exit:", 1)
    (found,) = a_draft(tmp_path, e_rules=written).compile(None).rules
    assert found.unless is not None
    for won, amount, stands in (
        (True, dollars(1), Standing.MET),
        (False, EMPTY, Standing.MET),
        (False, dollars(1), Standing.NOT_MET),
    ):
        deal = a_deal(is_won=won, amount=amount)
        assert standing(found.unless, deal, a_context()) is stands
