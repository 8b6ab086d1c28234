"""Numbers, lengths and dates as people write them, and what they are told."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from gatekeeper.language.messages import CheckSyntaxError, Message
from gatekeeper.language.parser.line import parse, parse_rows, parse_value
from gatekeeper.language.parser.literals import date_of, decimal_of, split_duration
from gatekeeper.language.tree.syntax import TimeUnit


def told(text: str, currency: str = "USD") -> Message:
    with pytest.raises(CheckSyntaxError) as caught:
        parse(text, currency=currency)
    (said,) = caught.value.mistakes
    return said


UNITS = {
    "business": "business days",
    "working": "business days",
    "workdays": "business days",
    "weekdays": "business days",
    "d": "days",
    "h": "hours",
    "hrs": "hours",
    "w": "weeks",
    "wks": "weeks",
    "mo": "months",
    "y": "years",
    "yrs": "years",
    "dayz": "days",
    "Monts": "months",
    "quarterz": "quarters",
}


@pytest.mark.parametrize(("word", "unit"), UNITS.items())
@pytest.mark.parametrize("window", ["within last", "within"])
def test_a_unit_of_another_spelling_is_told_ours(
    window: str, word: str, unit: str
) -> None:
    said = told(f"close_date {window} 3 {word}")
    assert (said.code, said.text) == ("E311", f'"{word}" is not a unit of time.')
    assert said.help == f'did you mean "{unit}"?'


@pytest.mark.parametrize(
    "word", ["min", "mins", "minute", "minutes", "sec", "seconds", "fortnightly"]
)
def test_what_is_no_unit_of_ours_is_told_them_all(word: str) -> None:
    said = told(f"close_date within last 3 {word}")
    assert said.help == "units: hours, days, weeks, months, quarters, years."


@pytest.mark.parametrize(
    "unit",
    ["weeks", "months", "quarters", "years", "week", "month", "quarter", "year"],
)
def test_only_days_and_hours_are_of_business(unit: str) -> None:
    said = told(f"close_date within last 3 business {unit}")
    assert said.text == f'"business {unit}" is not a unit of time.'
    assert (said.span.start, said.span.end) == (25, 34 + len(unit))


@pytest.mark.parametrize(
    "unit", ["hours", "days", "weeks", "months", "year", "quarter"]
)
def test_half_a_unit_is_no_length(unit: str) -> None:
    said = told(f"close_date within last 1.5 {unit}")
    assert said.text == f"1.5 {unit} is not a length of time."
    assert said.span.start == 23


MAGNITUDES = {"thousand": "k", "grand": "k", "million": "m", "mn": "m", "mio": "m"}


@pytest.mark.parametrize(("word", "short"), MAGNITUDES.items())
def test_a_magnitude_in_words_is_told_its_letter(word: str, short: str) -> None:
    assert told(f"amount > 5 {word}").help == f"write 5{short}."
    assert told(f"amount > 5 {word.upper()}").help == f"write 5{short}."


NUMBERS = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
    *("seventeen", "eighteen", "nineteen", "twenty"),
]
TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70}
MORE = {"eighty": 80, "ninety": 90, "twenty one": 21, "Thirty-Nine": 39}
WORDS = {word: number for number, word in enumerate(NUMBERS)} | TENS | MORE


@pytest.mark.parametrize(("word", "number"), WORDS.items())
def test_a_count_in_words_is_told_in_digits(word: str, number: int) -> None:
    said = told(f"at least {word} contacts")
    assert said.code == "E312"
    assert said.text == f"write the number as digits: at least {number} contacts."
    assert said.span.start == 9


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("at least three", "at least 3 contacts"),
        ("at least contacts", "at least 2 contacts"),
        ("exactly two of meddppicc is filled", "exactly 2 of meddppicc"),
        ("at most ten line_items where total > 5", "at most 10 line_items"),
        ("at least nineteen one contacts", "at least 19 one"),
        ("at least twenty ten contacts", "at least 20 ten"),
    ],
)
def test_a_count_keeps_the_rows_it_counts(text: str, written: str) -> None:
    assert told(text).text == f"write the number as digits: {written}."


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("exactly one hundred contacts", "one hundred"),
        ("at least Two thousand contacts", "Two thousand"),
        ("at most twenty-five hundred contacts", "twenty-five hundred"),
        ("at least two dozen of meddppicc is filled", "two dozen"),
        ("at least one hundred", "one hundred"),
    ],
)
def test_a_count_above_ninety_nine_is_asked_for_in_digits(
    text: str, number: str
) -> None:
    said = told(text)
    assert said.code == "E312"
    assert said.text == f'"{number}" is a number in words.'
    assert said.help == "write it as digits, such as 100."


def test_what_is_no_number_is_called_so() -> None:
    said = told("at least few contacts")
    assert said.text == '"few" is no number.'
    assert said.help == "write it as digits, such as 2."


@pytest.mark.parametrize(
    ("text", "help_line"),
    [
        ("amount > .5", "write 0.5."),
        ("amount > {5}", "names stand without braces, parameters after a $."),
        ("amount > 1 000", "write 1000 without blanks."),
        ("amount > 5days", "write 5 days."),
        ("amount > 5eur", "write numbers as 50000, 50_000, 50k or 1.5m."),
        ("amount > 5x5", "write numbers as 50000, 50_000, 50k or 1.5m."),
        ("discount > 5 percent", "write 5%."),
        ("discount > 5 pct", "write 5%."),
    ],
)
def test_a_number_of_another_spelling_is_told_ours(text: str, help_line: str) -> None:
    said = told(text)
    assert (said.code, said.help) == ("E300", help_line)


@pytest.mark.parametrize("written", ["5 EUR", "5EUR"])
def test_an_amount_has_no_currency_of_its_own(written: str) -> None:
    said = told(f"amount > {written}", currency="CHF")
    assert said.code == "E307"
    assert said.text.endswith("they are compared in the project currency (CHF).")


def test_the_currency_of_a_project_that_says_none_is_dollars() -> None:
    for read in (parse, parse_value, parse_rows):
        with pytest.raises(CheckSyntaxError) as caught:
            read("5EUR")
        assert "(USD)" in caught.value.mistakes[0].text


# ---- what is read of them ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("50_000", "50000"),
        ("50k", "50000"),
        ("1.5M", "1500000"),
        ("0.25", "0.25"),
        ("7", "7"),
    ],
)
def test_digits_are_read_exactly(text: str, number: str) -> None:
    assert decimal_of(text) == Decimal(number)


def test_a_date_may_have_a_time() -> None:
    assert date_of("2026-12-31") == date(2026, 12, 31)
    exact = date_of("2026-12-31 15:00")
    assert isinstance(exact, datetime)
    assert (exact.hour, exact.minute, exact.tzinfo) == (15, 0, None)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("3 business days", (3, True, TimeUnit.DAYS)),
        ("1 hour", (1, False, TimeUnit.HOURS)),
        ("1_000 Weeks", (1000, False, TimeUnit.WEEKS)),
        ("2 months", (2, False, TimeUnit.MONTHS)),
        ("2 quarters", (2, False, TimeUnit.QUARTERS)),
        ("2 years", (2, False, TimeUnit.YEARS)),
    ],
)
def test_a_length_is_a_count_of_units(
    text: str, length: tuple[int, bool, TimeUnit]
) -> None:
    assert split_duration(text) == length
