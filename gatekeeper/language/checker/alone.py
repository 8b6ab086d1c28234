"""The lines of a definition that no line uses, read by themselves. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.checker.line import checking_of, stopping
from gatekeeper.language.checker.names import relation_of
from gatekeeper.language.checker.rows import rows_of
from gatekeeper.language.checker.state import RowScope
from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.walk import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.language.checker.state import Checking
    from gatekeeper.language.messages import Message
    from gatekeeper.language.scope import Scope

Body = syntax.Test | syntax.Value | syntax.Rows


def mistakes_alone(name: str, body: Body, scope: Scope) -> Sequence[Message]:
    """Return what is wrong with a line of a definition, wherever it may be used.

    It may be meant for the deal or for the rows of any collection: what is right for
    one of these is right. Otherwise the mistakes are those of the deal.

    Args:
        name: What is defined; it may not use itself.
        body: One line of what stands under the name.
        scope: What names mean in its file.
    """
    if any(_is_right(name, body, scope, row) for row in _meant_for(body, scope)):
        return ()
    checking = _checking_inside(name, scope)
    _read(body, checking)
    return stopping(checking.messages)


def _is_right(name: str, body: Body, scope: Scope, row: RowScope | None) -> bool:
    checking = _checking_inside(name, scope)
    checking.is_trial, checking.row = True, row
    _read(body, checking)
    return not stopping(checking.messages)


def _checking_inside(name: str, scope: Scope) -> Checking:
    checking = checking_of(scope)
    checking.expanding = (name,)
    return checking


def _read(body: Body, checking: Checking) -> None:
    match body:
        case syntax.Rows(collection=collection, where=where):
            rows_of(collection, where, checking)
        case _ if isinstance(body, syntax.Value):
            checking.value(body)
        case _:
            checking.test(body)


def _meant_for(body: Body, scope: Scope) -> Iterator[RowScope | None]:
    """Give the deal, None, and the rows of each collection with a field so named."""
    yield None
    if isinstance(body, syntax.Rows):
        return
    names = {name.text for name in all_of(syntax.Name, body)}
    for row in _all_rows(scope):
        if not names.isdisjoint(row.spec.fields):
            yield row


def _all_rows(scope: Scope) -> Sequence[RowScope]:
    if scope.kept.rows is None:
        known = scope.catalogue.collections
        scope.kept.rows = [
            RowScope(key, relation_of(key, scope.catalogue)) for key in known
        ]
    return scope.kept.rows
