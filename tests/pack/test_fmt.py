"""The canonical layout: what changes, and that meaning and comments never do."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.pack.fmt.layout import format_file
from gatekeeper.pack.fmt.logic import logic_of
from gatekeeper.pack.fmt.meaning import comments_of, meaning_of
from gatekeeper.pack.load import read_pack
from gatekeeper.pack.source.document import read_document
from tests.pack.packs import a_pack, rule

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *sorted((ROOT / "rules").glob("*.yaml")),
    *sorted((ROOT / "tests" / "packs").rglob("*.yaml")),
]


def laid_out(text: str) -> str:
    formatted = format_file("e.rules.yaml", dedent(text).encode())
    assert formatted.problems == ()
    again = format_file("e.rules.yaml", formatted.text.encode())
    assert again.text == formatted.text
    return formatted.text


def check_of(check: str) -> str:
    """The check as it comes back from a rule that asks for it."""
    text = laid_out(f"version: 1\nkind: defs\ndefine:\n  one: {check}\n")
    return text.rpartition("one: ")[2].rstrip("\n")


def test_keys_come_in_one_order_with_their_comments():
    text = """\
        version: 1
        kind: rules
        pipeline: "*"
        stages:
          Discovery:
            exit:
              # the rule
              - severity: high          # how bad
                # why it is so
                fix: Do it.
                require:
                  # first of two
                  - amount > 5
                  - some files  # the proposal
                title: T
                # for good
                id: ent-a

              - id: ent-b
                fix: Do it.
                title: T
                require: some files
                # the end
    """
    assert laid_out(text) == dedent(
        """\
        version: 1
        kind: rules
        pipeline: "*"
        stages:
          Discovery:
            exit:
              # the rule
                # for good
              - id: ent-a
                title: T
                require:
                  # first of two
                  - amount > 5
                  - some files  # the proposal
                # why it is so
                fix: Do it.
                severity: high          # how bad

              - id: ent-b
                title: T
                require: some files
                fix: Do it.
                # the end
        """
    )


def test_phrases_and_values_that_read_like_checks_stay_as_they_are_written():
    text = dedent(
        """\
        version: 1
        kind: rules
        pipeline: "*"
        params:
          check: {type: text, value: [every contacts has amount>5, 20 %]}
          require: {type: text, value: [amount>5]}
        stages:
          check:
            exit:
              - id: ent-a
                title: T
                require:
                  - check: next_step is filled
                    forbid: [every contacts has amount, 20 %]
                fix: Do it.
                formerly: [one]
                tags: [amount>5]
        """
    )
    assert laid_out(text) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("amount > 5", "amount > 6"),
        ("no files", "no file"),
        ("{check: name is filled, forbid: [20 %]}", "name is filled"),
        ("{check: some files, on_blank: pass}", "some files"),
        ("{check: some files, when: amount > 5}", "some files"),
        ("{any: [amount > 5, some files]}", "[amount > 5, some files]"),
    ],
)
def test_what_a_rule_asks_is_told_apart_from_how_it_is_spelled(before, after):
    def asked(check: str) -> object:
        lines = ["id: ent-a", "title: T", f"require: {check}", "fix: F"]
        root = read_document("e.rules.yaml", rule(*lines).encode()).root
        assert root is not None
        return logic_of(root)

    is_same = before == "no files"
    assert (asked(before) == asked(after)) is is_same


def test_the_lines_of_any_all_and_at_least_are_spelled_in_one_way():
    text = """\
        version: 1
        kind: rules
        pipeline: "*"
        stages:
          Discovery:
            exit:
              - id: ent-a
                title: T
                require:
                  any:
                    - all: [amount>5, amount<9]
                    - at_least: {1: [amount>6, amount>7]}
                fix: Do it.
    """
    assert laid_out(text) == dedent(text).replace(">", " > ").replace("<", " < ")


def test_every_level_is_indented_by_two():
    text = """\
        version: 1
        kind: rules
        pipeline: "*"
        stages:
            Discovery:
                # before the list
                exit:
                -   id: ent-a
                    title: T
                    require:
                    - amount > 5
                    -   check: some files
                        fix: >
                            Two
                            lines.
                    fix: A long
                      text.
    """
    assert laid_out(text) == dedent(
        """\
        version: 1
        kind: rules
        pipeline: "*"
        stages:
          Discovery:
            # before the list
            exit:
              - id: ent-a
                title: T
                require:
                  - amount > 5
                  - check: some files
                    fix: >
                        Two
                        lines.
                fix: A long
                  text.
        """
    )


def test_tabs_blanks_and_line_ends():
    text = "version: 1\r\nkind: defs  \r\n\r\n\r\ndefine:\n\tone: amount > 5\t\n\n\n"

    assert laid_out(text) == "version: 1\nkind: defs\n\ndefine:\n  one: amount > 5\n"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("Amount>=50_000", "Amount >= 50_000"),
        ("amount  >=  50K", "amount >= 50k"),
        ("discount <= 20 %", "discount <= 20%"),
        ("next_step IS Filled", "next_step is filled"),
        ("every contacts has email is filled", "every contact has email is filled"),
        ("exactly 1 contacts", "exactly 1 contact"),
        ("exactly 2 contacts", "exactly 2 contacts"),
        ("some contacts", "some contacts"),
        ("close_date within last 1 days", "close_date within last 1 day"),
        ("next_step = 'a'", 'next_step = "a"'),
        ("'amount > 5'", "'amount > 5'"),
        ("'amount>5'", "'amount > 5'"),
        ('"amount>5"', "'amount > 5'"),
        ("next_step contains 'it''s'", "next_step contains 'it''s'"),
        ("no such thing at all", "no such thing at all"),
    ],
)
def test_a_check_in_its_canonical_spelling(written, wanted):
    assert check_of(written) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ('next_step contains "ticket #4"', "'next_step contains \"ticket #4\"'"),
        ('next_step contains "a: b"', "'next_step contains \"a: b\"'"),
        ('"Champion" = next_step', "'\"Champion\" = next_step'"),
    ],
)
def test_a_line_that_yaml_would_cut_is_put_in_quotes(written, wanted):
    assert check_of(written) == wanted


def test_a_colon_in_a_list_of_checks_is_mended_too():
    text = """\
        version: 1
        kind: defs
        define:
          one:
            - next_step contains "a: b"
            - some files
    """
    assert laid_out(text) == dedent(text).replace(
        'next_step contains "a: b"', "'next_step contains \"a: b\"'"
    )


def test_a_file_that_cannot_be_read_stays_as_it_is():
    text = "version: 1\nkind: [rules\n"

    formatted = format_file("e.rules.yaml", text.encode())

    assert formatted.text == text
    assert [problem.code for problem in formatted.problems] == ["E100"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            "title: Größe\n".encode("latin-1"),
            "E110: the file is not UTF-8 text (byte 0xF6 on line 1).",
        ),
        (
            "title: Size\n".encode("utf-16"),
            "E110: the file is not UTF-8 text (byte 0xFF on line 1).",
        ),
        (
            b"title: Si\0ze\n",
            "E100: the character U+0000 is not allowed in a rule file.",
        ),
        (b"", "E108: the file is empty."),
    ],
)
def test_a_file_that_is_no_text_is_refused_as_validate_does(raw, said):
    formatted = format_file("e.rules.yaml", raw)

    assert [f"{each.code}: {each.text}" for each in formatted.problems] == [said]


def test_a_text_of_several_lines_keeps_every_blank():
    text = """\
        version: 1
        kind: rules
        pipeline: "*"
        stages:
          Discovery:
            exit:
              - id: ent-a
                title: T
                require: some files
                fix: |
                  One   

                    two # no comment


                  three
    """  # noqa: W291  (the blanks are the point)
    assert laid_out(text) == dedent(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_our_own_packs_keep_their_meaning(path):
    raw = path.read_bytes()
    formatted = format_file(path.name, raw)
    before, after = (read_document("", each) for each in (raw, formatted.text.encode()))

    assert formatted.problems == ()
    assert before.root is not None
    assert after.root is not None
    assert meaning_of(after.root) == meaning_of(before.root)


def test_the_default_pack_is_laid_out():
    for path in (ROOT / "rules").rglob("*.yaml"):
        raw = path.read_bytes()
        assert format_file(path.name, raw).text.encode() == raw, path.name


# ---- any layout ------------------------------------------------------------------

CHECKS = st.sampled_from(
    [
        "amount>5",
        "amount >= 50_000 and next_step is filled",
        "every contacts has email is filled",
        "'next_step contains \"a: b #c\"'",
        '"some   files"',
        "exactly 1 contact where role = 'Champion'",
        "(at least 2 contacts where email is filled) or amount < 1.5M",
    ]
)
COMMENTS = st.sampled_from(["", "", "  # c", "   # it's: a [comment"])
VALUES = {
    "title": st.sampled_from(["T", "'T # no comment'", '"T: x"']),
    "why": st.sampled_from(["Because.", "A text\n{deep}of two lines."]),
    "fix": st.sampled_from(["Do it.", ">\n{deep}Do\n{deep}it.", "|\n{deep}# Do it."]),
    "severity": st.sampled_from(["high", "low"]),
    "tags": st.sampled_from(["[a, b]", "[a, # one\n{deep}b]"]),
}


@st.composite
def rules(draw: st.DrawFn, number: int, indent: str, deep: str) -> str:
    keys = {"id": f"ent-{number}", "require": draw(CHECKS)}
    for key, values in VALUES.items():
        if key in {"title", "fix"} or draw(st.booleans()):
            keys[key] = draw(values).replace("{deep}", deep + "  ")
    if draw(st.booleans()):
        entries = draw(st.lists(CHECKS, min_size=1, max_size=3))
        keys["require"] = "".join(f"\n{deep}- {entry}" for entry in entries)
    lines: list[str] = []
    for key in draw(st.permutations(sorted(keys))):
        if draw(st.integers(0, 4)) == 0:
            lines.append(f"{deep if lines else indent}# before {key}")
        one = keys[key]
        sign = deep if any(not line.lstrip().startswith("#") for line in lines) else ""
        start = sign or indent + "-".ljust(len(deep) - len(indent))
        comment = "" if "\n" in one else draw(COMMENTS)
        gap = "" if one.startswith("\n") else " "
        lines.append(f"{start}{key}:{gap}{one}{comment}")
    return "\n".join(lines)


@st.composite
def files(draw: st.DrawFn) -> str:
    width = draw(st.integers(1, 5))
    dash = draw(st.integers(0, 3))
    indent = " " * (2 * width + dash)
    deep = indent + " " * draw(st.integers(2, 5))
    head = f'version: 1\nkind: rules\npipeline: "*"{draw(COMMENTS)}\nstages:\n'
    head += f"{' ' * width}Discovery:{draw(COMMENTS)}\n{' ' * 2 * width}exit:\n"
    bodies = [draw(rules(number, indent, deep)) for number in range(2)]
    end = draw(st.sampled_from(["", "\n\n\n# the end", "\n" + deep + "# deep end\n"]))
    return head + draw(st.sampled_from(["\n", "\n\n\n", "\n# c\n"])).join(bodies) + end


@settings(max_examples=300, deadline=None)
@given(files())
def test_any_layout_comes_out_the_same_twice_and_says_the_same(text):
    before = read_document("", text.encode())
    assert before.root is not None, text
    formatted = format_file("", text.encode())
    after = read_document("", formatted.text.encode())

    assert after.root is not None
    assert "\n    exit:\n" in formatted.text
    assert formatted.text.count("\n      - id: ent-") == 2
    assert meaning_of(after.root) == meaning_of(before.root)
    assert comments_of(formatted.text, after.root) == comments_of(text, before.root)
    assert format_file("", formatted.text.encode()).text == formatted.text


@settings(max_examples=60, deadline=None)
@given(text=files())
def test_the_fingerprint_of_a_pack_stays(text, tmp_path_factory):
    text += "\n"  # a block at the very end of a file gains its line end
    formatted = format_file("", text.encode()).text
    before, after = (
        read_pack(a_pack(tmp_path_factory.mktemp("pack"), e_rules=each)).compile(None)
        for each in (text.encode(), formatted.encode())
    )

    assert after.fingerprint == before.fingerprint
    assert [rule.logic for rule in after.rules] == [rule.logic for rule in before.rules]
