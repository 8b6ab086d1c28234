"""Fiscal years that follow no months, such as those of 4-4-5 weeks. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import ONE_DAY

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """On which days fiscal months, quarters and years begin, oldest first.

    The last day of each only says where the period before it ends.
    """

    months: tuple[date, ...]
    quarters: tuple[date, ...]
    years: tuple[date, ...]

    def bounds(self, period: str, day: date, step: int) -> tuple[date, date]:
        """Return first and last day of a period.

        Args:
            period: `month`, `quarter` or `year`.
            day: Lies in the period that is counted from.
            step: 0 for that one, -1 for the one before, 1 for the one after.

        Raises:
            OverflowError: The calendar does not reach that far.
        """
        starts = {"month": self.months, "quarter": self.quarters}.get(
            period, self.years
        )
        here = bisect_right(starts, day) - 1
        wanted = here + step
        if min(here, wanted) < 0 or max(here, wanted) + 1 >= len(starts):
            message = f"no fiscal {period} that is {step} from the one of {day}"
            raise OverflowError(message)
        return starts[wanted], starts[wanted + 1] - ONE_DAY
