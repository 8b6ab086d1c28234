"""The promises as a page: each with the tests that defend it, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.promises.marks import TESTS, on_postgres
from tests.promises.played import NIGHTS, PLAYED_BY
from tests.promises.rows import ABSENT, FAULTS, PROMISES
from tests.simulation.schedule import CORE, WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.promises.marks import Defence

PAGE = TESTS / "PROMISES.md"
SIMULATION = "simulation"
HEAD = """\
# What defends the promises

Written by `python -m tests.promises` from the marks on the tests; do not edit. A row
without a test says none; one of a part that does not exist says so, with the tests that
keep it from existing unseen. The simulation checks the invariants at every step while
it plays the faults named here.
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
            if not places:
                places = [("none", "")]
            elif promise in ABSENT:
                places.insert(0, (f"not part of the product: {ABSENT[promise]}", ""))
            parts += _rows(promise, words, places)
        if promises is FAULTS:
            faults = on_postgres()
            parts.append(
                f"\nReal processes meet {len(faults)} of them on PostgreSQL too:"
                f" {' '.join(faults)}.\n"
            )
    return "".join(parts) + _simulators()


def _simulators() -> str:
    """Return which events of which simulator play a fault."""
    head = "\n## What the simulators play\n\n"
    names = (
        "| | the core | the whole product | night after night |\n|---|---|---|---|\n"
    )
    stages = (CORE, WHOLE, NIGHTS)
    rows = [
        f"| {row} | {' | '.join(_events(each, row) for each in stages)} |\n"
        for row in FAULTS
    ]
    return f"{head}{names}{''.join(rows)}"


def _events(stage: str, row: str) -> str:
    return ", ".join(PLAYED_BY[stage].get(row, ())) or "-"


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
