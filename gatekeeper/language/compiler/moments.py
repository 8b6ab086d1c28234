"""Lengths of time and calendar periods, counted from a given day.

Pure arithmetic. A day that no calendar holds raises `OverflowError`, as Python does.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import ONE_DAY
from gatekeeper.language.tree.syntax import Duration, TimeUnit

if TYPE_CHECKING:
    from gatekeeper.core.calendar import Calendar
    from gatekeeper.core.context import Context

_DAYS = {TimeUnit.DAYS: 1, TimeUnit.WEEKS: 7}
_MONTHS = {TimeUnit.MONTHS: 1, TimeUnit.QUARTERS: 3, TimeUnit.YEARS: 12}
_PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_STEP = {"last": -1, "this": 0, "next": 1}


def add_months(day: date, months: int) -> date:
    """Return the same day so many months on, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def move_date(day: date, length: Duration, sign: int, calendar: Calendar) -> date:
    """Return the day a length later (`sign` 1) or earlier (-1); a date has no hours."""
    count = sign * length.count
    if length.business:
        return calendar.add(day, count) if count else day
    if length.unit in _DAYS:
        return day + timedelta(days=count * _DAYS[length.unit])
    return add_months(day, count * _MONTHS[length.unit])


def move_moment(
    moment: datetime, length: Duration, sign: int, ctx: Context
) -> datetime:
    """Return the moment a length away: hours elapse, days keep the local hour."""
    if length.unit is TimeUnit.HOURS:
        return moment + timedelta(hours=sign * length.count)
    local = moment.astimezone(ctx.zone)
    day = move_date(local.date(), length, sign, ctx.calendar)
    moved = datetime.combine(day, local.time(), tzinfo=ctx.zone)
    return moved.astimezone(UTC)


def midnight(day: date, ctx: Context) -> datetime:
    """Return the moment at which a day begins in the run's zone."""
    return datetime.combine(day, time(), tzinfo=ctx.zone).astimezone(UTC)


def in_days(length: Duration) -> int | None:
    """Return a length as a count of days, or None for hours, months and longer."""
    days = _DAYS.get(length.unit)
    return None if days is None else days * length.count


def elapsed(length: Duration) -> timedelta | None:
    """Return a length as elapsed time, or None where it has no fixed measure."""
    if length.business:
        return None
    if length.unit is TimeUnit.HOURS:
        return timedelta(hours=length.count)
    days = in_days(length)
    return None if days is None else timedelta(days=days)


def period_bounds(
    which: str, period: str, *, fiscal: bool, ctx: Context
) -> tuple[date, date]:
    """Return first and last day of this, the last or the next period.

    Raises:
        OverflowError: The fiscal calendar does not reach that far.
    """
    step = _STEP[which]
    if period == "week":
        back = (ctx.today.weekday() - ctx.week_starts_on) % 7
        first = ctx.today + timedelta(days=7 * step - back)
        return first, first + timedelta(days=6)
    if fiscal and ctx.fiscal is not None:
        return ctx.fiscal.bounds(period, ctx.today, step)
    months = _PERIOD_MONTHS[period]
    starts_in = ctx.fiscal_starts_in if fiscal else 1
    into = (ctx.today.month - starts_in) % months
    first = add_months(ctx.today.replace(day=1), months * step - into)
    return first, add_months(first, months) - ONE_DAY
