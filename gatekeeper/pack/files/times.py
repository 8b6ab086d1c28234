"""Lengths of time and dates of a rule file, or a sentence where there is none. Pure."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta

from gatekeeper.core.pack import Grace, Unit
from gatekeeper.pack.files.values import Unfit, each, is_whole, must_be, not_one_of

LENGTH_HELP = "3 days, 3 business days or 12 hours."
_LENGTH = re.compile(r"(\d{1,5})(?: +(business))? *([a-z]+)", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\S+)[ T](\d{1,2}):(\d{2})")
_OTHER_DAY = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_SHORTEST_PACE, _LONGEST_PACE = timedelta(minutes=15), timedelta(hours=12)
BUSINESS_DAYS, EVERY_DAY = "business days", "every day"
_RAMP = re.compile(r"(\d{1,6}) +per +business +day", re.IGNORECASE)


def length(value: object) -> tuple[int, bool, str] | None:
    """Read a length of time: count, whether business, unit in the plural."""
    found = _LENGTH.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    unit = found[3].lower().removesuffix("s") + "s"
    return int(found[1]), found[2] is not None, unit


def grace(value: object) -> Grace:
    """Read a grace period in hours, days or business days."""
    if is_whole(value):
        raise Unfit("E208", f'"{{key}}: {value}" needs a unit.', LENGTH_HELP)
    match length(value):
        case (count, True, "days"):
            return Grace(count, Unit.BUSINESS_DAYS)
        case (count, False, "days"):
            return Grace(count, Unit.DAYS)
        case (count, False, "hours"):
            return Grace(count, Unit.HOURS)
        case (count, False, "weeks"):
            return Grace(count * 7, Unit.DAYS)
    raise must_be('a length of time such as "3 business days"')


def business_days(value: object) -> int:
    """Read a number of business days; plain days mean them too."""
    if is_whole(value):
        raise Unfit("E208", f'"{{key}}: {value}" needs a unit.', "5 business days")
    match length(value):
        case (count, _, "days"):
            return count
    raise must_be('a number of business days such as "5 business days"')


def calendar_days(value: object) -> timedelta:
    """Read a number of calendar days or weeks."""
    if is_whole(value):
        raise Unfit("E208", f'"{{key}}: {value}" needs a unit.', "30 days or 4 weeks")
    match length(value):
        case (count, False, "days"):
            return timedelta(days=count)
        case (count, False, "weeks"):
            return timedelta(weeks=count)
    raise must_be('a length of time such as "30 days"')


def short_time(value: object) -> timedelta:
    """Read a number of minutes or hours."""
    if is_whole(value):
        raise Unfit("E208", f'"{{key}}: {value}" needs a unit.', "5 minutes")
    match length(value):
        case (count, False, "minutes"):
            return timedelta(minutes=count)
        case (count, False, "hours"):
            return timedelta(hours=count)
    raise must_be('a short time such as "5 minutes"')


def ramp(value: object) -> int:
    """Read how many lines may be added a day."""
    found = _RAMP.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise must_be('a pace such as "50 per business day"')
    return int(found[1])


def day(value: object) -> date:
    """Read a date; one that no calendar has is named with the reason (E107)."""
    found = _DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise must_be("a date such as 2026-12-31", _meant_day(value))
    year, month, number = (int(part) for part in found.groups())
    if not 1 <= month <= 12:
        reason = f"there is no month {month}"
    elif year < 1:
        reason = f"there is no year {year}"
    else:
        last = calendar.monthrange(year, month)[1]
        if 1 <= number <= last:
            return date(year, month, number)
        in_february = f" in {year}" if month == 2 else ""
        reason = f"{calendar.month_name[month]} has {last} days{in_february}"
    raise Unfit("E107", f"{found[0]} is not a date ({reason}).")


def moment(value: object) -> datetime:
    """Read a day and time as the clock of the project shows it; a bare day is 00:00."""
    written = value.strip() if isinstance(value, str) else ""
    found = _TIME.fullmatch(written)
    if found is None:
        return datetime.combine(day(value), time())
    hour, minute = int(found[2]), int(found[3])
    if hour > 23 or minute > 59:
        raise must_be("a date and time such as 2026-12-31 15:00")
    return datetime.combine(day(found[1]), time(hour, minute))


def clock(value: object) -> time:
    """Read a time of day."""
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise must_be("a time of day such as 07:00")
    return time(int(found[1]), int(found[2]))


def clocks(value: object) -> tuple[time, ...]:
    """Read one time of day or several, into their order."""
    entries = value if isinstance(value, list) else [value]
    if not entries:
        raise must_be("a time of day such as 07:00, or a list of them")
    return tuple(sorted(set(each(clock, entries))))


def pace(value: object) -> timedelta:
    """Read how long it is from one run to the next."""
    if is_whole(value):
        raise Unfit("E208", f'"{{key}}: {value}" needs a unit.', "1 hour")
    step = timedelta()
    match length(value):
        case (count, False, "minutes"):
            step = timedelta(minutes=count)
        case (count, False, "hours"):
            step = timedelta(hours=count)
    if not _SHORTEST_PACE <= step <= _LONGEST_PACE:
        raise must_be('a length of time from 15 minutes to 12 hours such as "1 hour"')
    return step


def work_days(value: object) -> frozenset[int] | None:
    """Read days of the week; None means the business days of a calendar."""
    words = value if isinstance(value, list) else [value]
    if words == [BUSINESS_DAYS]:
        return None
    if words == [EVERY_DAY]:
        return frozenset(range(7))
    if not words:
        raise must_be('"business days", "every day" or days of the week')
    return frozenset(each(_weekday, words))


def _weekday(value: object) -> int:
    names = [name.lower() for name in calendar.day_name]
    word = value.strip() if isinstance(value, str) else None
    if word is None:
        raise must_be("a day of the week")
    if word.lower() not in names:
        raise not_one_of(word, [BUSINESS_DAYS, EVERY_DAY, *names])
    return names.index(word.lower())


def _meant_day(value: object) -> str | None:
    """Show a date of another order as it is written here, where it is plain."""
    found = _OTHER_DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    first, sign, second, year = found.groups()
    pairs = {(int(first), int(second))} if sign in "/-" else set()
    pairs |= {(int(second), int(first))}
    possible = sorted(f"{year}-{m:02}-{d:02}" for m, d in pairs if m <= 12 and d <= 31)
    return f"write {' or '.join(possible)}." if possible else None


def days(value: object) -> tuple[date, ...]:
    """Read a list of dates."""
    if not isinstance(value, list):
        raise must_be("a list of dates")
    return tuple(each(day, value))
