"""Quantifiers over rows into closures: some, no, at least, at most, exactly, every.

Rows for which the condition is true count. An unknown row does not; a row whose
condition the CRM left open makes the outcome open, unless the others decide it.
"""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Answer, Deal, Row, Unavailable
from gatekeeper.language.compiler.closures import OUT_OF_RANGE
from gatekeeper.language.compiler.readers import NO_ROW, Reader, is_blank
from gatekeeper.language.compiler.rows import everyone, not_read
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.syntax import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.rows import Asker
    from gatekeeper.language.compiler.tree import Tree

    _Decide = Callable[[int, int, int | Decimal], bool | None]

_PLAIN = {Quantity.SOME: Quantity.AT_LEAST, Quantity.NO: Quantity.AT_MOST}


def quantified_closure(node: typed.Quantified, tree: Tree) -> Asker:
    """Compile `at least 2 contacts where ..`; stops at the row that decides."""
    name, where = node.rows.collection, node.rows.where
    quantity = _PLAIN.get(node.quantity, node.quantity)
    asks = everyone if where is None else tree.test(where)
    wanted = _fixed_count(node)
    if wanted is None:
        return _of_any_count(name, asks, quantity, _count_reader(node, tree))
    if where is None:
        return _so_many(name, quantity, wanted)
    if quantity is Quantity.EXACTLY:
        return _exactly_where(name, asks, wanted)
    is_least = quantity is Quantity.AT_LEAST
    return _enough(name, asks, wanted if is_least else wanted + 1, is_least=is_least)


def _fixed_count(node: typed.Quantified) -> int | None:
    """Return a count of rows that is the same for every deal, where it is one."""
    if node.count is None:
        return 0 if node.quantity is Quantity.NO else 1
    value = node.count.value if isinstance(node.count, typed.Constant) else None
    if isinstance(value, Decimal) and value >= 1 and value == int(value):
        return int(value)
    return None


def _count_reader(node: typed.Quantified | typed.Tally, tree: Tree) -> Reader:
    if node.count is not None:
        return tree.value(node.count)
    fixed = 0 if node.quantity == Quantity.NO else 1
    return lambda deal, ctx, row=NO_ROW: fixed


# ---- a count that is the same for every deal ---------------------------------------


_COMPARE: dict[Quantity, Callable[[int, int], bool]] = {
    Quantity.AT_LEAST: operator.ge,
    Quantity.AT_MOST: operator.le,
    Quantity.EXACTLY: operator.eq,
}


def _so_many(name: str, quantity: Quantity, wanted: int) -> Asker:
    """Compile a quantifier over all rows."""
    missing, decide = not_read(name), _COMPARE[quantity]

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        rows = deal.related.get(name, missing)
        return rows if type(rows) is Unavailable else decide(len(rows), wanted)

    return ask


def _enough(name: str, asks: Asker, enough: int, *, is_least: bool) -> Asker:
    """Compile `at least`, and `at most` as that it is not one more."""
    missing = not_read(name)

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        rows = deal.related.get(name, missing)
        if type(rows) is Unavailable:
            return rows
        needed, doubts = enough, 0
        reason: Answer = EMPTY
        for each in rows:
            answer = asks(deal, ctx, each)
            if answer is True:
                needed -= 1
                if not needed:
                    return is_least
            elif answer is not False and answer is not EMPTY:
                doubts += 1
                reason = answer
        return reason if doubts >= needed else not is_least

    return ask


def _exactly_where(name: str, asks: Asker, wanted: int) -> Asker:
    missing = not_read(name)

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        rows = deal.related.get(name, missing)
        if type(rows) is Unavailable:
            return rows
        sure = doubts = 0
        reason: Answer = EMPTY
        for each in rows:
            answer = asks(deal, ctx, each)
            if answer is True:
                sure += 1
                if sure > wanted:
                    return False
            elif answer is not False and answer is not EMPTY:
                doubts += 1
                reason = answer
        return reason if doubts and sure + doubts >= wanted else sure == wanted

    return ask


# ---- a count that a field chooses --------------------------------------------------


def _of_any_count(name: str, asks: Asker, quantity: Quantity, count: Reader) -> Asker:
    missing, decide = not_read(name), _DECIDE[quantity]

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        rows = deal.related.get(name, missing)
        if type(rows) is Unavailable:
            return rows
        wanted = count(deal, ctx, row)
        if not isinstance(wanted, int | Decimal):
            return wanted if is_blank(wanted) else OUT_OF_RANGE
        answers = [asks(deal, ctx, each) for each in rows]
        return _told(answers, wanted, decide)

    return ask


def _told(answers: list[Answer], wanted: int | Decimal, decide: _Decide) -> Answer:
    """Tell what so many answers decide; what the CRM did not say may be either.

    Of several doubts the last is told.
    """
    doubts = [each for each in answers if isinstance(each, Unavailable)]
    sure = sum(answer is True for answer in answers)
    decided = decide(sure, sure + len(doubts), wanted)
    return doubts[-1] if decided is None else decided


def _at_least(sure: int, possible: int, wanted: int | Decimal) -> bool | None:
    if sure >= wanted:
        return True
    return None if possible >= wanted else False


def _at_most(sure: int, possible: int, wanted: int | Decimal) -> bool | None:
    if sure > wanted:
        return False
    return None if possible > wanted else True


def _exactly(sure: int, possible: int, wanted: int | Decimal) -> bool | None:
    if sure == possible:
        return sure == wanted
    return None if sure <= wanted <= possible and wanted == int(wanted) else False


_DECIDE: dict[Quantity, _Decide] = {
    Quantity.AT_LEAST: _at_least,
    Quantity.AT_MOST: _at_most,
    Quantity.EXACTLY: _exactly,
}


def tally_closure(node: typed.Tally, tree: Tree) -> Asker:
    """Compile `at least 3 of meddppicc is filled`."""
    parts = [tree.test(part) for part in reversed(node.parts)]
    decide: _Decide = _at_least
    if node.quantity == "every":
        fixed = len(parts)
        count: Reader = lambda deal, ctx, row=NO_ROW: fixed  # noqa: E731
    else:
        quantity = Quantity(node.quantity)
        count = _count_reader(node, tree)
        decide = _DECIDE[_PLAIN.get(quantity, quantity)]

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        wanted = count(deal, ctx, row)
        if not isinstance(wanted, int | Decimal):
            return wanted if is_blank(wanted) else OUT_OF_RANGE
        return _told([part(deal, ctx, row) for part in parts], wanted, decide)

    return ask


# ---- all of them -------------------------------------------------------------------


def every_closure(node: typed.Every, tree: Tree) -> Asker:
    """Compile `every line_item where (..) has ..`."""
    name, has = node.rows.collection, tree.test(node.has)
    missing = not_read(name)
    holds = (
        has if node.rows.where is None else _if_asked(tree.test(node.rows.where), has)
    )

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        rows = deal.related.get(name, missing)
        if type(rows) is Unavailable:
            return rows
        outcome: Answer = True
        for each in rows:
            answer = holds(deal, ctx, each)
            if answer is True:
                continue
            if answer is False or answer is EMPTY:
                return False
            outcome = answer
        return outcome

    return ask


def _if_asked(asks: Asker, has: Asker) -> Asker:
    """Compile what must hold of the rows that a condition chooses."""

    def holds(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        asked = asks(deal, ctx, row)
        if asked is False or asked is EMPTY:
            return True
        answer = has(deal, ctx, row)
        return answer if answer is True or asked is True else asked

    return holds
