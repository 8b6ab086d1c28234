"""Each warning about a pack without mistakes, as a person reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper.core.catalogue import Access, CrmField, CrmSchema, Kind
from gatekeeper.pack.lint.findings import lint
from gatekeeper.pack.load import read_pack
from tests.pack.packs import RULES, a_draft, text

MOVED = ("LastActivityDate", "notes_last_updated")
DEFAULT_PACK = Path(__file__).resolve().parents[2] / "rules"

HEAD = """\
version: 1
kind: rules
pipeline: Enterprise
defaults: {maintainer: revops@example.com}
"""

FIELDS = """\
version: 1
kind: fields
deal:
  competitor: {type: text, salesforce: Competitor__c, hubspot: competitor}
  rating:     {type: picklist, salesforce: Rating__c, hubspot: rating}
  pilot:      {type: date, salesforce: Pilot__c}
  checked:    {type: yes_no, salesforce: Checked__c, hubspot: checked}
  touched:    {type: date, salesforce: LastActivityDate, hubspot: notes_last_updated}
"""


def rule(id_: str, *lines: str) -> str:
    body = [f"- id: {id_}", "  title: T", *(f"  {line}" for line in lines), "  fix: F."]
    return "\n".join(f"      {line}" for line in body)


def file(*stages: str, head: str = HEAD) -> str:
    return head + "stages:\n" + "\n".join(stages) + "\n"


def stage(name: str, position: str, *rules: str) -> str:
    return f"  {name}:\n    {position}:\n" + "\n".join(rules)


def one(*lines: str, position: str = "while_in", head: str = HEAD) -> str:
    return file(stage("Discovery", position, rule("ent-x", *lines)), head=head)


def warnings(tmp_path: Path, rules: str, schema: CrmSchema | None = None) -> str:
    draft = a_draft(tmp_path, e_rules=rules, fields=FIELDS)
    found = lint(draft, draft.compile(None), schema, moved=MOVED)
    return "\n".join(each.framed() for each in found)


def codes(tmp_path: Path, rules: str, **files: str) -> list[str]:
    draft = a_draft(tmp_path, e_rules=rules, fields=FIELDS, **files)
    found = lint(draft, draft.compile(None), None, moved=MOVED)
    return [each.code for each in found]


def test_and_in_one_line(tmp_path):
    rules = one("require: amount > 5 and next_step is filled")

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:10:29: warning W301: "and" joins 2 conditions in one line; as lines of their own each has its own finding and may have its own fix.
           10 |         require: amount > 5 and next_step is filled
              |                             ^^^
          help: - amount > 5  - next_step is filled
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "lines",
    [
        (
            "require:",
            "  any:",
            "    - amount > 5 and next_step is filled",
            "    - some files",
        ),
        ("when: amount > 5 and next_step is filled", "require: some files"),
    ],
)
def test_and_is_no_finding_where_two_lines_would_mean_something_else(tmp_path, lines):
    assert codes(tmp_path, one(*lines)) == []


def test_two_lines_that_never_hold_together(tmp_path):
    rules = one("require:", "  - amount >= 50k", "  - amount < 40k")

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:12:13: warning W302: this and "amount >= 50000" can never hold together.
           12 |           - amount < 40k
              |             ^^^^^^^^^^^^
          help: the other line stands at rules/e.rules.yaml:11.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('rating = "A"', 'rating = "B"'),
        ('rating in ["A", "B"]', 'rating in ["C", "D"]'),
        ("next_step is empty", "length(next_step) > 3"),
        ("close_date before 2026-01-01", "close_date after 2026-06-01"),
        ("close_date within next 30 days", "close_date before today"),
        ("no contacts", 'some contacts where role = "Champion"'),
        ("count(contacts) > 2", "at most 2 contacts"),
        ("amount between 1 and 5", "amount between 6 and 9"),
        ("is_won is true", "is_won is false"),
        ('stage before "Discovery"', 'stage after "Discovery"'),
    ],
)
def test_every_kind_of_contradiction(tmp_path, first, second):
    rules = file(
        stage("Discovery", "exit", rule("ent-y", "require: some files")),
        stage("Proposal", "exit", rule("ent-z", "require: some quotes")),
        "  every open stage:",
        "    while_in:",
        rule("ent-x", "require:", f"  - '{first}'", f"  - '{second}'"),
    )

    assert codes(tmp_path, rules) == ["W302"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("amount >= 50k", "amount <= 50k"),
        ('rating in ["A", "B"]', 'rating in ["B", "C"]'),
        ("some contacts", 'no contacts where role = "Champion"'),
        ("next_step is filled", "length(next_step) > 3"),
        ("amount > 5", "probability < 3%"),
        ("amount is filled", "amount > 5"),
        ("close_date within next 3 months", "close_date after 2020-01-01"),
    ],
)
def test_lines_that_may_hold_together_are_no_finding(tmp_path, first, second):
    rules = one("require:", f"  - '{first}'", f"  - '{second}'")

    assert codes(tmp_path, rules) == []


def test_a_line_that_cannot_hold_by_itself(tmp_path):
    rules = one("require: '(amount > 5 and amount < 3) or (amount > 9 and amount < 7)'")

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:10:18: warning W302: this can never hold: (amount > 5 and amount < 3) or (amount > 9 and amount < 7)
           10 |         require: '(amount > 5 and amount < 3) or (amount > 9 and amount < 7)'
              |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          help: no deal has such values.
        """  # noqa: E501
    )


def test_a_line_that_follows_from_an_earlier_one(tmp_path):
    rules = one("require:", "  - amount >= 50k", "  - amount > 10k")

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:12:13: warning W303: this holds whenever "amount >= 50000" does.
           12 |           - amount > 10k
              |             ^^^^^^^^^^^^
          help: take one of the two out; the other stands at rules/e.rules.yaml:11.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "check",
    [
        "count(contacts) >= 0",
        "next_step is filled or next_step is empty",
        'stage = "Discovery"',
        'pipeline = "Enterprise"',
    ],
)
def test_every_kind_of_line_that_says_nothing(tmp_path, check):
    assert codes(tmp_path, one(f"require: '{check}'")) == ["W303"]


def test_a_comparison_does_not_always_hold_because_the_field_may_be_empty(tmp_path):
    assert codes(tmp_path, one("require: amount >= 10 or amount < 20")) == []


def test_a_rule_written_twice(tmp_path):
    rules = file(
        stage(
            "Discovery",
            "exit",
            rule("ent-a", "require: amount > 5"),
            rule("ent-b", "require: amount  >  5"),
            rule("ent-c", "require: amount > 5", "owed_by: owner_manager"),
        )
    )

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:12:13: warning W304: ent-b asks exactly what ent-a asks.
           12 |       - id: ent-b
              |             ^^^^^
          help: keep one; the other stands at rules/e.rules.yaml:8.
        """
    )


def test_a_rule_that_an_earlier_stage_makes_idle(tmp_path):
    rules = file(
        stage("Discovery", "exit", rule("ent-a", "require: amount >= 50k")),
        stage("Proposal", "exit", rule("ent-b", "require: amount >= 10k")),
    )

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:14:13: warning W305: ent-b asks nothing that ent-a does not ask from Discovery on.
           14 |       - id: ent-b
              |             ^^^^^
          help: take one out; the other stands at rules/e.rules.yaml:8.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "early",
    [
        ("require: amount >= 5k",),
        ("when: is_won is true", "require: amount >= 50k"),
        ("optional: true", "require: amount >= 50k"),
        ("applies_until: closed", "require: {any: [amount >= 50k, some files]}"),
    ],
)
def test_a_rule_that_an_earlier_stage_only_seems_to_cover(tmp_path, early):
    rules = file(
        stage("Discovery", "exit", rule("ent-a", *early)),
        stage("Proposal", "exit", rule("ent-b", "require: amount >= 10k")),
    )

    assert codes(tmp_path, rules) == []


def test_a_rule_that_is_never_asked(tmp_path):
    rules = file(
        stage("Discovery", "while_in", rule("ent-y", "require: some files")),
        stage(
            "Proposal",
            "exit",
            rule("ent-x", 'when: stage = "Discovery"', "require: amount > 5"),
        ),
    )

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:16:15: warning W306: ent-x is never asked: it binds deals that are past Proposal of the pipeline Enterprise.
           16 |         when: stage = "Discovery"
              |               ^^^^^^^^^^^^^^^^^^^
          help: move the rule, or mend its when.
        """  # noqa: E501
    )


def test_a_rule_for_another_pipeline_than_its_own(tmp_path):
    rules = one('when: pipeline = "SMB"', "require: amount > 5")

    assert codes(tmp_path, rules) == ["W306"]


def test_a_rule_nobody_answers_for(tmp_path):
    assert warnings(tmp_path, RULES) == text(
        """
        rules/e.rules.yaml:7:13: warning W308: ent-next-step has no maintainer: nobody answers questions about it.
            7 |       - id: ent-next-step
              |             ^^^^^^^^^^^^^
          help: maintainer: revops@example.com (on the rule or under defaults)
        """  # noqa: E501
    )


def test_an_entry_rule_that_repeats_the_exit_before_it(tmp_path):
    rules = file(
        stage("Discovery", "exit", rule("ent-a", "require: amount > 5")),
        stage("Proposal", "entry", rule("ent-b", "require: amount > 5")),
    )

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:14:13: warning W309: ent-b asks on entry what ent-a asks on leaving Discovery.
           14 |       - id: ent-b
              |             ^^^^^
          help: keep the exit criterion at rules/e.rules.yaml:8.
        """  # noqa: E501
    )


def test_a_raw_name(tmp_path):
    rules = one('require: custom.Pilot_Result__c = "Success"')

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:10:18: warning W401: custom.Pilot_Result__c is a name of Salesforce alone; the rule does not work with another CRM.
           10 |         require: custom.Pilot_Result__c = "Success"
              |                  ^^^^^^^^^^^^^^^^^^^^^^
          help: give it a name of its own in fields.yaml and use that.
        """  # noqa: E501
    )


def test_a_field_that_one_crm_lacks_is_said_once(tmp_path):
    rules = file(
        stage(
            "Discovery",
            "while_in",
            rule("ent-a", "require: pilot is filled"),
            rule("ent-b", "require: pilot after 2026-01-01"),
        )
    )

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:10:18: warning W402: pilot has no field in HubSpot and is unavailable there.
           10 |         require: pilot is filled
              |                  ^^^^^
          help: add hubspot: ... to pilot in fields.yaml (fields.yaml:6).
        """  # noqa: E501
    )


def test_a_project_of_one_crm_hears_nothing_of_the_other(tmp_path):
    fields = "version: 1\nkind: fields\ndeal:\n  pilot: {type: date, salesforce: P__c}"
    draft = a_draft(tmp_path, e_rules=one("require: pilot is filled"), fields=fields)

    assert lint(draft, draft.compile(None), None) == []


def test_a_negative_comparison_on_a_field_that_may_be_empty(tmp_path):
    rules = one('require: competitor != "Acme"')

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:10:18: warning W404: competitor may be empty, and then this is neither true nor false: it counts as not met.
           10 |         require: competitor != "Acme"
              |                  ^^^^^^^^^^^^^^^^^^^^
          help: competitor is empty or competitor != "Acme"; or: competitor is filled and competitor != "Acme"
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "lines",
    [
        ("require: 'competitor is empty or competitor != \"Acme\"'",),
        ("require:", "  - competitor is filled", "  - 'competitor != \"Acme\"'"),
        ("on_blank: pass", "require: 'competitor != \"Acme\"'"),
        ("when: competitor is filled", "require: 'competitor != \"Acme\"'"),
        ("require: 'stage != \"Proposal\"'",),
    ],
)
def test_a_negative_comparison_whose_empty_case_is_settled(tmp_path, lines):
    assert "W404" not in codes(tmp_path, one(*lines))


def test_every_without_some(tmp_path):
    rules = one("require: every line_item has quantity > 0")

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:10:24: warning W406: with no line_item at all, every line_item passes.
           10 |         require: every line_item has quantity > 0
              |                        ^^^^^^^^^
          help: add the line: some line_items
        """  # noqa: E501
    )


def test_every_with_some_is_no_finding(tmp_path):
    rules = one(
        "require:", "  - some line_items", "  - every line_item has quantity > 0"
    )

    assert codes(tmp_path, rules) == []


def test_the_latest_of_what_may_still_come(tmp_path):
    rules = one("require: latest(meetings.start) within last 14 days")

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:10:18: warning W407: meetings.start may lie in the future, so this may be one still to come.
           10 |         require: latest(meetings.start) within last 14 days
              |                  ^^^^^^^^^^^^^^^^^^^^^^
          help: latest(meetings.start where start before now)
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "check",
    [
        "latest(meetings.start where start before now) within last 14 days",
        "latest(meetings.start where completed is true) within last 14 days",
        "latest(emails.at) within last 14 days",
        "latest(files.added_at) within last 14 days",
    ],
)
def test_the_latest_of_what_is_past(tmp_path, check):
    assert codes(tmp_path, one(f"require: {check}")) == []


@pytest.mark.parametrize("name", ["touched", "custom.LastActivityDate"])
def test_a_date_that_our_own_task_moves(tmp_path, name):
    assert "W408" in codes(tmp_path, one(f"require: {name} is filled"))


def test_a_mapped_roll_up_is_named_as_the_crm_names_it(tmp_path):
    assert warnings(tmp_path, one("require: touched is filled")) == text(
        """
        rules/e.rules.yaml:10:18: warning W408: LastActivityDate is kept by the CRM itself and may move with our own task.
           10 |         require: touched is filled
              |                  ^^^^^^^
          help: some activities where at within last 14 days
        """  # noqa: E501
    )


def test_an_exit_criterion_that_time_turns_false(tmp_path):
    rules = one("require: close_date within next 60 days", position="exit")

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:10:18: warning W409: "close_date within next 60 days" moves with time, so this exit criterion turns false by itself after the deal has left the stage.
           10 |         require: close_date within next 60 days
              |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          help: asked: when_leaving (or, if that is meant, asked: always)
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("check", "named"),
    [
        ("next_step changed within last 30 days",) * 2,
        ("pushes(close_date, last 90 days) <= 2", "last 90 days"),
        ("moves_back(last 30 days) = 0", "last 30 days"),
        ("changes(next_step, last 2 weeks) > 0", "last 2 weeks"),
    ],
)
def test_a_window_over_the_past_moves_with_time_too(tmp_path, check, named):
    found = warnings(tmp_path, one(f"require: {check}", position="exit"))

    assert f'W409: "{named}" moves with time' in found


@pytest.mark.parametrize(
    "check",
    ["next_step changed since stage entry", "changes(next_step, since creation) > 0"],
)
def test_a_window_that_begins_at_a_fixed_moment_stands_still(tmp_path, check):
    assert codes(tmp_path, one(f"require: {check}", position="exit")) == []


def test_a_define_that_time_turns_false_is_found_in_the_line_that_uses_it(tmp_path):
    head = HEAD + "define:\n  soon: close_date within next 60 days\n"
    draft = a_draft(
        tmp_path,
        e_rules=one("require: soon", position="exit", head=head),
        fields=FIELDS,
    )
    (found,) = lint(draft, draft.compile(None), None)

    assert (found.code, found.place.line, found.place.column) == ("W409", 12, 18)


@pytest.mark.parametrize(
    "lines",
    [
        ("asked: always", "require: close_date within next 60 days"),
        ("require: some meetings where completed is true",),
    ],
)
def test_an_exit_criterion_that_says_when_it_is_asked(tmp_path, lines):
    assert codes(tmp_path, one(*lines, position="exit")) == []


def test_a_checkbox_is_always_filled(tmp_path):
    checkbox = CrmField(
        "Opportunity.Checked__c", "Checked", "boolean", (Kind.YES_NO,), Access.WRITE
    )
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    schema = CrmSchema(
        "salesforce", "sf:1", moment, {"checked": checkbox}, {}, pipelines=()
    )

    assert warnings(tmp_path, one("require: checked is filled"), schema) == text(
        """
        rules/e.rules.yaml:10:18: warning W410: checked is a checkbox in the CRM, which is never empty.
           10 |         require: checked is filled
              |                  ^^^^^^^
          help: use a Yes/No picklist, or ask: checked is true
        """  # noqa: E501
    )


def test_a_limit_by_segment_without_a_value_for_the_others(tmp_path):
    head = (
        HEAD + "params:\n  least: {type: money, by: rating, values: {A: 5k, B: 9k}}\n"
    )

    assert warnings(tmp_path, one("require: amount >= $least", head=head)) == text(
        """
        rules/e.rules.yaml:6:3: warning W411: $least has no value for other values of rating: rules that use it do not apply to those deals.
            6 |   least: {type: money, by: rating, values: {A: 5k, B: 9k}}
              |   ^^^^^
          help: add else: with the value for all others.
        """  # noqa: E501
    )


def test_bands_without_a_value_for_the_smallest_deals(tmp_path):
    head = (
        HEAD + "params:\n  most: {type: money, by: amount, from: {60k: 9k, 20k: 5k}}\n"
    )

    assert warnings(tmp_path, one("require: amount >= $most", head=head)) == text(
        """
        rules/e.rules.yaml:6:3: warning W411: $most has no value for amount below 20,000: rules that use it do not apply to those deals.
            6 |   most: {type: money, by: amount, from: {60k: 9k, 20k: 5k}}
              |   ^^^^
          help: add else: with the value below that, or a band that begins at 0.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("lines", "by", "effect"),
    [
        (
            "require: every line_item has unit_price >= $least",
            "product",
            'such rows are not counted, and break "every"',
        ),
        (
            "require: [amount >= $least, some quotes where total >= $least]",
            "name",
            "rules that use it do not apply to those deals;"
            ' such rows are not counted, and break "every"',
        ),
    ],
)
def test_a_limit_that_rows_choose_without_a_value_for_the_others(
    tmp_path, lines, by, effect
):
    params = f"params:\n  least: {{type: money, by: {by}, values: {{Pro: 5k}}}}\n"
    draft = a_draft(tmp_path, e_rules=one(lines, head=HEAD + params), fields=FIELDS)
    found = lint(draft, draft.compile(None), None)

    assert [each.text for each in found if each.code == "W411"] == [
        f"$least has no value for other values of {by}: {effect}."
    ]


def test_a_limit_of_a_shared_file_without_a_value_for_the_others(tmp_path):
    defs = """
        version: 1
        kind: defs
        params:
          least: {type: money, by: rating, values: {A: 5k}}
    """
    rules = one("require: amount >= $least", head=HEAD + "use: [shared.defs.yaml]\n")
    draft = a_draft(tmp_path, e_rules=rules, shared_defs=defs, fields=FIELDS)
    found = lint(draft, draft.compile(None), None)

    assert [(each.code, each.place.path, each.place.line) for each in found] == [
        ("W411", "rules/shared.defs.yaml", 5)
    ]


def test_codes_may_be_left_out(tmp_path):
    draft = a_draft(tmp_path)
    pack = draft.compile(None)

    assert [each.code for each in lint(draft, pack, None)] == ["W308"]
    assert lint(draft, pack, None, {"W308"}) == []


def test_the_default_pack_draws_no_warning():
    draft = read_pack(DEFAULT_PACK)

    assert lint(draft, draft.compile(None), None) == []
