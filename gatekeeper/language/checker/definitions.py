"""Definitions in the place of their names: read once, however often they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from gatekeeper.language.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.language.checker.state import Checking
    from gatekeeper.language.scope import DefineSpec
    from gatekeeper.language.tree import syntax

    Found = TypeVar("Found")

ABOUT_DEFINITIONS = "E424"
"""These mistakes depend on what uses a definition; no others do."""
DEEPEST = 4
LARGEST = 3_000
"""Values and conditions of a line, each definition counted wherever it is used."""


def expanded(
    define: DefineSpec,
    name: syntax.Name,
    checking: Checking,
    read: Callable[[Checking], Found],
) -> Found | None:
    """Read what a name stands for; None after a mistake was noted.

    Args:
        define: What it stands for.
        name: Where it is used.
        checking: Takes over what is found.
        read: Reads the inside of the definition.
    """
    if checking.is_too_large or not _may_expand(define, name, checking):
        return None
    known = checking.scope.kept.definitions
    key = define.name, checking.row.key if checking.row else ""
    found, inner = cast("tuple[Found, Checking | None]", known.get(key, (None, None)))
    if inner is None or not _fits(inner, checking):
        inner = checking.below(define, name.span)
        found = read(inner)
        if all(message.code != ABOUT_DEFINITIONS for message in inner.messages):
            known[key] = found, inner
    checking.take(inner, name.span)
    _limit(name, checking)
    return found


def _may_expand(define: DefineSpec, name: syntax.Name, checking: Checking) -> bool:
    """Note E424 for a definition that uses itself or lies too deep."""
    path = (*checking.expanding, define.name)
    if define.name in checking.expanding:
        loop = path[path.index(define.name) :]
        uses = ", which uses ".join(loop[1:])
        text = f"{loop[0]} uses {uses}."
        checking.note(Message("E424", text, name.span))
        return False
    if len(path) > DEEPEST:
        text = f"{path[0]} is {len(path)} definitions deep; at most {DEEPEST}."
        checking.report("E424", text, name.span)
        return False
    return True


def _fits(inner: Checking, checking: Checking) -> bool:
    """Whether what was read elsewhere may stand here: not too deep, in no ring."""
    depth = len(checking.expanding) + 1 + inner.depth
    return depth <= DEEPEST and inner.defines.keys().isdisjoint(checking.expanding)


def _limit(name: syntax.Name, checking: Checking) -> None:
    """Note E424, once, for what no run could ask of every deal."""
    if checking.size > LARGEST and not checking.is_too_large:
        checking.is_too_large = True
        text = f"with {name.text} this asks more than {LARGEST:,} things at once."
        checking.report("E424", text, name.span, "let it rest on fewer definitions.")
