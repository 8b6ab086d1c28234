"""Recognise the date literals of SOQL and say the window that is meant (E304).

Pure. `LAST_N_DAYS:30` comes along with conditions from reports and queries.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatekeeper.language.messages import Message
from gatekeeper.language.tree.syntax import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.language.parser.tokens import Token

_UNITS = "DAY|WEEK|MONTH|QUARTER|YEAR"
_LENGTH = re.compile(
    rf"(?P<when>LAST|NEXT)_(?:N_(?:FISCAL_)?(?P<unit>{_UNITS})S:(?P<count>[0-9]{{1,4}})"
    r"|(?P<days>[0-9]{1,3})_DAYS)(?![\w:])"
)
_AGO = re.compile(rf"N_(?P<unit>{_UNITS})S_AGO:(?P<count>[0-9]{{1,4}})(?![\w:])")
_PERIOD = re.compile(
    r"(?P<when>THIS|LAST|NEXT)_(?P<fiscal>FISCAL_)?(?P<period>WEEK|MONTH|QUARTER|YEAR)"
    r"(?![\w:])"
)
_DAYS = {"YESTERDAY": "today - 1 day", "TOMORROW": "today + 1 day"}


def soql_dates(text: str, tokens: Sequence[Token]) -> Iterator[Message]:
    """Say for each date literal of SOQL what to write instead.

    Args:
        text: The check.
        tokens: Its words, in their order.
    """
    for place, token in enumerate(tokens):
        if token.type != "NAME" or not token.isupper():
            continue
        found = _literal(text, token)
        if found is None:
            continue
        end, window, day = found
        start, written = token.start_pos, day or window
        if place and tokens[place - 1].type == "COMPARE":
            sign = tokens[place - 1]
            start, written = sign.start_pos, _compared(sign, window, day)
        literal = text[token.start_pos : end]
        said = f"{literal} is a date literal of SOQL; here: {written}."
        yield Message("E304", said, Span(start, end))


def _compared(sign: str, window: str, day: str) -> str:
    """Return what stands for an operator and the literal behind it."""
    if sign == "=" and window:
        return window
    return f"{sign} {day}" if day else f"{window}, or {sign} a date such as 2026-12-31"


def _literal(text: str, token: Token) -> tuple[int, str, str] | None:
    """Return where a literal ends, the window it means and the day; "" for none."""
    start = token.start_pos
    if found := _LENGTH.match(text, start):
        count, unit = found["count"] or found["days"], found["unit"] or "DAY"
        length = f"{count} {unit.lower()}s"
        sign = "-" if found["when"] == "LAST" else "+"
        window = f"within {found['when'].lower()} {length}"
        return found.end(), window, f"today {sign} {length}"
    if found := _AGO.match(text, start):
        return found.end(), "", f"today - {found['count']} {found['unit'].lower()}s"
    if found := _PERIOD.match(text, start):
        fiscal = "fiscal " if found["fiscal"] else ""
        window = f"in {found['when'].lower()} {fiscal}{found['period'].lower()}"
        return found.end(), window, ""
    day = _DAYS.get(token)
    return (token.end_pos, "", day) if day else None
