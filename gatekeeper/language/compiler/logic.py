"""And, or and not into closures: SQL's three values, and what the CRM did not say.

An answer that is decided goes before a blank, and what the CRM did not say before an
empty one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Answer, Deal, Row, Unavailable
from gatekeeper.language.compiler.readers import NO_ROW

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.rows import Asker

TWO = 2  # parts; most conditions of several have just so many


def all_of(parts: list[Asker]) -> Asker:
    """Answer false as soon as one part is false."""
    if len(parts) == TWO:
        return _both(*parts)

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        answer: Answer = True
        for part in parts:
            found = part(deal, ctx, row)
            if found is False:
                return False
            if found is not True and not isinstance(answer, Unavailable):
                answer = found
        return answer

    return ask


def _both(first: Asker, second: Asker) -> Asker:
    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        one = first(deal, ctx, row)
        if one is False:
            return False
        other = second(deal, ctx, row)
        if one is True or other is False:
            return other
        return one if other is True or isinstance(one, Unavailable) else other

    return ask


def any_of(parts: list[Asker]) -> Asker:
    """Answer true as soon as one part is true."""
    if len(parts) == TWO:
        return _either(*parts)

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        answer: Answer = False
        for part in parts:
            found = part(deal, ctx, row)
            if found is True:
                return True
            if found is not False and not isinstance(answer, Unavailable):
                answer = found
        return answer

    return ask


def _either(first: Asker, second: Asker) -> Asker:
    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        one = first(deal, ctx, row)
        if one is True:
            return True
        other = second(deal, ctx, row)
        if one is False or other is True:
            return other
        return one if other is False or isinstance(one, Unavailable) else other

    return ask


def at_least(parts: list[Asker], count: int) -> Asker:
    """Answer true once so many parts are true, false once so many cannot be."""

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        answers = [part(deal, ctx, row) for part in parts]
        if sum(answer is True for answer in answers) >= count:
            return True
        if sum(answer is not False for answer in answers) < count:
            return False
        hidden = (each for each in answers if isinstance(each, Unavailable))
        return next(hidden, EMPTY)

    return ask


def opposite(part: Asker) -> Asker:
    """Turn true and false; the blanks stay."""

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        found = part(deal, ctx, row)
        if found is True:
            return False
        return True if found is False else found

    return ask
