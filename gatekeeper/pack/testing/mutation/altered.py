"""Every way in which one thing in a check can be different. Pure.

Trees are altered, never texts: one operator, limit, quantifier, window or member of a
list at a time.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

from gatekeeper.language.tree.syntax import Span
from gatekeeper.pack.testing.mutation.alteration import Altered
from gatekeeper.pack.testing.mutation.comparisons import altered_test
from gatekeeper.pack.testing.mutation.rows import altered_parts
from gatekeeper.pack.testing.mutation.values import altered_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.pack.testing.mutation.alteration import Alterations

N = TypeVar("N")


def alterations(node: N) -> Iterator[Altered[N]]:
    """Give the tree in every altered form, the outermost change first."""
    own = (*altered_value(node), *altered_test(node), *altered_parts(node))
    for altered in (*own, *_inner(node)):
        yield cast("Altered[N]", altered)


def _inner(node: object) -> Alterations:
    if not is_dataclass(node) or isinstance(node, type):
        return
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, Span):
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
