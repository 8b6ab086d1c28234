"""What functions, rows and parameters give where something is empty or not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Person, Unavailable
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.closures import OUT_OF_RANGE
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import DefineSpec, ParamSpec
from gatekeeper.language.tree.syntax import AtLeast, Span
from tests.builders import dollars
from tests.language.scopes import SCOPE
from tests.language.test_history import a_past
from tests.language.test_logic import CONTEXT, HIDDEN, a_case, answer

if TYPE_CHECKING:
    from gatekeeper.core.model import Answer, Deal, FieldValue

DAY = date(2026, 11, 1)
MOMENT = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)  # the 1st in New York


def given(**fields: FieldValue) -> Deal:
    return a_case(None, **fields)


@pytest.mark.parametrize("blank", [EMPTY, HIDDEN])
@pytest.mark.parametrize(
    "text",
    [
        "abs({0}) > 1",
        "-{0} > 1",
        "round({0}) > 1",
        "round({0}, 2) > 1",
        "round(5, {0}) > 1",
        "{0} + 1 > 1",
        "1 - {0} > 1",
        "{0} * 2 > 1",
        "2 / {0} > 1",
        "{0} between 1 and 5",
        "2 between {0} and 5",
        "2 between 1 and {0}",
        "{0} in [1, 2]",
        "{0} = 1",
        "1 < {0}",
        "coalesce({0}, {0}) > 1",
    ],
)
def test_what_needs_a_number_is_as_blank_as_the_number(
    text: str, blank: FieldValue
) -> None:
    assert answer(text.format("seats"), given(seats=blank)) == blank


@pytest.mark.parametrize("blank", [EMPTY, HIDDEN])
@pytest.mark.parametrize(
    "text",
    [
        "days_between({0}, created_on) > 1",
        "days_between(created_on, {0}) > 1",
        "business_days_between({0}, created_on) > 1",
        "days_since({0}) > 1",
        "days_until({0}) > 1",
        "later_of({0}, {0}) before today",
        "earlier_of({0}, {0}) before today",
        "{0} within last 3 days",
        "{0} in this month",
        "{0} + 3 days before today",
        "{0} before today",
        "coalesce({0}, {0}) before today",
    ],
)
def test_what_needs_a_date_is_as_blank_as_the_date(
    text: str, blank: FieldValue
) -> None:
    assert answer(text.format("signature_date"), given(signature_date=blank)) == blank


@pytest.mark.parametrize("blank", [EMPTY, HIDDEN])
@pytest.mark.parametrize(
    "text",
    [
        "length({0}) > 1",
        '{0} contains "a"',
        '{0} matches "a"',
        '"a" = {0}',
        'text_like({0}, "{{rest}}")',
        'text_like(name, "{{next_step}} {{rest}}")',
        'coalesce({0}, {0}) = "a"',
    ],
)
def test_what_needs_a_text_is_as_blank_as_the_text(
    text: str, blank: FieldValue
) -> None:
    assert answer(text.format("next_step"), given(next_step=blank)) == blank


HIDDEN_WINS = [
    ("seats + length(next_step) > 1", {"seats": EMPTY, "next_step": HIDDEN}),
    ("length(next_step) + seats > 1", {"seats": EMPTY, "next_step": HIDDEN}),
    ("round(seats, length(next_step)) > 1", {"seats": EMPTY, "next_step": HIDDEN}),
    ("round(length(next_step), seats) > 1", {"seats": EMPTY, "next_step": HIDDEN}),
    ('text_like(name, "{next_step}")', {"name": EMPTY, "next_step": HIDDEN}),
    (
        "later_of(created_on, signature_date) before today",
        {"signature_date": HIDDEN},
    ),
]


@pytest.mark.parametrize(("text", "fields"), HIDDEN_WINS)
def test_what_is_not_known_goes_before_what_is_empty(
    text: str, fields: dict[str, FieldValue]
) -> None:
    assert answer(text, a_case(fields)) == HIDDEN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("coalesce(seats, 5) = 5", True),
        ("coalesce(seats, 5) = 6", False),
        ("coalesce(signature_date, close_date) = close_date", True),
        ("later_of(signature_date, created_on) = created_on", True),
        ("later_of(signature_date, created_on, close_date) = close_date", True),
        ("earlier_of(signature_date, created_on, close_date) = created_on", True),
        ("later_of(created_on, close_date) = close_date", True),
        ("earlier_of(close_date, created_on) = created_on", True),
    ],
)
def test_what_takes_the_first_or_the_last_leaves_empties_out(
    text: str, expected: bool
) -> None:
    assert answer(text, given(seats=EMPTY)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("days_between(signature_date, signed_at) = 0", True),
        ("days_between(signed_at, signature_date) = 0", True),
        ("days_since(signed_at) = days_since(signature_date)", True),
        ("later_of(signed_at, signature_date) = signature_date", True),
        ("later_of(signed_at, created_at) = signed_at", True),
        ("later_of(signed_at, created_at) = 2026-11-01 23:30", True),
        ("later_of(signed_at, created_at) = 2026-11-01 23:00", False),
        ("earlier_of(signed_at, created_at) = created_at", True),
        ("signed_at = signature_date", True),
        ("coalesce(signed_at, created_at) = 2026-11-01 23:30", True),
    ],
)
def test_a_moment_against_a_day_is_its_local_day_and_against_a_moment_itself(
    text: str, expected: bool
) -> None:
    deal = given(signature_date=DAY, signed_at=MOMENT)
    assert answer(text, deal) is expected


@pytest.mark.parametrize(
    "text",
    [
        "round(seats, 500) > 1",
        "round(seats) > 1",
        "round(amount, 400) > 1",
    ],
)
def test_what_no_number_or_date_can_hold_cannot_be_told(text: str) -> None:
    huge = given(seats=Decimal("9e999999"), amount=dollars(1))
    assert answer(text, huge) == OUT_OF_RANGE


# ---- parameters ----------------------------------------------------------------------

BANDS = ((Decimal(20_000), Decimal(1)), (Decimal(60_000), Decimal(2)))
CHOICES = {
    spec.name: spec
    for spec in (
        ParamSpec("band", Kind.NUMBER, by="amount", bands=BANDS),
        ParamSpec("other", Kind.NUMBER, by="amount", bands=BANDS, otherwise=Decimal(9)),
        ParamSpec(
            "by_stage",
            Kind.NUMBER,
            by="stage",
            values={"Discovery": Decimal(1), "proposal": Decimal(2)},
        ),
        ParamSpec("by_flag", Kind.NUMBER, by="is_won", values={"Yes": Decimal(1)}),
        ParamSpec(
            "by_label",
            Kind.NUMBER,
            by="security_review",
            values={"in progress": Decimal(1), "Not_required": Decimal(2)},
        ),
    )
}


def chosen(text: str, deal: Deal) -> Answer:
    scope = replace(SCOPE, params=CHOICES)
    return compile_line(check(parse(text), scope)).test(deal, CONTEXT)


@pytest.mark.parametrize(
    ("amount", "band"),
    [(19_999, EMPTY), (20_000, True), (59_999, True), (60_000, False)],
)
def test_the_highest_limit_at_or_below_the_value_counts(
    amount: int, band: Answer
) -> None:
    deal = given(amount=dollars(amount))
    assert chosen("$band = 1", deal) is band
    assert chosen("$other = 9", deal) is (amount < 20_000)


def test_a_field_chooses_by_its_value_its_label_or_the_stage_of_the_rules() -> None:
    assert chosen("$by_stage = 1", a_case()) is True  # Value Proposition
    assert chosen("$by_stage = 2", replace(a_case(), stage="Proposal")) is True
    unknown = replace(a_case(), pipeline="Elsewhere", stage="Discovery")
    assert chosen("$by_stage = 1", unknown) is True
    assert chosen("$by_flag = 1", given(is_won=True)) is True
    assert chosen("$by_flag = 1", given(is_won=False)) is EMPTY
    assert chosen("$by_label = 1", given(security_review="In_progress")) is True
    assert chosen("$by_label = 2", given(security_review="Not_required")) is True


def test_a_chooser_that_is_empty_or_not_known_chooses_nothing() -> None:
    assert chosen("$band = 1", given(amount=EMPTY)) is EMPTY
    assert chosen("$other = 9", given(amount=EMPTY)) is True
    assert chosen("$band = 1", given(amount=HIDDEN)) == HIDDEN
    assert chosen("$by_label = 1", given(security_review=EMPTY)) is EMPTY


# ---- rows ----------------------------------------------------------------------------


def with_lines(*totals: FieldValue) -> Deal:
    rows = tuple({"product": "P", "total": each} for each in totals)
    return replace(a_case(), related={"line_items": rows})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(line_items) = 0", True),
        ("count(line_items) + 1 = 1", True),
        ("count(line_items.total) = 0", True),
        ("sum(line_items.total) = 0", True),
        ("min(line_items.total) > 0", EMPTY),
        ("max(line_items.total) > 0", EMPTY),
        ("some line_items", False),
        ("no line_items", True),
        ("every line_item has total > 5", True),
    ],
)
def test_of_no_rows_there_is_no_lowest_and_the_sum_is_nothing(
    text: str, expected: Answer
) -> None:
    assert answer(text, with_lines()) is expected


@pytest.mark.parametrize(
    "text",
    [
        "count(line_items) = 0",
        "count(line_items) + 1 > 0",
        "count(line_items.total where total > 5) + 1 > 0",
        "sum(line_items.total) = 0",
        "min(line_items.total) > 0",
        "some line_items",
        "every line_item has total > 5",
        "count(line_items where total > 5) > 1",
    ],
)
def test_of_rows_that_were_not_read_nothing_is_told(text: str) -> None:
    assert answer(text, replace(a_case(), related={"line_items": HIDDEN})) == HIDDEN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(line_items.total) = 7", True),
        ("min(line_items.total) = 3", True),
        ("max(line_items.total) = 4", True),
        ("count(line_items.total) = 2", True),
        ("count(line_items) = 3", True),
        ("count(line_items where total > 3) = 1", True),
        ("count(line_items where total > 3) + 1 = 2", True),
        ("sum(line_items.total where total > 3) = 4", True),
        ("every line_item has total > 1", False),
        ("every line_item has total > 3", False),
        ("some line_items where total > 3", True),
        ("no line_items where total > 5", True),
    ],
)
def test_rows_without_the_value_are_left_out(text: str, expected: Answer) -> None:
    deal = with_lines(dollars(3), EMPTY, dollars(4))
    assert answer(text, deal) is expected


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("sum(line_items.total) = 7", False),
        ("min(line_items.total) = 3", False),
        ("count(line_items.total) = 2", False),
        ("count(line_items) = 3", True),
        ("count(line_items where total > 3) = 1", False),
        ("some line_items where total > 3", True),
        ("some line_items where total > 9", False),
        ("every line_item has total > 3", True),
        ("every line_item has total > 1", False),
    ],
)
def test_a_row_that_is_not_known_leaves_open_what_it_could_change(
    text: str, is_known: bool
) -> None:
    deal = with_lines(dollars(3), HIDDEN, dollars(4))
    assert isinstance(answer(text, deal), Unavailable) is not is_known


@pytest.mark.parametrize(
    "text",
    [
        "sum(line_items.total) > 1",
        "max(line_items.total) + 1 > 1",
        "sum(line_items.total where total > 3) > 1",
        "count(line_items where total > 3) + 1 > 1",
    ],
)
def test_why_a_row_is_not_known_is_handed_on(text: str) -> None:
    assert answer(text, with_lines(dollars(3), HIDDEN, dollars(4))) == HIDDEN


def test_a_sum_that_no_number_can_hold_cannot_be_told() -> None:
    huge = dollars("9e999999")
    found = answer("sum(line_items.total) > 1", with_lines(huge, huge))
    assert found == OUT_OF_RANGE


# ---- values that are not of their field's type ---------------------------------------


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("amount > 5", {"amount": "abc"}),
        ("amount = 5", {"amount": DAY}),
        ("amount > seats", {"seats": "abc"}),
        ("amount between 1 and 5", {"amount": "abc"}),
        ("seats >= 1", {"seats": "abc"}),
        ("discount > 0.2%", {"discount": "abc"}),
        ("close_date > 2026-01-01", {"close_date": "abc"}),
        ("close_date > created_on", {"close_date": Decimal(1)}),
        ("signed_at > created_at", {"signed_at": "abc"}),
    ],
)
def test_a_value_of_another_type_than_its_field_cannot_be_told(
    text: str, fields: dict[str, FieldValue]
) -> None:
    assert isinstance(answer(text, a_case(fields)), Unavailable)


def test_a_person_is_known_by_id_address_or_name_and_nothing_else_is_one() -> None:
    ann = Person("005A", "Ann", "Ann@x.io")
    assert answer("sponsor = owner", given(sponsor=ann, owner=ann)) is True
    for known in ("ann@X.io", " ANN@x.io ", "005a", "ANN "):
        assert answer(f'sponsor = "{known}"', given(sponsor=ann)) is True
        assert answer(f'sponsor != "{known}"', given(sponsor=ann)) is False
        assert answer(f'sponsor in ["Bo", "{known}"]', given(sponsor=ann)) is True
    assert answer('sponsor = "An"', given(sponsor=ann)) is False
    same_address = Person("005B", "Bo", "ann@x.io")
    assert answer("sponsor = owner", given(sponsor=ann, owner=same_address)) is True
    nobody = Person("005C", "Ann")
    assert answer("sponsor = owner", given(sponsor=ann, owner=nobody)) is False


# ---- several values, several conditions ----------------------------------------------


@pytest.mark.parametrize(
    ("quorum", "of_empty"), [("any", EMPTY), ("all", EMPTY), ("none", True)]
)
def test_nothing_includes_none_of_them(quorum: str, of_empty: Answer) -> None:
    text = f'competitors includes {quorum} of ["Acme"]'
    assert answer(text, given(competitors=EMPTY)) is of_empty
    assert answer(text, given(competitors=HIDDEN)) == HIDDEN
    assert isinstance(answer(text, given(competitors="Acme")), Unavailable)


def test_two_of_three_conditions_are_needed() -> None:
    assert answer("two_of_three", given(is_won=True)) is False
    assert answer("two_of_three", given(is_won=True, seats=Decimal(6))) is True
    unknown = given(is_won=True, amount=HIDDEN, seats=Decimal(1))
    assert answer("two_of_three", unknown) == HIDDEN


def test_a_list_that_a_field_chooses_is_as_blank_as_the_field() -> None:
    texts = ParamSpec(
        "texts",
        Kind.TEXT,
        is_list=True,
        by="account.segment",
        values={"SMB": ("redlines", "call")},
    )
    scope = replace(SCOPE, params={"texts": texts})

    def asked(text: str, segment: FieldValue) -> Answer:
        deal = a_case({"account.segment": segment})
        return compile_line(check(parse(text), scope)).test(deal, CONTEXT)

    for text in ("next_step contains $texts", "next_step not in $texts"):
        assert asked(text, "SMB") is True
        assert asked(text, EMPTY) is EMPTY
        assert asked(text, HIDDEN) == HIDDEN


# ---- windows over the past -----------------------------------------------------------


@pytest.mark.parametrize(("hours", "expected"), [(382, False), (383, True)])
def test_hours_back_are_counted_from_this_moment(hours: int, expected: bool) -> None:
    """The amount changed on 4 November at 15:00; it is the 20th, 14:00."""
    line = f"amount changed within last {hours} hours"
    assert answer(line, a_past()) is expected


@pytest.mark.parametrize("blank", [EMPTY, HIDDEN])
def test_a_window_is_as_blank_as_its_beginning(blank: FieldValue) -> None:
    deal = replace(a_past(), fields={**a_past().fields, "signature_date": blank})
    assert answer("amount changed since signature_date", deal) == blank
    assert answer("changes(amount, since signature_date) > 0", deal) == blank


# ---- three values and the fourth -----------------------------------------------------

ANSWERS: tuple[FieldValue, ...] = (True, False, EMPTY, HIDDEN)
FLAGS = ("is_won", "is_renewal", "is_closed")


def undecided(values: tuple[FieldValue, ...]) -> FieldValue:
    return HIDDEN if HIDDEN in values else EMPTY


@pytest.mark.parametrize("values", [*product(ANSWERS, repeat=3)])
def test_what_is_false_decides_an_and_and_what_is_true_an_or(
    values: tuple[FieldValue, ...],
) -> None:
    deal = a_case(dict(zip(FLAGS, values, strict=True)))
    for count in (2, 3):
        some, names = values[:count], FLAGS[:count]
        every = undecided(some) if False not in some else False
        joined = " and ".join(names)
        assert answer(joined, deal) == (True if set(some) == {True} else every)
        any_of = undecided(some) if True not in some else True
        either = " or ".join(names)
        assert answer(either, deal) == (False if set(some) == {False} else any_of)


@pytest.mark.parametrize("values", [*product(ANSWERS, repeat=3)])
def test_a_count_of_conditions_is_decided_once_enough_are(
    values: tuple[FieldValue, ...],
) -> None:
    body = AtLeast(2, tuple(map(parse, FLAGS)), Span(0, 0))
    scope = replace(SCOPE, defines={"two": DefineSpec("two", body)})
    deal = a_case(dict(zip(FLAGS, values, strict=True)))
    found = compile_line(check(parse("two"), scope)).test(deal, CONTEXT)
    if values.count(True) >= 2:
        assert found is True
    elif values.count(False) >= 2:
        assert found is False
    else:
        assert found == undecided(values)
