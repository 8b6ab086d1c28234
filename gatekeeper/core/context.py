"""What a check may consult besides the deal: the moment, the zone, the calendar.

Pure values. One context serves a whole run, so "today" is the same for every deal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from gatekeeper.core.calendar import Calendar
    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.core.fiscal import FiscalCalendar


@dataclass(frozen=True, slots=True)
class Context:
    """The standpoint from which a run looks at its deals.

    Attributes:
        now: The run's `as_of`, aware.
        zone: Decides what "today" and the local date of a date-time are.
        currency: ISO code in which money compares.
        rates: Per ISO code, how much one unit is worth in `currency`; a code that
            is absent cannot be compared.
        pipelines: By name; stage order for comparisons.
        placeholders: Texts that count as empty, without case, blanks and
            repeated letters (`reduced` of the compiler's readers).
        week_starts_on: 0 for Monday up to 6 for Sunday.
        fiscal_starts_in: Month in which the fiscal year begins, 1 to 12.
        fiscal: The fiscal year where it follows no months; None where it does.
        ignore_stints_under: A shorter stay in a stage is a slip and does not count.
        today: The local calendar date of `now`, worked out once.
    """

    now: datetime
    zone: ZoneInfo
    calendar: Calendar
    currency: str = "USD"
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    pipelines: Mapping[str, Pipeline] = field(default_factory=dict)
    placeholders: frozenset[str] = frozenset()
    week_starts_on: int = 0
    fiscal_starts_in: int = 1
    fiscal: FiscalCalendar | None = None
    ignore_stints_under: timedelta = timedelta(minutes=5)
    today: date = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "today", self.now.astimezone(self.zone).date())


def rates_in(currency: str, rates: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return what one unit of each currency is worth in `currency`.

    Args:
        currency: ISO code. Without a rate of its own nothing can be converted.
        rates: What one unit of each is worth, in whatever currency the CRM counts.
    """
    own = rates.get(currency)
    if not own:
        return {}
    return {code: rate / own for code, rate in rates.items()}
