"""What a key means that is left out, written as a person would write it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BeforeValidator

from gatekeeper.core.pack import Grace
from gatekeeper.pack.files import times, values

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from gatekeeper.pack.editor.shapes import Schema

Reader = Callable[[object], object]

_HOUR = timedelta(hours=1)


def readers_of(field: FieldInfo) -> list[Reader]:
    """Return what reads the value of a key."""
    inner = (
        each
        for part in getattr(field.annotation, "__args__", ())
        for each in getattr(part, "__metadata__", ())
    )
    return [
        each.func  # type: ignore[misc]  # our readers take the value alone
        for each in (*field.metadata, *inner)
        if isinstance(each, BeforeValidator)
    ]


def default_of(field: FieldInfo, shape: Schema) -> object:
    """Return the value a key has where it is left out, None where it has none.

    Args:
        field: The key in its model.
        shape: What it takes.
    """
    value = field.default
    match value:
        case bool():
            return value
        case StrEnum():
            return value.value
        case Grace():
            return f"{value.count} {value.unit.value}"
        case timedelta():
            return _length(value)
        case time():
            return f"{value:%H:%M}"
        case int():
            return _number(value, readers_of(field), shape)
        case str() if value:
            return value
    return None


def _length(value: timedelta) -> str:
    if value < _HOUR:
        return f"{value.seconds // 60} minutes"
    return f"{value.days} days"


def _number(value: int, readers: list[Reader], shape: Schema) -> object:
    if times.business_days in readers:
        return f"{value} business days"
    if values.percent in readers:
        return f"{value}%"
    words = shape.get("enum")
    if isinstance(words, list):
        return next(word for word in words if readers[0](word) == value)
    return value
