"""A value that is different in one thing. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from gatekeeper.language.tree import syntax as tree
from gatekeeper.language.tree.format import canonical
from gatekeeper.pack.testing.mutation.alteration import (
    Alterations,
    Altered,
    becomes,
    left_out,
    without_where,
)
from gatekeeper.pack.testing.mutation.neighbours import neighbours, shown


@singledispatch
def altered_value(_node: object) -> Alterations:
    """Give a literal, call or list with its own part changed."""
    return iter(())


@altered_value.register(tree.Number)
@altered_value.register(tree.Percentage)
def _limit(node: tree.Number | tree.Percentage) -> Alterations:
    for value in neighbours(node.value):
        moved = replace(node, value=value)
        yield becomes(canonical(node), canonical(moved), node.span, moved)


@altered_value.register
def _day(node: tree.DateLiteral) -> Alterations:
    for value in neighbours(node.value):
        moved = replace(node, value=value)
        yield becomes(canonical(node), canonical(moved), node.span, moved)


@altered_value.register
def _length(node: tree.Duration) -> Alterations:
    for moved in neighbours(node):
        yield becomes(canonical(node), shown(moved), node.span, moved)


@altered_value.register
def _since(node: tree.Since) -> Alterations:
    if node.anchor == "stage entry":
        changed = replace(node, anchor="creation")
        yield becomes("stage entry", "creation", node.span, changed)
    elif node.anchor == "creation":
        changed = replace(node, anchor="stage entry")
        yield becomes("creation", "stage entry", node.span, changed)


_OTHER_FUNCTION = {
    "latest": "earliest",
    "earliest": "latest",
    "min": "max",
    "max": "min",
    "later_of": "earlier_of",
    "earlier_of": "later_of",
    "visited": "skipped",
    "skipped": "visited",
}


@altered_value.register
def _call(node: tree.Call) -> Alterations:
    name = node.function.lower()
    if name in _OTHER_FUNCTION:
        changed = replace(node, function=_OTHER_FUNCTION[name])
        yield becomes(name, changed.function, node.name_span, changed)


@altered_value.register
def _argument(node: tree.Argument) -> Alterations:
    yield from without_where(node)


_OTHER_SIGN = {"+": "-", "-": "+", "*": "/", "/": "*"}


@altered_value.register
def _arithmetic(node: tree.Arithmetic) -> Alterations:
    other = _OTHER_SIGN[node.operator]
    changed = replace(node, operator=other)  # type: ignore[arg-type]  # one of the four
    yield becomes(node.operator, other, node.span, changed)


@altered_value.register
def _listing(node: tree.Listing) -> Alterations:
    for place, member in enumerate(node.items):
        if len(node.items) > 1:
            rest = (*node.items[:place], *node.items[place + 1 :])
            yield Altered(left_out(member), member.span, replace(node, items=rest))
