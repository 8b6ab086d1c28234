"""Read a literal of a condition as a value of the field it is compared with.

The type of the field decides what may stand there; what Salesforce refuses is
refused with its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.ids import canonical_id
from gatekeeper.sandbox.salesforce.soql import unescape
from gatekeeper.sandbox.salesforce.soql_dates import midnight, span_of, stored_datetime
from gatekeeper.sandbox.salesforce.soql_tree import Kind, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.sandbox.salesforce.errors import SalesforceError
    from gatekeeper.sandbox.salesforce.query_names import Getter, Scope
    from gatekeeper.sandbox.schema import FieldType

STRING_LIMIT = 4_000

KINDS = {
    "id": "id",
    "reference": "id",
    "string": "text",
    "textarea": "text",
    "picklist": "text",
    "combobox": "text",
    "phone": "text",
    "url": "text",
    "email": "text",
    "encryptedstring": "text",
    "multipicklist": "multi",
    "boolean": "boolean",
    "int": "int",
    "double": "double",
    "currency": "double",
    "percent": "double",
    "date": "date",
    "datetime": "datetime",
}
_NAMES = {"datetime": "dateTime", "text": "string", "multi": "string", "id": "ID"}
_LIKE_PART = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|%|_|[^\\%_]+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Operand:
    """The left side of a comparison: how to read it and what it may be compared with.

    `field` is None for a function; `is_direct` is whether it is a field of the row
    itself, which an index can serve.
    """

    read: Getter
    kind: str
    label: str
    at: int
    field: FieldType | None = None
    is_direct: bool = False
    is_case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """A date literal: from `first` on, before `end`, both as stored."""

    first: str
    end: str


Wanted = str | float | bool | Between | None


def wanted(scope: Scope, operand: Operand, literal: Literal) -> Wanted:
    """Return the value that the stored one is compared with; None is empty.

    Raises:
        SalesforceError: The literal is not of the field's type.
    """
    if literal.is_null:
        return None
    return _READERS[operand.kind](scope, operand, literal)


def mismatch(scope: Scope, operand: Operand, literal: Literal) -> SalesforceError:
    """Return the refusal of a literal that is not of the field's type."""
    if literal.kind is Kind.WORD and not _is_known(scope, literal.text):
        message = "Bind variables only allowed in Apex code"
        return scope.malformed(message, literal.at)
    name = _NAMES.get(operand.kind, operand.kind)
    quoted = "should be" if operand.kind in {"text", "multi", "id"} else "should not be"
    message = (
        f"value of filter criterion for field '{operand.label}' must be of type "
        f"{name} and {quoted} enclosed in quotes"
    )
    return scope.refuse("INVALID_FIELD", message, operand.at)


def _is_known(scope: Scope, word: str) -> bool:
    today = scope.view.source.now().date()
    return word.casefold() in {"true", "false"} or span_of(word, today) is not None


def quoted_text(scope: Scope, operand: Operand, literal: Literal) -> str:
    """Return the text of a quoted literal, at most 4,000 characters."""
    if literal.kind is not Kind.STRING:
        raise mismatch(scope, operand, literal)
    text = unescape(literal, scope.view.statement)
    if len(text) > STRING_LIMIT:
        message = f"string literal too long (max length={STRING_LIMIT})"
        raise scope.malformed(message, literal.at)
    return text


def _text(scope: Scope, operand: Operand, literal: Literal) -> str | None:
    text = quoted_text(scope, operand, literal)
    if not text:
        return None
    return text if operand.is_case_sensitive else text.casefold()


def _id(scope: Scope, operand: Operand, literal: Literal) -> str:
    text = quoted_text(scope, operand, literal)
    found = canonical_id(text)
    if found is None:
        message = f"invalid ID field: {text}"
        raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", message, operand.at)
    return found


def _number(scope: Scope, operand: Operand, literal: Literal) -> float:
    if literal.kind is not Kind.NUMBER:
        raise mismatch(scope, operand, literal)
    if operand.kind == "int" and "." in literal.text:
        raise mismatch(scope, operand, literal)
    return float(literal.text)


def _boolean(scope: Scope, operand: Operand, literal: Literal) -> bool:
    word = literal.text.casefold()
    if literal.kind is not Kind.WORD or word not in {"true", "false"}:
        raise mismatch(scope, operand, literal)
    return word == "true"


def _date(scope: Scope, operand: Operand, literal: Literal) -> str | Between:
    if literal.kind is Kind.DATE:
        return _checked_date(scope, literal)
    span = _span(scope, operand, literal)
    return Between(span[0].isoformat(), span[1].isoformat())


def _datetime(scope: Scope, operand: Operand, literal: Literal) -> str | Between:
    if literal.kind is Kind.DATETIME:
        stored = stored_datetime(literal.text)
        if stored is None:
            raise scope.malformed(f"Invalid date: {literal.text}", literal.at)
        return stored
    span = _span(scope, operand, literal)
    zone = scope.view.zone
    return Between(midnight(span[0], zone), midnight(span[1], zone))


def _span(scope: Scope, operand: Operand, literal: Literal) -> tuple[date, date]:
    today = scope.view.source.now().astimezone(scope.view.zone).date()
    span = span_of(literal.text, today) if literal.kind is Kind.WORD else None
    if span is None:
        raise mismatch(scope, operand, literal)
    return span


def _checked_date(scope: Scope, literal: Literal) -> str:
    try:
        return date.fromisoformat(literal.text).isoformat()
    except ValueError as error:
        message = f"Invalid date: {literal.text}"
        raise scope.malformed(message, literal.at) from error


_READERS: dict[str, Callable[[Scope, Operand, Literal], Wanted]] = {
    "text": _text,
    "multi": _text,
    "id": _id,
    "int": _number,
    "double": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}


def like_pattern(scope: Scope, operand: Operand, literal: Literal) -> re.Pattern[str]:
    """Return a pattern for the whole text: `%` is any text, `_` one character."""
    quoted_text(scope, operand, literal)
    pattern = ""
    for part in _LIKE_PART.findall(literal.text):
        if part == "%":
            pattern += ".*"
        elif part == "_":
            pattern += "."
        else:
            piece = Literal(Kind.STRING, part, literal.at)
            pattern += re.escape(unescape(piece, scope.view.statement))
    flags = re.DOTALL if operand.is_case_sensitive else re.DOTALL | re.IGNORECASE
    return re.compile(pattern, flags)
