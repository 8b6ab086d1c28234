"""Words for conditions over several rows, fields or conditions."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Unavailable
from gatekeeper.language.explain.counted import (
    columns_of,
    fields_of,
    row_details,
    row_name,
    without_limit,
)
from gatekeeper.language.explain.history import window_text
from gatekeeper.language.explain.rows import quality, with_quality
from gatekeeper.language.explain.values import empty_saying, subject
from gatekeeper.language.explain.wording import row_noun, rows_noun, title_of
from gatekeeper.language.explain.words import Words
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.syntax import Quantity

if TYPE_CHECKING:
    from gatekeeper.language.compiler.rows import Sorted
    from gatekeeper.language.explain.view import View


_NONE = "none is allowed"


# ---- rows --------------------------------------------------------------------------


def quantified(test: typed.Quantified, view: View, *, negated: bool) -> Words:
    """Say how many rows there are, and how many are asked for."""
    found = view.tree.rows(test.rows)(view.deal, view.ctx)
    if isinstance(found, Unavailable):
        return Words("")
    count = _number_of(test.count, test.quantity, view)
    if isinstance(count, Words):
        return count
    wanted = _opposite(test.quantity, count)[1] if negated else count
    demand = _demand(test.quantity, count, negated=negated)
    where = test.rows.where
    if not found.total and where is not None and demand != _NONE:
        demand = _with_rows(demand, f"with {quality(where, view, 'the ')}")
    saying = rows_saying(test.rows, found, view)
    lasting = None
    if where is not None and view.moves(where):
        noun = rows_noun(test.rows.collection, wanted or 1)
        lasting = _with_rows(demand, f"{noun} with {quality(where, view)}")
    return Words(
        f"{saying}{_unknown_words(test, found, view)}",
        demand,
        lasting,
        f"{len(found.counted)} of {found.total}",
        demand,
        row_details(test.rows, found, view) if where is not None else (),
    )


def _number_of(
    count: typed.Value | None, quantity: Quantity, view: View
) -> int | Decimal | Words:
    """Return how many are asked for, or say that this is not known.

    A parameter may ask for one and a half: then at least two are needed, at most one
    is allowed, and exactly so many there never are.
    """
    if count is None:
        return 1
    number = view.value(count)
    if isinstance(number, Decimal):
        if quantity is Quantity.EXACTLY and number != number.to_integral_value():
            return number
        return ceil(number) if quantity is Quantity.AT_LEAST else floor(number)
    return Words(empty_saying(count, view), "", None, "empty")


def _demand(quantity: Quantity, count: int | Decimal, *, negated: bool) -> str:
    if not negated:
        return _rows_demand(quantity, count)
    demand = _rows_demand(*_opposite(quantity, count))
    if quantity is Quantity.EXACTLY:
        return demand.replace("needed", "not allowed")
    return demand


def _opposite(
    quantity: Quantity, count: int | Decimal
) -> tuple[Quantity, int | Decimal]:
    """Turn `not at least 2` into `at most 1`."""
    match quantity:
        case Quantity.SOME | Quantity.AT_LEAST:
            return Quantity.AT_MOST, max(count - 1, 0)
        case Quantity.NO:
            return Quantity.SOME, 1
        case Quantity.AT_MOST:
            return Quantity.AT_LEAST, count + 1
        case Quantity.EXACTLY:
            return quantity, count


def _with_rows(demand: str, which: str) -> str:
    """Put the rows meant after the number: `at least 2 with .. are needed`."""
    demand = demand.replace("none is", "no is")
    lead, verb, tail = demand.rpartition(" is " if " is " in demand else " are ")
    return f"{lead} {which}{verb}{tail}"


def _rows_demand(quantity: Quantity, count: int | Decimal) -> str:
    verb = "is" if count == 1 else "are"
    match quantity:
        case Quantity.SOME | Quantity.AT_LEAST:
            return f"at least {count} {verb} needed"
        case Quantity.NO:
            return _NONE
        case Quantity.AT_MOST:
            return f"at most {count} {verb} allowed" if count else _NONE
        case Quantity.EXACTLY:
            return f"exactly {count} {verb} needed"


def rows_saying(rows: typed.Rows, found: Sorted, view: View) -> str:
    """Say how many rows there are, or how many of them are as asked."""
    total, counted = found.total, len(found.counted)
    noun = rows_noun(rows.collection, total)
    if rows.where is None or not total:
        if not total:
            return f"There are no {rows_noun(rows.collection)}"
        return f"There {'is' if total == 1 else 'are'} {total} {noun}"
    verb = "has" if counted == 1 else "have"
    wanted = quality(rows.where, view, "the ")
    if total == 1:
        verb = "has" if counted else "does not have"
        return f"The only {noun} {verb} {wanted}"
    lead = str(counted) if counted else "None"
    return f"{lead} of the {total} {noun} {verb if counted else 'has'} {wanted}"


def _unknown_words(test: typed.Quantified, found: Sorted, view: View) -> str:
    """Mention rows whose empty values kept them from counting."""
    count = len(found.unknown)
    why = without_limit(test.rows.where, found.unknown, view)
    if not count or test.quantity in {Quantity.SOME, Quantity.AT_LEAST}:
        return f" ({why})" if why else ""
    names = [title_of(field.name).lower() for field in fields_of(test.rows.where)]
    what = f"empty {names[0]}" if len(names) == 1 else "an empty value"
    which = "" if why else f" with {what}"
    verb = "was" if count == 1 else "were"
    noun = rows_noun(test.rows.collection, count)
    reason = f": {why}" if why else ""
    return f" ({count} {noun}{which} {verb} not counted{reason})"


def every(test: typed.Every, view: View, *, negated: bool) -> Words:
    """Say how many rows break what must be true of every one."""
    found = view.tree.rows(test.rows)(view.deal, view.ctx)
    if isinstance(found, Unavailable):
        return Words("")
    has = view.tree.test(test.has)
    answers = [(row, has(view.deal, view.ctx, row)) for row in found.counted]
    broken = [row for row, answer in answers if answer is not True]
    total = len(found.counted)
    noun = rows_noun(test.rows.collection, total)
    rows = f"{noun}{with_quality(test.rows.where, view)}"
    has_it = quality(test.has, view, "the ")
    saying = _every_saying(rows, total, len(broken), has_it)
    unknown = [row for row, answer in answers if answer is EMPTY]
    if why := without_limit(test.has, unknown, view):
        saying = f"{saying} ({why})"
    demand = "this must not be so of all" if negated else "every one must"
    lasting = None
    if view.moves(test):
        one = row_noun(test.rows.collection)
        may = f"not every {one} may" if negated else f"every {one} must"
        lasting = f"{may} have {quality(test.has, view)}"
    shown = columns_of(test.has, test.rows, view)
    names = ", ".join(row_name(row, test.rows, shown, view) for row in broken[:10])
    details = (f"not as asked: {names}",) if names else ()
    kept = f"{total - len(broken)} of {total}"
    asked = "not all" if negated else "all"
    return Words(saying, demand, lasting, kept, asked, details)


def _every_saying(rows: str, total: int, broken: int, has_it: str) -> str:
    if not total:
        return f"There are no {rows}"
    if not broken:
        return (
            f"All {total} {rows} have {has_it}"
            if total > 1
            else f"The only {rows} has {has_it}"
        )
    lead = "The only" if total == 1 else f"{broken} of the {total}"
    return f"{lead} {rows} {'does' if broken == 1 else 'do'} not have {has_it}"


# ---- groups of fields --------------------------------------------------------------


def tally(test: typed.Tally, view: View, *, negated: bool) -> Words:
    """Say how many fields of a group are as asked."""
    met = [part for part in test.parts if view.answer(part) is True]
    unmet = [part for part in test.parts if part not in met]
    state = _state_of(test.parts[0], view)
    be = "have" if state.startswith("changed") else "be"
    verbs = {"have": ("has", "have"), "be": ("is", "are")}[be]
    fields = f"fields of {title_of(test.group)}"
    verb = verbs[len(met) != 1]
    saying = f"{len(met)} of the {len(test.parts)} {fields} {verb} {state}"
    if test.quantity == "every":
        may = "not all of them may" if negated else "all of them must"
        demand = f"{may} {be}"
        lasting = f"{may.replace('of them', fields)} {be} {state}"
    else:
        quantity = Quantity(test.quantity)
        count = _number_of(test.count, quantity, view)
        if isinstance(count, Words):
            return count
        demand = _demand(quantity, count, negated=negated)
        some = fields if " are " in demand else fields.replace("fields", "field", 1)
        lasting = _with_rows(demand, f"{some} {state}")
    names = ", ".join(subject(_asked_of(part), view) for part in unmet)
    details = (f"not {state}: {names}",) if names else ()
    shown = f"{len(met)} of {len(test.parts)}"
    told = lasting if view.moves(test) else None
    return Words(saying, demand, told, shown, demand, details)


def _state_of(part: typed.Test, view: View) -> str:
    """Say what is asked of each field of a group."""
    match part:
        case typed.Changed(window=window):
            return f"changed {window_text(window, view)}"
        case typed.Truth(wanted=wanted):
            return "yes" if wanted else "no"
        case typed.Filled(wanted=False):
            return "empty"
    return "filled"


def _asked_of(part: typed.Test) -> typed.Value:
    return part.of if isinstance(part, typed.Changed) else part.value  # type: ignore[union-attr]
