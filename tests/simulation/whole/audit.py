"""The audit chain of a simulated org: it holds, and a change of it is found (A1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.broken import Broken

if TYPE_CHECKING:
    from tests.simulation.whole.database import MemoryDatabase

_DEEDS = (
    "UPDATE audit SET entry = replace(entry, '{', '{ ') WHERE org = ? AND seq = ?",
    "UPDATE audit SET hash = previous WHERE org = ? AND seq = ?",
    "DELETE FROM audit WHERE org = ? AND seq >= ?",
    "DELETE FROM audit WHERE org = ? AND seq = ?",
)
"""What somebody with a hand on the database may do to the chain."""


def expect_audited(database: MemoryDatabase, org: str, number: int) -> None:
    """Look the chain through, change it, and expect that to be found; put it back."""
    check = database.store.verify_audit(org)
    if check.damaged_at is not None:
        raise Broken("A1", f"row {check.damaged_at} of the audit: {check.damage}")
    if not check.rows:
        return
    sound, place = database.copied(), 1 + number // len(_DEEDS) % check.rows
    database.driver.execute(_DEEDS[number % len(_DEEDS)], (org, place))
    found = database.store.verify_audit(org).damaged_at
    database.driver.deserialize(sound)  # the same rows: nothing of them has moved
    if found is None:
        text = f"nobody saw what was done to row {place}: {_DEEDS[number % 4]}"
        raise Broken("A1", text)
