"""What a formula says in the words of rules, and what holds where it is false. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Kind


@dataclass(frozen=True, slots=True)
class Named:
    """A field of the record, as rules call it.

    Attributes:
        of_record: An amount in the record's own currency, of which the org has several:
            a number in a formula is another amount for each of them, save 0.
    """

    name: str
    kind: Kind
    of_record: bool = False


@dataclass(frozen=True, slots=True)
class Says:
    """A condition in the words of rules."""

    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions of which all (`and`) or one (`or`) must hold."""

    word: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Denied:
    """The opposite of a condition."""

    part: Part


Part = Says | Joined | Denied | None
"""None where a part says nothing."""


def where_false(part: Part) -> list[str]:
    """Return what holds wherever a condition does not."""
    match part:
        case Joined("or", parts):
            return [each for inner in parts for each in where_false(inner)]
        case Denied(inner):
            return _where_true(inner)
    text = _text(part)
    return [] if text is None else [_opposite(part, text)]


def _where_true(part: Part) -> list[str]:
    """Return what holds wherever a condition does."""
    match part:
        case Joined("and", parts):
            return [each for inner in parts for each in _where_true(inner)]
        case Denied(inner):
            return where_false(inner)
    text = _text(part)
    return [] if text is None else [text]


def _opposite(part: Part, text: str) -> str:
    if isinstance(part, Says) and text.endswith(" is empty"):
        return text.removesuffix("empty") + "filled"
    return _not(text)


def _not(text: str) -> str:
    return f"not {text}" if text.startswith("(") else f"not ({text})"


def _text(part: Part) -> str | None:
    """Write a condition; None where a part of it says nothing."""
    match part:
        case Says(text):
            return text
        case Denied(inner):
            denied = _text(inner)
            return None if denied is None else _not(denied)
        case Joined(word, parts):
            texts = [_text(each) for each in parts]
            known = [each for each in texts if each is not None]
            return None if len(known) < len(texts) else f"({f' {word} '.join(known)})"
    return None
