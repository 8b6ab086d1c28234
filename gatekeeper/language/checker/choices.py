"""Several values to choose from: lists, and fields that hold several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker.literals import adapt, spoken
from gatekeeper.language.checker.values import (
    assume,
    param_as_value,
    param_of,
)
from gatekeeper.language.messages import bare_word
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.types import with_article

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.language.checker.state import Checking

_QUOTABLE = {
    Kind.STAGE: "stage",
    Kind.PICKLIST: "value",
    Kind.MULTI_PICKLIST: "value",
    Kind.TEXT: "text",
}

_SEVERAL = Kind.MULTI_PICKLIST

Choices = list[tuple[typed.Value, syntax.Value]]


def is_bare_word(
    name: syntax.Value, left: typed.Value | None, checking: Checking
) -> bool:
    """Note E316 for `stage = Proposal`."""
    if left is None or left.kind not in _QUOTABLE or not isinstance(name, syntax.Name):
        return False
    scope = checking.scope
    known = scope.catalogue.deal.keys() | scope.defines.keys()
    known |= scope.catalogue.collections.keys() | scope.catalogue.lookups.keys()
    if checking.row is not None:
        known |= checking.row.spec.fields.keys()
    if len(name.parts) > 1 or name.text in known:
        return False
    message = bare_word(name.text, name.span, _QUOTABLE[left.kind])
    checking.report(message.code, message.text, message.span, message.help)
    return True


def holds_several(
    values: Sequence[typed.Value], nodes: Sequence[syntax.Value], checking: Checking
) -> bool:
    """Note E414 for a multi-select held against one value."""
    for value, node in zip(values, nodes, strict=True):
        if value.kind is _SEVERAL:
            text = f'{spoken(node)} holds several values; use "includes any of [...]".'
            checking.report("E414", text, node.span)
            return True
    return False


def choices_of(
    node: syntax.Listing | syntax.Param,
    against: typed.Value | None,
    checking: Checking,
) -> Choices | None:
    """Return the values of a list, or of a parameter that is one, for a value."""
    if isinstance(node, syntax.Param):
        return _param_choices(node, checking)
    choices: Choices = []
    for each in node.items:
        if not is_bare_word(each, against, checking):
            value = checking.value(each)
            choices += [] if value is None else [(value, each)]
    return choices if len(choices) == len(node.items) else None


def _param_choices(node: syntax.Param, checking: Checking) -> Choices | None:
    spec = param_of(node, checking)
    if spec is None:
        return None
    if isinstance(spec.value, tuple):
        return [
            (typed.Constant(each, spec.kind, literal=False), node)
            for each in spec.value
        ]
    value = param_as_value(spec, node, checking)
    return None if value is None else [(value, node)]


def includes(node: syntax.Includes, checking: Checking) -> typed.Test | None:
    """Check `value includes any of [..]`."""
    value = checking.value(node.value)
    choices = choices_of(node.choices, value, checking)
    if value is None or choices is None:
        return None
    if value.kind not in {Kind.MULTI_PICKLIST, None}:
        text = (
            f"{spoken(node.value)} is {with_article(value.kind)}, one value;"
            " compare with = or in [...]."
        )
        checking.report("E413", text, node.span)
        return None
    value = assume(value, Kind.MULTI_PICKLIST)
    adapted = [adapt(each, value, (at, node.value), checking) for each, at in choices]
    return typed.Includes(value, node.quorum, tuple(adapted))
