"""Which events of the simulations play which faults.

Every kind of event names its own rows; one that the design does not know fails a test.
"""

from __future__ import annotations

from tests.simulation.nights.schedule import PLAYS
from tests.simulation.schedule import BOTH, plays

NIGHTS = "nights"
PLAYED_BY = {**{stage: plays(stage) for stage in BOTH}, NIGHTS: PLAYS}
"""Stage to row to the events that play it there."""

PLAYED: dict[str, tuple[str, ...]] = {
    row: tuple(
        dict.fromkeys(
            event for played in PLAYED_BY.values() for event in played.get(row, ())
        )
    )
    for row in sorted({row for played in PLAYED_BY.values() for row in played})
}
"""Row to the events of any of them."""
