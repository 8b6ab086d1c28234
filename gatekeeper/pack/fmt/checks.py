"""Checks in their one canonical spelling, numbers and YAML quoting kept. Pure."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.language.parser.tokens import scan
from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.fingerprint import render
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.syntax_values import singular_of
from gatekeeper.pack.fmt.meaning import checks_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from gatekeeper.pack.source.nodes import Scalar, Table

_AS_WRITTEN = frozenset({"NUMBER", "PERCENT"})
_INDICATORS = "!&*?|>%@`\"'#,[]{}"
_NAMES_ONE = re.compile(r"\b(every|exactly)\b", re.IGNORECASE)
_TRAP = re.compile(r": | #|:$|^- |^\s|\s$|^---|^\.\.\.")


def rewrite_checks(text: str, root: Table, collections: Collection[str]) -> str:
    """Write every check canonically."""
    parts: list[str] = []
    end = 0
    for scalar in sorted(checks_of(root), key=lambda each: each.start):
        written = text[scalar.start : scalar.end]
        parts += [text[end : scalar.start], _rewritten(scalar, written, collections)]
        end = scalar.end
    return "".join([*parts, text[end:]])


def _rewritten(scalar: Scalar, written: str, collections: Collection[str]) -> str:
    if "\n" in written or scalar.style in {"|", ">"}:
        return written
    tree = tree_of(scalar.text)
    if tree is None:
        return written
    spelled = spelling(scalar.text, tree, collections)
    if spelled == scalar.text:
        return written
    return quoted(spelled, was_quoted=bool(scalar.style))


def spelling(
    text: str, tree: syntax.Test | syntax.Rows, collections: Collection[str]
) -> str:
    """Return the canonical spelling of a check; numbers stay as they are written."""
    if _NAMES_ONE.search(text):
        tree = _in_singular(tree, collections)  # type: ignore[assignment]  # the kind of node stays
    wanted = canonical(tree)
    if wanted == text:
        return text
    kept = _with_numbers(wanted, text)
    again = tree_of(kept)
    return kept if again is not None and render(again) == render(tree) else text


def _in_singular(node: object, collections: Collection[str]) -> object:
    """Return the tree with one row named after "every" and "exactly 1"."""
    match node:
        case tuple():
            return tuple(_in_singular(part, collections) for part in node)
        case syntax.Every():
            node = replace(node, collection=_one(node.collection, collections))
        case syntax.Quantified(quantity=syntax.Quantity.EXACTLY, count=1):
            node = replace(node, collection=_one(node.collection, collections))
    if not is_dataclass(node) or isinstance(node, type | syntax.Span):
        return node
    inner = {
        each.name: _in_singular(getattr(node, each.name), collections)
        for each in fields(node)
    }
    return replace(node, **inner)


def _one(name: syntax.Name, collections: Collection[str]) -> syntax.Name:
    last = name.parts[-1]
    if last not in collections:
        return name
    return replace(name, parts=(*name.parts[:-1], singular_of(last)))


def _with_numbers(wanted: str, text: str) -> str:
    """Put the numbers of `text` into `wanted`, where they are as many."""
    old = [token for token in scan(text) if token.type in _AS_WRITTEN]
    new = [token for token in scan(wanted) if token.type in _AS_WRITTEN]
    if len(old) != len(new):
        return wanted
    parts: list[str] = []
    end = 0
    for before, after in zip(old, new, strict=True):
        start = after.start_pos or 0
        parts += [wanted[end:start], "".join(str(before).lower().split())]
        end = after.end_pos or start
    return "".join([*parts, wanted[end:]])


def quoted(text: str, *, was_quoted: bool = False) -> str:
    """Write a check as YAML, in single quotes where it must be or was."""
    must = text[:1] in _INDICATORS or _TRAP.search(text) is not None
    if not must and not was_quoted:
        return text
    inner = text.replace("'", "''")
    return f"'{inner}'"
