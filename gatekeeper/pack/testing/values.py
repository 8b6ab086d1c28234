"""What a test writes to the values a CRM's room would have given. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, FieldValue, Money, Person
from gatekeeper.language.parser.numbers import mistaken_points, percentage_meant
from gatekeeper.pack.files import times
from gatekeeper.pack.files.values import Unfit, address, decimal, must_be, text, yes_no
from gatekeeper.pack.source.nodes import Listing, Scalar, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader

EMPTY_SIGN = "~"
END_OF_DAY = time(23, 59, 59)

_MONEY = re.compile(r"(.+?)(?: ([A-Z]{3}))?")
_MOMENT = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?( ?Z)?)?"
)
_HOURS = {"hours": 1, "days": 24, "weeks": 24 * 7}


@dataclass(frozen=True, slots=True)
class Tongue:
    """What the written values of a project mean."""

    zone: ZoneInfo
    currency: str


def is_empty(node: Node) -> bool:
    """Whether nothing, or the sign for nothing, stands there."""
    return isinstance(node, Scalar) and not node.style and node.text in ("", EMPTY_SIGN)


def read_value(
    reader: Reader, key: str, node: Node, kind: Kind | None, tongue: Tongue
) -> FieldValue:
    """Read one value as its kind says; a mistake is noted and reads as empty.

    Args:
        reader: Takes the mistakes.
        key: Its name, for messages.
        node: What is written.
        kind: None where nobody knows: then it is what it looks like.
        tongue: The project's zone and currency.
    """
    if is_empty(node):
        return EMPTY
    if kind is Kind.USER:
        return _user(reader, key, node)
    if not isinstance(node, Scalar) and not (
        kind is Kind.MULTI_PICKLIST and isinstance(node, Listing)
    ):
        reader.unfit(node, key, must_be("one value"))
        return EMPTY
    read = _READERS[kind] if kind is not None else _what_it_looks_like
    nothing: FieldValue = EMPTY
    return reader.value(node, key, lambda written: read(written, tongue), nothing)


# ---- kinds -------------------------------------------------------------------------


def _text(written: object, _tongue: Tongue) -> FieldValue:
    return written.strip() or EMPTY if isinstance(written, str) else EMPTY


def _number(written: object, _tongue: Tongue) -> FieldValue:
    return _decimal(written, "a number such as 50_000")


def _percent(written: object, _tongue: Tongue) -> FieldValue:
    bare = written.removesuffix("%") if isinstance(written, str) else written
    number = _decimal(bare, "a percentage such as 20%")
    if bare == written and 0 < abs(number) < 1:
        text = f"{{key}} is a percentage; {number:f} would mean {number:f}%."
        raise Unfit("E417", text, f"write {percentage_meant(number)}.")
    return number


def _money(written: object, tongue: Tongue) -> FieldValue:
    found = _MONEY.fullmatch(str(written))
    amount, currency = (found[1], found[2]) if found else (written, None)
    number = _decimal(amount, "an amount such as 50_000")
    return Money(number, currency or tongue.currency)


def _decimal(written: object, what: str) -> Decimal:
    number = decimal(written) if isinstance(written, str) else None
    if isinstance(written, str) and (mistake := mistaken_points(written)):
        raise Unfit("E306", *mistake)
    if number is None:
        raise must_be(what)
    return number


def _day(written: object, _tongue: Tongue) -> FieldValue:
    return times.day(written)


def _moment(written: object, tongue: Tongue) -> FieldValue:
    return moment(written, tongue.zone)


def moment(written: object, zone: ZoneInfo, bare: time = time.min) -> datetime:
    """Read a day with or without a time, in the project's zone.

    Args:
        written: The text.
        zone: The project's.
        bare: The time of a day without one.

    Raises:
        Unfit: It is no day.
    """
    found = _MOMENT.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise must_be("a day and time such as 2026-11-20 09:00")
    day = times.day(found[1])
    if found[2] is None:
        return datetime.combine(day, bare, zone).astimezone(UTC)
    hour, minute, second = (int(part or 0) for part in found.group(2, 3, 4))
    if hour > 23 or minute > 59 or second > 59:
        raise must_be("a day and time such as 2026-11-20 09:00")
    at = time(hour, minute, second)
    return datetime.combine(day, at, UTC if found[5] else zone).astimezone(UTC)


def _yes_no(written: object, _tongue: Tongue) -> FieldValue:
    return yes_no(written)


def _choices(written: object, _tongue: Tongue) -> FieldValue:
    parts = written.split(";") if isinstance(written, str) else written
    if not isinstance(parts, list) or not all(isinstance(one, str) for one in parts):
        raise must_be("a text or a list of texts")
    return frozenset(one.strip() for one in parts if one.strip()) or EMPTY


def _length(written: object, _tongue: Tongue) -> FieldValue:
    match times.length(written):
        case (count, False, unit) if unit in _HOURS:
            return timedelta(hours=count * _HOURS[unit])
    raise must_be('a length of time such as "3 days"')


def _what_it_looks_like(written: object, tongue: Tongue) -> FieldValue:
    for read in (_yes_no, _number, _day, _moment):
        try:
            return read(written, tongue)
        except Unfit:
            continue
    return _text(written, tongue)


_READERS: Mapping[Kind, Callable[[object, Tongue], FieldValue]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.PERCENT: _percent,
    Kind.DATE: _day,
    Kind.DATETIME: _moment,
    Kind.YES_NO: _yes_no,
    Kind.PICKLIST: _text,
    Kind.MULTI_PICKLIST: _choices,
    Kind.STAGE: _text,
    Kind.REFERENCE: _text,
    Kind.EMAIL: _text,
    Kind.URL: _text,
    Kind.DURATION: _length,
}


# ---- people ------------------------------------------------------------------------


def _user(reader: Reader, key: str, node: Node) -> FieldValue:
    """Read a person of the CRM: an address, or a map with one (language A40)."""
    if not isinstance(node, Table):
        found = reader.value(node, key, address, "")
        return _person(found) if found else EMPTY
    mail = node.get("email")
    if mail is None:
        reader.unfit(node, key, must_be("an e-mail address, or a map with an email"))
        return EMPTY
    found = reader.value(mail, "email", address, "")
    name, team, active = node.get("name"), node.get("team"), node.get("is_active")
    is_inactive = active is not None and not reader.value(
        active, "is_active", yes_no, default=False
    )
    return replace(
        _person(found),
        name=reader.value(name, "name", text, "") if name else found,
        is_active=not is_inactive,
        team=reader.value(team, "team", text, "") if team else None,
    )


def _person(mail: str) -> Person:
    return Person(id=mail.casefold(), name=mail, email=mail)
