"""What every row of the demo org shares: ids, system stamps, the wire's date-times."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.ids import full_id

if TYPE_CHECKING:
    from datetime import date, datetime

Row = dict[str, object]

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def seeded_id(prefix: str, number: int) -> str:
    """Return the id of a demo record; ids the sandbox gives out later differ.

    Its number has no upper-case letter, so all ids of a prefix end in one suffix.
    """
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return f"{prefix}5e{digits:0>10}{_suffix(prefix)}"


@lru_cache(maxsize=64)
def _suffix(prefix: str) -> str:
    return full_id(f"{prefix}5e0000000000")[15:]


def wire(at: datetime) -> str:
    """Return a UTC date-time as it is stored, in whole seconds."""
    return f"{at.isoformat()[:19]}.000+0000"


def morning(day: date) -> str:
    """Return 15:00 UTC of a day, mid-morning in the org, as a stored date-time."""
    return f"{day.isoformat()}T15:00:00.000+0000"


def stamps(created: str, modified: str, user_id: str) -> Row:
    """Return the system fields of a row one user created and last changed."""
    return {
        "CreatedDate": created,
        "CreatedById": user_id,
        "LastModifiedDate": modified,
        "LastModifiedById": user_id,
        "SystemModstamp": modified,
    }
