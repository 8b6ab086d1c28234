"""Mistakes in the structure of the files: each message as a person reads it (E2xx)."""

from __future__ import annotations

import pytest

import gatekeeper
from gatekeeper.language.messages import Place
from gatekeeper.pack.source.problems import Problem, framed
from tests.pack.packs import (
    PROJECT,
    RULES,
    messages,
    messages_of_all,
    rule,
    text,
    text_of,
)

GOOD = ("id: ent-a", "title: T", "require: next_step is filled", "fix: F")


def without(*keys: str) -> list[str]:
    return [line for line in GOOD if line.partition(":")[0] not in keys]


def test_an_unknown_key_is_named_with_the_one_that_was_meant(tmp_path):
    broken = rule("id: ent-a", "title: T", "requires: amount > 5", "fix: F")
    assert messages(tmp_path, e_rules=broken) == text(
        """
        rules/e.rules.yaml:9:9: error E201: "requires" is not a key of a rule.
            9 |         requires: amount > 5
              |         ^^^^^^^^
          help: did you mean "require"? Allowed keys: id, title, require, fix, when, ...
        """
    )


def test_an_unknown_key_like_no_other_gets_no_wild_guess(tmp_path):
    found = messages(tmp_path, e_rules=rule(*GOOD, "zzz: 1")).splitlines()
    assert found[0] == (
        'rules/e.rules.yaml:11:9: error E201: "zzz" is not a key of a rule.'
    )
    assert found[-1] == "  help: Allowed keys: id, title, require, fix, when, ..."


def test_an_unknown_key_of_the_project_lists_its_keys(tmp_path):
    found = messages(tmp_path, project=PROJECT + "closed_lookbak: 30 days\n")
    assert found == text(
        """
        rules/project.yaml:5:1: error E201: "closed_lookbak" is not a key of project.yaml.
            5 | closed_lookbak: 30 days
              | ^^^^^^^^^^^^^^
          help: did you mean "closed_lookback"? Allowed keys: version, kind, crm, timezone, week_starts_on, ...
        """  # noqa: E501
    )


def test_an_unknown_limit_is_refused(tmp_path):
    found = messages(tmp_path, project=PROJECT + "limits:\n  writes: 3\n").splitlines()
    assert found[0] == (
        'rules/project.yaml:6:3: error E201: "writes" is not a key of limits.'
    )


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("fix", "say in one sentence what the seller should do."),
        ("title", "say in a few words what must be true."),
        ("require", "write the check, for example: require: next_step is filled"),
    ],
)
def test_a_missing_key_names_the_rule(tmp_path, key, advice):
    assert messages(tmp_path, e_rules=rule(*without(key))) == text(
        f"""
        rules/e.rules.yaml:7:9: error E202: rule ent-a has no "{key}".
            7 |       - id: ent-a
              |         ^^
          help: {advice}
        """
    )


def test_a_key_with_nothing_under_it_is_missing(tmp_path):
    found = messages(tmp_path, e_rules=rule(*without("fix"), "fix:")).splitlines()
    assert found[:3] == [
        'rules/e.rules.yaml:10:9: error E202: rule ent-a has no "fix".',
        "   10 |         fix:",
        "      |         ^^^",
    ]


def test_a_rule_without_an_id_gets_an_example(tmp_path):
    assert messages(tmp_path, e_rules=rule(*without("id"))) == text(
        """
        rules/e.rules.yaml:7:9: error E203: this rule has no "id".
            7 |       - title: T
              |         ^^^^^
          help: for example: ent-discovery-criteria (lower case, digits, hyphens; never change it later).
        """  # noqa: E501
    )


@pytest.mark.parametrize("written", ["Ent Qual", "1-qual", "ent_qual", "e" * 61])
def test_a_bad_id_says_what_an_id_is(tmp_path, written):
    found = messages(tmp_path, e_rules=rule(f"id: {written}", *without("id")))
    assert found == text(
        f"""
        rules/e.rules.yaml:7:13: error E204: "{written}" is not a valid id: use lower-case letters, digits and hyphens, start with a letter, at most 60.
            7 |       - id: {written}
              |             {"^" * len(written)}
        """  # noqa: E501
    )


def test_an_id_of_sixty_characters_is_not_too_long(tmp_path):
    assert messages(tmp_path, e_rules=rule("id: " + "e" * 60, *without("id"))) == ""


def test_an_id_may_stand_in_one_file_only(tmp_path):
    smb = rule("id: ent-next-step", *without("id"))
    assert messages_of_all(tmp_path, e_rules=RULES, smb_rules=smb) == text(
        """
        rules/smb.rules.yaml:7:13: error E205: id ent-next-step is also used in rules/e.rules.yaml:7.
            7 |       - id: ent-next-step
              |             ^^^^^^^^^^^^^
          help: ids are unique over all files; tasks and waivers hang on them.
        """  # noqa: E501
    )


def test_a_former_id_may_not_be_in_use(tmp_path):
    twice = rule(*GOOD, "formerly: [ent-a]")
    found = messages_of_all(tmp_path, e_rules=twice).splitlines()
    assert found[0] == (
        "rules/e.rules.yaml:11:20: error E205: id ent-a is also used in"
        " rules/e.rules.yaml:7."
    )


def test_a_value_of_the_wrong_shape_says_what_was_found(tmp_path):
    assert messages(tmp_path, e_rules=rule(*GOOD, "grace: [3]")) == text(
        """
        rules/e.rules.yaml:11:16: error E206: "grace" must be a length of time such as "3 business days"; found the list [3].
           11 |         grace: [3]
              |                ^^^
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("grace: soon", '"grace" must be a length of time such as "3 business days";'
         ' found "soon".'),
        ("enabled: maybe", '"enabled" must be true or false; found "maybe".'),
        ("tags: {a: 1}", '"tags" must be a text or a list of texts; found the keys a.'),
        ("due_in: later", '"due_in" must be a number of business days such as'
         ' "5 business days"; found "later".'),
        ("effective_from: soon", '"effective_from" must be a date such as 2026-12-31;'
         ' found "soon".'),
    ],
)  # fmt: skip
def test_each_kind_of_value_has_its_sentence(tmp_path, line, sentence):
    found = messages(tmp_path, e_rules=rule(*GOOD, line)).splitlines()
    key = line.partition(":")[0]
    column = 9 + len(key) + 2
    assert found[0] == f"rules/e.rules.yaml:11:{column}: error E206: {sentence}"


def test_a_word_outside_its_choices_gets_a_suggestion(tmp_path):
    assert messages(tmp_path, e_rules=rule(*GOOD, "mode: enforced")) == text(
        """
        rules/e.rules.yaml:11:15: error E207: mode "enforced" is not one of observe, warn, enforce.
           11 |         mode: enforced
              |               ^^^^^^^^
          help: did you mean "enforce"?
        """  # noqa: E501
    )


def test_a_time_zone_must_exist(tmp_path):
    found = messages(
        tmp_path, project=PROJECT.replace("America/New_York", "America/NewYork")
    )
    assert found == text(
        """
        rules/project.yaml:4:11: error E207: timezone "America/NewYork" is not a known time zone.
            4 | timezone: America/NewYork
              |           ^^^^^^^^^^^^^^^
          help: did you mean "America/New_York"?
        """  # noqa: E501
    )


def test_a_country_without_known_holidays_is_named(tmp_path):
    project = PROJECT + "business_calendar: {country: USAX}\n"
    assert messages(tmp_path, project=project).splitlines()[0] == (
        'rules/project.yaml:5:30: error E207: country "USAX" is no country whose'
        " holidays are known."
    )


def test_a_length_without_a_unit_asks_for_one(tmp_path):
    assert messages(tmp_path, e_rules=rule(*GOOD, "grace: 3")) == text(
        """
        rules/e.rules.yaml:11:16: error E208: "grace: 3" needs a unit.
           11 |         grace: 3
              |                ^
          help: 3 days, 3 business days or 12 hours.
        """
    )


def test_a_newer_language_is_refused_with_both_versions(tmp_path):
    newer = RULES.replace("version: 1", "version: 2")
    assert messages(tmp_path, e_rules=newer) == text(
        f"""
        rules/e.rules.yaml:1:10: error E209: this file uses rule language version 2; this program ({gatekeeper.__version__}) reads version 1.
            1 | version: 2
              |          ^
          help: upgrade gatekeeper.
        """  # noqa: E501
    )


def test_a_file_without_a_version_is_incomplete(tmp_path):
    found = messages(tmp_path, e_rules=RULES.replace("version: 1\n", "")).splitlines()
    assert found[0] == 'rules/e.rules.yaml:1:1: error E202: this file has no "version".'
    assert found[-1] == "  help: version: 1"


def test_the_kind_of_a_file_must_agree_with_its_name(tmp_path):
    found = messages(tmp_path, e_rules=RULES.replace("kind: rules", "kind: rule"))
    assert found == text(
        """
        rules/e.rules.yaml:2:7: error E207: kind "rule" is not one of rules.
            2 | kind: rule
              |       ^^^^
          help: did you mean "rules"?
        """
    )


def test_any_may_nest_twice_and_no_deeper(tmp_path):
    nested = rule(
        "id: ent-a",
        "title: T",
        "fix: F",
        "require:",
        "  any:",
        "    - amount > 5",
        "    - all:",
        "        - amount > 3",
        "        - any: [amount > 1, amount > 2]",
    )
    assert messages(tmp_path, e_rules=nested) == text(
        """
        rules/e.rules.yaml:15:19: error E210: "any" is nested 3 deep; at most 2.
           15 |                 - any: [amount > 1, amount > 2]
              |                   ^^^
          help: name the inner part with "define".
        """
    )


def test_any_of_one_line_is_no_choice(tmp_path):
    single = rule(*without("require"), "require: {any: [amount > 5]}")
    assert messages(tmp_path, e_rules=single) == text(
        """
        rules/e.rules.yaml:10:19: error E210: "any" holds one line; it needs at least two.
           10 |         require: {any: [amount > 5]}
              |                   ^^^
          help: write the line itself.
        """  # noqa: E501
    )


def test_at_least_may_not_ask_for_more_than_there_are(tmp_path):
    many = rule(
        *without("require"), "require: {at_least: {3: [amount > 5, amount > 1]}}"
    )
    assert messages(tmp_path, e_rules=many) == text(
        """
        rules/e.rules.yaml:10:19: error E210: "at_least" asks for 3 of 2 lines.
           10 |         require: {at_least: {3: [amount > 5, amount > 1]}}
              |                   ^^^^^^^^
        """
    )


def test_a_group_stands_alone(tmp_path):
    two = rule(*without("require"), "require: {any: [a, b], title: Both}")
    assert messages(tmp_path, e_rules=two) == text(
        """
        rules/e.rules.yaml:10:19: error E210: "any" stands alone; put the other checks inside it.
           10 |         require: {any: [a, b], title: Both}
              |                   ^^^
        """  # noqa: E501
    )


def test_a_list_inside_a_list_is_no_check(tmp_path):
    nested = rule(*without("require"), "require: [[amount > 5]]")
    assert messages(tmp_path, e_rules=nested).splitlines()[0] == (
        "rules/e.rules.yaml:10:19: error E206: a line must be a check such as:"
        " next_step is filled; found the list [amount > 5]."
    )


def test_e206_a_param_where_at_least_wants_its_number(tmp_path):
    lines = without("require")
    written = "require: {at_least: {$n: [amount > 5, next_step is filled]}}"
    params = "params:\n  n: {type: number, value: 2}\n"
    assert messages(tmp_path, e_rules=rule(*lines, written, after=params)) == text("""
        rules/e.rules.yaml:10:30: error E206: "at_least" counts to a number written here; $n is a param.
           10 |         require: {at_least: {$n: [amount > 5, next_step is filled]}}
              |                              ^^
          help: at_least: {2: [...]}
    """)  # noqa: E501


@pytest.mark.parametrize(
    ("require", "sentence"),
    [
        ("[]", 'E206: "require" must be a check or a list of checks; found the list'
         " []."),
        ("{any: amount > 5}", 'E206: "any" must be a list of checks; found'
         ' "amount > 5".'),
        ("{all: []}", 'E206: "all" must be a list of checks; found the list [].'),
        ("{at_least: [amount > 5]}", 'E206: "at_least" must be a number with its list,'
         " as in {2: [...]}; found the list [amount > 5]."),
        ("{at_least: {two: [amount > 5]}}", 'E206: "at_least" must be a number with its'
         " list, as in {2: [...]}; found the keys two."),
        ("[{title: T, fix: F}]", 'E202: this check has no "check".'),
        ("[{check: amount > 5, fx: F}]", 'E201: "fx" is not a key of a check.'),
        ("[amount > 5, ]", None),
        ("[{check: next_step is filled, forbid: {a: b}}]", 'E206: "forbid" must be a'
         " text or a list of texts; found the keys a."),
    ],
)  # fmt: skip
def test_each_shape_that_is_no_condition_has_its_sentence(tmp_path, require, sentence):
    found = messages(tmp_path, e_rules=rule(*without("require"), f"require: {require}"))
    if sentence is None:
        assert found == ""
    else:
        assert f"error {sentence}" in found


def test_a_list_of_rules_holds_rules(tmp_path):
    stages = RULES.partition("      - id")[0] + "      - ent-a\n"
    assert messages(tmp_path, e_rules=stages).splitlines()[0] == (
        'rules/e.rules.yaml:7:9: error E206: "exit" must be a list of rules; found'
        ' "ent-a".'
    )


def test_a_stage_with_nothing_under_it_has_no_rules(tmp_path):
    assert messages(tmp_path, e_rules=RULES + "  Proposal:\n") == ""


def test_a_used_file_must_exist(tmp_path):
    using = RULES.replace("stages:", "use: [shared.defs.yaml]\nstages:", 1)
    assert messages(tmp_path, e_rules=using) == text(
        """
        rules/e.rules.yaml:4:7: error E211: "use: shared.defs.yaml" was not found next to this file.
            4 | use: [shared.defs.yaml]
              |       ^^^^^^^^^^^^^^^^
        """  # noqa: E501
    )


def test_files_may_not_use_each_other(tmp_path):
    def defs(name: str) -> str:
        return f"version: 1\nkind: defs\nuse: [{name}.defs.yaml]\n"

    assert messages(tmp_path, a_defs=defs("b"), b_defs=defs("a")) == text(
        """
        rules/a.defs.yaml:3:7: error E212: b.defs.yaml uses a.defs.yaml, which uses b.defs.yaml.
            3 | use: [b.defs.yaml]
              |       ^^^^^^^^^^^
        rules/b.defs.yaml:3:7: error E212: a.defs.yaml uses b.defs.yaml, which uses a.defs.yaml.
            3 | use: [a.defs.yaml]
              |       ^^^^^^^^^^^
        """  # noqa: E501
    )


def test_a_used_file_may_hold_names_only(tmp_path):
    shared = "version: 1\nkind: defs\nstages: {Discovery: {}}\n"
    assert messages(tmp_path, shared_defs=shared) == text(
        """
        rules/shared.defs.yaml:3:1: error E213: shared.defs.yaml contains "stages"; a file brought in with "use" may hold only define and params.
            3 | stages: {Discovery: {}}
              | ^^^^^^
        """  # noqa: E501
    )


def test_a_file_of_rules_may_not_be_used(tmp_path):
    using = RULES.replace("stages:", "use: [e.rules.yaml, f.rules.yaml]\nstages:", 1)
    other = rule("id: ent-b", *without("id"))
    found = messages(tmp_path, e_rules=using, f_rules=other)
    assert (
        'error E213: f.rules.yaml contains "stages"; a file brought in with "use" may'
        " hold only define and params."
    ) in found


def test_an_escalation_that_changes_nothing_is_a_mistake(tmp_path):
    line = "escalate: [{when: amount > 5}]"
    assert messages(tmp_path, e_rules=rule(*GOOD, line)) == text(
        """
        rules/e.rules.yaml:11:21: error E202: this escalation changes nothing.
           11 |         escalate: [{when: amount > 5}]
              |                     ^^^^
          help: give it a severity, an owed_by or a fix of its own.
        """
    )


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("[{severity: high}]", 'E202: this escalation has no "when".'),
        ("[{when: amount > 5, severity: bad}]", 'E207: severity "bad" is not one of'
         " low, medium, high, critical."),
        ("[{when: amount > 5, title: T, fix: F}]", 'E201: "title" is not a key of an'
         " escalation."),
        ("[amount > 5]", 'E206: "escalate" must be a list of entries with a when;'
         ' found "amount > 5".'),
        ("{when: amount > 5, fix: F}", 'E206: "escalate" must be a list; found the keys'
         " when, fix."),
    ],
)  # fmt: skip
def test_an_escalation_says_when_and_what(tmp_path, written, sentence):
    line = f"escalate: {written}"
    found = messages(tmp_path, e_rules=rule(*GOOD, line)).splitlines()
    assert found[0].partition(" error ")[2] == sentence


def test_the_role_of_an_escalation_must_be_there(tmp_path):
    line = "escalate: [{when: amount > 5, owed_by: owner_managr}]"
    assert messages_of_all(tmp_path, e_rules=rule(*GOOD, line)) == text(
        """
        rules/e.rules.yaml:11:48: error E216: owed_by "owner_managr" is not a role of people.yaml.
           11 |         escalate: [{when: amount > 5, owed_by: owner_managr}]
              |                                                ^^^^^^^^^^^^
          help: did you mean "owner_manager"?
        """  # noqa: E501
    )


def test_phrases_are_forbidden_only_where_a_text_is_read(tmp_path):
    lines = [*without("require"), "require: [{check: amount > 5, forbid: [tbd]}]"]
    assert messages_of_all(tmp_path, e_rules=rule(*lines)) == text(
        """
        rules/e.rules.yaml:10:27: error E430: "forbid" is about a text of the deal; amount > 5 reads none.
           10 |         require: [{check: amount > 5, forbid: [tbd]}]
              |                           ^^^^^^^^^^
          help: put it beside a check such as: next_step is filled
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "line",
    [
        "asked: always",
        "asked: when_leaving",
        "applies_until: closed",
        "applies_until: next_stage",
    ],
)
def test_the_words_of_asked_and_applies_until_are_accepted(tmp_path, line):
    assert messages(tmp_path, e_rules=rule(*GOOD, line)) == ""


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("path: main", '11:11: error E207: path "main" is not one of optional, side.'),
        ("counts_as: side", '11:16: error E207: counts_as "side" is not one of won,'
         " lost, excluded."),
        ("start_when: []", '11:17: error E206: "start_when" must be a check or a list'
         " of checks; found the list []."),
        ("unless: amont > 5", '11:13: error E401: there is no field "amont" on the'
         " deal."),
    ],
)  # fmt: skip
def test_attributes_of_a_stage_are_checked(tmp_path, written, sentence):
    found = messages_of_all(tmp_path, e_rules=rule(*GOOD, after=f"    {written}\n"))
    assert found.splitlines()[0] == f"rules/e.rules.yaml:{sentence}"


def test_every_stage_has_no_path_of_its_own(tmp_path):
    everywhere = RULES.replace("Discovery:", "every open stage:\n    path: side")
    everywhere = everywhere.replace("exit", "while_in")
    assert messages(tmp_path, e_rules=everywhere) == text(
        """
        rules/e.rules.yaml:6:5: error E201: "path" is not a key of "every open stage".
            6 |     path: side
              |     ^^^^
          help: Allowed keys: exit, while_in, when, unless
        """
    )


def test_a_condition_over_a_whole_file_is_checked_though_it_has_no_rule(tmp_path):
    suspended = "version: 1\nkind: rules\npipeline: Enterprise\nstages: {}\n"
    suspended += "suspend_when: amont > 5\n"
    assert messages_of_all(tmp_path, e_rules=suspended) == text(
        """
        rules/e.rules.yaml:5:15: error E401: there is no field "amont" on the deal.
            5 | suspend_when: amont > 5
              |               ^^^^^
          help: did you mean "amount" (money)? List all fields with: gatekeeper fields list
        """  # noqa: E501
    )


def test_rule_tests_and_editor_schemas_are_left_alone(tmp_path):
    assert messages(tmp_path, e_test="as_of: [") == ""


def test_a_file_that_would_not_be_read_is_no_silent_loss(tmp_path):
    assert messages(tmp_path, smb="version: 1\n") == text(
        """
        rules/smb.yaml:1:1: error E220: "smb.yaml" is none of the files of a rule pack, so nothing in it would be read.
            1 |
              | ^
          help: names of files with rules end in .rules.yaml, with shared names in .defs.yaml
        """  # noqa: E501
    )


def test_a_pack_has_a_project_file(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "e.rules.yaml").write_text(RULES)
    assert text_of(folder) == text(
        """
        rules/project.yaml:1:1: error E202: this rule pack has no project.yaml.
            1 |
              | ^
          help: start one with: gatekeeper init rules
        """
    )


def test_a_role_that_nobody_declared_is_found(tmp_path):
    found = messages_of_all(tmp_path, e_rules=rule(*GOOD, "owed_by: deal_desk"))
    assert found == text(
        """
        rules/e.rules.yaml:11:18: error E216: owed_by "deal_desk" is not a role of people.yaml.
           11 |         owed_by: deal_desk
              |                  ^^^^^^^^^
          help: roles: deal_owner, owner_manager
        """  # noqa: E501
    )


def test_a_name_must_be_readable_in_a_check(tmp_path):
    params = "params:\n  Min Amount: {type: money, value: 5}\nstages:"
    found = messages(tmp_path, e_rules=RULES.replace("stages:", params, 1))
    assert found == text(
        """
        rules/e.rules.yaml:5:3: error E217: "Min Amount" is not a valid name: use lower-case letters, digits and underscores, start with a letter, at most 60.
            5 |   Min Amount: {type: money, value: 5}
              |   ^^^^^^^^^^
        """  # noqa: E501
    )


def test_a_word_of_the_language_is_no_name(tmp_path):
    fields = "version: 1\nkind: fields\ndeal:\n  next: {type: text, salesforce: N__c}\n"
    assert messages(tmp_path, fields=fields) == text(
        """
        rules/fields.yaml:4:3: error E318: "next" is a word of the language; give the field another canonical name in fields.yaml.
            4 |   next: {type: text, salesforce: N__c}
              |   ^^^^
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", "It is big"),
        ("fix", "Raise it"),
        ("on_blank", "pass"),
        ("when", "is_won"),
        ("forbid", "[big]"),
    ],
)
def test_a_name_holds_conditions_and_nothing_of_a_line(tmp_path, key, value):
    body = f"[is_won, {{check: amount > 5, {key}: {value}}}]"
    shared = f"version: 1\nkind: defs\ndefine:\n  big: {body}\n"
    assert messages(tmp_path, s_defs=shared) == text(
        f"""
        rules/s.defs.yaml:4:37: error E201: "{key}" is not a key inside "define": a name stands for a condition and nothing else.
            4 |   big: {body}
              |                                     {"^" * len(key)}
          help: write it where the name is used: {{check: big, {key}: ...}}
        """  # noqa: E501
    )


def test_a_check_written_with_its_key_may_have_a_name(tmp_path):
    shared = "version: 1\nkind: defs\ndefine:\n  big: [is_won, {check: amount > 5}]\n"
    assert messages(tmp_path, s_defs=shared) == ""


def test_a_name_declared_twice_over_files_is_a_mistake(tmp_path):
    shared = "version: 1\nkind: defs\nparams: {least: {type: money, value: 5}}\n"
    own = "use: [s.defs.yaml]\nparams: {least: {type: money, value: 6}}\nstages:"
    found = messages(
        tmp_path, s_defs=shared, e_rules=RULES.replace("stages:", own, 1)
    ).splitlines()
    assert found[0] == (
        "rules/e.rules.yaml:5:1: error E218: least is also declared in s.defs.yaml:3."
    )


def test_a_rule_cannot_be_suppressed_by_one_that_is_not_there(tmp_path):
    found = messages_of_all(tmp_path, e_rules=rule(*GOOD, "suppressed_by: ent-aa"))
    assert found == text(
        """
        rules/e.rules.yaml:11:24: error E219: ent-a names rule ent-aa, which does not exist.
           11 |         suppressed_by: ent-aa
              |                        ^^^^^^
          help: did you mean ent-a?
        """  # noqa: E501
    )


def test_rules_that_suppress_each_other_are_a_mistake(tmp_path):
    def one(name: str, by: str) -> str:
        body = f"title: T, fix: F., require: amount > 5, suppressed_by: {by}"
        return f"      - {{id: {name}, {body}}}\n"

    head = RULES.partition("      - id:")[0]
    rules = head + one("ent-a", "ent-b") + one("ent-b", "[ent-c]") + one("ent-c", "b")
    assert messages_of_all(tmp_path, e_rules=rules.replace(": b}", ": ent-a}")) == text(
        """
        rules/e.rules.yaml:7:76: error E223: ent-a is suppressed by ent-b, which is suppressed by ent-c, which is suppressed by ent-a: none raises a task.
            7 |       - {id: ent-a, title: T, fix: F., require: amount > 5, suppressed_by: ent-b}
              |                                                                            ^^^^^
          help: take one of them out.
        """  # noqa: E501
    )


def test_a_rule_that_suppresses_itself_is_a_mistake(tmp_path):
    found = messages_of_all(tmp_path, e_rules=rule(*GOOD, "suppressed_by: ent-a"))
    assert found == text(
        """
        rules/e.rules.yaml:11:24: error E223: ent-a is suppressed by ent-a: none raises a task.
           11 |         suppressed_by: ent-a
              |                        ^^^^^
          help: take one of them out.
        """  # noqa: E501
    )


def test_enforcing_needs_a_person_of_last_resort(tmp_path):
    found = messages_of_all(tmp_path, project=PROJECT + "mode_ceiling: enforce\n")
    assert found == text(
        """
        rules/project.yaml:5:1: error E202: people.yaml has no "fallback".
            5 | mode_ceiling: enforce
              | ^^^^^^^^^^^^
          help: fallback: revops@example.com (who is asked where nobody else can be; required by mode_ceiling: enforce)
        """  # noqa: E501
    )


def test_entry_has_no_place_under_every_open_stage(tmp_path):
    everywhere = RULES.replace("Discovery", "every open stage").replace("exit", "entry")
    assert messages(tmp_path, e_rules=everywhere) == text(
        """
        rules/e.rules.yaml:6:5: error E201: "entry" is not a key of "every open stage".
            6 |     entry:
              |     ^^^^^
          help: Allowed keys: exit, while_in, when, unless
        """
    )


def test_no_warning_takes_the_place_of_a_mistake():
    places = [Place("rules/e.rules.yaml", line, 1, 1, "x") for line in range(1, 26)]
    warnings = [Problem(each, "W301", "w", is_warning=True) for each in places[:24]]
    found = framed([*warnings, Problem(places[24], "E401", "e")])
    assert len(found) == 21
    assert found[19].startswith("rules/e.rules.yaml:25:1: error E401")
    assert found[20] == "rules/e.rules.yaml: and 5 more."


def test_at_most_twenty_messages_of_a_file_are_shown(tmp_path):
    many = "".join(f"key{number:02}: 1\n" for number in range(25))
    found = messages(tmp_path, project=PROJECT + many).splitlines()
    assert sum("error E201" in line for line in found) == 20
    assert found[-1] == "rules/project.yaml: and 5 more."
