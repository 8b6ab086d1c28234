"""Find the names a person may have meant: near ones, or none at all."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LEAST_LIKENESS = 0.6
MOST_SHOWN = 3
WIDEST_GAP = 0.15


def closest(word: str, candidates: Iterable[str]) -> list[str]:
    """Return at most three candidates like `word`, the likest first.

    Case, underscores, hyphens and blanks do not count, so `closeDate` is
    `close_date`.
    """
    wanted = _plain(word)
    matcher = SequenceMatcher(b=wanted)
    likeness: dict[str, float] = {}
    for candidate in candidates:
        plain = _plain(candidate)
        matcher.set_seq1(plain)
        # The quick ratios are upper bounds: a file full of unknown words stays cheap.
        if matcher.real_quick_ratio() < LEAST_LIKENESS:
            continue
        if matcher.quick_ratio() >= LEAST_LIKENESS:
            likeness[candidate] = SequenceMatcher(None, wanted, plain).ratio()
    # Beside a near candidate a far one is a wild guess.
    least = max(
        LEAST_LIKENESS, max(likeness.values(), default=LEAST_LIKENESS) - WIDEST_GAP
    )
    near = [name for name, ratio in likeness.items() if ratio >= least]
    return sorted(near, key=lambda name: (-likeness[name], name))[:MOST_SHOWN]


def no_rule(rule_id: str, known: Iterable[str]) -> SetupError:
    """Return the error for the id of a rule that is none of the known ones."""
    advice = meant_or(closest(rule_id, known), "gatekeeper rules list")
    return SetupError(f"There is no rule {rule_id}. {advice}")


def meant_or(near: Sequence[str], command: str) -> str:
    """Return the question whether the nearest name is meant, or where all are."""
    return f"Did you mean {near[0]}?" if near else f"See: {command}"


def _plain(word: str) -> str:
    return "".join(char for char in word.casefold() if char not in "_- ")
