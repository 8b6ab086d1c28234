"""How a check is cut into words: the kind of each, where it begins and ends."""

from __future__ import annotations

import re

import pytest

from gatekeeper.language.parser.line import parse
from gatekeeper.language.parser.tokens import KEYWORDS, RESERVED, scan
from gatekeeper.language.tree.format import canonical


def kinds(text: str) -> list[str]:
    return [f"{token.type} {token}" for token in scan(text)]


def test_a_word_knows_where_it_begins_and_ends() -> None:
    found = scan("  amount >=50k")

    assert [(each, each.type, each.start_pos, each.end_pos) for each in found] == [
        ("amount", "NAME", 2, 8),
        (">=", "COMPARE", 9, 11),
        ("50k", "NUMBER", 11, 14),
    ]


def test_nothing_but_white_space_has_no_words() -> None:
    assert scan("") == []
    assert scan(" \t\r\n ") == []


LINES = {
    "and": "a and b",
    "or": "a or b",
    "not": "not a",
    "is": "a is not empty",
    "in": "a in ['x']",
    "between": "a between 1 and 2",
    "before": "a before today",
    "after": "a after today",
    "contains": "a contains 'x'",
    "matches": "a matches 'x'",
    "includes": "a includes any of ['x']",
    "within": "a within next 3 days",
    "last": "a in last week",
    "next": "a in next week",
    "since": "a changed since creation",
    "some": "some contacts",
    "no": "no contacts",
    "exactly": "exactly 1 quote",
    "every": "every quote has amount > 0",
    "of": "every of bill_to is filled",
    "where": "some contacts where a",
    "has": "every quote has amount > 0",
    "empty": "a is empty",
    "filled": "a is filled",
    "true": "a is true",
    "false": "a is false",
    "today": "a > today",
    "now": "a > now",
}
"""Each word that no field may be called, in a line that it makes."""


def test_no_other_words_are_keywords() -> None:
    assert frozenset(LINES) == frozenset(KEYWORDS) == RESERVED


@pytest.mark.parametrize(("word", "line"), LINES.items())
def test_a_keyword_does_its_work_in_any_case_and_is_no_name(
    word: str, line: str
) -> None:
    assert kinds(word) != [f"NAME {word}"]
    assert kinds(f"{word}_x") == [f"NAME {word}_x"]
    assert canonical(parse(re.sub(rf"\b{word}\b", word.upper(), line))) == (
        canonical(parse(line))
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # ---- words of several words
        ("on or before", ["COMPARE on or before"]),
        ("on or after", ["COMPARE on or after"]),
        ("ON  OR\tAfter", ["COMPARE ON  OR\tAfter"]),
        ("on or beforehand", ["NAME on", "OR or", "NAME beforehand"]),
        ("on or before.x", ["NAME on", "OR or", "NAME before.x"]),
        ("starts with", ["TEXT_OPERATOR starts with"]),
        ("ends with", ["TEXT_OPERATOR ends with"]),
        ("ends without", ["NAME ends", "NAME without"]),
        ("includes any of", ["INCLUDES_OF includes any of"]),
        ("includes all of", ["INCLUDES_OF includes all of"]),
        ("includes none of", ["INCLUDES_OF includes none of"]),
        ("includes any off", ["INCLUDES includes", "NAME any", "NAME off"]),
        ("in this week", ["IN_PERIOD in this week"]),
        ("in last month", ["IN_PERIOD in last month"]),
        ("in next quarter", ["IN_PERIOD in next quarter"]),
        ("in this fiscal year", ["IN_PERIOD in this fiscal year"]),
        ("in this years", ["IN in", "NAME this", "NAME years"]),
        ("changed within", ["CHANGED changed", "WITHIN within"]),
        ("changed since", ["CHANGED changed", "SINCE since"]),
        ("changed  since x", ["CHANGED changed", "SINCE since", "NAME x"]),
        ("changed sincere", ["NAME changed", "NAME sincere"]),
        ("since stage entry", ["SINCE_MARK since stage entry"]),
        ("since creation", ["SINCE_MARK since creation"]),
        ("since creations", ["SINCE since", "NAME creations"]),
        ("at least", ["BOUND at least"]),
        ("at most", ["BOUND at most"]),
        ("at mostly", ["NAME at", "NAME mostly"]),
        # ---- names
        ("owner.is_active", ["NAME owner.is_active"]),
        ("_x1.y", ["NAME _x1.y"]),
        ("a.1", ["NAME a", "ODD .", "NUMBER 1"]),
        ("a.b.", ["NAME a.b", "ODD ."]),
        ("größe", ["NAME gr", "ODD ö", "ODD ß", "NAME e"]),
        # ---- numbers
        ("0", ["NUMBER 0"]),
        ("50_000", ["NUMBER 50_000"]),
        ("1_2_3.45", ["NUMBER 1_2_3.45"]),
        ("1.5m", ["NUMBER 1.5m"]),
        ("20K", ["NUMBER 20K"]),
        ("20%", ["PERCENT 20%"]),
        ("2.5 %", ["PERCENT 2.5 %"]),
        ("5k%", ["PERCENT 5k%"]),
        ("007", ["ODD_NUMBER 007"]),
        ("5x", ["ODD_NUMBER 5x"]),
        ("5_", ["ODD_NUMBER 5_"]),
        ("5.", ["NUMBER 5", "ODD ."]),
        ("1.5.2", ["NUMBER 1.5", "ODD .", "NUMBER 2"]),
        # ---- lengths of time
        ("1 hour", ["DURATION 1 hour"]),
        ("14 days", ["DURATION 14 days"]),
        ("1_000 weeks", ["DURATION 1_000 weeks"]),
        ("2 months", ["DURATION 2 months"]),
        ("3 quarter", ["DURATION 3 quarter"]),
        ("5 years", ["DURATION 5 years"]),
        ("3 business days", ["DURATION 3 business days"]),
        ("3  BUSINESS\thour", ["DURATION 3  BUSINESS\thour"]),
        ("3 business weeks", ["NUMBER 3", "NAME business", "NAME weeks"]),
        ("3days", ["ODD_NUMBER 3days"]),
        ("14 days_", ["NUMBER 14", "NAME days_"]),
        ("14 days.x", ["NUMBER 14", "NAME days.x"]),
        ("1.5 days", ["NUMBER 1.5", "NAME days"]),
        # ---- dates
        ("2026-12-31", ["DATE 2026-12-31"]),
        ("2026-12-31 15:30", ["DATE 2026-12-31 15:30"]),
        ("2026-12-31T15:30", ["DATE 2026-12-31T15:30"]),
        ("2026-12-31 a", ["DATE 2026-12-31", "NAME a"]),
        ("2026-12-31-5", ["ODD_DATE 2026-12-31", "MINUS -", "NUMBER 5"]),
        ("2026-1-5", ["ODD_DATE 2026-1-5"]),
        ("2026-12-31Tx:9", ["ODD_DATE 2026-12-31Tx:9"]),
        ("2026/12/31", ["ODD_DATE 2026/12/31"]),
        ("1999.12.31", ["ODD_DATE 1999.12.31"]),
        (
            "2026/12/31x",
            ["NUMBER 2026", "OVER /", "NUMBER 12", "OVER /", "ODD_NUMBER 31x"],
        ),
        ("31.12.2026", ["ODD_DATE 31.12.2026"]),
        ("1/5/2026", ["ODD_DATE 1/5/2026"]),
        (
            "31/12/2026x",
            ["NUMBER 31", "OVER /", "NUMBER 12", "OVER /", "ODD_NUMBER 2026x"],
        ),
        # ---- texts and params
        ('"it\'s"', ['TEXT "it\'s"']),
        ("'say \"x\"'", ["TEXT 'say \"x\"'"]),
        ('""', ['TEXT ""']),
        ('"open', ['OPEN_TEXT "', "NAME open"]),
        ("it's", ["NAME it", "OPEN_TEXT '", "NAME s"]),
        ("$Min_1", ["PARAM $Min_1"]),
        ("$1", ["ODD $", "NUMBER 1"]),
        ("$", ["ODD $"]),
        # ---- signs
        (
            "= != < <= > >=",
            [
                "COMPARE =",
                "COMPARE !=",
                "COMPARE <",
                "COMPARE <=",
                "COMPARE >",
                "COMPARE >=",
            ],
        ),
        (
            "== === !== <>",
            ["WRONG_SIGN ==", "WRONG_SIGN ===", "WRONG_SIGN !==", "WRONG_SIGN <>"],
        ),
        ("=> =< =!", ["WRONG_SIGN =>", "WRONG_SIGN =<", "WRONG_SIGN =!"]),
        (
            "&& & || |",
            ["WRONG_SIGN &&", "WRONG_SIGN &", "WRONG_SIGN ||", "WRONG_SIGN |"],
        ),
        ("!a", ["WRONG_SIGN !", "NAME a"]),
        ("≠ ≤ ≥", ["WRONG_SIGN ≠", "WRONG_SIGN ≤", "WRONG_SIGN ≥"]),
        ("+-*/", ["PLUS +", "MINUS -", "TIMES *", "OVER /"]),
        ("([,])", ["LPAR (", "LSQB [", "COMMA ,", "RSQB ]", "RPAR )"]),
        ("~ #", ["ODD ~", "ODD #"]),
    ],
)
def test_each_kind_of_word_is_told_from_its_neighbours(
    text: str, found: list[str]
) -> None:
    assert kinds(text) == found


QUOTES = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b"


def test_a_typographic_quote_is_a_word_by_itself() -> None:
    assert kinds(QUOTES) == [f"TYPED_QUOTE {sign}" for sign in QUOTES]
