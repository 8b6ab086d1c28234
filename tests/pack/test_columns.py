"""From a character of a check to its column, through every way YAML writes a text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.language.tree.syntax import Span
from gatekeeper.pack.source.columns import place_of, positions
from gatekeeper.pack.source.document import read_document
from gatekeeper.pack.source.nodes import Scalar
from tests.pack.packs import messages, rule, text


def scalar_of(written: str) -> Scalar:
    root = read_document("rules/e.rules.yaml", written.encode()).root
    assert root is not None
    node = root.pairs[0][1]
    assert isinstance(node, Scalar)
    return node


def pointed_at(scalar: Scalar, word: str) -> tuple[int, int, str]:
    start = scalar.text.index(word)
    place = place_of(scalar, Span(start, start + len(word)))
    begin = place.column - 1
    return place.line, place.column, place.source_line[begin : begin + place.width]


@pytest.mark.parametrize(
    ("written", "line", "column", "shown"),
    [
        ("k: amount > five", 1, 13, "five"),
        ("k: 'amount > five'", 1, 14, "five"),
        ("k: 'it''s > five'", 1, 13, "five"),
        ('k: "amount > five"', 1, 14, "five"),
        ('k: "\\u0041\\" > five"', 1, 16, "five"),
        ("k: amount >\n   five", 2, 4, "five"),
        ("k: 'amount >\n  five'", 2, 3, "five"),
        ('k: "amount \\\n  > five"', 2, 5, "five"),
        ("k: |\n  amount > five\n", 2, 12, "five"),
        ("k: |\n  amount >\n  five\n", 3, 3, "five"),
        ("k: >-\n  amount >\n  five\n", 3, 3, "five"),
        ("k: >\n\n  amount\n  > five\n", 4, 5, "five"),
        ("k: |2\n    amount > five\n", 2, 14, "five"),
        ("é: “é” five", 1, 8, "five"),
    ],
)
def test_a_word_is_found_where_it_stands(written, line, column, shown):
    assert pointed_at(scalar_of(written), "five") == (line, column, shown)


def test_a_message_about_a_quoted_check_points_into_the_quotes(tmp_path):
    broken = rule("id: ent-a", "title: T", "require: 'stage == \"x\"'", "fix: F")
    assert messages(tmp_path, e_rules=broken) == text(
        """
        rules/e.rules.yaml:9:25: error E302: "==" is written "=" here.
            9 |         require: 'stage == "x"'
              |                         ^^
        """
    )


def test_a_message_at_the_end_of_a_check_points_at_its_last_word(tmp_path):
    broken = rule("id: ent-a", "title: T", "require: amount >=", "fix: F")
    assert messages(tmp_path, e_rules=broken) == text(
        """
        rules/e.rules.yaml:9:25: error E308: the check ends too early; a value is missing after ">=".
            9 |         require: amount >=
              |                         ^^
        """  # noqa: E501
    )


PRINTABLE = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x2FF, exclude_categories=["Cc"]),
    min_size=1,
    max_size=20,
)


@given(words=st.lists(PRINTABLE, min_size=1, max_size=5))
def test_every_character_of_a_quoted_text_maps_to_itself(words):
    written = " ".join(words)
    quoted = written.replace("'", "''")
    scalar = scalar_of(f"k: '{quoted}'\n")
    found = positions(scalar)
    assert [scalar.source.text[at] for at in found[:-1]] == list(written)


@given(words=st.lists(PRINTABLE, min_size=1, max_size=5))
def test_every_character_of_an_escaped_text_keeps_its_order(words):
    written = " ".join(words)
    scalar = scalar_of(f"k: {json.dumps(written)}\n")
    found = positions(scalar)
    assert scalar.text == written
    assert found == sorted(set(found))
    assert found[-1] == scalar.end - 1
