"""Read numbers, dates and lengths of time as a check writes them.

Pure; the scanner has already seen to their shape.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from gatekeeper.language.tree.syntax import TimeUnit

_UNITS = {unit.value[0]: unit for unit in TimeUnit}
_ZEROS = {"k": 3, "m": 6}


def decimal_of(text: str) -> Decimal:
    """Read `50_000`, `50k` or `1.5m`."""
    if text.isdecimal():
        return Decimal(text)
    digits = text.lower()
    zeros = _ZEROS.get(digits[-1], 0)
    return Decimal(digits.rstrip("km") + f"E{zeros}")


def date_of(text: str) -> date | datetime:
    """Read `2026-12-31` or `2026-12-31 15:00`.

    Raises:
        ValueError: There is no such day or time.
    """
    if len(text) == len("2026-12-31"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text)


def split_duration(text: str) -> tuple[int, bool, TimeUnit]:
    """Read `3 business days` as count, business and unit."""
    number, *words = text.lower().split()
    return int(number), len(words) == 2, _UNITS[words[-1][0]]
