"""Wire values into our vocabulary: HubSpot sends every value as text or null.

Pure. Null, blank text and an empty selection are EMPTY; what is not of its type, or was
left out of an answer, is Unavailable with the reason, so one odd record never stops a
run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import methodcaller
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, FieldValue, Money, Person, Unavailable
from gatekeeper.crm.reader import Convert, Reader, WireRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from gatekeeper.crm.hubspot.metadata.properties import Property

NOON_EVERYWHERE = time(10, 30, tzinfo=UTC)
"""A moment whose local date is the same day from UTC-10 to UTC+13: a day without a
time, kept as a moment, must not slip into its neighbour."""
LEFT_OUT = Unavailable("HubSpot left the property out of its answer")
_HUNDRED = Decimal(100)
_EPOCH_MS = re.compile(r"-?\d{9,14}\Z")


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a translation needs to know of the portal.

    Attributes:
        currency: Of amounts that do not name theirs.
        zone: The account's; decides the date of a moment that is declared a date.
        people: All owners by id.
        users: Owners by the id of their user, which some properties hold.
    """

    currency: str
    zone: tzinfo = UTC
    people: Mapping[str, Person] = field(default_factory=dict)
    users: Mapping[str, Person] = field(default_factory=dict)


def reader(path: str, convert: Convert) -> Reader:
    """Return the reader of a property; `company.name` of a record one hop away."""
    hop, _, name = path.rpartition(".")
    is_text = convert is to_text

    def column(rows: Sequence[WireRow]) -> list[object]:
        return [row.get(name, LEFT_OUT) for row in rows]

    if not hop:
        return Reader(methodcaller("get", name, LEFT_OUT), convert, column, is_text)

    def get(row: WireRow) -> object:
        there = row.get(hop, LEFT_OUT)
        return there.get(name, LEFT_OUT) if isinstance(there, dict) else there

    return Reader(get, convert, is_text=is_text)


def money(path: str, code: str | None, own: str) -> Reader:
    """Return the reader of an amount.

    Args:
        path: Of the amount.
        code: Of its record's currency code; None where the records have none.
        own: The currency of amounts that name none.
    """
    if code is None:
        return reader(path, _money_in(own))
    get_amount, get_code = reader(path, to_number).get, reader(code, to_text).get

    def with_currency(wire: object) -> FieldValue:
        row: WireRow = wire  # type: ignore[assignment]
        value = to_number(get_amount(row))
        if not isinstance(value, Decimal):
            return value
        named = get_code(row)
        return Money(value, named if named and isinstance(named, str) else own)

    return Reader(lambda row: row, with_currency)


def converter(kind: Kind, found: Property, tongue: Tongue) -> Convert:
    """Return what turns the wire values of a property into values of a kind."""
    is_day = found.type == "date"
    match kind:
        case Kind.PERCENT if found.is_percentage:
            return to_points
        case Kind.MONEY:
            return _money_in(tongue.currency)
        case Kind.DATE:
            return to_date if is_day else local_date_in(tongue.zone)
        case Kind.DATETIME:
            return to_moment_of_day if is_day else to_moment
        case Kind.USER:
            return person_of(tongue.users if found.is_user else tongue.people)
        case Kind.PICKLIST | Kind.TEXT if found.field_type == "checkbox":
            return to_choice
        case _:
            return _PLAIN.get(kind, to_text)


def to_text(wire: object) -> FieldValue:
    """Blank text is EMPTY; anything else stays as it was written."""
    if isinstance(wire, str):
        return wire if wire and not wire.isspace() else EMPTY
    return _no_text(wire)


def to_number(wire: object) -> FieldValue:
    """Turn text into the decimal it says."""
    if not isinstance(wire, str):
        return _no_text(wire)
    try:
        number = Decimal(wire)
    except InvalidOperation:
        return _odd(wire, "a number") if wire.strip() else EMPTY
    return number if number.is_finite() else _odd(wire, "a number")


def to_points(wire: object) -> FieldValue:
    """Turn a share of one into percentage points."""
    number = to_number(wire)
    return number * _HUNDRED if isinstance(number, Decimal) else number


def to_yes_no(wire: object) -> FieldValue:
    """Read true or false."""
    if not isinstance(wire, str):
        return _no_text(wire)
    match wire.strip().casefold():
        case "true" | "yes":
            return True
        case "false" | "no":
            return False
        case "":
            return EMPTY
        case _:
            return _odd(wire, "true or false")


@lru_cache(maxsize=4096)  # a run meets a few hundred days, hundreds of times each
def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def to_date(wire: object) -> FieldValue:
    """Read a date; it is never shifted."""
    if not isinstance(wire, str):
        return _no_text(wire)
    try:
        return _day(wire)
    except ValueError:
        return _odd(wire, "a date") if wire else EMPTY


@lru_cache(maxsize=4096)  # close dates and days of import come again and again
def _moment(text: str) -> FieldValue:
    try:
        if text[4:5] != "-" and _EPOCH_MS.match(text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return _odd(text, "a date-time with its zone")
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return _odd(text, "a date-time") if text else EMPTY


def to_moment(wire: object) -> FieldValue:
    """Read a date-time as aware UTC; some old ones are milliseconds since 1970."""
    if not isinstance(wire, str):
        return _no_text(wire)
    return _moment(wire)


def to_moment_of_day(wire: object) -> FieldValue:
    """Read a day where a moment is wanted."""
    day = to_date(wire)
    return datetime.combine(day, NOON_EVERYWHERE) if isinstance(day, date) else day


def to_choices(wire: object) -> FieldValue:
    """Read a multi-select; an empty selection is EMPTY."""
    if not isinstance(wire, str):
        return _no_text(wire)
    named = (word.strip() for word in wire.split(";"))
    return frozenset(word for word in named if word) or EMPTY


def to_choice(wire: object) -> FieldValue:
    """Read a multi-select that is declared as one choice."""
    chosen = to_choices(wire)
    if not isinstance(chosen, frozenset):
        return chosen
    if len(chosen) == 1:
        return next(iter(chosen))
    return Unavailable("several are chosen; declare it multi_picklist in fields.yaml")


_PLAIN: Mapping[Kind, Convert] = {
    Kind.NUMBER: to_number,
    Kind.PERCENT: to_number,
    Kind.YES_NO: to_yes_no,
    Kind.MULTI_PICKLIST: to_choices,
}


def local_date_in(zone: tzinfo) -> Convert:
    """Return what reads a date-time as its day in a zone."""

    @lru_cache(maxsize=4096)
    def day_of(text: str) -> FieldValue:
        moment = _moment(text)
        if not isinstance(moment, datetime):
            return moment
        # Exactly midnight UTC is how HubSpot writes a day without a time.
        if moment.time() == time.min:
            return moment.date()
        return moment.astimezone(zone).date()

    return lambda wire: day_of(wire) if isinstance(wire, str) else _no_text(wire)


def person_of(people: Mapping[str, Person]) -> Convert:
    """Return what reads an id as the person it stands for."""

    def to_person(wire: object) -> FieldValue:
        if not isinstance(wire, str):
            return _no_text(wire)
        if not wire:
            return EMPTY
        return people.get(wire) or Unavailable(f"HubSpot shows no owner {wire}")

    return to_person


def _money_in(currency: str) -> Convert:
    def to_money(wire: object) -> FieldValue:
        value = to_number(wire)
        return Money(value, currency) if isinstance(value, Decimal) else value

    return to_money


def _no_text(wire: object) -> FieldValue:
    if wire is None:
        return EMPTY
    return wire if isinstance(wire, Unavailable) else _odd(wire, "text")


def _odd(wire: object, wanted: str) -> Unavailable:
    return Unavailable(
        f"HubSpot sent {type(wire).__name__} {str(wire)[:40]!r}, not {wanted}"
    )
