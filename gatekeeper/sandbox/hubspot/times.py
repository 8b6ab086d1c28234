"""Times as HubSpot writes and reads them: ISO 8601 with milliseconds and `Z`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_MILLISECONDS = re.compile(r"-?\d{9,14}\Z")


def stamp(at: datetime) -> str:
    """Return an aware instant as HubSpot writes it."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Read an ISO instant, a bare date (midnight UTC) or milliseconds of the epoch.

    Raises:
        ValueError: It is none of them, or an instant without a zone.
    """
    if _MILLISECONDS.match(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if _DAY.match(text):
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError(f"'{text}' names no zone")
    return found.astimezone(UTC)


def day(text: str) -> str:
    """Read a bare date, or milliseconds of the epoch that are midnight UTC.

    Raises:
        ValueError: It is neither; the message says how far it is from midnight.
    """
    if _DAY.match(text):
        return date.fromisoformat(text).isoformat()
    at = instant(text)
    if at.time() != datetime.min.time():
        clock = f"{at.hour}:{at.minute}:{at.second}.{at.microsecond // 1000}"
        raise ValueError(f"is at {clock} UTC, not midnight!")
    return at.date().isoformat()
