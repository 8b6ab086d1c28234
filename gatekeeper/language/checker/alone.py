"""The lines of a definition that no line uses, read by themselves. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.checker.line import checking_of, stopping
from gatekeeper.language.checker.names import row_scope
from gatekeeper.language.checker.rows import rows_of
from gatekeeper.language.tree import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.language.checker.state import Checking, RowScope
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
    found = _mistakes(name, body, scope, None)
    if not found or isinstance(body, syntax.Rows):
        return found
    others = (_mistakes(name, body, scope, row) for row in _all_rows(scope))
    return found if all(others) else ()


def _mistakes(
    name: str, body: Body, scope: Scope, row: RowScope | None
) -> Sequence[Message]:
    checking = checking_of(scope)
    checking.expanding = (name,)
    with checking.inside(row):
        _read(body, checking)
    return stopping(checking.messages)


def _read(body: Body, checking: Checking) -> None:
    match body:
        case syntax.Rows(collection=collection, where=where):
            rows_of(collection, where, checking)
        case syntax.Truthy(value=value):
            checking.value(value)
        case _ if isinstance(body, syntax.Value):
            checking.value(body)
        case _:
            checking.test(body)


def _all_rows(scope: Scope) -> Iterator[RowScope]:
    for key in scope.catalogue.collections:
        name = syntax.Name((key,), syntax.Span(0, 0))
        row = row_scope(name, checking_of(scope), singular=False)
        if row is not None:
            yield row
