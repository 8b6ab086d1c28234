"""One thing changed in a check, and how that is said. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from gatekeeper.language.tree.format import canonical

if TYPE_CHECKING:
    from gatekeeper.language.tree import syntax

T = TypeVar("T")

LONGEST = 60
"""Characters of a check that a sentence may quote."""


@dataclass(frozen=True, slots=True)
class Altered(Generic[T]):
    """A tree with one thing changed.

    Attributes:
        what: The change, completing "if ...".
        span: Where in the check it is.
    """

    what: str
    span: syntax.Span
    tree: T


Alterations = Iterator[Altered[object]]


def becomes(old: str, new: str, span: syntax.Span, altered: object) -> Altered[object]:
    """Say that one word stands for another."""
    return Altered(f"{old} becomes {new}", span, altered)


def left_out(part: syntax.Test | syntax.Value) -> str:
    """Say that a part is missing."""
    text = canonical(part)
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return f"{text} is left out"


def without_where(
    node: syntax.Argument | syntax.Quantified | syntax.Every | syntax.Rows,
) -> Alterations:
    """Leave out the condition on rows."""
    if node.where is not None:
        what = f"where {left_out(node.where)}"
        yield Altered(what, node.where.span, replace(node, where=None))
