"""Every part of a tree, outermost first. Pure."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

P = TypeVar("P")


def parts_of(tree: object) -> Iterator[object]:
    """Give a tree and everything in it, in the order of the text."""
    yield tree
    if isinstance(tree, tuple):
        for part in tree:
            yield from parts_of(part)
    elif is_dataclass(tree) and not isinstance(tree, type):
        for each in fields(tree):
            yield from parts_of(getattr(tree, each.name))


def all_of(kind: type[P], tree: object) -> Iterator[P]:
    """Give every part of one kind."""
    return (part for part in parts_of(tree) if isinstance(part, kind))
