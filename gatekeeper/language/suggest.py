"""Find the names a person may have meant: near ones, or none at all."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_LIKENESS = 0.6
MOST_SHOWN = 3


def closest(word: str, candidates: Iterable[str]) -> list[str]:
    """Return at most three candidates like `word`, the likest first.

    Case, underscores, hyphens and blanks do not count, so `closeDate` is
    `close_date`.
    """
    wanted = _plain(word)
    likeness = {
        candidate: SequenceMatcher(None, wanted, _plain(candidate)).ratio()
        for candidate in candidates
    }
    near = [name for name, ratio in likeness.items() if ratio >= LEAST_LIKENESS]
    return sorted(near, key=lambda name: (-likeness[name], name))[:MOST_SHOWN]


def _plain(word: str) -> str:
    return "".join(char for char in word.casefold() if char not in "_- ")
