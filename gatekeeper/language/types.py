"""The types of the language: their words, and which of them meet in an operator.

Pure tables. A kind of None is a CRM field whose type is not known (the schema is not
at hand); it takes the kind of what it meets.
"""

from __future__ import annotations

from enum import StrEnum, auto
from functools import cache

from gatekeeper.core.catalogue import Kind


class Reading(StrEnum):
    """How two sides are compared."""

    NUMBER = auto()
    RATIO = auto()  # a plain number against a percentage: 0.2 is 20%
    TEXT = auto()
    RANK = auto()
    DATE = auto()
    DATETIME = auto()
    YES_NO = auto()
    USER = auto()
    STAGE = auto()
    ELAPSED = auto()
    DAYS = auto()


DATES = frozenset({Kind.DATE, Kind.DATETIME})
NUMBERS = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PERCENT})
WORDS = frozenset({Kind.TEXT, Kind.EMAIL, Kind.URL, Kind.REFERENCE})
TEXTUAL = WORDS | {Kind.PICKLIST}
ORDERED = NUMBERS | DATES | {Kind.DURATION, Kind.STAGE}

_WITH_ARTICLE = {
    Kind.TEXT: "text",
    Kind.NUMBER: "a number",
    Kind.MONEY: "money",
    Kind.PERCENT: "a percentage",
    Kind.DATE: "a date",
    Kind.DATETIME: "a date and time",
    Kind.YES_NO: "yes/no",
    Kind.PICKLIST: "a picklist",
    Kind.MULTI_PICKLIST: "a picklist of several values",
    Kind.STAGE: "a stage",
    Kind.USER: "a user",
    Kind.REFERENCE: "a link to a record",
    Kind.EMAIL: "an email address",
    Kind.URL: "a web address",
    Kind.DURATION: "a length of time",
}

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
"""What an operator becomes when its sides change places."""

SYMBOLS = {
    "before": "<",
    "after": ">",
    "on or before": "<=",
    "on or after": ">=",
} | {symbol: symbol for symbol in MIRRORED}
"""Every comparison as its symbol."""


def with_article(kind: Kind | None) -> str:
    """Say a kind inside a sentence: `a date`, `text`."""
    return "a value" if kind is None else _WITH_ARTICLE[kind]


@cache
def reading_of(left: Kind | None, right: Kind | None) -> Reading | None:
    """Return how values of two kinds compare for equality, or None if they do not."""
    if left is None or right is None:
        left = right = left or right or Kind.TEXT
    pair = frozenset({left, right})
    if pair <= NUMBERS:
        return _number_reading(pair)
    if pair <= DATES:
        return Reading.DATETIME if pair == {Kind.DATETIME} else Reading.DATE
    return _other_reading(pair)


def _number_reading(pair: frozenset[Kind]) -> Reading | None:
    if pair == {Kind.PERCENT, Kind.MONEY}:
        return None
    return Reading.RATIO if pair == {Kind.PERCENT, Kind.NUMBER} else Reading.NUMBER


def _other_reading(pair: frozenset[Kind]) -> Reading | None:
    if pair <= TEXTUAL:
        return Reading.TEXT
    if pair <= {Kind.USER, Kind.TEXT, Kind.EMAIL}:
        return Reading.USER
    if pair <= {Kind.STAGE, Kind.TEXT}:
        return Reading.STAGE
    if pair == {Kind.NUMBER, Kind.DURATION}:
        return Reading.DAYS
    single = {Kind.YES_NO: Reading.YES_NO, Kind.DURATION: Reading.ELAPSED}
    return single.get(next(iter(pair))) if len(pair) == 1 else None


@cache
def arithmetic_kind(operator: str, left: Kind, right: Kind) -> Kind | None:
    """Return the kind of `left operator right`, or None where it has no meaning."""
    if operator in {"+", "-"}:
        return _sum_kind(operator, left, right)
    if operator == "*":
        return _product_kind(frozenset({left, right}))
    return _quotient_kind(left, right)


def _sum_kind(operator: str, left: Kind, right: Kind) -> Kind | None:
    if left in DATES and right is Kind.DURATION:
        return left
    if left in DATES and right in DATES and operator == "-":
        both_exact = left is right is Kind.DATETIME
        return Kind.DURATION if both_exact else Kind.NUMBER
    if left is right and left in NUMBERS:
        return left
    return None


_PRODUCTS = {
    frozenset({Kind.NUMBER}): Kind.NUMBER,
    frozenset({Kind.PERCENT}): Kind.PERCENT,
    frozenset({Kind.NUMBER, Kind.PERCENT}): Kind.PERCENT,
    frozenset({Kind.NUMBER, Kind.MONEY}): Kind.MONEY,
    frozenset({Kind.PERCENT, Kind.MONEY}): Kind.MONEY,
    frozenset({Kind.NUMBER, Kind.DURATION}): Kind.DURATION,
}


def _product_kind(pair: frozenset[Kind]) -> Kind | None:
    return _PRODUCTS.get(pair)


def _quotient_kind(left: Kind, right: Kind) -> Kind | None:
    if left not in NUMBERS or right not in NUMBERS:
        return None
    if left is right:
        return Kind.NUMBER
    if right is Kind.MONEY:
        return None
    return left
