"""Slips of people who are new to YAML: each message whole, its remedy to be pasted."""
# ruff: noqa: E501  (a message is one line, however long)

from __future__ import annotations

import re

import pytest

from gatekeeper.pack.source.document import read_document
from gatekeeper.pack.source.problems import framed
from tests.pack.packs import RULES, messages, text

LINES = RULES.splitlines(keepends=True)


def with_line(number: int, line: str) -> str:
    """Return the file of one rule with another line, counted from 1."""
    return "".join((*LINES[: number - 1], f"{line}\n", *LINES[number:]))


def with_lines(*lines: str) -> str:
    """Return the file of one rule with more lines at its end, from line 11 on."""
    return RULES + "".join(f"{line}\n" for line in lines)


SLIPS = {
    "a key one blank to the left": (
        with_line(8, "       title: A next step is written down"),
        """
        rules/e.rules.yaml:8:8: error E100: this line is indented by 7 blanks, and no key above it begins there.
            8 |        title: A next step is written down
              |        ^^^^^
          help: indent it by 8, like "id" on line 7.
        """,
    ),
    "a key too far to the right": (
        with_line(9, "            require: next_step is filled"),
        """
        rules/e.rules.yaml:9:13: error E100: this line is indented by 12 blanks, and no key above it begins there.
            9 |             require: next_step is filled
              |             ^^^^^^^
          help: indent it by 8, like "title" on line 8.
        """,
    ),
    "a rule one blank to the left": (
        with_lines("     - id: ent-b"),
        """
        rules/e.rules.yaml:11:6: error E100: this line is indented by 5 blanks, and no "- " above it begins there.
           11 |      - id: ent-b
              |      ^
          help: indent it by 6, like "- id" on line 7.
        """,
    ),
    "a stage between two depths": (
        with_lines("   Proposal:", "    exit: []"),
        """
        rules/e.rules.yaml:11:4: error E100: this line is indented by 3 blanks, and no key above it begins there.
           11 |    Proposal:
              |    ^^^^^^^^
          help: indent it by 4, like "exit" on line 6, or by 2, like "Discovery" on line 5.
        """,
    ),
    "a key that may stand at several depths": (
        with_lines("      Proposal:", "        exit: []"),
        """
        rules/e.rules.yaml:11:7: error E100: this line is indented by 6 blanks, and no key above it begins there.
           11 |       Proposal:
              |       ^^^^^^^^
          help: indent it by 8, like "fix" on line 10, or by 4, like "exit" on line 6, or by 2, like "Discovery" on line 5.
        """,
    ),
    "the first line of a list to the left of its key": (
        with_line(9, "        require:  # both\n       - next_step is filled"),
        """
        rules/e.rules.yaml:10:8: error E100: this line is indented by 7 blanks, and no "- " above it begins there.
           10 |        - next_step is filled
              |        ^
          help: indent it by 10, to stand under "require" on line 9.
        """,
    ),
    "a text that goes on too far to the left": (
        with_line(10, "        fix: Write what\n       happens next."),
        """
        rules/e.rules.yaml:11:8: error E100: a text that goes on is indented deeper than its key.
           11 |        happens next.
              |        ^^^^^^^^^^^^^
          help: indent it by 10.
        """,
    ),
    "a line like a comment changes no depth": (
        with_line(8, "   # the title\n       title: A next step is written down"),
        """
        rules/e.rules.yaml:9:8: error E100: this line is indented by 7 blanks, and no key above it begins there.
            9 |        title: A next step is written down
              |        ^^^^^
          help: indent it by 8, like "id" on line 7.
        """,
    ),
    "no colon": (
        with_line(8, "        title A next step"),
        """
        rules/e.rules.yaml:8:9: error E100: a key is followed by a colon and a blank, which are missing here.
            8 |         title A next step
              |         ^^^^^^^^^^^^^^^^^
          help: write title: A next step
        """,
    ),
    "no blank after the colon": (
        with_line(8, "        title:A next step"),
        """
        rules/e.rules.yaml:8:9: error E100: a key is followed by a colon and a blank, which are missing here.
            8 |         title:A next step
              |         ^^^^^^^^^^^^^^^^^
          help: write title: A next step
        """,
    ),
    "no colon after a stage": (
        with_lines("  Closed Won", "    exit: []"),
        """
        rules/e.rules.yaml:11:3: error E100: a key is followed by a colon and a blank, which are missing here.
           11 |   Closed Won
              |   ^^^^^^^^^^
          help: write Closed Won: or indent it deeper than the key above it.
        """,
    ),
    "a lone word": (
        with_lines("  Proposal"),
        """
        rules/e.rules.yaml:11:3: error E100: a key is followed by a colon and a blank, which are missing here.
           11 |   Proposal
              |   ^^^^^^^^
          help: a text that goes on is indented deeper than its key.
        """,
    ),
    "no blank after the dash": (
        with_line(7, "      -id: ent-next-step"),
        """
        rules/e.rules.yaml:7:7: error E100: an entry of a list begins with "-" and a blank.
            7 |       -id: ent-next-step
              |       ^
          help: write - id: ent-next-step
        """,
    ),
    "a list behind its key": (
        with_line(9, "        require: - next_step is filled"),
        """
        rules/e.rules.yaml:9:18: error E100: a list begins on the line after its key.
            9 |         require: - next_step is filled
              |                  ^
          help: write require: next_step is filled, or put each entry on a line of its own.
        """,
    ),
    "a bracket that stays open": (
        with_lines("        tags: [hygiene, forecast", "        mode: warn"),
        """
        rules/e.rules.yaml:11:15: error E100: "[" on this line is not closed.
           11 |         tags: [hygiene, forecast
              |               ^
          help: put "]" after the last value.
        """,
    ),
    "a comma that is missing": (
        with_lines('        tags: ["hygiene" "forecast"]'),
        """
        rules/e.rules.yaml:11:26: error E100: a comma is missing before this, or "]" after the last value.
           11 |         tags: ["hygiene" "forecast"]
              |                          ^
        """,
    ),
    "a quote that stays open": (
        with_line(8, '        title: "A next step is written down'),
        """
        rules/e.rules.yaml:8:16: error E100: the text that starts with " here is not closed.
            8 |         title: "A next step is written down
              |                ^
          help: put " at its end, or leave out the first.
        """,
    ),
    "a pattern in double quotes": (
        with_line(9, "        require: \"next_step matches '\\d+'\""),
        r"""
        rules/e.rules.yaml:9:38: error E100: in double quotes a "\" begins a code for another character, and this is none.
            9 |         require: "next_step matches '\d+'"
              |                                      ^
          help: put the text in single quotes: there it stands for itself.
        """,
    ),
    "a text that begins with braces": (
        with_line(8, "        title: {amount} is low"),
        """
        rules/e.rules.yaml:8:16: error E100: a text may not begin with "{" unless it is quoted.
            8 |         title: {amount} is low
              |                ^
          help: wrap the whole line in single quotes: title: '{amount} is low'
        """,
    ),
    "a text in emphasis": (
        with_line(8, "        title: *A next step* is written"),
        """
        rules/e.rules.yaml:8:16: error E106: YAML anchors, aliases, merges and tags are not used in rule files.
            8 |         title: *A next step* is written
              |                ^^
          help: a text that begins with * & or ! goes in quotes.
        """,
    ),
    "a not of another language": (
        with_line(9, "        require: !is_closed"),
        """
        rules/e.rules.yaml:9:18: error E106: YAML anchors, aliases, merges and tags are not used in rule files.
            9 |         require: !is_closed
              |                  ^^^^^^^^^^
          help: "!" is written "not" here; a text that begins with it goes in quotes.
        """,
    ),
    "a number behind its sign": (
        with_line(10, "        fix: Fill in box #3 of the form."),
        """
        rules/e.rules.yaml:10:26: error E104: the text after "#" was dropped: YAML reads " #" as a comment, so "fix" ended at: Fill in box
           10 |         fix: Fill in box #3 of the form.
              |                          ^^^^^^^^^^^^^^^
          help: wrap the whole line in single quotes.
        """,
    ),
    "a rule without its dash": (
        with_line(7, "        id: ent-next-step"),
        """
        rules/e.rules.yaml:7:9: error E206: "exit" must be a list; found the keys id, title, require, fix.
            7 |         id: ent-next-step
              |         ^^^^^^^^^^^^^^^^^
          help: write - before its first key: - id: ent-next-step
        """,
    ),
    "a mapping where a list of mappings belongs": (
        with_lines("        escalate: {when: amount > 5, severity: high}"),
        """
        rules/e.rules.yaml:11:19: error E206: "escalate" must be a list; found the keys when, severity.
           11 |         escalate: {when: amount > 5, severity: high}
              |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          help: write [{when: amount > 5, severity: high}]
        """,
    ),
    "a comma between thousands in braces": (
        with_line(4, "params:\n  least: {type: money, value: 50,000}\nstages:"),
        """
        rules/e.rules.yaml:5:31: error E306: numbers have no commas.
            5 |   least: {type: money, value: 50,000}
              |                               ^^^^^^
          help: write 50000, 50_000 or 50k.
        """,
    ),
    "a stage without a position": (
        with_line(6, ""),
        """
        rules/e.rules.yaml:7:7: error E206: stage "Discovery" must be a mapping of keys and values; found the list - id: ent-next-step title: A next step i....
            7 |       - id: ent-next-step
              |       ^^^^^^^^^^^^^^^^^^^
          help: put its rules under exit or while_in.
        """,
    ),
    "a file without its kind": (
        with_line(2, ""),
        """
        rules/e.rules.yaml:1:1: error E202: this file has no "kind".
            1 | version: 1
              | ^^^^^^^
          help: kind: rules
        """,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_shown_where_it_is_with_what_to_write(tmp_path, name):
    broken, expected = SLIPS[name]
    assert messages(tmp_path, e_rules=broken) == text(expected)


@pytest.mark.parametrize(
    "name", [name for name in SLIPS if "indented by" in SLIPS[name][1]]
)
def test_the_indentation_proposed_first_can_be_read(name):
    broken, expected = SLIPS[name]
    (line,) = map(int, re.findall(r"yaml:(\d+)", expected))
    (depth,) = map(int, re.findall(r"indent it by (\d+)", expected))
    lines = broken.splitlines()
    lines[line - 1] = " " * depth + lines[line - 1].lstrip()
    found = read_document("rules/e.rules.yaml", "\n".join(lines).encode())
    assert "E100" not in {problem.code for problem in found.problems}


def test_a_comment_that_begins_with_a_blank_is_a_comment(tmp_path):
    assert (
        messages(tmp_path, e_rules=with_line(10, "        fix: Write it.  # 3 words"))
        == ""
    )


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("12/31/2026", "write 2026-12-31."),
        ("31.12.2026", "write 2026-12-31."),
        ("31/12/2026", "write 2026-12-31."),
        ("3.4.2026", "write 2026-04-03."),
        ("03/04/2026", "write 2026-03-04 or 2026-04-03."),
    ],
)
def test_a_date_in_another_order_is_shown_in_ours(tmp_path, written, help):
    broken = with_lines(f"        effective_from: {written}")
    assert messages(tmp_path, e_rules=broken) == text(
        f"""
        rules/e.rules.yaml:11:25: error E206: "effective_from" must be a date such as 2026-12-31; found "{written}".
           11 |         effective_from: {written}
              |                         {"^" * len(written)}
          help: {help}
        """
    )


def test_a_date_that_is_none_in_any_order_gets_no_proposal(tmp_path):
    broken = with_lines("        effective_from: 45.13.2026")
    assert "help" not in messages(tmp_path, e_rules=broken)


def test_a_mistake_beyond_the_last_line_is_shown_at_the_last():
    problems = read_document("rules/e.rules.yaml", b"a: [b, c").problems
    assert framed(problems) == (
        'rules/e.rules.yaml:1:4: error E100: "[" on this line is not closed.\n'
        "    1 | a: [b, c\n"
        "      |    ^\n"
        '  help: put "]" after the last value.',
    )
