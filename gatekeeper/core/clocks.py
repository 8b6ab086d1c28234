"""Do the clocks agree that a run goes by: this machine's, the database's, the CRM's?

Pure. Leases go by the database's clock, the moment that deals are judged by is the
CRM's, and schedules, digests and the age of a plan go by this machine's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

MOST_APART = timedelta(seconds=30)


def ahead(told: datetime, since: datetime, until: datetime) -> timedelta:
    """Return how far another clock is surely ahead of this machine's.

    Args:
        told: What it said, at some moment between the other two.
        since: This machine's clock before it was asked.
        until: This machine's clock when the answer had come.

    Returns:
        Below zero where it is behind; zero where it may agree.
    """
    at_best = min(max(told, since), until)
    return told - at_best


def differ(ahead_by: timedelta) -> bool:
    """Return whether two clocks are too far apart to be left alone."""
    return abs(ahead_by) > MOST_APART


def difference(whose: str, ahead_by: timedelta) -> str:
    """Say how this machine's clock differs from another one.

    Args:
        whose: Whose clock the other one is: `the database`, `Salesforce`.
        ahead_by: How far that one is ahead.
    """
    seconds = f"{abs(ahead_by).total_seconds():,.0f} seconds"
    side = "behind" if ahead_by > timedelta() else "ahead of"
    return f"this machine's clock is {seconds} {side} that of {whose}"
