"""Text of a rule file to typed values, each with the sentence for when it is none.

Pure. A reader takes what the YAML holds there (text, list, mapping or None) and
either gives the value or raises `Unfit`; `{key}` and `{found}` in its text stand for
the key and for what was found.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from gatekeeper.language.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

E = TypeVar("E", bound=StrEnum)
V = TypeVar("V")

LONGEST_WORD = 60
_WHOLE = re.compile(r"(?=.{1,12}\Z)\d+(?:_\d+)*")
_DECIMAL = re.compile(r"(-?\d[\d_]{0,17}(?:\.\d{1,9})?)([km]?)", re.IGNORECASE)
_RULE_ID = re.compile(r"[a-z][a-z0-9-]{0,59}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_SLACK_MEMBER = re.compile("[UW][A-Z0-9]{6,20}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Unfit(ValueError):  # noqa: N818  (it carries a message for people, no failure)
    """What stands there is not what the schema asks for.

    Attributes:
        entry: The place in the list that is meant, where it is a list.
    """

    def __init__(
        self,
        code: str,
        text: str,
        advice: str | None = None,
        *,
        entry: int | None = None,
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.advice = advice
        self.entry = entry


def must_be(what: str, advice: str | None = None) -> Unfit:
    """Say what was expected (E206)."""
    return Unfit("E206", f'"{{key}}" must be {what}; found {{found}}.', advice)


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Offer the nearest words as a help line, or None where none is near."""
    return _offered([f'"{one}"' for one in closest(word[:LONGEST_WORD], candidates)])


def did_you_mean_rule(word: str, ids: Iterable[str]) -> str | None:
    """Offer the nearest rules; ids stand in messages without quotes."""
    return _offered(closest(word[:LONGEST_WORD], ids))


def _offered(near: Sequence[str]) -> str | None:
    if not near:
        return None
    if len(near) == 1:
        return f"did you mean {near[0]}?"
    return f"did you mean {', '.join(near[:-1])} or {near[-1]}?"


def text(value: object) -> str:
    """Read a text that says something."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise must_be("a text")


def texts(value: object) -> tuple[str, ...]:
    """Read one text or a list of texts."""
    entries = value if isinstance(value, list) else [value]
    if all(isinstance(entry, str) and entry.strip() for entry in entries):
        return tuple(str(entry).strip() for entry in entries)
    raise must_be("a text or a list of texts")


def yes_no(value: object) -> bool:
    """Read true or false."""
    if isinstance(value, str):
        match value.casefold():
            case "true" | "yes":
                return True
            case "false" | "no":
                return False
    raise must_be("true or false")


def is_whole(value: object) -> bool:
    """Whether it is a bare whole number."""
    return isinstance(value, str) and _WHOLE.fullmatch(value) is not None


def whole(value: object) -> int:
    """Read a whole number, not negative."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    raise must_be("a whole number such as 20")


def some_whole(value: object) -> int:
    """Read a whole number from 1 on."""
    if isinstance(value, str) and _WHOLE.fullmatch(value) and int(value) > 0:
        return int(value)
    raise must_be("a whole number from 1 on, such as 20")


def percent(value: object) -> int:
    """Read a whole percentage from 0 to 100, with or without its sign."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.removesuffix("%").strip()):
        number = int(value.removesuffix("%").strip())
        if number <= 100:
            return number
    raise must_be("a percentage from 0 to 100")


def decimal(value: str) -> Decimal | None:
    """Read `50000`, `50_000`, `50k` or `1.5m`; None where it is none of these."""
    found = _DECIMAL.fullmatch(value.strip())
    if found is None:
        return None
    factor = {"": 1, "k": 1_000, "m": 1_000_000}[found[2].lower()]
    return Decimal(found[1].replace("_", "")) * factor


def each(read: Callable[[object], V], entries: list[object]) -> Iterator[V]:
    """Read every entry of a list; a mistake knows which one it is about."""
    for number, entry in enumerate(entries):
        try:
            yield read(entry)
        except Unfit as unfit:
            unfit.entry = number
            raise


def one_of(kind: type[E]) -> Callable[[object], E]:
    """Return a reader for the words of a closed set (E207)."""

    def read(value: object) -> E:
        word = value.strip() if isinstance(value, str) else None
        if word is None:
            raise must_be("one of " + ", ".join(kind))
        if word in set(kind):
            return kind(word)
        raise not_one_of(word, list(kind))

    return read


def not_one_of(word: str, choices: Iterable[str]) -> Unfit:
    """Refuse a word that is not one of the choices (E207)."""
    listed = list(choices)
    return Unfit(
        "E207",
        f'{{key}} "{word}" is not one of {", ".join(listed)}.',
        did_you_mean(word, listed),
    )


def place_in(words: Iterable[str], first: int) -> Callable[[object], int]:
    """Return a reader that gives a word's place in a list, counted from `first`."""
    listed = list(words)
    places = {word.casefold(): number for number, word in enumerate(listed, first)}

    def read(value: object) -> int:
        if not isinstance(value, str):
            raise must_be("one of " + ", ".join(listed))
        if value.casefold() in places:
            return places[value.casefold()]
        raise not_one_of(value, listed)

    return read


def zone(value: object) -> ZoneInfo:
    """Read the name of a time zone."""
    name = text(value)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unfit(
            "E207",
            f'{{key}} "{name}" is not a known time zone.',
            did_you_mean(name, available_timezones())
            or "for example: Europe/Berlin or America/New_York",
        ) from None


def currency(value: object) -> str:
    """Read an ISO currency code."""
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return value
    raise must_be("a currency code of three capital letters such as USD")


def rule_id(value: object) -> str:
    """Read the permanent id of a rule (E204)."""
    word = text(value)
    if _RULE_ID.fullmatch(word):
        return word
    raise Unfit(
        "E204",
        f'"{word}" is not a valid id: use lower-case letters, digits and hyphens,'
        " start with a letter, at most 60.",
    )


def rule_ids(value: object) -> tuple[str, ...]:
    """Read one rule id or a list of them."""
    return tuple(each(rule_id, list(texts(value))))


def is_name(word: str) -> bool:
    """Whether it may name a field, parameter, condition or role."""
    return _NAME.fullmatch(word) is not None


def slack_member(value: object) -> str:
    """Read the member id of a person in Slack, which no change of name changes."""
    if isinstance(value, str) and _SLACK_MEMBER.fullmatch(value.strip()):
        return value.strip()
    raise must_be("a member id of Slack such as U024BE7LH, not a name")


def address(value: object) -> str:
    """Read an e-mail address."""
    if isinstance(value, str) and _ADDRESS.fullmatch(value.strip()):
        return value.strip()
    raise must_be("an e-mail address")
