"""Conditions joined: closures of three-valued logic, where what is hidden stays so.

Of the blanks what the CRM did not say goes before what is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Answer, Deal, Row, Unavailable

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.rows import Asker


def all_of(parts: list[Asker]) -> Asker:
    """Answer false as soon as one part is false."""

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        answer: Answer = True
        for part in parts:
            found = part(row, deal, ctx)
            if found is False:
                return False
            if found is not True and not isinstance(answer, Unavailable):
                answer = found
        return answer

    return ask


def any_of(parts: list[Asker]) -> Asker:
    """Answer true as soon as one part is true."""

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        answer: Answer = False
        for part in parts:
            found = part(row, deal, ctx)
            if found is True:
                return True
            if found is not False and not isinstance(answer, Unavailable):
                answer = found
        return answer

    return ask


def at_least(parts: list[Asker], count: int) -> Asker:
    """Answer true once so many parts are true, false once so many cannot be."""

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        answers = [part(row, deal, ctx) for part in parts]
        if sum(answer is True for answer in answers) >= count:
            return True
        if sum(answer is not False for answer in answers) < count:
            return False
        hidden = (each for each in answers if isinstance(each, Unavailable))
        return next(hidden, EMPTY)

    return ask


def opposite(part: Asker) -> Asker:
    """Turn true and false; the blanks stay."""

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        found = part(row, deal, ctx)
        if found is True:
            return False
        return True if found is False else found

    return ask
