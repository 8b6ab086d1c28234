"""Names and values as a seller reads them. Each value is formatted here and only here.

Pure.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Money, Person
from gatekeeper.language.checker.literals import length_words
from gatekeeper.language.compiler.readers import local_moment
from gatekeeper.language.tree.syntax import Duration
from gatekeeper.language.tree.syntax_values import singular_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatekeeper.core.context import Context
    from gatekeeper.language.tree import typed

LONGEST_VALUE = 200
MOST_PLACES = 4
_LEAST_ROUNDED = Decimal("0.01")
_MOST_ROUNDED = Decimal(10) ** 15
_TINIEST = Decimal("1e-9")
_CENT = Decimal("0.01")


@lru_cache(maxsize=4096)
def title_of(name: str) -> str:
    """Turn a field's name into words: `next_step` gives `Next Step`."""
    plain = name.removeprefix("custom.").removesuffix("__c").removesuffix("__r")
    words = plain.replace(".", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words)


@lru_cache(maxsize=4096)
def row_noun(collection: str) -> str:
    """Return the word for one row: `line_items` gives `line item`."""
    return singular_of(collection.rpartition(".")[2]).replace("_", " ")


def rows_noun(collection: str, count: int | Decimal = 2) -> str:
    """Return the word for so many rows."""
    if count == 1:
        return row_noun(collection)
    return collection.rpartition(".")[2].replace("_", " ")


def joined(words: Iterable[str], last: str) -> str:
    """Join words with commas and a last `or` or `and`."""
    *rest, final = list(words) or [""]
    return f"{', '.join(rest)} {last} {final}" if rest else final


@lru_cache(maxsize=4096)
def day_text(day: date) -> str:
    """Write a date: 28 Oct 2026."""
    return f"{day.day} {day:%b} {day.year}"


def days_text(days: Sequence[date]) -> str:
    """List days; the year stands once where it is the same: 31 Aug and 6 Nov 2026."""
    if len({day.year for day in days}) > 1:
        return joined(map(day_text, days), "and")
    texts = [f"{day.day} {day:%b}" for day in days[:-1]]
    return joined([*texts, *map(day_text, days[-1:])], "and")


def number_text(number: Decimal, kind: Kind | None) -> str:
    """Write a number: money with cents, a percentage with its sign."""
    is_plain = number.is_finite() and abs(number) < _MOST_ROUNDED
    if not is_plain or 0 < abs(number) < _TINIEST:
        return str(number)
    if kind is Kind.MONEY:
        return f"{number.quantize(_CENT):,f}"
    if abs(number) >= _LEAST_ROUNDED:
        number = round(number, MOST_PLACES)
    plain = f"{number.normalize():,f}"
    return f"{plain}%" if kind is Kind.PERCENT else plain


def value_text(value: object, kind: Kind | None, ctx: Context) -> str:
    """Write a value that is there, without quotes."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return number_text(value, kind)
        case Money(amount=amount, currency=currency):
            mark = "" if currency == ctx.currency else f" {currency}"
            return f"{number_text(amount, Kind.MONEY)}{mark}"
        case datetime():
            local = local_moment(value, ctx)
            return f"{day_text(local.date())} {local:%H:%M}"
        case date():
            return day_text(value)
        case tuple():
            return joined([value_text(each, kind, ctx) for each in value], "or")
        case _:
            return _other_text(value)


def _other_text(value: object) -> str:
    match value:
        case Duration():
            return length_words(value)
        case timedelta():
            return f"{number_text(Decimal(int(value.total_seconds() // 3600)), None)} h"
        case Person(name=name, email=email, id=identity):
            return name or email or identity
        case frozenset():
            return joined(sorted(map(str, value)), "and")
        case _ if value is EMPTY:
            return "empty"
        case _:
            return cut(str(value))


def cut(text: str) -> str:
    """Keep the first characters of a value and no line breaks."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_VALUE else f"{flat[: LONGEST_VALUE - 1]}…"


def observed_text(
    value: object, kind: Kind | None, ctx: Context, labels: typed.Field | None = None
) -> str:
    """Write a value inside a sentence about it: texts in quotes, picklists by label."""
    if isinstance(value, str):
        return f'"{cut(labelled(value, labels))}"'
    if isinstance(value, frozenset):
        return joined(sorted(labelled(each, labels) for each in value), "and")
    return value_text(value, kind, ctx)


def unquoted(text: str) -> str:
    """Take a text out of its quotes; those of its own stay."""
    return text.removeprefix('"').removesuffix('"')


def inside(name: str) -> str:
    """Return a name as it stands inside a sentence: `The sum of ..` loses its T."""
    return f"t{name[1:]}" if name.startswith("The ") else name


def labelled(value: str, field: typed.Field | None) -> str:
    """Return the label of a picklist's value."""
    return value if field is None else field.labels.get(value.strip().casefold(), value)


def age_text(day: date, today: date) -> str:
    """Say how far a day is away: `23 days ago`."""
    days = (today - day).days
    if days == 0:
        return "today"
    unit = "day" if abs(days) == 1 else "days"
    return f"{days} {unit} ago" if days > 0 else f"in {-days} {unit}"


def sentence(parts: Sequence[str]) -> str:
    """Join what is and what must be into one sentence."""
    text = "; ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
