"""What a file says, apart from how it is laid out. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from gatekeeper.core.model import Quorum
from gatekeeper.language.messages import CheckSyntaxError
from gatekeeper.language.parser.line import parse, parse_rows
from gatekeeper.language.tree.fingerprint import render
from gatekeeper.pack.source.nodes import Listing, Node, Scalar, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.language.tree import syntax

_ROWS = re.compile(r"\s*[\w.]+\s+where\b", re.IGNORECASE)
_CONDITIONS = frozenset(
    {
        "require",
        "when",
        "unless",
        "check",
        "suspend_when",
        "start_when",
        "ends_early_when",
        "deals_where",
    }
)
_PLAIN = frozenset({"params", "forbid"})
"""Under these stand values and phrases, whatever the keys inside are called."""

_GROUPS = frozenset(Quorum)
_WITH_CHECKS = frozenset({"rules", "defs", "waivers", "overlay"})
CHECKS_REMEMBERED = 2_000
"""A file is read again after each step, and most of its checks are as they were."""

_COMMENT = re.compile(r"(?:(?<=\s)|^)#[^\n]*", re.MULTILINE)


def checks_of(root: Table) -> Iterator[Scalar]:
    """Give every scalar that is a check, in the order of the file."""
    kind = root.get("kind")
    if isinstance(kind, Scalar) and kind.text in _WITH_CHECKS:
        yield from _checks(root, inside=False)


def _checks(node: Node, *, inside: bool) -> Iterator[Scalar]:
    match node:
        case Scalar() if inside and not node.is_blank:
            yield node
        case Listing(entries=entries):
            for entry in entries:
                yield from _checks(entry, inside=inside)
        case Table(pairs=pairs):
            for key, value in pairs:
                yield from _under(key.text, value, inside=inside)


def _under(key: str, value: Node, *, inside: bool) -> Iterator[Scalar]:
    if key == "define" and isinstance(value, Table):
        for _, body in value.pairs:
            yield from _checks(body, inside=True)
    elif key == "stages" and isinstance(value, Table):
        for _, stage in value.pairs:
            yield from _checks(stage, inside=False)
    elif key not in _PLAIN:
        is_group = inside and (key in _GROUPS or key.isdecimal())
        holds = key in _CONDITIONS or (is_group and not isinstance(value, Scalar))
        yield from _checks(value, inside=holds)


def is_cut(node: Node) -> bool:
    """Whether a colon made a mapping of what was meant as one check."""
    return (
        isinstance(node, Table)
        and len(node.pairs) == 1
        and not node.pairs[0][0].text.isidentifier()
        and not node.pairs[0][0].text.isdecimal()
    )


def cut_checks(root: Table) -> Iterator[Table]:
    """Give the mappings under conditions that were meant as one check."""
    for key, node in _nodes(root, ""):
        if key in _CONDITIONS and isinstance(node, Table) and is_cut(node):
            yield node


def _nodes(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    """Give every node with the condition or key it stands under."""
    yield key, node
    if isinstance(node, Listing):
        for entry in node.entries:
            yield from _nodes(entry, key)
    elif isinstance(node, Table):
        for inner, value in node.pairs:
            yield from _nodes(value, _stands_under(key, inner.text))


def _stands_under(outer: str, inner: str) -> str:
    if inner in {"any", "all"}:
        return outer
    return "check" if outer == "define" else inner


@lru_cache(maxsize=CHECKS_REMEMBERED)
def tree_of(text: str) -> syntax.Test | syntax.Rows | None:
    """Return the tree of a check or of named rows; None where it cannot be read."""
    try:
        return parse_rows(text) if _ROWS.match(text) else parse(text)
    except CheckSyntaxError:
        return None


def meaning_of(root: Table) -> object:
    """Return a value that is equal for files that say the same."""
    checks = {(each.start, each.end) for each in checks_of(root)}
    return _meaning(root, checks)


def _meaning(node: Node, checks: set[tuple[int, int]]) -> object:
    match node:
        case Scalar():
            if node.is_blank:
                return None
            logic = _logic(node.text) if (node.start, node.end) in checks else None
            return _words(node) if logic is None else logic
        case Listing(entries=entries):
            return [_meaning(entry, checks) for entry in entries]
        case Table(pairs=pairs):
            read = [(key.text, _meaning(value, checks)) for key, value in pairs]
            return sorted(read, key=lambda pair: pair[0]) if _is_rule(node) else read


@lru_cache(maxsize=CHECKS_REMEMBERED)
def _logic(text: str) -> str | None:
    tree = tree_of(text)
    return None if tree is None else render(tree)


def _words(node: Scalar) -> str:
    """Return a text; whether a block ends with its file says nothing."""
    return node.text.rstrip("\n") if node.style in {"|", ">"} else node.text


def _is_rule(table: Table) -> bool:
    """Whether the order of its keys says nothing."""
    return table.key("id") is not None and table.key("require") is not None


def comments_of(text: str, root: Table) -> list[str]:
    """Return every comment, sorted: none may be lost, whatever moves."""
    found: list[str] = []
    end = 0
    for scalar in sorted(scalars_of(root), key=lambda each: each.start):
        found += _comments(text, end, scalar.start)
        end = max(end, scalar.end)
    return sorted([*found, *_comments(text, end, len(text))])


def _comments(text: str, start: int, end: int) -> list[str]:
    return [each.group().rstrip() for each in _COMMENT.finditer(text, start, end)]


def scalars_of(node: Node) -> Iterator[Scalar]:
    """Give every scalar, keys included."""
    match node:
        case Scalar():
            yield node
        case Listing(entries=entries):
            for entry in entries:
                yield from scalars_of(entry)
        case Table(pairs=pairs):
            for key, value in pairs:
                yield key
                yield from scalars_of(value)
