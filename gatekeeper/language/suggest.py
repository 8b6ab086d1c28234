"""Find the names a person may have meant: near ones, or none at all."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LEAST_LIKENESS = 0.6
MOST_SHOWN = 3
MOST_COMPARED = 12
"""Words in which the order of letters is looked at: those that share most of them."""
WIDEST_GAP = 0.15
_NOT_COUNTED = str.maketrans("", "", "_- ")


def closest(word: str, candidates: Iterable[str]) -> list[str]:
    """Return at most three candidates like `word`, the likest first.

    Case, underscores, hyphens and blanks do not count, so `closeDate` is
    `close_date`.
    """
    wanted, letters = _spelt(word)
    likely = _likely(wanted, letters, dict.fromkeys(candidates)) if wanted else ()
    likeliest = sorted(likely)[:MOST_COMPARED]
    found = sorted(
        (-SequenceMatcher(None, wanted, plain).ratio(), name)
        for _, name, plain in likeliest
    )
    # Beside a near candidate a far one is a wild guess.
    likest = -found[0][0] if found else LEAST_LIKENESS
    least = max(LEAST_LIKENESS, likest - WIDEST_GAP)
    return [name for minus, name in found[:MOST_SHOWN] if -minus >= least]


def _likely(
    wanted: str, letters: frozenset[tuple[str, int]], candidates: Iterable[str]
) -> Iterator[tuple[float, str, str]]:
    """Give the candidates that may be like a word: minus how like at most, and both.

    The letters two words have in common, in any order, are an upper bound that is
    quickly found: a file full of unknown words stays cheap.
    """
    size = len(wanted)
    for name in candidates:
        plain, own = _spelt(name)
        both = size + len(plain)
        shared = 2 * len(letters & own)
        if shared >= LEAST_LIKENESS * both:
            yield -shared / both, name, plain


@lru_cache(maxsize=5_000)
def _spelt(word: str) -> tuple[str, frozenset[tuple[str, int]]]:
    """Return the plain spelling, and its letters: the first "a", the second "a".."""
    plain = word.casefold().translate(_NOT_COUNTED)
    counted = [(letter, plain.count(letter, 0, at)) for at, letter in enumerate(plain)]
    return plain, frozenset(counted)


def no_rule(rule_id: str, known: Iterable[str]) -> SetupError:
    """Return the error for the id of a rule that is none of the known ones."""
    advice = meant_or(closest(rule_id, known), "gatekeeper rules list")
    return SetupError(f"There is no rule {rule_id}. {advice}")


def meant_or(near: Sequence[str], command: str) -> str:
    """Return the question whether the nearest name is meant, or where all are."""
    return f"Did you mean {near[0]}?" if near else f"See: {command}"
