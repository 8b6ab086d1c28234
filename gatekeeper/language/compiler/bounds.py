"""Comparisons that a count known in part already decides. Pure."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.model import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

_ABOVE = Decimal("Infinity")


def decided(
    decide: Callable[[object, object], bool], blank: object, other: object
) -> bool | None:
    """Tell what a comparison gives although the left side is known in part only.

    Args:
        decide: `decide(left, right)`; one of the six comparisons.
        blank: The left side; only a count that is at least so much can decide.
        other: The right side.

    Returns:
        None where every larger count might still give another answer.
    """
    if not isinstance(blank, Unavailable) or not isinstance(other, Decimal):
        return None
    least = blank.at_least
    if least is None:
        return None
    # One number for each place a larger count may have: below the other side, on it,
    # above it.
    try:
        near = max(least, other.to_integral_value(ROUND_FLOOR))
        possible = {decide(each, other) for each in (least, near, _ABOVE)}
    except ArithmeticError:
        return None
    return possible.pop() if len(possible) == 1 else None
