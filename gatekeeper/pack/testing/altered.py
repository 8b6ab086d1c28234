"""Every way in which one thing in a check can be different. Pure.

Trees are altered, never texts: one operator, limit, quantifier, window or member of a
list at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import singledispatch
from typing import Generic, TypeVar, cast

from gatekeeper.language import syntax as tree
from gatekeeper.language.format import canonical
from gatekeeper.pack.testing.altered_values import neighbours, shown

T = TypeVar("T")
N = TypeVar("N")

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
    span: tree.Span
    tree: T


Alterations = Iterator[Altered[object]]
_Count = int | tree.Param | None


def alterations(node: N) -> Iterator[Altered[N]]:
    """Give the tree in every altered form, the outermost change first."""
    for altered in (*_own(node), *_inner(node)):
        yield cast("Altered[N]", altered)


def _inner(node: object) -> Alterations:
    if not is_dataclass(node) or isinstance(node, type):
        return
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, tree.Span):
            continue
        if isinstance(value, tuple):
            for place, part in enumerate(value):
                for one in alterations(part):
                    whole = (*value[:place], one.tree, *value[place + 1 :])
                    changed = replace(node, **{each.name: whole})
                    yield Altered(one.what, one.span, changed)
        else:
            for one in alterations(value):
                changed = replace(node, **{each.name: one.tree})
                yield Altered(one.what, one.span, changed)


@singledispatch
def _own(_node: object) -> Alterations:
    return iter(())


def _becomes(old: str, new: str, span: tree.Span, altered: object) -> Altered[object]:
    return Altered(f"{old} becomes {new}", span, altered)


def _left_out(part: tree.Test | tree.Value) -> str:
    text = canonical(part)
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return f"{text} is left out"


# ---- values ------------------------------------------------------------------------


@_own.register(tree.Number)
@_own.register(tree.Percentage)
def _limit(node: tree.Number | tree.Percentage) -> Alterations:
    for value in neighbours(node.value):
        moved = replace(node, value=value)
        yield _becomes(canonical(node), canonical(moved), node.span, moved)


@_own.register
def _day(node: tree.DateLiteral) -> Alterations:
    for value in neighbours(node.value):
        moved = replace(node, value=value)
        yield _becomes(canonical(node), canonical(moved), node.span, moved)


@_own.register
def _length(node: tree.Duration) -> Alterations:
    for moved in neighbours(node):
        yield _becomes(canonical(node), shown(moved), node.span, moved)


@_own.register
def _since(node: tree.Since) -> Alterations:
    if node.anchor == "stage entry":
        changed = replace(node, anchor="creation")
        yield _becomes("stage entry", "creation", node.span, changed)
    elif node.anchor == "creation":
        changed = replace(node, anchor="stage entry")
        yield _becomes("creation", "stage entry", node.span, changed)


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


@_own.register
def _call(node: tree.Call) -> Alterations:
    name = node.function.lower()
    if name in _OTHER_FUNCTION:
        changed = replace(node, function=_OTHER_FUNCTION[name])
        yield _becomes(name, changed.function, node.name_span, changed)


@_own.register
def _argument(node: tree.Argument) -> Alterations:
    yield from _without_where(node, node.where)


_OTHER_SIGN = {"+": "-", "-": "+", "*": "/", "/": "*"}


@_own.register
def _arithmetic(node: tree.Arithmetic) -> Alterations:
    other = _OTHER_SIGN[node.operator]
    changed = replace(node, operator=other)  # type: ignore[arg-type]  # one of the four
    yield _becomes(node.operator, other, node.span, changed)


@_own.register
def _listing(node: tree.Listing) -> Alterations:
    for place, member in enumerate(node.items):
        if len(node.items) > 1:
            rest = (*node.items[:place], *node.items[place + 1 :])
            yield Altered(_left_out(member), member.span, replace(node, items=rest))


# ---- one comparison ----------------------------------------------------------------

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


@_own.register
def _compare(node: tree.Compare) -> Alterations:
    for other in _OTHER_OPERATORS.get(node.operator, ()):
        changed = replace(node, operator=other)
        yield _becomes(node.operator, other, node.operator_span, changed)


_OTHER_STATE = {"filled": "empty", "empty": "filled", "true": "false", "false": "true"}


@_own.register
def _state(node: tree.Is) -> Alterations:
    other = _OTHER_STATE[node.state]
    changed = replace(node, state=other)  # type: ignore[arg-type]  # one of the four
    yield _becomes(node.state, other, node.span, changed)


@_own.register
def _membership(node: tree.In) -> Alterations:
    old, new = ("not in", "in") if node.negated else ("in", "not in")
    yield _becomes(old, new, node.span, replace(node, negated=not node.negated))


@_own.register
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


@_own.register
def _text_test(node: tree.TextTest) -> Alterations:
    word = node.operator
    old, new = (f"not {word}", word) if node.negated else (word, f"not {word}")
    yield _becomes(old, new, node.span, replace(node, negated=not node.negated))
    if word in _WIDER:
        other = _WIDER[word]
        changed = replace(node, operator=other)  # type: ignore[arg-type]  # of the four
        yield _becomes(word, other, node.span, changed)


_OTHER_QUORUM = {"any": "all", "all": "any", "none": "any"}


@_own.register
def _includes(node: tree.Includes) -> Alterations:
    other = _OTHER_QUORUM[node.quorum]
    changed = replace(node, quorum=other)  # type: ignore[arg-type]  # of the three
    yield _becomes(node.quorum, other, node.span, changed)


@_own.register
def _within(node: tree.Within) -> Alterations:
    other = "next" if node.direction == "last" else "last"
    changed = replace(node, direction=other)  # type: ignore[arg-type]  # one of two
    yield _becomes(node.direction, other, node.span, changed)


@_own.register
def _in_period(node: tree.InPeriod) -> Alterations:
    for other in {"this": ("last", "next")}.get(node.which, ("this",)):
        changed = replace(node, which=other)  # type: ignore[arg-type]  # of the three
        yield _becomes(node.which, other, node.span, changed)


@_own.register
def _truthy(node: tree.Truthy) -> Alterations:
    what = f"{canonical(node.value)} must not hold"
    yield Altered(what, node.span, tree.Not(node, node.span))


# ---- several -----------------------------------------------------------------------


@_own.register(tree.And)
@_own.register(tree.Or)
def _several(node: tree.And | tree.Or) -> Alterations:
    is_and = isinstance(node, tree.And)
    words, other = (("and", "or"), tree.Or) if is_and else (("or", "and"), tree.And)
    yield _becomes(*words, node.span, other(node.parts, node.span))
    for place, part in enumerate(node.parts):
        rest = (*node.parts[:place], *node.parts[place + 1 :])
        kept = rest[0] if len(rest) == 1 else replace(node, parts=rest)
        yield Altered(_left_out(part), part.span, kept)


@_own.register
def _not(node: tree.Not) -> Alterations:
    yield Altered("not is left out", node.span, node.part)


def _without_where(
    node: tree.Argument | tree.Quantified | tree.Every | tree.Rows,
    where: tree.Test | None,
) -> Alterations:
    if where is not None:
        text = _left_out(where)
        yield Altered(f"where {text}", where.span, replace(node, where=None))


@_own.register
def _rows(node: tree.Rows) -> Alterations:
    yield from _without_where(node, node.where)


@_own.register
def _every(node: tree.Every) -> Alterations:
    where = node.has
    if node.where is not None:
        where = tree.And((node.where, node.has), node.has.span)
    some = tree.Quantified(tree.Quantity.SOME, None, node.collection, where, node.span)
    yield _becomes("every", "some", node.span, some)
    yield from _without_where(node, node.where)


@_own.register
def _quantified(node: tree.Quantified) -> Alterations:
    for quantity, count in _other_quantities(node.quantity, node.count):
        changed = replace(node, quantity=quantity, count=count)
        old, new = _words(node.quantity, node.count), _words(quantity, count)
        yield _becomes(old, new, node.span, changed)
    yield from _without_where(node, node.where)


@_own.register
def _group(node: tree.GroupTest) -> Alterations:
    others: Iterator[tuple[tree.Quantity, _Count]]
    if node.quantity == "every":
        others = iter([(tree.Quantity.SOME, None)])
    else:
        others = _other_quantities(node.quantity, node.count)
    for quantity, count in others:
        changed = replace(node, quantity=quantity, count=count)
        old, new = _words(node.quantity, node.count), _words(quantity, count)
        yield _becomes(old, new, node.span, changed)
    if node.quantity is tree.Quantity.SOME:
        every = replace(node, quantity="every", count=None)
        yield _becomes("some", "every", node.span, every)


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
