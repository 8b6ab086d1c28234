"""Grace: how long a failure stays pending before it is an open violation.

Pure. Business days from the first failing evaluation; the last grace day still waits.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import State, Violation
from gatekeeper.core.pack import Unit

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.pack import Grace, Rule


def graced(violation: Violation, rule: Rule, context: Context) -> Violation:
    """Open a pending violation whose grace is over; the last grace day still waits."""
    if violation.state is not State.PENDING and violation.grace_from != context.now:
        return violation
    if violation.state is State.EXEMPT:
        return violation
    since = violation.grace_from or violation.first_seen
    if not grace_is_over(since, rule.grace, context):
        if violation.state is State.PENDING and violation.opened_at is None:
            return violation
        return replace(violation, state=State.PENDING, opened_at=None)
    return replace(
        violation, state=State.OPEN, opened_at=violation.opened_at or context.now
    )


def grace_is_over(since: datetime, grace: Grace, context: Context) -> bool:
    """Whether the time that began at `since` has run out at the context's moment."""
    if grace.count == 0:
        return True
    if grace.unit is Unit.HOURS:
        return context.now >= since + timedelta(hours=grace.count)
    first_day = local_date(since, context.zone)
    if grace.unit is Unit.DAYS:
        return context.today > first_day + timedelta(days=grace.count)
    return context.today > context.calendar.add(first_day, grace.count)
