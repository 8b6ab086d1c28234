"""A comparison that is different in one thing. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from gatekeeper.language.tree import syntax as tree
from gatekeeper.language.tree.format import canonical
from gatekeeper.pack.testing.mutation.alteration import (
    Alterations,
    Altered,
    becomes,
)


@singledispatch
def altered_test(_node: object) -> Alterations:
    """Give a comparison with its operator, state or direction changed."""
    return iter(())


_OTHER_OPERATORS = {
    "=": ("!=",),
    "!=": ("=",),
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "before": ("on or before", "after"),
    "on or before": ("before", "on or after"),
    "after": ("on or after", "before"),
    "on or after": ("after", "on or before"),
}


@altered_test.register
def _compare(node: tree.Compare) -> Alterations:
    for other in _OTHER_OPERATORS.get(node.operator, ()):
        changed = replace(node, operator=other)
        yield becomes(node.operator, other, node.operator_span, changed)


_OTHER_STATE = {"filled": "empty", "empty": "filled", "true": "false", "false": "true"}


@altered_test.register
def _state(node: tree.Is) -> Alterations:
    other = _OTHER_STATE[node.state]
    changed = replace(node, state=other)  # type: ignore[arg-type]  # one of the four
    yield becomes(node.state, other, node.span, changed)


@altered_test.register
def _membership(node: tree.In) -> Alterations:
    old, new = ("not in", "in") if node.negated else ("in", "not in")
    yield becomes(old, new, node.span, replace(node, negated=not node.negated))


@altered_test.register
def _between(node: tree.Between) -> Alterations:
    """Leave out each end, which counts as inside."""
    nowhere = node.span
    for end, low, high in ((node.low, ">", "<="), (node.high, ">=", "<")):
        inside = tree.And(
            (
                tree.Compare(low, node.value, node.low, nowhere, node.span),
                tree.Compare(high, node.value, node.high, nowhere, node.span),
            ),
            node.span,
        )
        whole: tree.Test = tree.Bracketed(inside, node.span)
        if node.negated:
            whole = tree.Not(whole, node.span)
        yield Altered(f"{canonical(end)} itself lies outside", end.span, whole)


_WIDER = {
    "starts with": "contains",
    "ends with": "contains",
    "contains": "starts with",
}


@altered_test.register
def _text_test(node: tree.TextTest) -> Alterations:
    word = node.operator
    old, new = (f"not {word}", word) if node.negated else (word, f"not {word}")
    yield becomes(old, new, node.span, replace(node, negated=not node.negated))
    if word in _WIDER:
        other = _WIDER[word]
        changed = replace(node, operator=other)  # type: ignore[arg-type]  # of the four
        yield becomes(word, other, node.span, changed)


_OTHER_QUORUM = {"any": "all", "all": "any", "none": "any"}


@altered_test.register
def _includes(node: tree.Includes) -> Alterations:
    other = _OTHER_QUORUM[node.quorum]
    changed = replace(node, quorum=other)  # type: ignore[arg-type]  # of the three
    yield becomes(node.quorum, other, node.span, changed)


@altered_test.register
def _within(node: tree.Within) -> Alterations:
    other = "next" if node.direction == "last" else "last"
    changed = replace(node, direction=other)  # type: ignore[arg-type]  # one of two
    yield becomes(node.direction, other, node.span, changed)


@altered_test.register
def _in_period(node: tree.InPeriod) -> Alterations:
    for other in {"this": ("last", "next")}.get(node.which, ("this",)):
        changed = replace(node, which=other)  # type: ignore[arg-type]  # of the three
        yield becomes(node.which, other, node.span, changed)


@altered_test.register
def _truthy(node: tree.Truthy) -> Alterations:
    what = f"{canonical(node.value)} must not hold"
    yield Altered(what, node.span, tree.Not(node, node.span))
