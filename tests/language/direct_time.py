"""Days, windows and periods, for the second reading of the language: one day a step."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gatekeeper.core.model import Unavailable
from gatekeeper.language.tree import syntax
from tests.language import direct, direct_past

if TYPE_CHECKING:
    from tests.language.direct import At

DAY = timedelta(days=1)


def moment(value: date, at: At) -> Any:
    """A date with a time is a local one."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=at.ctx.zone).astimezone(UTC)
    return value


def midnight(day: date, at: At) -> datetime:
    return datetime.combine(day, time(), tzinfo=at.ctx.zone).astimezone(UTC)


def day_of(value: date, at: At) -> date:
    """The local calendar date."""
    if isinstance(value, datetime):
        return value.astimezone(at.ctx.zone).date()
    return value


def in_days(length: syntax.Duration) -> Decimal:
    return Decimal(length.count * {"days": 1, "weeks": 7}[str(length.unit)])


def measure(length: syntax.Duration) -> timedelta:
    hours = {"hours": 1, "days": 24, "weeks": 168}[str(length.unit)]
    return timedelta(hours=length.count * hours)


def _is_worked(day: date, at: At) -> bool:
    return day.isoweekday() <= 5 and day not in at.ctx.calendar.holidays


def business_days(first: date, last: date, at: At) -> int:
    """Business days after the first day up to and including the last; signed."""
    if last < first:
        return -business_days(last, first, at)
    count, day = 0, first
    while day < last:
        day += DAY
        count += _is_worked(day, at)
    return count


def _business_move(day: date, count: int, sign: int, at: At) -> date:
    if count == 0:
        return day
    while not _is_worked(day, at):
        day += DAY * sign
    for _ in range(count):
        day += DAY * sign
        while not _is_worked(day, at):
            day += DAY * sign
    return day


def _months_on(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month in {0, 13}:
            year, month = (year - 1, 12) if month == 0 else (year + 1, 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def move(value: date, length: syntax.Duration, sign: int, at: At) -> Any:
    """A length later or earlier: hours elapse, days keep the local hour."""
    if length.unit == "hours":
        assert isinstance(value, datetime)
        return value + timedelta(hours=length.count) * sign
    if isinstance(value, datetime):
        local = value.astimezone(at.ctx.zone)
        day = _move_day(local.date(), length, sign, at)
        local = datetime.combine(day, local.time(), tzinfo=at.ctx.zone)
        return local.astimezone(UTC)
    return _move_day(value, length, sign, at)


def _move_day(day: date, length: syntax.Duration, sign: int, at: At) -> date:
    if length.business:
        return _business_move(day, length.count, sign, at)
    if length.unit in {"days", "weeks"}:
        return day + DAY * int(in_days(length)) * sign
    months = {"months": 1, "quarters": 3, "years": 12}[str(length.unit)]
    return _months_on(day, months * length.count * sign)


# ---- tests of time -----------------------------------------------------------------


def answer(node: Any, at: At) -> Any:
    if isinstance(node, syntax.Changed):
        return direct_past.has_changed(node, at.whole_deal())
    value = direct.value_of(node.value, at)
    if isinstance(node, syntax.InPeriod):
        if direct.blank(value):
            return value
        first, after = period(node.which, node.period, at, fiscal=node.fiscal)
        return first <= day_of(value, at) < after
    length = direct.value_of(node.length, at)
    if direct.blank(value, length):
        return direct.blank(value, length)
    return _within(value, node.direction, length, at)


def _within(value: date, direction: str, length: syntax.Duration, at: At) -> Any:
    sign = 1 if direction == "next" else -1
    if length.unit == "hours":
        if not isinstance(value, datetime):
            return Unavailable("a date has no hours")
        ends = sorted([at.ctx.now, move(at.ctx.now, length, sign, at)])
        return ends[0] <= value <= ends[1]
    days = sorted([at.ctx.today, _move_day(at.ctx.today, length, sign, at)])
    return days[0] <= day_of(value, at) <= days[1]


def period(which: str, name: str, at: At, *, fiscal: bool) -> tuple[date, date]:
    """The first day of a period and the first day after it."""
    today = at.ctx.today
    day, starts = today - DAY * 1200, []
    while day < today + DAY * 1200:
        if _begins(day, name, at.ctx.fiscal_starts_in if fiscal else 1, at):
            starts.append(day)
        day += DAY
    current = max(place for place, start in enumerate(starts) if start <= today)
    current += {"last": -1, "this": 0, "next": 1}[which]
    return starts[current], starts[current + 1]


def _begins(day: date, name: str, year_starts_in: int, at: At) -> bool:
    if name == "week":
        return day.weekday() == at.ctx.week_starts_on
    step = {"month": 1, "quarter": 3, "year": 12}[name]
    return day.day == 1 and (day.month - year_starts_in) % step == 0


def window_start(window: Any, at: At) -> Any:
    """The first moment of a window that looks back; it belongs to it."""
    ctx = at.ctx
    if isinstance(window, syntax.Window):
        length = direct.value_of(window.length, at)
        if direct.blank(length):
            return length
        if length.unit == "hours":
            return ctx.now - timedelta(hours=length.count)
        return midnight(_move_day(ctx.today, length, -1, at), at)
    match window.anchor:
        case "stage entry":
            return direct_past.entered_at(at.scope.stage, at)
        case "creation":
            began = at.deal.history.began
            return Unavailable("its creation was not read") if began is None else began
    start = direct.value_of(window.anchor, at)
    if direct.blank(start) or isinstance(start, datetime):
        return start
    return midnight(start, at)
