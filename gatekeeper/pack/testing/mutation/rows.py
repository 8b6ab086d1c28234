"""Joined conditions and conditions on rows, different in one thing. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING

from gatekeeper.language.tree import syntax as tree
from gatekeeper.language.tree.format import canonical
from gatekeeper.pack.testing.mutation.alteration import (
    Alterations,
    Altered,
    becomes,
    left_out,
    without_where,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_Count = int | tree.Param | None


@singledispatch
def altered_parts(_node: object) -> Alterations:
    """Give joined conditions and quantifiers with their own part changed."""
    return iter(())


@altered_parts.register(tree.And)
@altered_parts.register(tree.Or)
def _several(node: tree.And | tree.Or) -> Alterations:
    is_and = isinstance(node, tree.And)
    words, other = (("and", "or"), tree.Or) if is_and else (("or", "and"), tree.And)
    yield becomes(*words, node.span, other(node.parts, node.span))
    for place, part in enumerate(node.parts):
        rest = (*node.parts[:place], *node.parts[place + 1 :])
        kept = rest[0] if len(rest) == 1 else replace(node, parts=rest)
        yield Altered(left_out(part), part.span, kept)


@altered_parts.register
def _at_least(node: tree.AtLeast) -> Alterations:
    for count in (node.count - 1, node.count + 1):
        if 1 <= count <= len(node.parts):
            words = f"at least {node.count}", f"at least {count}"
            yield becomes(*words, node.span, replace(node, count=count))


@altered_parts.register
def _not(node: tree.Not) -> Alterations:
    yield Altered("not is left out", node.span, node.part)


@altered_parts.register
def _rows(node: tree.Rows) -> Alterations:
    yield from without_where(node)


@altered_parts.register
def _every(node: tree.Every) -> Alterations:
    where = node.has
    if node.where is not None:
        where = tree.And((node.where, node.has), node.has.span)
    some = tree.Quantified(tree.Quantity.SOME, None, node.collection, where, node.span)
    yield becomes("every", "some", node.span, some)
    yield from without_where(node)


@altered_parts.register
def _quantified(node: tree.Quantified) -> Alterations:
    for quantity, count in _other_quantities(node.quantity, node.count):
        changed = replace(node, quantity=quantity, count=count)
        old, new = _words(node.quantity, node.count), _words(quantity, count)
        yield becomes(old, new, node.span, changed)
    yield from without_where(node)


@altered_parts.register
def _group(node: tree.GroupTest) -> Alterations:
    others: Iterator[tuple[tree.Quantity, _Count]]
    if node.quantity == "every":
        others = iter([(tree.Quantity.SOME, None)])
    else:
        others = _other_quantities(node.quantity, node.count)
    for quantity, count in others:
        changed = replace(node, quantity=quantity, count=count)
        old, new = _words(node.quantity, node.count), _words(quantity, count)
        yield becomes(old, new, node.span, changed)
    if node.quantity is tree.Quantity.SOME:
        every = replace(node, quantity="every", count=None)
        yield becomes("some", "every", node.span, every)


def _other_quantities(
    quantity: tree.Quantity, count: _Count
) -> Iterator[tuple[tree.Quantity, _Count]]:
    kinds = tree.Quantity
    match quantity:
        case kinds.SOME:
            yield from ((kinds.NO, None), (kinds.AT_LEAST, 2))
        case kinds.NO:
            yield from ((kinds.SOME, None), (kinds.AT_MOST, 1))
        case kinds.AT_LEAST:
            yield kinds.AT_MOST, count
        case kinds.AT_MOST:
            yield kinds.AT_LEAST, count
        case kinds.EXACTLY:
            yield from ((kinds.AT_LEAST, count), (kinds.AT_MOST, count))
    if isinstance(count, int):
        least = 1 if quantity is kinds.AT_LEAST else 0
        yield from (
            (quantity, near) for near in (count - 1, count + 1) if near >= least
        )


def _words(quantity: str, count: _Count) -> str:
    word = str(quantity)
    if count is None:
        return word
    return f"{word} {count if isinstance(count, int) else canonical(count)}"
