"""The canonical layout of a rule file: the same rules and comments, one way to write.

Pure. Works on the text with the places of its nodes and changes only what must change.
Every step is held against the meaning and the comments of the file before it; a step
that would touch either is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.pack.document import read_document
from gatekeeper.pack.fmt_checks import rewrite_checks
from gatekeeper.pack.fmt_indent import reindent, tidy
from gatekeeper.pack.fmt_keys import order_keys
from gatekeeper.pack.fmt_meaning import comments_of, meaning_of
from gatekeeper.pack.fmt_repair import repair

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gatekeeper.pack.nodes import Table
    from gatekeeper.pack.problems import Problem

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
    text = repair(path, document.source.text)
    for _ in range(MOST_ROUNDS):
        before = text
        for step in _steps(collections):
            text = _guarded(text, step)
        if text == before:
            break
    root, problems = _read(text, path)
    if root is None:
        return Formatted(document.source.text, problems)
    return Formatted(text)


def _steps(collections: Collection[str]) -> tuple[Callable[[str, Table], str], ...]:
    return (
        lambda text, _: tidy(text),
        lambda text, root: rewrite_checks(text, root, collections),
        order_keys,
        reindent,
        lambda text, _: tidy(text),
    )


def _guarded(text: str, step: Callable[[str, Table], str]) -> str:
    """Take one step, unless it would change what the file says."""
    root, _ = _read(text)
    if root is None:
        return text
    changed = step(text, root)
    after, _ = _read(changed)
    if after is None or meaning_of(after) != meaning_of(root):
        return text
    return changed if comments_of(changed, after) == comments_of(text, root) else text


def _read(text: str, path: str = "") -> tuple[Table | None, tuple[Problem, ...]]:
    document = read_document(path, text.encode())
    return document.root, tuple(document.problems)
