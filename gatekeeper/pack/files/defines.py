"""`define:` of a file: named conditions, values and sets of rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import Quorum
from gatekeeper.language.messages import CheckSyntaxError
from gatekeeper.language.parser.line import parse_rows
from gatekeeper.language.scope import DefineSpec
from gatekeeper.language.tree import syntax
from gatekeeper.pack.files.conditions import (
    DraftCondition,
    DraftLine,
    note,
    read_check,
    read_condition,
)
from gatekeeper.pack.files.names import check_name, short_place
from gatekeeper.pack.source.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader

Body = syntax.Test | syntax.Value | syntax.Rows

_ROWS = re.compile(r"\s*[\w.]+\s+where\b", re.IGNORECASE)
_OF_A_LINE = frozenset({"title", "fix", "on_blank", "when", "forbid"})
"""Keys of a line that say how it is asked or read, not what it asks."""

_WHOLE = syntax.Span(0, 1)


@dataclass(frozen=True, slots=True)
class DraftDefine:
    """One definition as written.

    Attributes:
        lines: What it is made of, each line with where it stands.
    """

    spec: DefineSpec
    lines: tuple[tuple[Scalar, Body], ...]


def read_defines(
    reader: Reader, node: Node | None, catalogue: Catalogue, currency: str
) -> dict[str, DraftDefine]:
    """Read all named conditions of a file; those that cannot be read are left out."""
    defines: dict[str, DraftDefine] = {}
    for key, value in reader.pairs(node, "define"):
        check_name(reader, key)
        lines: tuple[tuple[Scalar, Body], ...]
        if isinstance(value, Scalar):
            body = _one_line(reader, value, catalogue, currency)
            lines = ((value, body),) if body is not None else ()
        else:
            condition = read_condition(reader, value, key.text, currency)
            body = _as_test(reader, key, condition) if condition else None
            lines = tuple(_lines(condition)) if condition else ()
        if body is not None:
            spec = DefineSpec(key.text, body, short_place(key))
            defines[key.text] = DraftDefine(spec, lines)
    return defines


def _one_line(
    reader: Reader, node: Scalar, catalogue: Catalogue, currency: str
) -> Body | None:
    if _ROWS.match(node.text) or node.text.strip() in catalogue.collections:
        return _rows(reader, node, currency)
    test = read_check(reader, node, currency)
    return test.value if isinstance(test, syntax.Truthy) else test


def _lines(condition: DraftCondition) -> Iterator[tuple[Scalar, Body]]:
    if not isinstance(condition, DraftLine):
        for part in condition.parts:
            yield from _lines(part)
    elif condition.test is not None:
        yield condition.scalar, condition.test


def _rows(reader: Reader, node: Scalar, currency: str) -> syntax.Rows | None:
    try:
        return parse_rows(node.text, currency=currency)
    except CheckSyntaxError as error:
        note(reader, node, error)
    return None


def _as_test(
    reader: Reader, key: Scalar, condition: DraftCondition
) -> syntax.Test | None:
    """Join the lines of a list, an any or an at_least into one condition."""
    if isinstance(condition, DraftLine):
        for extra, _ in condition.table.pairs if condition.table else ():
            if extra.text in _OF_A_LINE:
                _refuse(reader, key.text, extra)
        return condition.test
    parts = [_as_test(reader, key, part) for part in condition.parts]
    whole = tuple(part for part in parts if part is not None)
    if len(whole) != len(parts) or not whole:
        return None
    if condition.quorum is Quorum.ANY:
        return syntax.Or(whole, _WHOLE)
    if condition.quorum is Quorum.AT_LEAST:
        return syntax.AtLeast(condition.count, whole, _WHOLE)
    return syntax.And(whole, _WHOLE)


def _refuse(reader: Reader, name: str, key: Scalar) -> None:
    text = (
        f'"{key.text}" is not a key inside "define": a name stands for a condition and'
        " nothing else."
    )
    advice = f"write it where the name is used: {{check: {name}, {key.text}: ...}}"
    reader.say(key.place, "E201", text, advice)
