"""The words of a check: what parts them, how many there may be, and what is near."""

from __future__ import annotations

import pytest

from gatekeeper.language.messages import CheckSyntaxError, Message
from gatekeeper.language.parser.line import parse
from gatekeeper.language.parser.numbers import with_separators
from gatekeeper.language.parser.tokens import KEYWORDS, scan
from gatekeeper.language.parser.words import within_limits
from gatekeeper.language.tree.format import strip_spans
from gatekeeper.language.tree.syntax import Span

BLANKS = [*range(0x2000, 0x200C), 0xA0, 0x202F, 0xFEFF]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.type, str(token)) for token in scan(text)]


def refused(text: str) -> Message:
    with pytest.raises(CheckSyntaxError) as caught:
        within_limits(text)
    (said,) = caught.value.mistakes
    return said


# ---- words ---------------------------------------------------------------------------


@pytest.mark.parametrize("code", BLANKS)
def test_a_blank_of_typography_parts_words(code: int) -> None:
    text = "amount on or after 5".replace(" ", chr(code))
    assert [kind for kind, _ in kinds(text)] == ["NAME", "COMPARE", "NUMBER"]
    assert strip_spans(parse(text)) == strip_spans(parse("amount on or after 5"))


def test_a_quoted_text_keeps_its_blanks() -> None:
    assert kinds("a = 'b\u00a0c\u200bd'")[-1] == ("TEXT", "'b\u00a0c\u200bd'")


@pytest.mark.parametrize("code", [0x1FFF, 0x200C, 0x9F, 0xA1, 0x202E, 0x2030])
def test_a_sign_that_is_no_blank_is_a_word_of_its_own(code: int) -> None:
    assert kinds(f"a{chr(code)}b") == [("NAME", "a"), ("ODD", chr(code)), ("NAME", "b")]


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_a_word_of_the_language_may_be_written_large(word: str) -> None:
    for written in (word, word.upper(), word.title()):
        assert kinds(written) == [(KEYWORDS[word], written)]
        assert kinds(f"{written}_x") == [("NAME", f"{written}_x")]


@pytest.mark.parametrize("word", ["\u0131s", "\u017fome", "li\u212ae"])
def test_no_letter_of_another_script_makes_a_word_of_the_language(word: str) -> None:
    assert {kind for kind, _ in kinds(word)} <= {"NAME", "ODD"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "NUMBER"),
        ("1_000.50k", "NUMBER"),
        ("2.5M", "NUMBER"),
        ("20%", "PERCENT"),
        ("20 %", "PERCENT"),
        ("007", "ODD_NUMBER"),
        ("5x", "ODD_NUMBER"),
        ("3 days", "DURATION"),
        ("1 hour", "DURATION"),
        ("3  business\tdays", "DURATION"),
        ("2 business hours", "DURATION"),
        ("4 Quarters", "DURATION"),
        ("2026-12-31", "DATE"),
        ("2026-12-31 15:00", "DATE"),
        ("2026-12-31T15:00", "DATE"),
        ("2026-1-1", "ODD_DATE"),
        ("1999/01/02", "ODD_DATE"),
        ("2026.01.02", "ODD_DATE"),
        ("1/2/2026", "ODD_DATE"),
        ("'it\"s'", "TEXT"),
        ('"a\nb"', "TEXT"),
        ('"', "OPEN_TEXT"),
        ("$p_1", "PARAM"),
        ("on  or before", "COMPARE"),
        ("Starts With", "TEXT_OPERATOR"),
        ("ends with", "TEXT_OPERATOR"),
        ("includes none of", "INCLUDES_OF"),
        ("in last fiscal year", "IN_PERIOD"),
        ("since stage entry", "SINCE_MARK"),
        ("since creation", "SINCE_MARK"),
        ("at least", "BOUND"),
        ("at most", "BOUND"),
        ("a.b.c", "NAME"),
        ("!=", "COMPARE"),
        ("!==", "WRONG_SIGN"),
        ("=!", "WRONG_SIGN"),
        ("!", "WRONG_SIGN"),
        ("\u2264", "WRONG_SIGN"),
        ("\u201f", "TYPED_QUOTE"),
        ("{", "ODD"),
    ],
)
def test_what_belongs_together_is_one_word(text: str, expected: str) -> None:
    assert kinds(text) == [(expected, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 daysx", ["NUMBER", "NAME"]),
        ("3 days.x", ["NUMBER", "NAME"]),
        ("3 business weeks", ["NUMBER", "NAME", "NAME"]),
        ("on or afternoon", ["NAME", "OR", "NAME"]),
        ("at leastx", ["NAME", "NAME"]),
        ("in this weekend", ["IN", "NAME", "NAME"]),
        ("since creation_day", ["SINCE", "NAME"]),
        ("changed within", ["CHANGED", "WITHIN"]),
        ("changed since", ["CHANGED", "SINCE"]),
        ("changed withinx", ["NAME", "NAME"]),
        ("includes any offer", ["INCLUDES", "NAME", "NAME"]),
        ("2026-12-31-1", ["ODD_DATE", "MINUS", "NUMBER"]),
        ("5 %x", ["PERCENT", "NAME"]),
        ("a.5", ["NAME", "ODD", "NUMBER"]),
        ("$5", ["ODD", "NUMBER"]),
        ("+-*/()[],", ["PLUS", "MINUS", "TIMES", "OVER", "LPAR", "RPAR", "LSQB",
                       "RSQB", "COMMA"]),
        ("<=>=", ["COMPARE", "COMPARE"]),
        ("!(a", ["WRONG_SIGN", "LPAR", "NAME"]),
    ],
)  # fmt: skip
def test_a_longer_word_is_another(text: str, expected: list[str]) -> None:
    assert [kind for kind, _ in kinds(text)] == expected


# ---- limits --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a within last 876600 hours",
        "a within last 36525 days",
        "a within last 36525 business days",
        "a within last 5218 weeks",
        "a within last 1200 months",
        "a within last 400 quarters",
        "a within last 100 years",
        "a > 123456789012345678",
        "a > 123456789012345678%",
        "a > 1234567890.12345678",
    ],
)
def test_what_is_at_the_limit_is_read(text: str) -> None:
    assert parse(text)


def test_a_check_of_five_hundred_characters_is_the_longest() -> None:
    assert within_limits("a is filled".ljust(500))
    said = refused("a is filled".ljust(501))
    assert said == Message(
        "E319",
        "this check is 501 characters long (limit 500).",
        Span(0, 501),
        'split it into list items or name parts with "define".',
    )


@pytest.mark.parametrize(
    ("text", "at", "depth"),
    [
        ("(" * 9 + "a" + ")" * 9, 8, 9),
        ("(a) and (" + "[" * 7 + "(a", 16, 9),
        ("not " * 9 + "a", 32, 9),
        ("a > " + "-" * 9 + "1", 12, 9),
        ("(" * 7 + "not -a or b", 11, 9),
    ],
)
def test_a_check_is_nested_eight_deep_at_most(text: str, at: int, depth: int) -> None:
    said = refused(text)
    assert said.text == f"this check is nested {depth} deep (limit 8)."
    assert said.span.start == at
    assert said.help == 'split it into list items or name parts with "define".'


@pytest.mark.parametrize(
    "text", ["(" * 7 + "not a) and -b" + " or (c) and not d", "not a and " * 12 + "b"]
)
def test_what_is_closed_again_is_not_deep(text: str) -> None:
    assert within_limits(text)


def test_a_list_has_fifty_values_at_most() -> None:
    values = ", ".join(map(str, range(10, 60)))
    assert within_limits(f"a in [{values}] and b in [{values}]")
    assert within_limits(f"f({values}), 1, 2, 3")
    said = refused(f"a in [1] and b in [{values}, 60] or c")
    assert said == Message(
        "E319",
        "this list holds 51 values (limit 50).",
        Span(18, 18 + 2 + 51 * 4 - 2),
        'declare the list under "params" and use its name with "$".',
    )
    inner = refused(f"a in [(1), {values}]")
    assert inner.text == "this list holds 51 values (limit 50)."


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_a_check_calculates_fifty_times_at_most(sign: str) -> None:
    assert within_limits(f" {sign} ".join(["a"] * 51))
    said = refused(f"b + {f' {sign} '.join(['a'] * 51)} = 5")
    assert said == Message(
        "E319",
        "this check calculates 51 times (limit 50).",
        Span(2, 203),
        'split it into list items or name parts with "define".',
    )


# ---- numbers with commas -------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "ways"),
    [
        ("50,000", "write 50000, 50_000 or 50k."),
        ("1,000", "write 1000, 1_000 or 1k."),
        ("1,500", "write 1500, 1_500 or 1.5k."),
        ("1,250", "write 1250 or 1_250."),
        ("1,000,000", "write 1000000, 1_000_000 or 1m."),
        ("2,500,000", "write 2500000, 2_500_000 or 2.5m."),
        ("1,250,000", "write 1250000, 1_250_000 or 1250k."),
        ("1,234,567", "write 1234567 or 1_234_567."),
        ("123,456,789,012,345,678", "write 123456789012345678 or"
                                    " 123_456_789_012_345_678."),
        ("1,123,456,789,012,345,678", "write at most 18 digits, without commas."),
    ],
)  # fmt: skip
def test_a_number_with_commas_is_told_every_way_without(number: str, ways: str) -> None:
    assert with_separators(number) == ways
