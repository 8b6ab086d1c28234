"""The traps of YAML: each message as a person reads it, caret included (E1xx)."""

from __future__ import annotations

import pytest

from gatekeeper.pack.source.document import read_document
from gatekeeper.pack.source.nodes import plain
from tests.pack.packs import RULES, messages, rule, text


def test_a_tab_indent_is_shown_with_its_remedy(tmp_path):
    found = messages(tmp_path, e_rules="version: 1\nkind: rules\nstages:\n\tExit: 1\n")
    assert found == text(
        """
        rules/e.rules.yaml:4:1: error E101: this line is indented with a tab; YAML allows only spaces.
            4 | \tExit: 1
              | ^
          help: gatekeeper fmt FILE replaces them.
        """  # noqa: E501
    )


def test_a_tab_after_spaces_is_found_too(tmp_path):
    found = messages(tmp_path, e_rules="version: 1\nstages:\n  A: 1\n \tB: 1\n")
    assert found.startswith("rules/e.rules.yaml:4:2: error E101: this line is indented")


def test_a_key_written_twice_names_the_rule_and_the_first_line(tmp_path):
    broken = rule(
        "id: ent-a",
        "title: T",
        "require: next_step is filled",
        "fix: Write it.",
        "require: amount > 5",
    )
    assert messages(tmp_path, e_rules=broken) == text(
        """
        rules/e.rules.yaml:11:9: error E102: "require" is written twice in rule ent-a (first on line 9).
           11 |         require: amount > 5
              |         ^^^^^^^
          help: keep one; to ask for several things write a list under one "require".
        """  # noqa: E501
    )


def test_a_key_written_twice_elsewhere_has_a_shorter_remedy(tmp_path):
    project = (
        "version: 1\nkind: project\ncrm: salesforce\ncrm: hubspot\ntimezone: UTC\n"
    )
    assert messages(tmp_path, project=project) == text(
        """
        rules/project.yaml:4:1: error E102: "crm" is written twice (first on line 3).
            4 | crm: hubspot
              | ^^^
          help: keep one.
        """
    )


def test_a_check_may_not_begin_with_a_quote(tmp_path):
    broken = rule(
        "id: ent-a", "title: T", "fix: F", "require:", '  - "Champion" in roles'
    )
    assert messages(tmp_path, e_rules=broken) == text(
        """
        rules/e.rules.yaml:11:13: error E103: a check may not begin with a quote character here, because YAML takes the quoted part as the whole text.
           11 |           - "Champion" in roles
              |             ^
          help: wrap the whole line in single quotes: - '"Champion" in roles'
        """  # noqa: E501
    )


def test_a_check_after_its_key_may_not_begin_with_a_quote(tmp_path):
    broken = rule("id: ent-a", "title: T", "require: 'x' = stage", "fix: F")
    found = messages(tmp_path, e_rules=broken).splitlines()
    assert found[0].startswith("rules/e.rules.yaml:9:18: error E103:")
    assert found[-1] == (
        "  help: wrap the whole line in single quotes: require: '''x'' = stage'"
    )


def test_a_comment_that_cut_a_check_is_named(tmp_path):
    broken = rule(
        "id: ent-a", "title: T", 'require: next_step contains "ticket #4"', "fix: F"
    )
    assert messages(tmp_path, e_rules=broken) == text(
        """
        rules/e.rules.yaml:9:45: error E104: the text after "#" was dropped: YAML reads " #" as a comment, so the check ended at: next_step contains "ticket
            9 |         require: next_step contains "ticket #4"
              |                                             ^^^
          help: wrap the whole line in single quotes.
        """  # noqa: E501
    )


def test_a_comment_after_a_whole_check_is_only_a_comment(tmp_path):
    good = rule(
        "id: ent-a", "title: T", "require: next_step is filled # not tbd", "fix: F"
    )
    assert messages(tmp_path, e_rules=good) == ""


def test_a_colon_that_made_a_mapping_of_a_line_is_named(tmp_path):
    broken = rule(
        "id: ent-a", "title: T", "fix: F", "require:", '  - note contains "a: b"'
    )
    assert messages(tmp_path, e_rules=broken) == text(
        """
        rules/e.rules.yaml:11:13: error E105: "note contains "a" became a key because of the ": " inside the line.
           11 |           - note contains "a: b"
              |             ^^^^^^^^^^^^^^^^
          help: wrap the whole line in single quotes: - 'note contains "a: b"'
        """  # noqa: E501
    )


def test_a_colon_in_a_check_after_its_key_is_named(tmp_path):
    broken = rule("id: ent-a", "title: T", 'require: note contains "a: b"', "fix: F")
    assert messages(tmp_path, e_rules=broken) == text(
        """
        rules/e.rules.yaml:9:18: error E105: "note contains "a" became a key because of the ": " inside the line.
            9 |         require: note contains "a: b"
              |                  ^^^^^^^^^^^^^^^^
          help: wrap the whole line in single quotes: require: 'note contains "a: b"'
        """  # noqa: E501
    )


def test_a_comma_that_cut_a_text_inside_braces_is_named_once(tmp_path):
    head = rule("id: ent-a").partition("      - id")[0]
    check = "later_of(created_on, close_date, signed_on) after today"
    broken = f"{head}      - {{id: ent-a, title: T, fix: F, require: {check}}}\n"
    assert messages(tmp_path, e_rules=broken) == text(
        """
        rules/e.rules.yaml:7:56: error E314: "(" on this line is not closed.
            7 |       - {id: ent-a, title: T, fix: F, require: later_of(created_on, close_date, signed_on) after today}
              |                                                        ^
        rules/e.rules.yaml:7:69: error E114: "close_date" became a key because of the comma before it: inside {...} a comma ends a text.
            7 |       - {id: ent-a, title: T, fix: F, require: later_of(created_on, close_date, signed_on) after today}
              |                                                                     ^^^^^^^^^^
          help: wrap the whole text in single quotes: require: 'later_of(created_on, close_date, signed_on) after today'
        """  # noqa: E501
    )


def test_a_title_with_a_comma_inside_braces_is_shown_whole(tmp_path):
    head = rule("id: ent-a").partition("      - id")[0]
    broken = (
        f"{head}      - {{id: ent-a, title: It's new, or old, fix: F, require: a}}\n"
    )
    found = messages(tmp_path, e_rules=broken).splitlines()
    assert found[3] == (
        "  help: wrap the whole text in single quotes: title: 'It''s new, or old'"
    )


@pytest.mark.parametrize(
    ("line", "column", "width"),
    [
        ("placeholders: &names [tbd]", 15, 6),
        ("placeholders: *names", 15, 6),
        ("placeholders: !!set [tbd]", 15, 5),
        ("<<: {currency: EUR}", 1, 2),
    ],
)
def test_nothing_is_shared_or_tagged(tmp_path, line, column, width):
    project = f"version: 1\nkind: project\ntimezone: UTC\ncrm: salesforce\n{line}\n"
    found = messages(tmp_path, project=project).splitlines()
    assert found == [
        f"rules/project.yaml:5:{column}: error E106: YAML anchors, aliases, merges and"
        " tags are not used in rule files.",
        f"    5 | {line}",
        f"      | {' ' * (column - 1)}{'^' * width}",
        '  help: share conditions with "define" and numbers with "params".',
    ]


def test_a_bare_star_for_all_pipelines_needs_quotes(tmp_path):
    found = messages(tmp_path, e_rules="version: 1\nkind: rules\npipeline: *\n")
    assert found == text(
        """
        rules/e.rules.yaml:3:11: error E106: YAML anchors, aliases, merges and tags are not used in rule files.
            3 | pipeline: *
              |           ^
          help: a text that begins with * & or ! goes in quotes.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2026-09-31", "September has 30 days"),
        ("2026-02-29", "February has 28 days in 2026"),
        ("2026-13-01", "there is no month 13"),
        ("2026-01-00", "January has 31 days"),
    ],
)
def test_an_impossible_date_says_why(tmp_path, written, reason):
    dated = rule(
        "id: ent-a",
        "title: T",
        "require: amount > 5",
        "fix: F",
        f"effective_from: {written}",
    )
    assert messages(tmp_path, e_rules=dated) == text(
        f"""
        rules/e.rules.yaml:11:25: error E107: {written} is not a date ({reason}).
           11 |         effective_from: {written}
              |                         ^^^^^^^^^^
        """
    )


def test_an_impossible_holiday_is_shown_where_it_stands(tmp_path):
    project = (
        "version: 1\nkind: project\ncrm: salesforce\ntimezone: UTC\n"
        "business_calendar: {extra_holidays: [2026-11-27, 2026-11-31]}\n"
    )
    assert messages(tmp_path, project=project) == text(
        """
        rules/project.yaml:5:50: error E107: 2026-11-31 is not a date (November has 30 days).
            5 | business_calendar: {extra_holidays: [2026-11-27, 2026-11-31]}
              |                                                  ^^^^^^^^^^
        """  # noqa: E501
    )


@pytest.mark.parametrize("empty", ["", "# nothing yet\n", "---\n", "\n\n"])
def test_an_empty_file_says_how_to_start(tmp_path, empty):
    first = empty.partition("\n")[0]
    assert messages(tmp_path, e_rules=empty).splitlines() == [
        "rules/e.rules.yaml:1:1: error E108: the file is empty.",
        f"    1 | {first}".rstrip(),
        "      | ^",
        "  help: start one with: gatekeeper init rules",
    ]


def test_a_file_of_nothing_says_how_to_start(tmp_path):
    assert messages(tmp_path, project="") == text(
        """
        rules/project.yaml:1:1: error E108: the file is empty.
            1 |
              | ^
          help: start one with: gatekeeper init rules
        """
    )


def test_a_file_that_is_no_mapping_says_how_to_begin(tmp_path):
    assert messages(tmp_path, e_rules="- amount > 5\n") == text(
        """
        rules/e.rules.yaml:1:1: error E206: a file must be a mapping of keys and values.
            1 | - amount > 5
              | ^^^^^^^^^^^^
          help: begin with: version: 1
        """
    )


def test_a_collection_is_no_key(tmp_path):
    assert messages(tmp_path, project="version: 1\n[a, b]: 1\n") == text(
        """
        rules/project.yaml:2:1: error E100: a key must be text, not a collection.
            2 | [a, b]: 1
              | ^^^^^^
        """
    )


def test_a_file_nested_too_deep_shows_where(tmp_path):
    nested = "version: 1\ndeep: " + "[" * 20 + "]" * 20 + "\n"
    assert messages(tmp_path, project=nested) == text(
        """
        rules/project.yaml:2:26: error E112: this is nested more than 20 deep.
            2 | deep: [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]
              |                          ^
        """
    )


def test_a_second_document_is_refused_with_its_line(tmp_path):
    found = messages(tmp_path, e_rules=RULES + "---\nversion: 1\n")
    assert found == text(
        """
        rules/e.rules.yaml:11:1: error E109: a file holds one document; the second starts on line 11.
           11 | ---
              | ^^^
        """  # noqa: E501
    )


def test_other_encodings_are_named_with_byte_and_line(tmp_path):
    found = messages(tmp_path, e_rules=b"version: 1\ntitle: caf\xe9\n")
    assert found == text(
        """
        rules/e.rules.yaml:2:11: error E110: the file is not UTF-8 text (byte 0xE9 on line 2).
            2 | title: caf\N{REPLACEMENT CHARACTER}
              |           ^
        """  # noqa: E501
    )


def test_a_file_over_a_mebibyte_is_not_read(tmp_path):
    found = messages(tmp_path, e_rules=b"#" * (1024 * 1024 + 1))
    assert found == text(
        """
        rules/e.rules.yaml:1:1: error E110: the file is larger than 1 MiB.
            1 |
              | ^
        """
    )


def test_typographic_quotes_are_recognised(tmp_path):
    pasted = rule(
        "id: ent-a",
        "title: T",
        "require: type = \u201cRenewal\u201d",
        "fix: F",
    )
    assert messages(tmp_path, e_rules=pasted) == text(
        """
        rules/e.rules.yaml:9:25: error E111: \u201c is a typographic quote, probably pasted from a document; use ".
            9 |         require: type = \u201cRenewal\u201d
              |                         ^
        rules/e.rules.yaml:9:33: error E111: \u201d is a typographic quote, probably pasted from a document; use ".
            9 |         require: type = \u201cRenewal\u201d
              |                                 ^
        """  # noqa: E501
    )


def test_typographic_quotes_inside_a_quoted_text_are_text(tmp_path):
    good = rule(
        "id: ent-a", "title: T", 'require: next_step contains "\u201ctbd"', "fix: F"
    )
    assert messages(tmp_path, e_rules=good) == ""


def test_a_control_character_is_refused(tmp_path):
    found = messages(tmp_path, project="version: 1\nkind: project\ncrm: \x07\n")
    assert found == text(
        """
        rules/project.yaml:3:6: error E100: the character U+0007 is not allowed in a rule file.
            3 | crm: \N{REPLACEMENT CHARACTER}
              |      ^
        """  # noqa: E501
    )


@pytest.mark.parametrize("turning", ["\u202e", "\u2066"])
def test_a_character_that_turns_the_reading_direction_is_refused(tmp_path, turning):
    hidden = rule("id: ent-a", "title: T", "require: amount > 5", f"fix: a{turning}b")
    assert messages(tmp_path, e_rules=hidden) == text(
        f"""
        rules/e.rules.yaml:10:15: error E100: the character U+{ord(turning):04X} is not allowed in a rule file.
           10 |         fix: a\N{REPLACEMENT CHARACTER}b
              |               ^
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("escaped", "code"),
    [(r"\u202E", "U+202E"), (r"\e", "U+001B"), (r"\a", "U+0007"), (r"\0", "U+0000")],
)
def test_an_escape_brings_in_no_hidden_character(tmp_path, escaped, code):
    hidden = rule("id: ent-a", "title: T", "require: a > 5", f'fix: "a{escaped}b"')
    assert messages(tmp_path, e_rules=hidden) == text(
        f"""
        rules/e.rules.yaml:10:14: error E100: the character {code} is not allowed in a rule file.
           10 |         fix: "a{escaped}b"
              |              {"^" * (len(escaped) + 4)}
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "id_", ["ent-\u0430mount", "ent\u2010a", "\uff45nt-a", "ent-\u0131d"]
)
def test_an_id_has_no_letters_that_look_like_others(tmp_path, id_):
    found = messages(
        tmp_path, e_rules=rule(f"id: {id_}", "title: T", "require: a > 5", "fix: F")
    )
    assert found.startswith(
        f'rules/e.rules.yaml:7:13: error E204: "{id_}" is not a valid id:'
    )


def test_letters_of_other_scripts_are_texts_like_any(tmp_path):
    fix = "fix: \u0627\u0643\u062a\u0628 \u6b21\u306e\u4e00\u6b69 \U0001f389"
    good = rule("id: ent-a", "title: T", "require: amount > 5", fix)
    assert messages(tmp_path, e_rules=good) == ""


def test_any_other_mistake_of_yaml_names_its_line(tmp_path):
    found = messages(tmp_path, project="version: 1\n... kind: project\n")
    assert found == text(
        """
        rules/project.yaml:2:5: error E100: this is not valid YAML: did not find expected <document start>.
            2 | ... kind: project
              |     ^
          help: look at the indentation, quotes and brackets of this line and the one above.
        """  # noqa: E501
    )


def test_text_stays_text_whatever_yaml_would_make_of_it(tmp_path):
    written = b"a: NO\nb: 010\nc: 12:30:00\non: 1\nd: ~\ne: 1.0\nf: 2026-09-31\n"
    root = read_document("rules/x.yaml", written).root
    assert root is not None
    assert plain(root) == {
        "a": "NO",
        "b": "010",
        "c": "12:30:00",
        "on": "1",
        "d": "~",
        "e": "1.0",
        "f": "2026-09-31",
    }
