"""Recognise numbers as other places and programs write them (E306, E307). Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.language.messages import Message
from gatekeeper.language.tree.syntax import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.language.parser.tokens import Token

MOST_DIGITS = 18
_COMMA_NUMBER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])")
_CONTINENTAL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+(?![0-9.])")
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+[km]?(?![\w,])(?:\s*%)?", re.IGNORECASE)
_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}(?:,[0-9]+)?(?![\w.])")
_ONE_POINT = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{2}0")
_APOSTROPHES = re.compile(r"[0-9]{1,3}(?:'[0-9]{3})+(?![\w'])")


def with_separators(number: str) -> str:
    """Return how a number written with commas may be written here."""
    if sum(map(str.isdigit, number)) > MOST_DIGITS:
        return f"write at most {MOST_DIGITS} digits, without commas."
    value = Decimal(number.replace(",", ""))
    ways = [number.replace(",", ""), number.replace(",", "_")]
    for zeros, letter in ((6, "m"), (3, "k")):
        short = value.scaleb(-zeros)
        if short >= 1 and short == short.quantize(Decimal("0.1")):
            ways.append(f"{short.normalize():f}{letter}")
            break
    return f"write {', '.join(ways[:-1])} or {ways[-1]}."


def comma_number(text: str, start: int) -> Message | None:
    """Say that numbers have no commas if one stands at `start` (E306)."""
    ways = (_COMMA_NUMBER, _CONTINENTAL, _DECIMAL_COMMA)
    match = next(filter(None, (way.match(text, start) for way in ways)), None)
    if match is None:
        return None
    if match.re is _COMMA_NUMBER:
        help_line = with_separators(match[0])
    else:
        help_line = f"write {match[0].replace('.', '').replace(',', '.').rstrip()}."
    return Message("E306", "numbers have no commas.", Span(*match.span()), help_line)


def apostrophe_number(text: str, tokens: Sequence[Token]) -> Message | None:
    """Say that numbers have no apostrophes, as in Switzerland (E306)."""
    numbers = (token.start_pos for token in tokens if token.type == "NUMBER")
    ways = (_APOSTROPHES.match(text, start) for start in numbers)
    found = next(filter(None, ways), None)
    if found is None:
        return None
    help_line = with_separators(found[0].replace("'", ","))
    said = "numbers have no apostrophes."
    return Message("E306", said, Span(*found.span()), help_line)


def pointed_numbers(text: str, tokens: Sequence[Token]) -> Iterator[Message]:
    """Say of numbers such as 50.000 that a point marks decimals (E306)."""
    for token in tokens:
        if token.type != "NUMBER" or "." not in token:
            continue
        start = token.start_pos
        found = _POINTS.match(text, start)
        number = found[0] if found else str(token)
        if found is None and _CONTINENTAL.match(text, start):
            continue
        if mistake := mistaken_points(number):
            yield Message(
                "E306", mistake[0], Span(start, start + len(number)), mistake[1]
            )


def mistaken_points(number: str) -> tuple[str, str] | None:
    """Return what is wrong with points between thousands, and what to write.

    None for a number that nobody means otherwise; `50.000` is fifty to us.
    """
    if _POINTS.fullmatch(number):
        plain = number.replace(".", "").replace(",", ".")
        ways = with_separators(f"{Decimal(plain):,}")
        return "numbers have one point, before their decimals.", ways
    if _ONE_POINT.fullmatch(number):
        ways = with_separators(number.replace(".", ",")).rstrip(".")
        plain = f"{Decimal(number).normalize():f}"
        said = f"a point marks decimals, so {number} is {plain}."
        return said, f"{ways}; or {plain}, if that is meant."
    return None


def percentage_meant(number: Decimal) -> str:
    """Return what a bare number means where a percentage belongs: 0.2 means 20%."""
    meant = number * 100 if 0 < abs(number) < 1 else number
    return f"{meant.normalize():f}%"


def currency_code(span: Span, currency: str) -> Message:
    """Say that amounts carry no currency (E307)."""
    said = (
        "amounts have no currency code; they are compared in the project currency"
        f" ({currency})."
    )
    return Message("E307", said, span)
