from __future__ import annotations

import pytest

from gatekeeper.errors import SetupError
from gatekeeper.language.messages import (
    CheckSyntaxError,
    Place,
    bare_word,
    frame,
    reserved_word,
)
from gatekeeper.language.parser.line import parse, parse_rows, parse_value
from gatekeeper.language.tree.syntax import Span


def _said(text: str, *, currency: str = "USD") -> str:
    """Return every message about a check, framed as in line 7 of a file."""
    with pytest.raises(CheckSyntaxError) as caught:
        parse(text, currency=currency)
    return "\n".join(
        frame(
            Place("r.yaml", 7, at.span.start + 1, at.span.end - at.span.start, text),
            at.code,
            at.text,
            at.help,
        )
        for at in caught.value.mistakes
    )


# One entry per sentence: the check, carets under it, code and sentence, help or "".
ROWS = """
amount => 50000
       ^^
E301: "=>" is not an operator.
did you mean ">="?

amount =< 50000
       ^^
E301: "=<" is not an operator.
did you mean "<="?

stage == "x"
      ^^
E302: "==" is written "=" here.

stage <> "x"
      ^^
E302: "<>" is written "!=" here.

a && b
  ^^
E302: "&&" is written "and" here.

a || b
  ^^
E302: "||" is written "or" here.

!a
^
E302: "!" is written "not" here.

next_step isn't empty
          ^^^^^
E302: "isn't" is written "is not" here.

amount IS NULL
       ^^^^^^^
E303: write "is empty" instead of "IS NULL".

amount IS NOT NULL
       ^^^^^^^^^^^
E303: write "is filled" instead of "IS NOT NULL".

amount = null
       ^^^^^^
E303: write "is empty" instead of "= null".

amount != null
       ^^^^^^^
E303: write "is filled" instead of "!= null".

amount = empty
       ^^^^^^^
E303: write "is empty" instead of "= empty".

amount != filled
       ^^^^^^^^^
E303: write "is empty" instead of "!= filled".

NOT(ISBLANK(NextStep))
    ^^^^^^^
E304: ISBLANK is a Salesforce function; here: NextStep is filled.

isblank(NextStep)
^^^^^^^
E304: ISBLANK is a Salesforce function; here: NextStep is empty.

ISPICKVAL(StageName, "Proposal")
^^^^^^^^^
E304: ISPICKVAL is a Salesforce function; here: StageName = "Proposal".

NOT ISPICKVAL(StageName, "Proposal")
    ^^^^^^^^^
E304: ISPICKVAL is a Salesforce function; here: StageName != "Proposal".

ISCHANGED(NextStep)
^^^^^^^^^
E304: ISCHANGED is a Salesforce function; here: NextStep changed within last 30 days.

PRIORVALUE(Amount) > 5
^^^^^^^^^^
E304: PRIORVALUE is a Salesforce function; here: previous(Amount).

TEXT(StageName) = "x"
^^^^
E304: TEXT is a Salesforce function; here: StageName.

AND(ISBLANK(a), OR(b, NOT(ISPICKVAL(c, "x"))))
^^^
E304: AND is a Salesforce function; here: a is empty and (b or c != "x").

OR(a = 1, TODAY() > b)
^^
E304: OR is a Salesforce function; here: a = 1 or today > b.

CASE(StageName, "x", 1, 0) = 1
^^^^
E304: CASE is a Salesforce function; here: write one check per case, each with its own "when".

LEN(a) > 5 and CONTAINS(b, "x")
^^^
E304: LEN is a Salesforce function; here: length(a).
               ^^^^^^^^
E304: CONTAINS is a Salesforce function; here: b contains "x".

next_step is fild
             ^^^^
E305: after "is" comes filled, empty, true or false; found "fild".
did you mean "filled"?

next_step is not blank
                 ^^^^^
E305: after "is not" comes filled, empty, true or false; found "blank".
did you mean "empty"?

stage is "Proposal"
         ^^^^^^^^^^
E305: after "is" comes filled, empty, true or false; found "Proposal".
to compare write = "Proposal"

stage is in ["a"]
         ^^
E305: after "is" comes filled, empty, true or false; found "in".
leave out "is".

exactly one hundred contacts
        ^^^
E312: "one hundred" is a number in words.
write it as digits, such as 100.

at most a few contacts
        ^
E312: "a" is no number.
write it as digits, such as 2.

next_step is xyz
             ^^^
E305: after "is" comes filled, empty, true or false; found "xyz".
to compare write = "xyz"

amount >= 50,000
          ^^^^^^
E306: numbers have no commas.
write 50000, 50_000 or 50k.

amount >= 1,234,567
          ^^^^^^^^^
E306: numbers have no commas.
write 1234567 or 1_234_567.

amount in [1,500,000]
             ^^^^^^^
E306: numbers have no commas.
write 500000, 500_000 or 500k.

amount >= 10 USD
          ^^^^^^
E307: amounts have no currency code; they are compared in the project currency (USD).

amount >= $500
          ^^^^
E307: amounts have no currency code; they are compared in the project currency (USD).

amount >=
       ^^
E308: the check ends too early; a value is missing after ">=".

amount >= 5 and
            ^^^
E308: the check ends too early; a condition is missing after "and".

amount between 5 and
                 ^^^
E308: the check ends too early; a value is missing after "and".

amount between 5
               ^
E308: the check ends too early; "and" is missing after "5".

amount is
       ^^
E308: the check ends too early; filled, empty, true or false is missing after "is".

stage in
      ^^
E308: the check ends too early; a list is missing after "in".

at least
^^^^^^^^
E308: the check ends too early; a number is missing after "at least".

at least 2
         ^
E308: the check ends too early; a collection is missing after "2".

some contacts where
              ^^^^^
E308: the check ends too early; a condition is missing after "where".

x within last
         ^^^^
E308: the check ends too early; a length of time is missing after "last".

every contact
      ^^^^^^^
E308: the check ends too early; "has" or "where" is missing after "contact".

close_date within 14 days
           ^^^^^^^^^^^^^^
E309: say "within last 14 days" or "within next 14 days".

close_date within
           ^^^^^^
E309: say "within last 14 days" or "within next 14 days".

next_step changed within 30 days
                  ^^^^^^^^^^^^^^
E309: say "changed within last 30 days".

close_date within last 14
                       ^^
E310: 14 what? Write 14 days, 14 business days, 2 weeks ...

close_date within last 30 or a
                       ^^
E310: 30 what? Write 30 days, 30 business days, 2 weeks ...

close_date within last 14 dayz
                          ^^^^
E311: "dayz" is not a unit of time.
did you mean "days"?

created_on before today - 14 dayz
                             ^^^^
E311: "dayz" is not a unit of time.
did you mean "days"?

close_date within last 14 working days
                          ^^^^^^^
E311: "working" is not a unit of time.
did you mean "business days"?

close_date within last 2 business weeks
                         ^^^^^^^^^^^^^^
E311: "business weeks" is not a unit of time.
only days and hours can be business days and business hours.

close_date within last 5 minutes
                         ^^^^^^^
E311: "minutes" is not a unit of time.
units: hours, days, weeks, months, quarters, years.

at least two contacts
         ^^^
E312: write the number as digits: at least 2 contacts.

exactly one of meddppicc is filled
        ^^^
E312: write the number as digits: exactly 1 of meddppicc.

next_step contains "abc
                   ^
E313: the text that starts with " here is not closed.

(amount > 5 or (a and b)
^
E314: "(" on this line is not closed.

stage in ["a", "b"
         ^
E314: "[" on this line is not closed.

next_step contains "x" and at least 2 contacts where role = "a" or amount > 5
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E315: put the part from "at least" in parentheses; otherwise it is unclear what "or" belongs to.

a is filled and some contacts where b
                ^^^^^^^^^^^^^^^^^^^^^
E315: put the part from "some" in parentheses; otherwise it is unclear what "and" belongs to.

a and some contacts where (b or c)
      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E315: put the part from "some" in parentheses; otherwise it is unclear what "and" belongs to.

a or every line_item has quantity > 0
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E315: put the part from "every" in parentheses; otherwise it is unclear what "or" belongs to.

stage = Closed Won
        ^^^^^^^^^^
E316: Closed Won is not a field. If you mean the stage, write "Closed Won" in quotes.

5 <= amount <= 10
^^^^^^^^^^^^^^^^^
E317: comparisons do not chain.
amount between 5 and 10

a and 10 >= sum(x.y) >= 5 or b
      ^^^^^^^^^^^^^^^^^^^
E317: comparisons do not chain.
sum(x.y) between 5 and 10

a < b <= c
^^^^^^^^^^
E317: comparisons do not chain.
a < b and b <= c

next = "x"
^^^^
E318: "next" is a word of the language; give the field another canonical name in fields.yaml.

is_renewal = true
           ^^^^^^
E415: is_renewal is yes/no; write "is_renewal is true".

is_renewal != true
           ^^^^^^^
E415: is_renewal is yes/no; write "is_renewal is false".

is_renewal = NO
           ^^^^
E415: is_renewal is yes/no; write "is_renewal is false".

close_date < 2026-09-31
             ^^^^^^^^^^
E107: 2026-09-31 is not a date (September has 30 days).

name = “x”
       ^
E111: “ is a typographic quote, probably pasted from a document; use ".
         ^
E111: ” is a typographic quote, probably pasted from a document; use ".

some meetings where start since stage entry
                          ^^^^^^^^^^^^^^^^^
E300: this is not understood from here: "since stage entry"
start on or after entered()

close_date since entered("Discovery") and amount > 5
           ^^^^^
E300: this is not understood from here: "since entered("Discovery") and amount..."
close_date on or after entered("Discovery")

amount 500
       ^^^
E300: this is not understood from here: "500"
after "amount" comes an operator such as "=", ">=" or "is filled".

) = 5
^
E300: this is not understood from here: ") = 5"
a check begins with a condition.

stage in ["a" "b"]
              ^^^
E300: this is not understood from here: ""b"]"
after "a" comes "]" or ",".

amount >= and b
          ^^^
E300: this is not understood from here: "and b"
after ">=" comes a value.

amount > 14days and something_else_that_is_quite_long
         ^^^^^^
E300: this is not understood from here: "14days and something_else_that_is_qui..."
write 14 days.

stage in ("a", "b")
         ^
E300: this is not understood from here: "("a", "b")"
a list stands in brackets: in ["a", "b"]

a)
 ^
E300: this is not understood from here: ")"
there is no "(" that it closes.

some contacts with role = "x"
              ^^^^
E300: this is not understood from here: "with role = "x""
write "where" instead of "with".

close_date befor today
           ^^^^^
E300: this is not understood from here: "befor today"
did you mean "before"?

name includes "x"
     ^^^^^^^^
E300: this is not understood from here: "includes "x""
write one of "includes any of [..]", "includes all of [..]", "includes none of [..]".

close_date within 30
           ^^^^^^^^^
E309: say "within last 30 days" or "within next 30 days".

close_date within $idle
           ^^^^^^^^^^^^
E309: say "within last $idle" or "within next $idle".

next_step changed within next 30 days
                  ^^^^^^^^^^^
E309: say "changed within last 30 days".

close_date within 14 dayz
                     ^^^^
E311: "dayz" is not a unit of time.
did you mean "days"?

close_date within last 1.5 days
                       ^^^^^^^^
E311: 1.5 days is not a length of time.
write a whole number in a smaller unit, such as 36 hours.

amount > 50 thousand
            ^^^^^^^^
E300: this is not understood from here: "thousand"
write 50k.

amount > 10USD
         ^^^^^
E307: amounts have no currency code; they are compared in the project currency (USD).

at least contacts
         ^^^^^^^^
E312: write the number as digits: at least 2 contacts.

at least 2.5 contacts
         ^^^
E312: 2.5 is not a whole number.
write a whole number.

close_date < 2026-13-01
             ^^^^^^^^^^
E107: 2026-13-01 is not a date (there is no month 13).

created_at < 2026-09-30 25:00
             ^^^^^^^^^^^^^^^^
E107: 2026-09-30 25:00 is not a date and time.

close_date < 12/31/2026
             ^^^^^^^^^^
E107: "12/31/2026" is not how a date is written here.
write year-month-day with two digits each: 2026-12-31.

close_date < 2026-9-1
             ^^^^^^^^
E107: "2026-9-1" is not how a date is written here.
write year-month-day with two digits each: 2026-12-31.

amount > 1234567890123456789
         ^^^^^^^^^^^^^^^^^^^
E300: this is not understood from here: "1234567890123456789"
at most 18 digits.

amount > 1e5
         ^^^
E300: this is not understood from here: "1e5"
write numbers as 50000, 50_000, 50k or 1.5m.

amount > > 5
         ^
E300: this is not understood from here: "> 5"
after ">" comes a value.

stage in [Closed Won, "Proposal"]
          ^^^^^^^^^^
E316: Closed Won is not a field. If you mean the stage, write "Closed Won" in quotes.

role = Economic Buyer
       ^^^^^^^^^^^^^^
E316: Economic Buyer is not a field. If you mean the text, write "Economic Buyer" in quotes.

amount is greater than 5
^^^^^^^^^^^^^^^^^^^^^^^^
E300: this is not understood from here: "amount is greater than 5"
amount > 5

next_step is empty or filled
                      ^^^^^^
E300: this is not understood from here: "filled"
write the field again after "or".

close_date > last 5 days
             ^^^^
E300: this is not understood from here: "last 5 days"
write "within last 5 days" after the field.

close_date = next week
^^^^^^^^^^^^^^^^^^^^^^
E300: this is not understood from here: "close_date = next week"
close_date in next week

contacts where a
         ^^^^^
E300: this is not understood from here: "where a"
write "some contacts where ..".

some contacts where no meetings where a
                                ^^^^^
E300: this is not understood from here: "where a"
rows inside a "where" cannot be counted again; write two checks.

amount >= 50 000
             ^^^
E300: this is not understood from here: "000"
write 50000 without blanks.

amount between 5, 6
^^^^^^^^^^^^^^^^^^^
E300: this is not understood from here: "amount between 5, 6"
amount between 5 and 6

every contact where role = "x" has email is filled
                    ^^^^
E300: this is not understood from here: "role = "x" has email is filled"
put the condition after "where" in parentheses.

close_date not in this quarter
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E300: this is not understood from here: "close_date not in this quarter"
not close_date in this quarter

created_on before today - 200 years
                          ^^^^^^^^^
E300: this is not understood from here: "200 years"
a length of time is at most 100 years.
"""  # noqa: E501 - sentences stand as a person reads them


def _framed(row: str) -> tuple[str, str]:
    """Turn one entry of the table into the check and its full frame."""
    check, *rest = row.split("\n")
    lines: list[str] = []
    for line in rest:
        if line.strip("^ ") == "":
            carets = line
        elif line[:1] == "E" and line[4:6] == ": ":
            column = carets.index("^") + 1
            lines += [f"r.yaml:7:{column}: error {line}"]
            lines += [f"    7 | {check}", f"      | {carets}"]
        else:
            lines.append(f"  help: {line}")
    return check, "\n".join(lines)


@pytest.mark.parametrize(
    ("check", "expected"), [_framed(row) for row in ROWS.strip("\n").split("\n\n")]
)
def test_every_mistake_has_its_sentence_its_caret_and_its_help(
    check: str, expected: str
) -> None:
    assert _said(check) == expected


def test_a_dash_pasted_from_a_document_is_named() -> None:
    assert _said("a \u2013 b > 5") == (
        'r.yaml:7:3: error E300: this is not understood from here: "\u2013 b > 5"\n'
        "    7 | a \u2013 b > 5\n"
        "      |   ^\n"
        '  help: write "-".'
    )


def test_an_amount_names_the_currency_of_the_project() -> None:
    assert _said("amount >= 10 USD", currency="EUR").splitlines()[0] == (
        "r.yaml:7:11: error E307: amounts have no currency code; they are compared in"
        " the project currency (EUR)."
    )


SHORTER = 'split it into list items or name parts with "define".'


def test_a_check_of_more_than_500_characters_is_too_long() -> None:
    shown = "a = " + "x" * 396  # so much of a long line is shown

    assert _said("a = " + "x" * 608) == (
        "r.yaml:7:1: error E319: this check is 612 characters long (limit 500).\n"
        f"    7 | {shown}\n"
        f"      | {'^' * 400}\n"
        f"  help: {SHORTER}"
    )
    assert parse("a = $" + "x" * 495)


@pytest.mark.parametrize(
    ("check", "column", "width"),
    [("(" * 9 + "a" + ")" * 9, 9, 1), ("not " * 9 + "a", 33, 3)],
)
def test_a_check_nests_at_most_8_deep(check: str, column: int, width: int) -> None:
    assert _said(check) == (
        f"r.yaml:7:{column}: error E319: this check is nested 9 deep (limit 8).\n"
        f"    7 | {check}\n"
        f"      | {' ' * (column - 1)}{'^' * width}\n"
        f"  help: {SHORTER}"
    )


def test_a_list_holds_at_most_50_values() -> None:
    check = "a in [" + ", ".join(["1"] * 51) + "]"

    assert _said(check) == (
        "r.yaml:7:6: error E319: this list holds 51 values (limit 50).\n"
        f"    7 | {check}\n"
        f"      |      {'^' * 153}\n"
        '  help: declare the list under "params" and use its name with "$".'
    )


def test_a_check_calculates_at_most_50_times() -> None:
    check = "+".join("a" * 52) + " > 1"

    assert _said(check) == (
        "r.yaml:7:2: error E319: this check calculates 51 times (limit 50).\n"
        f"    7 | {check}\n"
        f"      |  {'^' * 101}\n"
        f"  help: {SHORTER}"
    )


def test_an_empty_check_says_what_it_needs() -> None:
    assert _said("") == (
        "r.yaml:7:1: error E308: the check ends too early; a condition is missing.\n"
        "    7 |\n"
        "      | ^"
    )


def test_all_mistaken_words_of_a_check_are_said_at_once() -> None:
    with pytest.raises(CheckSyntaxError) as caught:
        parse('a == "x" && b => 2026-02-30')

    assert [message.code for message in caught.value.mistakes] == [
        *("E302", "E302", "E301", "E107")
    ]


def test_values_and_rows_have_messages_too() -> None:
    with pytest.raises(CheckSyntaxError, match="E308: the check ends too early"):
        parse_value("amount *")
    with pytest.raises(CheckSyntaxError, match="E300: this is not understood"):
        parse_rows("meetings = 5")


def test_a_syntax_error_stops_like_any_mistake_of_the_set_up() -> None:
    with pytest.raises(SetupError, match=r'^E301: "=>" is not an operator\.$'):
        parse("a => 5")


def test_the_frame_has_the_shape_of_the_design() -> None:
    line = "        require: amonut >= $min_amount"
    place = Place("rules/enterprise.rules.yaml", 27, 18, 6, line)

    assert frame(
        place,
        "E401",
        'there is no field "amonut" on the deal.',
        'did you mean "amount" (money; Salesforce Amount)? List all fields with:'
        " gatekeeper fields list",
    ) == (
        "rules/enterprise.rules.yaml:27:18: error E401:"
        ' there is no field "amonut" on the deal.\n'
        "   27 |         require: amonut >= $min_amount\n"
        "      |                  ^^^^^^\n"
        '  help: did you mean "amount" (money; Salesforce Amount)? List all fields'
        " with: gatekeeper fields list"
    )


def test_a_warning_says_so_and_may_have_no_help() -> None:
    assert frame(Place("a", 1, 1, 2, "ab"), "W401", "not portable.", warns=True) == (
        "a:1:1: warning W401: not portable.\n    1 | ab\n      | ^^"
    )


def test_carets_stay_under_wide_characters_and_tabs() -> None:
    wide = frame(Place("a", 12345, 4, 2, "\t\u6771a\u4eacbc"), "E300", "x.")
    accent = frame(Place("a", 1, 4, 1, "ne\u0301x"), "E300", "x.")

    assert wide.splitlines()[1:] == [
        "12345 | \t\u6771a\u4eacbc",
        "      | \t   ^^^",
    ]
    assert accent.splitlines()[2] == "      |   ^"


def test_a_file_cannot_steer_the_terminal() -> None:
    framed = frame(Place("a", 1, 1, 1, "\x1b[2Jx\u202e"), "E300", "x.")

    assert framed.splitlines()[1:] == ["    1 | \ufffd[2Jx\ufffd", "      | ^"]


def test_neither_can_the_words_of_a_message() -> None:
    said = _said("amount is\n\n'\x1b[2J'")

    assert "\x1b" not in said
    assert _said("a )\n\n  b").splitlines()[0] == (
        'r.yaml:7:3: error E300: this is not understood from here: ") b"'
    )


def test_a_very_long_line_is_shown_in_part() -> None:
    framed = frame(Place("a", 1, 5001, 3, "x" * 5000 + "abc" + "y" * 5000), "E1", "x.")
    _head, source, carets = framed.splitlines()

    assert source == "    1 | " + "x" * 200 + "abc" + "y" * 197
    assert carets == "      | " + " " * 200 + "^^^"


def test_a_place_past_the_end_of_its_line_still_has_a_caret() -> None:
    assert frame(Place("a", 3, 9, 4, "ab"), "E1", "x.").splitlines()[1:] == [
        "    3 | ab",
        "      |   ^",
    ]


def test_a_line_of_exactly_400_characters_is_shown_whole() -> None:
    line = "x" * 300 + "abc" + "y" * 97

    assert frame(Place("a", 1, 301, 3, line), "E1", "x.").splitlines()[1:] == [
        f"    1 | {line}",
        "      | " + " " * 300 + "^^^",
    ]


@pytest.mark.parametrize(
    ("before", "columns"),
    [
        ("e\u0301", 1),  # an accent on its letter
        ("\u0e01\u0e31", 1),  # a Thai vowel above its consonant
        ("a\u20dd", 1),  # a circle around its letter
        ("\u302e", 0),  # a Hangul tone mark, of the spacing kind by its category
        ("\uff21", 2),  # a full-width A
        ("\u6771", 2),
        ("\uff71", 1),  # a half-width kana
    ],
)
def test_a_caret_stands_as_far_right_as_what_precedes_it_is_wide(
    before: str, columns: int
) -> None:
    place = Place("a", 1, len(before) + 1, 1, f"{before}x")

    assert frame(place, "E1", "x.").splitlines()[2] == f"      | {' ' * columns}^"


def test_half_a_character_is_shown_as_a_mark() -> None:
    """A lone surrogate cannot be printed at all."""
    framed = frame(Place("a", 1, 1, 1, "x\ud800y"), "E1", "not \udfff.")

    assert framed.splitlines()[:2] == [
        "a:1:1: error E1: not \ufffd.",
        "    1 | x\ufffdy",
    ]


def test_each_mistake_of_a_check_is_a_line_of_the_error() -> None:
    with pytest.raises(SetupError) as caught:
        parse("a => 5 && b")

    assert str(caught.value) == (
        'E301: "=>" is not an operator.\nE302: "&&" is written "and" here.'
    )


def test_a_word_that_is_no_field_may_be_a_text() -> None:
    assert bare_word("Acme", Span(0, 4)).text == (
        'Acme is not a field. If you mean the text, write "Acme" in quotes.'
    )


def test_others_build_the_sentences_about_names_here() -> None:
    stage = bare_word("Proposal", Span(8, 16), "stage")
    reserved = reserved_word("where", Span(0, 5))

    assert (stage.code, stage.text, stage.help) == (
        "E316",
        'Proposal is not a field. If you mean the stage, write "Proposal" in quotes.',
        None,
    )
    assert (reserved.code, reserved.text) == (
        "E318",
        '"where" is a word of the language; give the field another canonical name in'
        " fields.yaml.",
    )
