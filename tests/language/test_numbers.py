"""Numbers as other places write them, and SOQL's dates: what is meant, and what not."""

from __future__ import annotations

import pytest

from gatekeeper.language.messages import CheckSyntaxError, Message
from gatekeeper.language.parser.line import parse
from gatekeeper.language.parser.numbers import mistaken_points, with_separators
from gatekeeper.language.parser.tokens import KEYWORDS, RESERVED, scan
from gatekeeper.language.tree.syntax import Span


def told(text: str) -> Message:
    with pytest.raises(CheckSyntaxError) as caught:
        parse(text)
    return caught.value.mistakes[0]


# ---- numbers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "ways"),
    [
        ("1,000", "write 1000, 1_000 or 1k."),
        ("50,000", "write 50000, 50_000 or 50k."),
        ("1,500", "write 1500, 1_500 or 1.5k."),
        ("1,550", "write 1550 or 1_550."),
        ("999,000", "write 999000, 999_000 or 999k."),
        ("1,000,000", "write 1000000, 1_000_000 or 1m."),
        ("1,200,000", "write 1200000, 1_200_000 or 1.2m."),
        ("1,250,000", "write 1250000, 1_250_000 or 1250k."),
        ("10,000,000", "write 10000000, 10_000_000 or 10m."),
        ("1,234.50", "write 1234.50 or 1_234.50."),
        (
            "123,456,789,012,345,678",
            "write 123456789012345678 or 123_456_789_012_345_678.",
        ),
        ("1,123,456,789,012,345,678", "write at most 18 digits, without commas."),
    ],
)
def test_a_number_with_commas_is_told_how_it_may_be_written(
    number: str, ways: str
) -> None:
    assert with_separators(number) == ways


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (
            "1.200.000",
            (
                "numbers have one point, before their decimals.",
                "write 1200000, 1_200_000 or 1.2m.",
            ),
        ),
        (
            "1.200.000,50",
            (
                "numbers have one point, before their decimals.",
                "write 1200000.50 or 1_200_000.50.",
            ),
        ),
        (
            "50.000",
            (
                "a point marks decimals, so 50.000 is 50.",
                "write 50000, 50_000 or 50k; or 50, if that is meant.",
            ),
        ),
        (
            "12.500",
            (
                "a point marks decimals, so 12.500 is 12.5.",
                "write 12500, 12_500 or 12.5k; or 12.5, if that is meant.",
            ),
        ),
        ("12.345", None),  # not round, so the decimals are meant
        ("0.500", None),
        ("1250.500", None),
        ("50.00", None),
        ("50.0000", None),
    ],
)
def test_points_between_thousands_are_told(
    number: str, said: tuple[str, str] | None
) -> None:
    assert mistaken_points(number) == said


@pytest.mark.parametrize(
    ("text", "meant", "help_line"),
    [
        ("amount > 50,000", "50,000", "write 50000, 50_000 or 50k."),
        ("amount > 50,000.25", "50,000.25", "write 50000.25 or 50_000.25."),
        ("amount > 1.200,50", "1.200,50", "write 1200.50."),
        ("amount > 1,5", "1,5", "write 1.5."),
        ("amount > 1,5m", "1,5m", "write 1.5m."),
        ("discount > 7,5 %", "7,5 %", "write 7.5 %."),
        ("amount > 50'000", "50'000", "write 50000, 50_000 or 50k."),
        ("amount > 1'200'000", "1'200'000", "write 1200000, 1_200_000 or 1.2m."),
    ],
)
def test_a_number_of_another_place_is_marked_whole(
    text: str, meant: str, help_line: str
) -> None:
    said = told(text)
    start = text.index(meant)
    assert said.code == "E306"
    assert said.span == Span(start, start + len(meant))
    assert said.help == help_line


# ---- date literals of SOQL -----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "marked", "instead"),
    [
        ("close_date = LAST_N_DAYS:30", "= LAST_N_DAYS:30", "within last 30 days"),
        ("close_date < LAST_N_WEEKS:2", "< LAST_N_WEEKS:2", "< today - 2 weeks"),
        ("close_date > NEXT_N_YEARS:1", "> NEXT_N_YEARS:1", "> today + 1 years"),
        ("close_date = NEXT_90_DAYS", "= NEXT_90_DAYS", "within next 90 days"),
        ("close_date LAST_90_DAYS", "LAST_90_DAYS", "today - 90 days"),
        (
            "close_date = LAST_N_FISCAL_QUARTERS:3",
            "= LAST_N_FISCAL_QUARTERS:3",
            "within last 3 quarters",
        ),
        ("close_date < N_DAYS_AGO:7", "< N_DAYS_AGO:7", "< today - 7 days"),
        ("close_date = THIS_MONTH", "= THIS_MONTH", "in this month"),
        (
            "close_date = NEXT_FISCAL_YEAR",
            "= NEXT_FISCAL_YEAR",
            "in next fiscal year",
        ),
        (
            "close_date >= LAST_QUARTER",
            ">= LAST_QUARTER",
            "in last quarter, or >= a date such as 2026-12-31",
        ),
        ("close_date LAST_QUARTER", "LAST_QUARTER", "in last quarter"),
        ("close_date = YESTERDAY", "= YESTERDAY", "= today - 1 day"),
        ("close_date < TOMORROW", "< TOMORROW", "< today + 1 day"),
        ("YESTERDAY < close_date", "YESTERDAY", "today - 1 day"),
    ],
)
def test_a_date_literal_of_soql_is_told_what_it_is_here(
    text: str, marked: str, instead: str
) -> None:
    said = told(text)
    start = text.index(marked)
    literal = marked.rsplit(maxsplit=1)[-1]
    assert said.code == "E304"
    assert said.text == f"{literal} is a date literal of SOQL; here: {instead}."
    assert said.span == Span(start, start + len(marked))


@pytest.mark.parametrize("name", ["last_n_days", "Yesterday", "YESTERDAYS", "NEXT"])
def test_a_name_that_is_like_a_literal_is_a_name(name: str) -> None:
    try:
        parse(f"{name} > 5")
    except CheckSyntaxError as error:
        assert "SOQL" not in str(error)  # noqa: PT017  either way it is none


# ---- words ---------------------------------------------------------------------------


def kinds(text: str) -> list[tuple[str, str]]:
    return [(each.type, str(each)) for each in scan(text)]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("and", "AND"),
        ("or", "OR"),
        ("not", "NOT"),
        ("is", "IS"),
        ("in", "IN"),
        ("between", "BETWEEN"),
        ("before", "COMPARE"),
        ("after", "COMPARE"),
        ("contains", "TEXT_OPERATOR"),
        ("matches", "TEXT_OPERATOR"),
        ("includes", "INCLUDES"),
        ("within", "WITHIN"),
        ("last", "LAST"),
        ("next", "NEXT"),
        ("since", "SINCE"),
        ("some", "QUANTITY"),
        ("no", "QUANTITY"),
        ("exactly", "BOUND"),
        ("every", "EVERY"),
        ("of", "OF"),
        ("where", "WHERE"),
        ("has", "HAS"),
        ("empty", "STATE"),
        ("filled", "STATE"),
        ("true", "STATE"),
        ("false", "STATE"),
        ("today", "TODAY"),
        ("now", "NOW"),
    ],
)
def test_a_word_of_the_language_has_its_kind_in_any_case(word: str, kind: str) -> None:
    assert kinds(word) == [(kind, word)]
    assert kinds(word.upper()) == [(kind, word.upper())]
    assert kinds(f"{word}x") == [("NAME", f"{word}x")]
    assert KEYWORDS[word] == kind
    assert word in RESERVED


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("on or before", "COMPARE"),
        ("on  or\tafter", "COMPARE"),
        ("starts with", "TEXT_OPERATOR"),
        ("ends with", "TEXT_OPERATOR"),
        ("includes any of", "INCLUDES_OF"),
        ("includes all of", "INCLUDES_OF"),
        ("includes none of", "INCLUDES_OF"),
        ("in this week", "IN_PERIOD"),
        ("in last fiscal quarter", "IN_PERIOD"),
        ("in next month", "IN_PERIOD"),
        ("in this fiscal year", "IN_PERIOD"),
        ("since stage entry", "SINCE_MARK"),
        ("since creation", "SINCE_MARK"),
        ("at least", "BOUND"),
        ("at most", "BOUND"),
        ("2026-12-31", "DATE"),
        ("2026-12-31 23:59", "DATE"),
        ("2026-12-31t23:59", "DATE"),
        ("2026-1-5", "ODD_DATE"),
        ("2026-12-31T23", "ODD_DATE"),
        ("2026/12/31", "ODD_DATE"),
        ("1999.12.31", "ODD_DATE"),
        ("31.12.2026", "ODD_DATE"),
        ("1/5/2026", "ODD_DATE"),
        ("0 days", "DURATION"),
        ("14 days", "DURATION"),
        ("1 hour", "DURATION"),
        ("3 business  days", "DURATION"),
        ("2 business hours", "DURATION"),
        ("6 weeks", "DURATION"),
        ("1 month", "DURATION"),
        ("2 quarters", "DURATION"),
        ("1_000 years", "DURATION"),
        ("20%", "PERCENT"),
        ("7.5 %", "PERCENT"),
        ("50k", "NUMBER"),
        ("1.5m", "NUMBER"),
        ("250_000", "NUMBER"),
        ("0", "NUMBER"),
        ("007", "ODD_NUMBER"),
        ("5x", "ODD_NUMBER"),
        ("1_", "ODD_NUMBER"),
        ("$min_amount", "PARAM"),
        ("account.segment", "NAME"),
        ("custom.Pilot__c", "NAME"),
        ('"a text"', "TEXT"),
        ("'a text'", "TEXT"),
        ("\u201c", "TYPED_QUOTE"),
        ("\u00ab", "TYPED_QUOTE"),
        ("\u2019", "TYPED_QUOTE"),
        ("==", "WRONG_SIGN"),
        ("!==", "WRONG_SIGN"),
        ("<>", "WRONG_SIGN"),
        ("=>", "WRONG_SIGN"),
        ("&&", "WRONG_SIGN"),
        ("||", "WRONG_SIGN"),
        ("!", "WRONG_SIGN"),
        ("\u2264", "WRONG_SIGN"),
        ("!=", "COMPARE"),
        ("<=", "COMPARE"),
        (">=", "COMPARE"),
        ("=", "COMPARE"),
        ("<", "COMPARE"),
        (">", "COMPARE"),
        ("+", "PLUS"),
        ("-", "MINUS"),
        ("*", "TIMES"),
        ("/", "OVER"),
        ("(", "LPAR"),
        (")", "RPAR"),
        ("[", "LSQB"),
        ("]", "RSQB"),
        (",", "COMMA"),
        ("?", "ODD"),
        ("\u0456", "ODD"),  # a letter of another script
    ],
)
def test_a_token_has_its_kind(text: str, kind: str) -> None:
    assert kinds(text) == [(kind, text)]
    assert kinds(f" {text} ") == [(kind, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("changed within", [("CHANGED", "changed"), ("WITHIN", "within")]),
        ("changed since", [("CHANGED", "changed"), ("SINCE", "since")]),
        ("changed = 5", [("NAME", "changed"), ("COMPARE", "="), ("NUMBER", "5")]),
        ("14 daysx", [("NUMBER", "14"), ("NAME", "daysx")]),
        ("at leastx", [("NAME", "at"), ("NAME", "leastx")]),
        ('"open', [("OPEN_TEXT", '"'), ("NAME", "open")]),
        ("a\u00a0is\u2009on\u00a0or\u00a0before", None),
    ],
)
def test_tokens_end_where_the_next_begins(
    text: str, expected: list[tuple[str, str]] | None
) -> None:
    """Blanks of typography part words as plain ones do."""
    plain = [("NAME", "a"), ("IS", "is"), ("COMPARE", "on or before")]
    assert kinds(text) == (expected or plain)


def test_a_text_keeps_its_own_blanks_and_every_token_its_place() -> None:
    text = '  name = "a\u00a0b"'
    found = list(scan(text))
    assert [str(each) for each in found] == ["name", "=", '"a\u00a0b"']
    assert [(each.start_pos, each.end_pos) for each in found] == [
        (2, 6),
        (7, 8),
        (9, 14),
    ]


def test_apostrophes_are_told_of_numbers_alone() -> None:
    for text in ("name = \"1'200'000\"", "name = '500'", "name in ['5', '100']"):
        parse(text)
    assert told("name = '5' and amount > 1'200'000").span == Span(24, 33)
    assert told("amount > 50'00").code == "E313"
