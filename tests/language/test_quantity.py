"""Quantifiers: what so many rows or parts answer, by all that an unknown may be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Deal, FieldValue, Unavailable
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.closures import OUT_OF_RANGE
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import ParamSpec
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT, HIDDEN, a_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gatekeeper.core.model import Answer

    Holds = Callable[[int], bool]

COUNTS = {"None": Decimal(0), "Two": Decimal(2), "Half": Decimal("1.5")}
CHOSEN = ParamSpec("wanted", Kind.NUMBER, by="account.segment", values=COUNTS)
ALL = replace(SCOPE, params={**SCOPE.params, "wanted": CHOSEN})
VALUES: tuple[FieldValue, ...] = (True, False, EMPTY, HIDDEN)
UP_TO_THREE = [rows for length in range(4) for rows in product(VALUES, repeat=length)]

QUANTITIES: list[tuple[str, str, Holds]] = [
    ("some", "Two", lambda count: count >= 1),
    ("no", "Two", lambda count: count == 0),
    ("at least 1", "Two", lambda count: count >= 1),
    ("at least 2", "Two", lambda count: count >= 2),
    ("at most 1", "Two", lambda count: count <= 1),
    ("at most 2", "Two", lambda count: count <= 2),
    ("exactly 1", "Two", lambda count: count == 1),
    ("exactly 2", "Two", lambda count: count == 2),
    ("at least $wanted", "None", lambda _: True),
    ("at least $wanted", "Two", lambda count: count >= 2),
    ("at least $wanted", "Half", lambda count: count >= 2),
    ("at most $wanted", "None", lambda count: count == 0),
    ("at most $wanted", "Two", lambda count: count <= 2),
    ("at most $wanted", "Half", lambda count: count <= 1),
    ("exactly $wanted", "None", lambda count: count == 0),
    ("exactly $wanted", "Two", lambda count: count == 2),
    ("exactly $wanted", "Half", lambda _: False),
]


def asker(text: str) -> Callable[[Deal], Answer]:
    line = compile_line(check(parse(text), ALL))
    return lambda deal: line.test(deal, CONTEXT)


def with_contacts(values: Iterable[FieldValue], segment: FieldValue = "Two") -> Deal:
    deal = a_case({"account.segment": segment})
    rows = tuple({"is_primary": value} for value in values)
    return replace(deal, related={**deal.related, "contacts": rows})


def by_worlds(values: Sequence[FieldValue], holds: Holds) -> Answer:
    """Decide for every count that may be behind what was not read."""
    sure, doubts = values.count(True), values.count(HIDDEN)
    possible = {holds(count) for count in range(sure, sure + doubts + 1)}
    return possible.pop() if len(possible) == 1 else HIDDEN


@pytest.mark.parametrize(("quantity", "segment", "holds"), QUANTITIES)
def test_rows_that_were_not_read_may_count_or_not(
    quantity: str, segment: str, holds: Holds
) -> None:
    asked = asker(f"{quantity} contacts where is_primary is true")
    for values in UP_TO_THREE:
        assert asked(with_contacts(values, segment)) is by_worlds(values, holds), values


@pytest.mark.parametrize(("quantity", "segment", "holds"), QUANTITIES)
def test_all_rows_count_where_nothing_is_asked_of_them(
    quantity: str, segment: str, holds: Holds
) -> None:
    asked = asker(f"{quantity} contacts")
    for count in range(4):
        found = asked(with_contacts([HIDDEN] * count, segment))
        assert found is holds(count), count


@pytest.mark.parametrize(
    ("quantity", "segment", "holds"),
    [*QUANTITIES, ("every", "Two", lambda count: count == 2)],
)
def test_parts_that_were_not_read_may_count_or_not(
    quantity: str, segment: str, holds: Holds
) -> None:
    asked = asker(f"{quantity} of boxes is true")
    for values in product(VALUES, repeat=2):
        boxes = dict(zip(("is_renewal", "is_won"), values, strict=True))
        deal = a_case({"account.segment": segment, **boxes})
        assert asked(deal) is by_worlds(values, holds), values


@pytest.mark.parametrize(
    "text",
    [
        "at least $wanted contacts",
        "exactly $wanted contacts where is_primary is true",
        "at most $wanted of boxes is true",
    ],
)
@pytest.mark.parametrize("segment", [EMPTY, HIDDEN])
def test_where_no_count_is_chosen_it_is_as_blank_as_what_chooses_it(
    text: str, segment: FieldValue
) -> None:
    assert asker(text)(with_contacts([True], segment)) is segment


@pytest.mark.parametrize("where", ["", " where is_primary is true"])
@pytest.mark.parametrize(
    "start",
    ["some contacts", "exactly 1 contact", "at most $wanted contacts"],
)
def test_rows_that_were_not_read_at_all_cannot_be_told(start: str, where: str) -> None:
    deal, asked = with_contacts([]), asker(start + where)
    related = {key: rows for key, rows in deal.related.items() if key != "contacts"}
    unread = Unavailable("contacts were not read")
    assert asked(replace(deal, related=related)) == unread
    hidden = replace(deal, related={**related, "contacts": HIDDEN})
    assert asked(hidden) is HIDDEN


def test_every_row_must_hold_and_an_empty_value_does_not() -> None:
    asked = asker("every contact has (is_primary is true)")
    for values in UP_TO_THREE:
        expected: Answer = True
        if HIDDEN in values:
            expected = HIDDEN
        if False in values or EMPTY in values:
            expected = False
        assert asked(with_contacts(values)) is expected, values


def test_of_the_rows_that_a_condition_chooses_every_one_must_hold() -> None:
    """A row may be chosen or not, and hold or not, where that was not read."""
    asked = asker('every contact where (is_primary is true) has (name = "Ann")')
    deal = with_contacts([])
    names: tuple[FieldValue, ...] = ("Ann", "Bo", EMPTY, HIDDEN)
    for chosen, name in product(VALUES, names):
        rows = ({"is_primary": chosen, "name": name},)
        found = asked(replace(deal, related={"contacts": rows}))
        if chosen is False or chosen is EMPTY or name == "Ann":
            assert found is True
        elif chosen is True and name is not HIDDEN:
            assert found is False
        else:
            assert found is HIDDEN


def test_a_count_that_is_none_is_out_of_range() -> None:
    words = ParamSpec("wanted", Kind.NUMBER, by="account.segment", values={"Two": "2"})
    scope = replace(ALL, params={"wanted": words})
    for text in ("at least $wanted contacts", "at least $wanted of boxes is true"):
        line = compile_line(check(parse(text), scope))
        assert line.test(with_contacts([]), CONTEXT) == OUT_OF_RANGE


@pytest.mark.parametrize(
    ("text", "count", "said"),
    [
        (
            "at least $wanted contacts",
            1,
            "There is 1 contact; at least 2 are needed.",
        ),
        (
            "at most $wanted contacts",
            2,
            "There are 2 contacts; at most 1 is allowed.",
        ),
        (
            "exactly $wanted contacts",
            1,
            "There is 1 contact; exactly 1.5 are needed.",
        ),
        (
            "at least $wanted of boxes is true",
            0,
            "1 of the 2 fields of Boxes is yes; at least 2 are needed.",
        ),
    ],
)
def test_of_one_and_a_half_only_whole_numbers_are_asked(
    text: str, count: int, said: str
) -> None:
    deal = with_contacts([True] * count, "Half")
    boxes = {"is_renewal": True, "is_won": False}
    deal = replace(deal, fields={**deal.fields, **boxes})
    line = compile_line(check(parse(text), ALL))
    assert line.test(deal, CONTEXT) is False
    assert line.explain(deal, CONTEXT).text == said
