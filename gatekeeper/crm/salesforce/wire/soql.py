"""SOQL by construction: values are quoted here and nowhere else.

Pure. A statement is a frozen value; its text is made by `render`. Names must look
like names (and come from describe), so nothing a person typed can become syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable

Value = str | bool | int | Decimal | date | datetime | None

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*\Z")
_OPERATORS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)


@dataclass(frozen=True, slots=True)
class Compare:
    """`field operator value`; None compares with null."""

    field: str
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Among:
    """`field IN (values)`; a statement ends at 100,000 characters."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartsWith:
    """`field LIKE 'prefix%'`, the prefix taken literally."""

    field: str
    prefix: str


@dataclass(frozen=True, slots=True)
class AmongRows:
    """`field IN (SELECT Id FROM ...)`."""

    field: str
    rows: Select


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part holds."""

    parts: tuple[Condition, ...]


Condition = Compare | Among | StartsWith | AmongRows | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Select:
    """One SELECT statement."""

    fields: tuple[str, ...]
    source: str
    where: Condition | None = None
    order_by: tuple[str, ...] = ()
    limit: int | None = None

    def narrowed(self, condition: Condition | None) -> Select:
        """Return the statement with one more condition that must hold."""
        return replace(self, where=both(self.where, condition))


def both(first: Condition | None, second: Condition | None) -> Condition | None:
    """Return the condition that two conditions hold; None is no condition."""
    parts = tuple(
        part
        for condition in (first, second)
        if condition is not None
        for part in (condition.parts if isinstance(condition, AllOf) else (condition,))
    )
    if len(parts) <= 1:
        return parts[0] if parts else None
    return AllOf(parts)


def render(select: Select) -> str:
    """Return the statement as text.

    Raises:
        ValueError: A name that is no name, or a list without values.
    """
    fields, source = _names(select.fields), name(select.source)
    text = f"SELECT {fields} FROM {source}"  # noqa: S608  (names are checked above)
    if select.where is not None:
        text += f" WHERE {_condition(select.where, is_top=True)}"
    if select.order_by:
        text += f" ORDER BY {_names(select.order_by)}"
    if select.limit is not None:
        text += f" LIMIT {select.limit:d}"
    return text


def name(text: str) -> str:
    """Return `text` if it is a field, object or path name.

    Raises:
        ValueError: It is not.
    """
    if not _NAME.match(text):
        msg = f"{text!r} is not a name of the CRM"
        raise ValueError(msg)
    return text


def literal(value: Value) -> str:
    """Return a value as SOQL spells it.

    Raises:
        ValueError: A date-time without a zone, or a number that is none.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{_escape(value)}'"
    if isinstance(value, datetime):
        return _moment(value)
    return value.isoformat() if isinstance(value, date) else _number(value)


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        msg = "a date-time in a query needs a zone"
        raise ValueError(msg)
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(value: Decimal | int) -> str:
    number = Decimal(value)
    if not number.is_finite():
        msg = "a number in a query must be finite"
        raise ValueError(msg)
    return f"{number:f}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(name, names))


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _condition(condition: Condition, *, is_top: bool) -> str:
    match condition:
        case Compare():
            return _comparison(condition)
        case Among():
            return _list(condition)
        case StartsWith(field, prefix):
            # LIKE has two wildcards of its own; both may occur in the text meant.
            pattern = _escape(prefix).replace("%", "\\%").replace("_", "\\_")
            return f"{name(field)} LIKE '{pattern}%'"
        case AmongRows(field, rows):
            return f"{name(field)} IN ({render(rows)})"
        case AllOf(parts):
            return _joined(parts, " AND ", is_top=is_top)
        case AnyOf(parts):
            return _joined(parts, " OR ", is_top=is_top)
        case _:
            assert_never(condition)


def _comparison(compare: Compare) -> str:
    if compare.operator not in _OPERATORS:
        msg = f"{compare.operator!r} is no operator"
        raise ValueError(msg)
    return f"{name(compare.field)} {compare.operator} {literal(compare.value)}"


def _list(among: Among) -> str:
    if not among.values:
        msg = f"no values to look for in {among.field}"
        raise ValueError(msg)
    return f"{name(among.field)} IN ({', '.join(map(literal, among.values))})"


def _joined(parts: tuple[Condition, ...], word: str, *, is_top: bool) -> str:
    text = word.join(_condition(part, is_top=False) for part in parts)
    return text if is_top else f"({text})"
