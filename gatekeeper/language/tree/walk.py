"""Every node of a tree, outermost first. Pure."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

P = TypeVar("P")


def parts_of(tree: object) -> Iterator[object]:
    """Give a tree and every node in it, in the order of the text."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting += reversed(part)
            continue
        names = _names_of(type(part))  # type: ignore[arg-type]  # a class may be hashed
        if names is not None:
            yield part
            waiting += [getattr(part, name) for name in names]


def all_of(kind: type[P], tree: object) -> list[P]:
    """Return every node of one kind."""
    return of_kind(kind, parts_of(tree))


def of_kind(kind: type[P], parts: Iterable[object]) -> list[P]:
    """Return the nodes of one kind."""
    return [part for part in parts if isinstance(part, kind)]


@cache
def _names_of(kind: type) -> tuple[str, ...] | None:
    """Return the parts of a node, last first, without its places in the text."""
    if not is_dataclass(kind):
        return None
    parts = (each for each in reversed(fields(kind)) if each.type != "Span")
    return tuple(each.name for each in parts)
