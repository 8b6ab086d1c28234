"""Phrases that hang on a comparison or a period alone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.types import Reading

if TYPE_CHECKING:
    from gatekeeper.language.tree import typed

INFINITIVES = {
    "contains": "contain",
    "starts with": "start with",
    "ends with": "end with",
    "matches": "match the pattern",
}
"""What follows "must" or "does not" for each test of a text."""

_ORDER = {
    ">=": "at least {}",
    "<=": "at most {}",
    ">": "more than {}",
    "<": "less than {}",
    "=": "{}",
    "!=": "anything but {}",
}
_ORDER_OF_TIME = _ORDER | {
    ">=": "on or after {}",
    "<=": "on or before {}",
    ">": "after {}",
    "<": "before {}",
}
_ORDER_OF_RANK = _ORDER | {">": "above {}", "<": "below {}"}
_ORDERS = {
    Reading.DATE: _ORDER_OF_TIME,
    Reading.DATETIME: _ORDER_OF_TIME,
    Reading.STAGE: _ORDER_OF_TIME,
    Reading.RANK: _ORDER_OF_RANK,
}


def compare_phrase(symbol: str, reading: Reading, right: str) -> str:
    """Say what a comparison asks for: `at least 50,000.00`, `before today`."""
    return _ORDERS.get(reading, _ORDER)[symbol].format(right)


def period_phrase(node: typed.InPeriod) -> str:
    """Say a period: `in this fiscal quarter`."""
    the = "" if node.which == "this" else "the "
    fiscal = "fiscal " if node.fiscal else ""
    return f"in {the}{node.which} {fiscal}{node.period}"
