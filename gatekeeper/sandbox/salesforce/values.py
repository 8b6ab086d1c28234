"""From the values of a request to the values of a row: types, lengths, ranges.

Pure. Every refusal is worded as Salesforce words it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from math import isfinite
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.ids import canonical_id, stamp

if TYPE_CHECKING:
    from gatekeeper.sandbox.schema import FieldType

TEXTS = frozenset(
    {
        "string",
        "textarea",
        "email",
        "phone",
        "url",
        "picklist",
        "multipicklist",
        "combobox",
    }
)
NUMBERS = frozenset({"currency", "double", "percent"})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def stored(field: FieldType, raw: object) -> object:
    """Return a request's value as a row holds it; blank text is no value.

    Raises:
        SalesforceError: The value is not of the field's type, or out of its range.
    """
    if raw is None:
        return None
    if isinstance(raw, (dict, list)):
        raise _unreadable(field, raw)
    if field.type in TEXTS:
        return _text(field, raw)
    if raw == "":
        return None
    if field.type in {"id", "reference"}:
        return _reference(field, raw)
    return _typed(field, raw)


def _typed(field: FieldType, raw: object) -> object:
    try:
        if field.type == "boolean":
            return _boolean(raw)
        if field.type == "date":
            return _date(raw)
        if field.type == "datetime":
            return _datetime(raw)
        number = _number(raw)
    except ValueError:
        raise _unreadable(field, raw) from None
    return _in_range(field, number)


def _text(field: FieldType, raw: object) -> str | None:
    if not isinstance(raw, str):
        raise _unreadable(field, raw)
    text = raw.rstrip() if field.type == "textarea" else raw.strip()
    if len(text) > field.length:
        raise SalesforceError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
            fields=(field.name,),
        )
    if text and field.type == "email" and not _EMAIL.match(text):
        raise SalesforceError(
            "INVALID_EMAIL_ADDRESS",
            f"{field.label}: invalid email address: {text}",
            fields=(field.name,),
        )
    if text:
        _check_choice(field, text)
    return text or None


def _check_choice(field: FieldType, text: str) -> None:
    if not field.restricted_picklist or not field.picklist:
        return
    chosen = text.split(";") if field.type == "multipicklist" else [text]
    known = {choice.value for choice in field.picklist if choice.active}
    if not known.issuperset(chosen):
        raise SalesforceError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {text}",
            fields=(field.name,),
        )


def _reference(field: FieldType, raw: object) -> str:
    record_id = canonical_id(raw) if isinstance(raw, str) else None
    if record_id is None:
        raise malformed_id(field, raw)
    return record_id


def malformed_id(field: FieldType, raw: object) -> SalesforceError:
    """Return the refusal of an id of the wrong shape or of the wrong object."""
    return SalesforceError(
        "MALFORMED_ID",
        f"{field.label}: id value of incorrect type: {raw}",
        fields=(field.name,),
    )


def _boolean(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in {"true", "false"}:
        return raw.lower() == "true"
    raise ValueError


def _date(raw: object) -> str:
    if not isinstance(raw, str) or not _DATE.match(raw):
        raise ValueError
    return date.fromisoformat(raw[:10]).isoformat()


def _datetime(raw: object) -> str:
    if not isinstance(raw, str) or not _DATE.match(raw):
        raise ValueError
    instant = datetime.fromisoformat(raw)
    if instant.tzinfo is None:
        if len(raw) > 10:
            raise ValueError
        instant = instant.replace(tzinfo=UTC)
    return stamp(instant)


def _number(raw: object) -> float:
    # float() would take True for 1; as text it is no number.
    number = float(str(raw))
    if not isfinite(number):
        raise ValueError
    return number


def _in_range(field: FieldType, number: float) -> float | int:
    digits = field.precision - field.scale if field.precision else 18
    if abs(number) >= 10**digits:
        raise SalesforceError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {number}",
            fields=(field.name,),
        )
    if field.type == "int":
        if number != int(number):
            raise _unreadable(field, number)
        return int(number)
    return round(number, field.scale) if field.scale else number


_JSON_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "VALUE_TRUE"),
    (int, "VALUE_NUMBER_INT"),
    (float, "VALUE_NUMBER_FLOAT"),
    (str, "VALUE_STRING"),
    (dict, "START_OBJECT"),
    (list, "START_ARRAY"),
)


def _unreadable(field: FieldType, raw: object) -> SalesforceError:
    kind = next(name for known, name in _JSON_KINDS if isinstance(raw, known))
    if raw is False:
        kind = "VALUE_FALSE"
    wanted = field.type if field.type not in TEXTS else "string"
    shown = f" value {raw}" if kind.startswith("VALUE") else ""
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {wanted} from {kind}{shown} or request may "
        "be missing a required field at [line:1, column:1]",
    )
