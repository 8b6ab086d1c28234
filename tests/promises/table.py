"""The promises as a page: each with the tests that defend it, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.promises.marks import TESTS
from tests.promises.rows import PROMISES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.promises.marks import Defence

PAGE = TESTS / "PROMISES.md"
SIMULATION = "simulation"
HEAD = """\
# What defends the promises

Written by `python -m tests.promises` from the marks on the tests; do not edit. A row
without a test says none. The simulation checks the invariants at every step while it
plays the faults named here.
"""
COLUMNS = "| | promise | where | test |\n|---|---|---|---|\n"


def page(
    defences: Mapping[str, Sequence[Defence]],
    played: Mapping[str, Sequence[str]],
) -> str:
    """Return the whole page.

    Args:
        defences: The tests of each promise.
        played: The events of the simulation that play a fault.
    """
    parts = [HEAD]
    for title, promises in PROMISES.items():
        parts.append(
            f"\n## {title}\n\n| | promise | where | test |\n|---|---|---|---|\n"
        )
        for promise, words in promises.items():
            places = list(_places(defences.get(promise, ()), played.get(promise, ())))
            parts += _rows(promise, words, places or [("none", "")])
    return "".join(parts)


def _places(
    defences: Sequence[Defence], events: Sequence[str]
) -> Iterator[tuple[str, str]]:
    if events:
        yield SIMULATION, ", ".join(f'"{event}"' for event in events)
    for each in defences:
        yield f"`{each.file}`", each.test.removeprefix("test_").replace("_", " ")


def _rows(promise: str, words: str, places: Sequence[tuple[str, str]]) -> Iterator[str]:
    for number, (where, test) in enumerate(places):
        first, second = ("", "") if number else (promise, words)
        yield f"| {first} | {second} | {where} | {test} |\n"


def undefended(
    defences: Mapping[str, Sequence[Defence]],
    played: Mapping[str, Sequence[str]],
) -> list[str]:
    """Return the promises that neither a test nor the simulation defends."""
    rows = [promise for promises in PROMISES.values() for promise in promises]
    return [each for each in rows if not defences.get(each) and not played.get(each)]
