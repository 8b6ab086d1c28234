"""Mistakes in a rule pack: collected, sorted and framed for people. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.notices import Remark
from gatekeeper.language.messages import Place, frame, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_PER_FILE = 20
ENOUGH = 100
"""With so many mistakes of a file known, the rest of it is not read."""

# What the CRM lacks or hides makes lines "cannot tell"; it stops no run.
NOT_STOPPING = frozenset({"E501", "E506", "E507", "E508", "E509"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, or with `is_warning` something a person should know."""

    place: Place
    code: str
    text: str
    help: str | None = None
    is_warning: bool = False

    @property
    def stops(self) -> bool:
        """Whether the pack may not run with it."""
        return not self.is_warning and self.code not in NOT_STOPPING

    def framed(self) -> str:
        """Return the message with its source line, caret and help."""
        return frame(self.place, self.code, self.text, self.help, warns=self.is_warning)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort by file and place, each mistake once."""
    unique = dict.fromkeys(problems)
    return sorted(
        unique,
        key=lambda one: (one.place.path, one.place.line, one.place.column, one.code),
    )


def remarks(problems: Iterable[Problem]) -> tuple[Remark, ...]:
    """Return what stops no run as a pack carries it along, in file order."""
    return tuple(
        Remark(
            f"{each.place.path}:{each.place.line}:{each.place.column}",
            each.code,
            printable(each.text),
            printable(each.help or ""),
            is_mistake=not each.is_warning,
        )
        for each in in_order(problems)
        if not each.stops
    )


def framed(problems: Iterable[Problem]) -> tuple[str, ...]:
    """Frame the mistakes in file order, at most 20 per file and then a count.

    No warning takes the place of a mistake. Where reading stopped for their number,
    no more can be said than that.
    """
    texts: list[str] = []
    for path, found in _by_file(problems).items():
        first = sorted(found, key=lambda each: each.is_warning)[:MOST_PER_FILE]
        texts.extend(problem.framed() for problem in in_order(first))
        if _is_cut_short(found):
            texts.append(_cut_short(path))
        elif len(found) > MOST_PER_FILE:
            texts.append(f"{path}: and {len(found) - MOST_PER_FILE} more.")
    return tuple(texts)


def cut_short(problems: Iterable[Problem]) -> tuple[str, ...]:
    """Name the files that may hold more mistakes, as reading them stopped."""
    files = _by_file(problems).items()
    return tuple(_cut_short(path) for path, found in files if _is_cut_short(found))


def _by_file(problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    by_file: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in in_order(problems):
        by_file[problem.place.path].append(problem)
    return by_file


def _is_cut_short(found: Iterable[Problem]) -> bool:
    return sum(problem.stops for problem in found) >= ENOUGH


def _cut_short(path: str) -> str:
    return f"{path}: and more; reading stopped at {ENOUGH} mistakes."
