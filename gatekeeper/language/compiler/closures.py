"""What the closures of this room have in common: their blanks, dates and lengths."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, overload

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Unavailable
from gatekeeper.language.compiler.moments import elapsed
from gatekeeper.language.compiler.readers import NO_ROW, Blank, Reader, local_date
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.syntax import Duration

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Row

OUT_OF_RANGE = Unavailable("a value is out of range")


def as_date(read: Reader, kind: Kind | None) -> Reader:
    """Turn a date and time into the local date."""
    if kind is not Kind.DATETIME:
        return read

    def dated(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = read(deal, ctx, row)
        return local_date(value, ctx) if isinstance(value, datetime) else value

    return dated


def once_per_run(read: Reader) -> Reader:
    """Ask anew only where the standpoint is another: for what no deal changes."""
    kept: tuple[Context, object] | None = None

    def known(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        nonlocal kept
        last = kept
        if last is None or last[0] is not ctx:
            kept = last = ctx, read(deal, ctx, row)
        return last[1]

    return known


def is_fixed(value: typed.Value) -> bool:
    """Whether a value is the same for every deal of a run."""
    return isinstance(value, typed.Constant | typed.Moment)


def either_blank(left: object, right: object) -> Blank:
    """Return which blank two sides give: what the CRM did not say wins."""
    if isinstance(left, Unavailable):
        return left
    if isinstance(right, Unavailable):
        return right
    return EMPTY


@overload
def unknown_of(blank: Unavailable) -> Unavailable: ...


@overload
def unknown_of(blank: Blank) -> Blank: ...


def unknown_of(blank: Blank) -> Blank:
    """Return the blank that a calculation on a blank gives.

    How large a count known in part is at least says nothing of what is worked out
    from it: ten minus at least three may be anything up to seven.
    """
    if isinstance(blank, Unavailable) and blank.at_least is not None:
        return Unavailable(blank.reason)
    return blank


def as_elapsed(read: Reader) -> Reader:
    """Turn a length of hours, days or weeks into elapsed time."""

    def measured(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = read(deal, ctx, row)
        if not isinstance(value, Duration):
            return value
        measure = elapsed(value)
        return OUT_OF_RANGE if measure is None else measure

    return measured
