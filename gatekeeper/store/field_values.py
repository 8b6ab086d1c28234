"""Values of a deal's fields as text and back: what is read equals what was written.

Pure. The text names the type of each value, for a field may hold any.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from gatekeeper.core.model import EMPTY, Empty, Money, Person
from gatekeeper.store.codec import text_of, words_from

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from gatekeeper.core.model import FieldValue, Sighted


@dataclass(frozen=True, slots=True)
class _Form:
    """How values of one type are written: words after the name of the type."""

    name: str
    kind: type
    words: Callable[..., Iterable[str]]
    value: Callable[..., FieldValue]


_MICROSECOND = timedelta(microseconds=1)
_FORMS = (  # a yes/no before numbers, a date-time before dates: they are kinds of them
    _Form("empty", Empty, lambda _: (), lambda: EMPTY),
    _Form("yes_no", bool, lambda yes: (str(int(yes)),), lambda word: word == "1"),
    _Form("text", str, lambda text: (text,), str),
    _Form("number", Decimal, lambda number: (str(number),), Decimal),
    _Form(
        "money",
        Money,
        lambda money: (str(money.amount), money.currency),
        lambda amount, currency: Money(Decimal(amount), currency),
    ),
    _Form(
        "moment",
        datetime,
        lambda moment: (moment.astimezone(UTC).isoformat(),),
        datetime.fromisoformat,
    ),
    _Form("date", date, lambda day: (day.isoformat(),), date.fromisoformat),
    _Form(
        "duration",
        timedelta,
        lambda length: (str(length // _MICROSECOND),),
        lambda count: int(count) * _MICROSECOND,
    ),
    _Form("set", frozenset, sorted, lambda *words: frozenset(words)),
    _Form("person", Person, lambda each: (each.id, each.name), Person),
)
_BY_NAME = {form.name: form for form in _FORMS}


def value_text(value: FieldValue) -> str:
    """Return the text of a value that the CRM told.

    Raises:
        TypeError: The CRM did not tell it; there is nothing to keep.
    """
    for form in _FORMS:
        if isinstance(value, form.kind):
            return text_of([form.name, *form.words(value)])
    raise TypeError(value)


def value_from(text: str) -> FieldValue:
    """Read back a value."""
    name, *words = words_from(text)
    return _BY_NAME[name].value(*words)


# ---- what one run saw of one deal ----------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenChange:
    """One change between two looks; its columns in the table."""

    at: datetime
    after: datetime
    old: str
    new: str

    @property
    def columns(self) -> dict[str, object]:
        """Return the columns beside the key."""
        return {"at": self.at, "after": self.after, "old": self.old, "new": self.new}


@dataclass(frozen=True, slots=True)
class Seen:
    """A field as the run left it; see `core.model.Sighted`."""

    since: datetime
    value: str
    changes: list[SeenChange]

    @property
    def values(self) -> list[str]:
        """Return the values as texts: what stands there, and what stood there."""
        past = [value for each in self.changes for value in (each.old, each.new)]
        return [self.value, *past]


_looks = msgspec.json.Decoder(dict[str, Seen | None])


def looks_text(sightings: Mapping[str, Sighted | None]) -> str:
    """Return the text of what a run saw anew; None is a field no longer watched."""
    return text_of({name: each and _seen(each) for name, each in sightings.items()})


def looks_from(text: str) -> dict[str, Seen | None]:
    """Read back what a run saw anew."""
    return _looks.decode(text)


def looks_without(text: str, names: Collection[str]) -> str | None:
    """Return the text of what a run saw but for some fields; None for nothing."""
    left = {name: each for name, each in looks_from(text).items() if name not in names}
    return text_of(left) if left else None


def _seen(sighted: Sighted) -> Seen:
    changes = [
        SeenChange(
            change.at, change.surely_at, value_text(change.old), value_text(change.new)
        )
        for change in sighted.changes
    ]
    return Seen(sighted.since, value_text(sighted.value), changes)
