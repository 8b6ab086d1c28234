"""Rows of collections, and conditions that speak of several rows or fields."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker import values as checker_values
from gatekeeper.language.checker.definitions import expanded
from gatekeeper.language.checker.known import nearest
from gatekeeper.language.checker.names import field_of, label_field, row_scope
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.types import with_article

if TYPE_CHECKING:
    from gatekeeper.language.checker.state import Checking, RowScope


_NOWHERE = syntax.Span(0, 0)


def rows_of(
    name: syntax.Name,
    where: syntax.Test | None,
    checking: Checking,
    *,
    singular: bool = False,
) -> typed.Rows | None:
    """Resolve rows by the name of a collection or a define; None after a mistake."""
    found = _scoped_rows(name, where, checking, singular=singular)
    return found[0] if found else None


def field_of_rows(
    path: syntax.Name, where: syntax.Test | None, checking: Checking
) -> tuple[typed.Rows, typed.Field] | None:
    """Resolve `meetings.start`, `held.start` or `account.meetings.start`."""
    rows_name = syntax.Name(path.parts[:-1], path.span)
    found = _scoped_rows(rows_name, where, checking)
    if found is None:
        return None
    rows, row = found
    with checking.inside(row):
        gathered = field_of(syntax.Name(path.parts[-1:], path.span), checking)
    return None if gathered is None else (rows, gathered)


def _scoped_rows(
    name: syntax.Name,
    where: syntax.Test | None,
    checking: Checking,
    *,
    singular: bool = False,
) -> tuple[typed.Rows, RowScope] | None:
    define = checking.scope.defines.get(name.text)
    if define is not None and isinstance(body := define.body, syntax.Rows):
        base = expanded(
            define,
            name,
            checking,
            lambda inner: _scoped_rows(body.collection, body.where, inner),
        )
    else:
        row = row_scope(name, checking, singular=singular)
        base = None
        if row is not None:
            label = label_field(row, checking)
            base = typed.Rows(row.key, label=label), row
    if base is None:
        return None
    rows, scope = base
    return _narrowed(rows, scope, where, checking)


def _narrowed(
    rows: typed.Rows,
    row: RowScope,
    where: syntax.Test | None,
    checking: Checking,
) -> tuple[typed.Rows, RowScope] | None:
    condition = rows.where
    if where is not None:
        with checking.inside(row):
            extra = checking.test(where)
        if extra is None:
            return None
        condition = extra if condition is None else typed.And((condition, extra))
    return typed.Rows(rows.collection, condition, rows.label), row


# ---- quantifiers -----------------------------------------------------------------


def quantified(node: syntax.Quantified, checking: Checking) -> typed.Quantified | None:
    """Check `at least 2 contacts where ..`."""
    if _is_nested(node, str(node.quantity), checking):
        return None
    one = node.quantity is syntax.Quantity.SOME or (
        node.quantity is syntax.Quantity.EXACTLY and node.count == 1
    )
    rows = rows_of(node.collection, node.where, checking, singular=one)
    count = _count(node.count, checking)
    if rows is None or (count is None and node.count is not None):
        return None
    return typed.Quantified(node.quantity, count, rows)


def every(node: syntax.Every, checking: Checking) -> typed.Every | None:
    """Check `every line_item has ..`."""
    if _is_nested(node, "every", checking):
        return None
    found = _scoped_rows(node.collection, node.where, checking, singular=True)
    if found is None:
        return None
    rows, row = found
    with checking.inside(row):
        has = checking.test(node.has)
    return None if has is None else typed.Every(rows, has)


def _is_nested(
    node: syntax.Quantified | syntax.Every, words: str, checking: Checking
) -> bool:
    """Note E407 for a quantifier inside a `where`."""
    if checking.row is None:
        return False
    text = f'"{words} {node.collection.text}" may not stand inside a "where".'
    remedy = "write it as a line of its own."
    checking.report("E407", text, node.span, remedy)
    return True


def _count(count: int | syntax.Param | None, checking: Checking) -> typed.Value | None:
    if count is None:
        return None
    if isinstance(count, int):
        return checker_values.literal(syntax.Number(Decimal(count), _NOWHERE))
    value = checker_values.param_value(count, checking)
    if value is not None and value.kind is not Kind.NUMBER:
        text = f"${count.name} is {with_article(value.kind)}, not a number of rows."
        checking.report("E411", text, count.span)
        return None
    return value


# ---- groups of fields ------------------------------------------------------------


def group_test(node: syntax.GroupTest, checking: Checking) -> typed.Tally | None:
    """Check `at least 3 of meddppicc is filled`."""
    groups = checking.scope.catalogue.groups
    names = groups.get(node.group.text)
    if names is None:
        meant = nearest(node.group.text, groups)
        remedy = f'did you mean "{meant}"?' if meant else None
        text = f'there is no group "{node.group.text}".'
        checking.report("E403", text, node.group.span, remedy)
        return None
    paths = [syntax.Name(tuple(name.split(".")), node.group.span) for name in names]
    found = [_member_test(path, node.test, checking) for path in paths]
    count = _count(node.count, checking)
    parts = tuple(each for each in found if each is not None)
    if len(parts) != len(found) or (count is None and node.count is not None):
        return None
    return typed.Tally(str(node.quantity), count, parts, node.group.text)


def _member_test(
    path: syntax.Name, test: syntax.Is | syntax.Changed, checking: Checking
) -> typed.Test | None:
    """Ask of one field of a group what is asked of the group."""
    if isinstance(test, syntax.Changed) or test.state in {"true", "false"}:
        return checking.test(replace(test, value=path))
    field = field_of(path, checking)
    wanted = (test.state == "filled") is not test.negated
    return None if field is None else typed.Filled(field, wanted)
