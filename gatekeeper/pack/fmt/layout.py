"""The canonical layout of a rule file: the same rules and comments, one way to write.

Pure. Works on the text with the places of its nodes and changes only what must change.
Every step is held against the meaning and the comments of the file before it; a step
that would touch either is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.pack.fmt.checks import rewrite_checks
from gatekeeper.pack.fmt.indent import reindent, tidy
from gatekeeper.pack.fmt.keys import order_keys
from gatekeeper.pack.fmt.logic import logic_of
from gatekeeper.pack.fmt.meaning import comments_of, meaning_of
from gatekeeper.pack.fmt.repair import repair
from gatekeeper.pack.source.document import read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gatekeeper.pack.source.nodes import Table
    from gatekeeper.pack.source.problems import Problem

MOST_ROUNDS = 4
"""One step may make room for another; more rounds than this change nothing."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file in canonical layout; as it was where it cannot be read."""

    text: str
    problems: tuple[Problem, ...] = ()


def format_file(
    path: str, raw: bytes, collections: Collection[str] = tuple(BUILT_IN.collections)
) -> Formatted:
    """Lay out one file.

    Args:
        path: For messages.
        raw: Its bytes, of UTF-8 text.
        collections: Names that may be written in the singular after "every".
    """
    document = read_document(path, raw)
    if not document.source.text:  # empty, or no text at all
        return Formatted("", tuple(document.problems))
    text = repair(path, document.source.text)
    root, problems = _read(text, path)
    if root is None:
        return Formatted(document.source.text, problems)
    layout = _Layout(text, root)
    for _ in range(MOST_ROUNDS):
        before = layout
        for step in _steps(collections):
            layout = _guarded(layout, step)
        if layout is before:
            break
    if logic_of(layout.root) != logic_of(root):
        return Formatted(document.source.text)
    return Formatted(layout.text)


@dataclass(frozen=True, slots=True)
class _Layout:
    """A file that can be read, with its tree."""

    text: str
    root: Table


def _steps(collections: Collection[str]) -> tuple[Callable[[str, Table], str], ...]:
    return (
        tidy,
        lambda text, root: rewrite_checks(text, root, collections),
        order_keys,
        reindent,
        tidy,
    )


def _guarded(layout: _Layout, step: Callable[[str, Table], str]) -> _Layout:
    """Take one step, unless it would change what the file says."""
    changed = step(layout.text, layout.root)
    if changed == layout.text:
        return layout
    after, _ = _read(changed)
    if after is None or meaning_of(after) != meaning_of(layout.root):
        return layout
    if comments_of(changed, after) != comments_of(layout.text, layout.root):
        return layout
    return _Layout(changed, after)


def _read(text: str, path: str = "") -> tuple[Table | None, tuple[Problem, ...]]:
    document = read_document(path, text.encode())
    return document.root, tuple(document.problems)
