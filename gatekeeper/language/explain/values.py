"""How a value is spoken of: its name, its text for one deal."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Money, Unavailable
from gatekeeper.language.compiler.chosen import stage_name
from gatekeeper.language.compiler.labels import stage_text
from gatekeeper.language.compiler.placeholders import text_of
from gatekeeper.language.compiler.readers import (
    is_blank,
    local_moment,
    raw_reader,
)
from gatekeeper.language.explain.past import past_empty, past_subject
from gatekeeper.language.explain.wording import (
    inside,
    joined,
    observed_text,
    row_noun,
    rows_noun,
    title_of,
    value_text,
)
from gatekeeper.language.functions import SKIPS_EMPTY
from gatekeeper.language.tree import typed
from gatekeeper.language.types import WORDS

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.language.explain.view import View

_SIGNS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_OF_ROWS = {
    "sum": "sum of",
    "min": "lowest",
    "max": "highest",
    "latest": "latest",
    "earliest": "earliest",
}
_OF_VALUES = {
    "days_since": "Days since {0}",
    "days_until": "Days until {0}",
    "days_between": "Days from {0} to {1}",
    "business_days_between": "Business days from {0} to {1}",
    "length": "Length of {0}",
    "abs": "The size of {0}",
    "round": "{0}, rounded",
    "negative": "Minus {0}",
}


def subject(node: typed.Value, view: View) -> str:
    """Name a value at the head of a sentence."""
    match node:
        case typed.Field(name=name):
            return title_of(name)
        case typed.Chosen(param=name) | typed.Undecided(param=name):
            return title_of(name)
        case typed.Function():
            return _function_subject(node, view)
        case typed.Aggregate():
            return _aggregate_subject(node, view)
        case _:
            return _other_subject(node, view)


def _other_subject(node: typed.Value, view: View) -> str:
    match node:
        case typed.Constant():
            return constant_text(node, view)
        case typed.Moment(which=which):
            return which
        case typed.Arithmetic(operator=sign, left=left, right=right):
            right_name = inside(subject(right, view))
            return f"{subject(left, view)} {_SIGNS[sign]} {right_name}"
        case typed.Pattern(value=value):
            return subject(value, view)
        case typed.Past():
            return past_subject(node)
    return "The condition"


def _function_subject(node: typed.Function, view: View) -> str:
    names = [inside(subject(each, view)) for each in node.arguments]
    if node.name in _OF_VALUES:
        name = _OF_VALUES[node.name].format(*names)
    elif node.name == "coalesce":
        name = joined(names, "or")
    else:
        which = "later" if node.name == "later_of" else "earlier"
        name = f"The {which} of {joined(names, 'and')}"
    return f"{name[:1].upper()}{name[1:]}"


def _aggregate_subject(node: typed.Aggregate, view: View) -> str:
    rows = rows_noun(node.rows.collection)
    qualified = f"{rows}{view.which(node.rows.where)}"
    if node.of is None:
        return f"The number of {qualified}"
    of = title_of(node.of.name).lower()
    if node.function == "count":
        return f"The number of {qualified} {'and' if node.rows.where else 'with'} {of}"
    return f"The {_OF_ROWS[node.function]} {of} of {qualified}"


def sum_subject(node: typed.Value, view: View) -> str:
    """Name a side of a difference."""
    if isinstance(node, typed.Aggregate) and node.function == "sum":
        return title_of(node.rows.collection)
    return subject(node, view)


def sum_saying(node: typed.Value, view: View) -> str:
    """Say what a value is; a sum of totals as `Line items add up to 96,000.00`."""
    shown = observed(node, view.value(node), view)
    match node:
        case typed.Aggregate(
            function="sum", of=typed.Field(name="total" | "amount"), rows=rows
        ):
            noun = rows_noun(rows.collection)
            which = view.which(rows.where)
            return f"{noun[:1].upper()}{noun[1:]}{which} add up to {shown}"
    return f"{subject(node, view)} is {shown}"


def constant_text(node: typed.Constant, view: View) -> str:
    """Write a constant as it is expected."""
    return node.shown or value_text(node.value, node.kind, view.ctx)


def is_known_in_part(value: object) -> bool:
    """Whether it is a count of which only the least it may be is known."""
    return isinstance(value, Unavailable) and value.at_least is not None


def observed(node: typed.Value, value: object, view: View) -> str:
    """Write what a value is on this deal, in a sentence about it."""
    if isinstance(value, Unavailable) and is_known_in_part(value):
        return f"at least {observed(node, value.at_least, view)}"
    if isinstance(node, typed.Field):
        if node.kind is Kind.MONEY:
            return _money_text(node, value, view)
        if node.kind is Kind.STAGE and isinstance(value, str):
            return f'"{stage_text(node, value, view.deal, view.ctx)}"'
        if node.kind is Kind.REFERENCE and isinstance(value, str):
            return "set"  # an id says nothing to a seller
        return observed_text(value, node.kind, view.ctx, node)
    if isinstance(node, typed.Past):
        if node.kind is Kind.STAGE and isinstance(value, str):
            return f'"{stage_name(value, view.deal, view.ctx)}"'
        return observed_text(value, node.kind, view.ctx, node.of)
    return observed_text(value, node.kind, view.ctx)


def _money_text(node: typed.Field, value: object, view: View) -> str:
    """Show the deal's own currency beside the one that is compared."""
    raw = raw_reader(node)(view.deal, view.ctx, view.row)
    text = value_text(value, Kind.MONEY, view.ctx)
    if isinstance(raw, Money) and raw.currency != view.ctx.currency:
        own = value_text(raw, Kind.MONEY, view.ctx)
        return f"{own} ({text} {view.ctx.currency})"
    return text


def empty_saying(node: typed.Value, view: View) -> str:
    """Say that a value is empty, and why where that is not plain to see."""
    match node:
        case typed.Field() if placeholder := _placeholder(node, view):
            return f"{subject(node, view)} is {placeholder}, which counts as empty"
        case typed.Aggregate(function=function, rows=rows) if function != "count":
            noun = row_noun(rows.collection)
            which = view.which(rows.where, node.of)
            return f"There is no {noun}{which}"
        case typed.Past():
            return past_empty(node)
        case typed.Chosen(by=by):
            return f"{subject(node, view)} has no value where {_as_it_is(by, view)}"
        case typed.Arithmetic() | typed.Function():
            return _uncounted(node, view)
    return f"{subject(node, view)} is empty"


def _uncounted(node: typed.Arithmetic | typed.Function, view: View) -> str:
    """Say which part keeps a value from being worked out."""
    if isinstance(node, typed.Function) and node.name in SKIPS_EMPTY:
        names = [subject(each, view) for each in node.arguments]
        return f"{joined(names, 'and')} are empty"
    empty = (part for part in _parts(node) if view.value(part) is EMPTY)
    first = next(empty, None)
    if first is not None:
        return empty_saying(first, view)
    if isinstance(node, typed.Arithmetic) and node.operator == "/":
        under = inside(subject(node.right, view))
        return f"{subject(node, view)} has no value, as {under} is 0"
    return f"{subject(node, view)} is empty"


def _placeholder(field: typed.Field, view: View) -> str:
    """Return the text that counts as empty; "" where there is none."""
    if field.kind not in WORDS:
        return ""
    raw = raw_reader(field)(view.deal, view.ctx, view.row)
    if isinstance(raw, str) and raw.strip() and text_of(raw, view.ctx) is EMPTY:
        return observed_text(raw.strip(), field.kind, view.ctx)
    return ""


def _as_it_is(field: typed.Field, view: View) -> str:
    value = view.value(field)
    if value is EMPTY:
        return empty_saying(field, view)
    return f"{subject(field, view)} is {observed(field, value, view)}"


def _parts(node: typed.Arithmetic | typed.Function) -> tuple[typed.Value, ...]:
    if isinstance(node, typed.Arithmetic):
        return node.left, node.right
    return node.arguments


def inputs(node: object, view: View) -> list[str]:
    """Say the deal's own fields that a moving value is worked out from."""
    if isinstance(node, typed.Field):
        value = view.value(node)
        if is_blank(value):
            return []
        return [f"{subject(node, view)} is {observed(node, value, view)}"]
    if isinstance(node, typed.Arithmetic | typed.Function):
        return [text for part in _parts(node) for text in inputs(part, view)]
    return []


def expected_text(node: typed.Value, view: View) -> str:
    """Write the side a value is held against; a field with its value."""
    if isinstance(node, typed.Constant):
        return constant_text(node, view)
    name = inside(subject(node, view))
    if isinstance(node, typed.Moment) or view.moves(node):
        return name
    if view.row is view.deal.fields and _is_of_rows(node):
        by = node.by if isinstance(node, typed.Chosen) else None
        return f"{name} (by {subject(by, view)})" if by else name
    value = view.value(node)
    if is_blank(value):
        return name
    if isinstance(node, typed.Chosen):
        return value_text(value, node.kind, view.ctx)
    return f"{name} ({observed(node, value, view)})"


def _is_of_rows(node: typed.Value) -> bool:
    """Whether each row has a value of its own, so that the sentence can name none."""
    match node:
        case (
            typed.Field(collection=collection)
            | typed.Chosen(by=typed.Field(collection=collection))
        ):
            return collection is not None
        case typed.Arithmetic(left=left, right=right):
            return _is_of_rows(left) or _is_of_rows(right)
        case typed.Function(arguments=arguments):
            return any(map(_is_of_rows, arguments))
    return False


def quoted(patterns: tuple[typed.Value, ...], view: View) -> str:
    """List the texts that are looked for."""
    texts = [
        f'"{each.value}"'
        if isinstance(each, typed.Constant)
        else expected_text(each, view)
        for each in patterns
    ]
    return joined(texts, "or")


def local_day(value: object, ctx: Context) -> date | None:
    """Return the local date of a date or a date and time."""
    if isinstance(value, datetime):
        return local_moment(value, ctx).date()
    return value if isinstance(value, date) else None
