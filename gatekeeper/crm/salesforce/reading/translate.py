"""Wire values into our vocabulary: what each kind of value means.

Pure. Null, blank text and an empty selection are EMPTY; what
the wire should never say (text where a number belongs) is Unavailable with the
reason, so one odd record never stops a run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from operator import itemgetter
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, FieldValue, Money, Person, Unavailable
from gatekeeper.crm.reader import Convert, Reader, WireRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import tzinfo

NOON_EVERYWHERE = time(10, 30, tzinfo=UTC)
"""A moment whose local date is the same day from UTC-10 to UTC+13: a day without a
time, kept as a moment, must not slip into its neighbour."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a translation needs to know of the org.

    Attributes:
        currency: Of amounts that do not name theirs.
        zone: The org's; decides the date of a moment that is declared a date.
        people: All users by id.
    """

    currency: str
    zone: tzinfo = UTC
    people: Mapping[str, Person] = field(default_factory=dict)


def reader(path: tuple[str, ...], convert: Convert) -> Reader:
    """Return the reader of one path; a parent that is null makes it EMPTY."""
    *parents, name = path
    is_text = convert is to_text
    if not parents:
        return Reader(itemgetter(name), convert, is_text=is_text)

    def get(row: WireRow) -> object:
        found: object = row
        for step in parents:
            if not isinstance(found, dict):
                return None
            found = found[step]
        return found[name] if isinstance(found, dict) else None

    def column(rows: Sequence[WireRow]) -> list[object]:
        above: Iterable[object] = rows
        for step in path[:-1]:
            above = [
                there[step] if isinstance(there, dict) else None for there in above
            ]
        return [there[name] if isinstance(there, dict) else None for there in above]

    return Reader(get, convert, column, is_text)


def money(path: tuple[str, ...], code: tuple[str, ...] | None, own: str) -> Reader:
    """Return the reader of an amount.

    Args:
        path: Of the amount.
        code: Of its record's currency code; None in an org with one currency.
        own: The currency of amounts that name none.
    """
    if code is None:
        return reader(path, _money_in(own))
    get_amount, get_code = reader(path, to_number).get, reader(code, to_text).get

    def with_currency(wire: object) -> FieldValue:
        amount, named = wire if isinstance(wire, tuple) else (None, None)
        value = to_number(amount)
        if not isinstance(value, Decimal):
            return value
        return Money(value, str(named) if named else own)

    return Reader(lambda row: (get_amount(row), get_code(row)), with_currency)


def converter(kind: Kind, native: str, tongue: Tongue) -> Convert:
    """Return what turns the wire values of a field into values of a kind.

    Args:
        kind: What the rule pack declares the field as.
        native: Salesforce's own type of it.
        tongue: The org's currency, zone and people.
    """
    match kind:
        case Kind.NUMBER | Kind.PERCENT:
            return to_number
        case Kind.MONEY:
            return _money_in(tongue.currency)
        case Kind.YES_NO:
            return to_yes_no
        case Kind.DATE:
            return to_date if native == "date" else _local_date_in(tongue.zone)
        case Kind.DATETIME:
            return to_moment if native == "datetime" else to_moment_of_day
        case Kind.MULTI_PICKLIST:
            return to_choices
        case Kind.USER:
            return _person_of(tongue.people)
        case _:
            return to_text


def to_text(wire: object) -> FieldValue:
    """Blank text is EMPTY; anything else stays as it was written."""
    if wire is None:
        return EMPTY
    if isinstance(wire, str):
        return wire if wire and not wire.isspace() else EMPTY
    if isinstance(wire, bool):
        return "true" if wire else "false"
    return str(wire) if isinstance(wire, int | float) else _odd(wire, "text")


def to_number(wire: object) -> FieldValue:
    """Turn a JSON number into the decimal its text says."""
    # The decoder gives floats. repr() is the shortest text that reads back as the
    # same float, so it is the wire's own text for up to 15 significant digits; more
    # than that no amount of money has (999 billion with cents are 14).
    if type(wire) is float:
        if wire.is_integer():
            return Decimal(int(wire))
        return Decimal(repr(wire)) if isfinite(wire) else _odd(wire, "a number")
    if wire is None:
        return EMPTY
    if isinstance(wire, int) and not isinstance(wire, bool):
        return Decimal(wire)
    return _odd(wire, "a number")


def to_yes_no(wire: object) -> FieldValue:
    """A checkbox is never null; a null parent's is EMPTY."""
    if wire is True or wire is False:
        return wire
    return EMPTY if wire is None else _odd(wire, "true or false")


@lru_cache(maxsize=4096)  # a run meets a few hundred days, hundreds of times each
def _day(text: str) -> date:
    return date.fromisoformat(text)


def to_date(wire: object) -> FieldValue:
    """Read a date; it is never shifted."""
    if wire is None:
        return EMPTY
    try:
        return _day(wire)  # a TypeError is odd
    except (TypeError, ValueError):
        return _odd(wire, "a date")


def to_moment(wire: object) -> FieldValue:
    """Read a date-time, whose offset comes without a colon, as aware UTC."""
    if wire is None:
        return EMPTY
    try:
        moment = datetime.fromisoformat(wire)  # type: ignore[arg-type] # as above
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return _odd(wire, "a date-time")


@lru_cache(maxsize=4096)
def _moment_in(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), NOON_EVERYWHERE)


def to_moment_of_day(wire: object) -> FieldValue:
    """Read a day where a moment is wanted."""
    if wire is None:
        return EMPTY
    try:
        return _moment_in(wire)
    except (TypeError, ValueError):
        return _odd(wire, "a date")


def to_choices(wire: object) -> FieldValue:
    """Read a multi-select; an empty selection is EMPTY."""
    if wire is None or isinstance(wire, str):
        named = (word.strip() for word in (wire or "").split(";"))
        return frozenset(word for word in named if word) or EMPTY
    return _odd(wire, "a selection")


def _money_in(currency: str) -> Convert:
    def to_money(wire: object) -> FieldValue:
        value = to_number(wire)
        return Money(value, currency) if isinstance(value, Decimal) else value

    return to_money


def _local_date_in(zone: tzinfo) -> Convert:
    def to_local_date(wire: object) -> FieldValue:
        moment = to_moment(wire)
        if not isinstance(moment, datetime):
            return moment
        # Exactly midnight UTC is how loaders write a day without a time.
        if moment.time() == time.min:
            return moment.date()
        return moment.astimezone(zone).date()

    return to_local_date


def _person_of(people: Mapping[str, Person]) -> Convert:
    def to_person(wire: object) -> FieldValue:
        if wire is None:
            return EMPTY
        person = people.get(wire) if isinstance(wire, str) else None
        if person is None:
            return Unavailable(f"the integration user may not read user {wire}")
        return person

    return to_person


def _odd(wire: object, wanted: str) -> Unavailable:
    return Unavailable(
        f"Salesforce sent {type(wire).__name__} {str(wire)[:40]!r}, not {wanted}"
    )
