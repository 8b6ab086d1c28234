"""Comparing, calculating and calling, for the second reading of the language."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Person, Unavailable
from gatekeeper.language.tree import syntax
from tests.language import direct, direct_past, direct_time

if TYPE_CHECKING:
    from tests.language.direct import At

RANKS = {"weak": 0, "partial": 1, "strong": 2}
WORDS = {"before": "<", "after": ">", "on or before": "<=", "on or after": ">="}


def folded(text: str) -> str:
    """A picklist's label and its API value differ in the underscore only, here."""
    return text.strip().lower().replace("_", " ")


def text(value: str, at: At) -> Any:
    """A text without blanks around it; a placeholder is EMPTY."""
    value = value.strip()
    letters = re.sub(r"[^a-z0-9]", "", value.lower())
    core = letters or value.replace(" ", "")
    single = "".join(
        sign for place, sign in enumerate(core) if not place or core[place - 1] != sign
    )
    return EMPTY if single in {"", *at.ctx.placeholders} else value


# ---- comparing -------------------------------------------------------------------


def compare(sign: str, left: Any, right: Any, at: At, *, ordered: bool = False) -> Any:
    """Compare two values; a count known in part may already decide."""
    sign = WORDS.get(sign, sign)
    if isinstance(left, direct.AtLeast) and isinstance(right, Decimal):
        return _compare_part(sign, left.count, right, at)
    if isinstance(right, direct.AtLeast) and isinstance(left, Decimal):
        mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(sign, sign)
        return _compare_part(mirrored, right.count, left, at)
    if isinstance(left, direct.AtLeast) and isinstance(right, syntax.Duration):
        return _compare_part(sign, left.count, direct_time.in_days(right), at)
    if direct.blank(left, right):
        return direct.blank(left, right)
    is_order = sign not in {"=", "!="}
    if isinstance(left, direct.Place) or isinstance(right, direct.Place):
        left, right = _places(left, right, at, is_order=is_order)
    else:
        left, right = _alike(left, right, at, ordered=ordered and is_order)
    return direct.blank(left, right) or _apply(sign, left, right)


def _compare_part(sign: str, least: Decimal, other: Decimal, at: At) -> Any:
    """The same for every whole number from `least` on?"""
    edge = int(max(least, other.to_integral_value(ROUND_CEILING)))
    whole = [Decimal(n) for n in range(int(least), min(edge, int(least) + 9) + 2)]
    whole += [Decimal(n) for n in (edge - 1, edge, edge + 1) if n >= least]
    answers = {_apply(sign, count, other) for count in whole}
    return answers.pop() if len(answers) == 1 else Unavailable("known in part")


def _apply(sign: str, left: Any, right: Any) -> bool:
    match sign:
        case "=":
            return bool(left == right)
        case "!=":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def _alike(left: Any, right: Any, at: At, *, ordered: bool) -> tuple[Any, Any]:
    """Bring two values into one form in which Python compares them."""
    if isinstance(left, Person) or isinstance(right, Person):
        return _people(left, right)
    if isinstance(left, str) and isinstance(right, str):
        if ordered:
            odd = Unavailable("no order")
            return RANKS.get(folded(left), odd), RANKS.get(folded(right), odd)
        return folded(left), folded(right)
    if isinstance(left, date) and isinstance(right, date):
        return _dates(left, right, at)
    return _lengths(left, right)


def _dates(left: date, right: date, at: At) -> tuple[Any, Any]:
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left, right
    return direct_time.day_of(left, at), direct_time.day_of(right, at)


def _lengths(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, Decimal) and isinstance(right, syntax.Duration):
        return left, direct_time.in_days(right)
    if isinstance(right, Decimal) and isinstance(left, syntax.Duration):
        return direct_time.in_days(left), right
    sides = []
    for side in (left, right):
        is_length = isinstance(side, syntax.Duration)
        sides.append(direct_time.measure(side) if is_length else side)
    return sides[0], sides[1]


def _places(left: Any, right: Any, at: At, *, is_order: bool) -> tuple[Any, Any]:
    """Two stages by their places; a side stage has none in the order (A42)."""
    found = []
    for side in (left, right):
        position = side
        if isinstance(side, direct.Place):
            position = side.position
        elif at.pipeline is not None:
            position = direct_past.place_named(side, at.pipeline)
        is_aside = is_order and direct_past.is_side(position, at.pipeline)
        found.append(EMPTY if position is None or is_aside else position)
    return found[0], found[1]


def _people(left: Any, right: Any) -> tuple[Any, Any]:
    """Equal if they share an id or an address; a text may be a person's name too."""
    is_text = isinstance(left, str) or isinstance(right, str)
    known = []
    for side in (left, right):
        if isinstance(side, Person):
            names = (side.id, side.email, side.name if is_text else None)
            known.append({each.lower() for each in names if each})
        else:
            known.append({side.strip().lower()})
    shared = known[0] & known[1]
    return (shared, shared) if shared else (known[0], known[1])


def text_test(operator: str, value: str, part: str) -> bool:
    if operator == "matches":
        return re.search(part, value) is not None
    value, part = value.lower(), part.lower()
    if operator == "contains":
        return part in value
    if operator == "starts with":
        return value[: len(part)] == part
    return value[len(value) - len(part) :] == part if len(part) <= len(value) else False


# ---- calculating -----------------------------------------------------------------


def calculate(operator: str, left: Any, right: Any, at: At) -> Any:
    """Numbers, a date and a length, two dates, a length and a factor."""
    if isinstance(right, syntax.Duration) and isinstance(left, date):
        return direct_time.move(left, right, 1 if operator == "+" else -1, at)
    if isinstance(left, date):
        if isinstance(left, datetime) and isinstance(right, datetime):
            return left - right
        apart = direct_time.day_of(left, at) - direct_time.day_of(right, at)
        return Decimal(apart.days)
    if isinstance(left, syntax.Duration) or isinstance(right, syntax.Duration):
        length, factor = (
            (left, right) if isinstance(left, syntax.Duration) else (right, left)
        )
        count = (length.count * factor).quantize(Decimal(1), ROUND_HALF_UP)
        return syntax.Duration(int(count), length.unit, length.business, length.span)
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return EMPTY if right == 0 else left / right


# ---- calling ---------------------------------------------------------------------

OVER_ROWS = {"count", "sum", "min", "max", "latest", "earliest"}


def called(node: Any, at: At) -> Any:
    """Answer a call of a function."""
    assert isinstance(node, syntax.Call)
    name = node.function.lower()
    if name in OVER_ROWS:
        return _gathered(name, node, at)
    if name in direct_past.FUNCTIONS:
        return direct_past.FUNCTIONS[name](node, at.whole_deal())
    if name == "text_like":
        return _text_like(node, at)
    values = [direct.value_of(each.value, at) for each in node.arguments]
    if name == "coalesce":
        return next((value for value in values if value is not EMPTY), EMPTY)
    if name in {"later_of", "earlier_of"}:
        return _ends(name, node, values, at)
    if direct.blank(*values):
        return direct.known(direct.blank(*values))
    return _plain(name, values, at)


def _plain(name: str, values: list[Any], at: At) -> Any:
    days = [direct_time.day_of(each, at) for each in values if isinstance(each, date)]
    match name:
        case "length":
            return Decimal(len(values[0]))
        case "abs":
            return max(values[0], -values[0])
        case "round":
            places = int(values[1]) if len(values) > 1 else 0
            return values[0].quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        case "days_until":
            return Decimal((days[0] - at.ctx.today).days)
        case "days_since":
            return Decimal((at.ctx.today - days[0]).days)
        case "days_between":
            return Decimal((days[1] - days[0]).days)
        case "business_days_between":
            return Decimal(direct_time.business_days(days[0], days[1], at))
    raise AssertionError(name)


def _ends(name: str, node: syntax.Call, values: list[Any], at: At) -> Any:
    """The later or earlier of dates; empties are skipped, days and moments are days."""
    hidden = [value for value in values if isinstance(value, direct.Hidden)]
    if hidden:
        return hidden[0]
    there = [value for value in values if value is not EMPTY]
    if not there:
        return EMPTY
    if not all(_is_moment(argument.value, at) for argument in node.arguments):
        there = [direct_time.day_of(value, at) for value in there]
    return max(there) if name == "later_of" else min(there)


def _is_moment(node: Any, at: At) -> bool:
    """Whether a value has a time of day by its kind, be it empty or not."""
    if isinstance(node, syntax.Name):
        return direct.kind_of(node.text, at) is Kind.DATETIME
    return isinstance(node, syntax.Now) or node.function in {"entered", "last_changed"}


def _gathered(name: str, node: syntax.Call, at: At) -> Any:
    argument = node.arguments[0]
    assert isinstance(argument.value, syntax.Name)
    path, field = argument.value.parts, None
    is_hop = path[0] == "account"
    if len(path) > 1 + is_hop:
        path, field = path[:-1], path[-1]
    rows = direct.rows_of(".".join(path), argument.where, at)
    if isinstance(rows, Unavailable):
        return rows
    kept = [there for there, asked in rows if asked is True]
    if doubts := [asked for _, asked in rows if isinstance(asked, direct.Hidden)]:
        is_count = name == "count" and field is None
        return direct.AtLeast(Decimal(len(kept))) if is_count else doubts[0]
    if field is None:
        return Decimal(len(kept))
    name_of = syntax.Name((field,), node.span)
    values = [direct.named(name_of, there) for there in kept]
    if doubts := [value for value in values if isinstance(value, direct.Hidden)]:
        return doubts[0]
    return _over(name, [value for value in values if value is not EMPTY])


def _over(name: str, there: list[Any]) -> Any:
    if name == "count":
        return Decimal(len(there))
    if name == "sum":
        return sum(there, Decimal(0))
    if not there:
        return EMPTY
    return max(there) if name in {"max", "latest"} else min(there)


def _text_like(node: syntax.Call, at: At) -> Any:
    subject = direct.value_of(node.arguments[0].value, at)
    pattern = node.arguments[1].value
    assert isinstance(pattern, syntax.Text)
    slots = {"rest": ".*", "text": r"\S(.*?\S)?", "number": r"\d+([.,]\d+)*"}
    written = ""
    for part in re.split(r"(\{[^{}]*\})", pattern.value):
        name = part[1:-1]
        if part.startswith("{") and name not in slots:
            value = direct.named(syntax.Name(tuple(name.split(".")), node.span), at)
            if direct.blank(subject, value):
                subject, value = direct.blank(subject, value), ""
            written += re.escape(value).replace(r"\ ", r"\s*")
        elif part.startswith("{"):
            written += slots[name]
        else:
            written += re.escape(part).replace(r"\ ", r"\s*")
    if direct.blank(subject):
        return subject
    return re.fullmatch(rf"\s*{written}\s*", subject, re.IGNORECASE) is not None
