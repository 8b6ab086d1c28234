"""Salesforce record ids and stamps: 15 characters, a suffix of 3, whole seconds.

Pure. The suffix makes an id safe where case is lost: each of its characters tells
which of five characters before it are upper case.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\Z")


def full_id(id15: str) -> str:
    """Return the 18-character form of a 15-character id."""
    suffix = ""
    for start in (0, 5, 10):
        group = id15[start : start + 5]
        bits = sum(1 << place for place, letter in enumerate(group) if letter.isupper())
        suffix += _SUFFIX[bits]
    return id15 + suffix


def canonical_id(text: str) -> str | None:
    """Return the 18-character id for either length, or None if it is no id."""
    if not _SHAPE.match(text):
        return None
    return full_id(text) if len(text) == 15 else text


def numbered_id(prefix: str, number: int) -> str:
    """Return the id of the `number`-th record this sandbox makes of an object."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return full_id(f"{prefix}Sb0{digits:0>9}")


def stamp(instant: datetime) -> str:
    """Return a date-time as Salesforce's JSON has it, in UTC with no millis."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
