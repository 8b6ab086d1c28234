"""Formulas of validation rules, as far as a record and its change decide them.

A comparison with a blank is not true, and a record is refused only where the formula
is. What is not of this small part of the formula language (arithmetic, other records,
the user) cannot be read here. Source: Salesforce help, "Formula Operators and
Functions".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.sandbox.state import Row

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"[^\"\\]*\"|'[^'\\]*')|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||<>|!=|<=|>=|==|[=<>!(),]))"
)
_COMPARED: Mapping[str, Callable[[object, object], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,  # type: ignore[dict-item]
    "<=": operator.le,  # type: ignore[dict-item]
    ">": operator.gt,  # type: ignore[dict-item]
    ">=": operator.ge,  # type: ignore[dict-item]
}
DEEPEST = 40


class UnreadableError(Exception):
    """No formula of the part that is known here."""


@dataclass(frozen=True, slots=True)
class Saving:
    """A record about to be saved.

    Attributes:
        before: As it was; None for a new one.
        today: The day at the org's clock, as the wire writes it.
    """

    row: Row
    before: Row | None
    today: str


Formula = Callable[[Saving], object]
"""What it gives for a record; None where a blank leaves it open."""


@lru_cache(maxsize=256)
def read_formula(text: str, fields: frozenset[str]) -> Formula:
    """Return what a formula says of a record.

    Args:
        text: The formula.
        fields: The fields of its object.

    Raises:
        UnreadableError: It is beyond what is known here.
    """
    reading = _Reading(_tokens(_COMMENT.sub(" ", text)), fields)
    formula = reading.either()
    reading.expect("")
    return formula


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnreadableError(text[at:])
        found.append(match[0].strip())
        at = match.end()
    return found


class _Reading:
    """Goes through the tokens of one formula, from the loosest operator inwards."""

    def __init__(self, tokens: list[str], fields: frozenset[str]) -> None:
        self._tokens, self._at, self._depth = tokens, 0, 0
        self._fields = {name.casefold(): name for name in fields}

    def either(self) -> Formula:
        return self._joined("||", self._both, _any)

    def _both(self) -> Formula:
        return self._joined("&&", self._test, _all)

    def _joined(
        self,
        sign: str,
        part: Callable[[], Formula],
        join: Callable[[list[Formula]], Formula],
    ) -> Formula:
        parts = [part()]
        while self._take(sign):
            parts.append(part())
        return parts[0] if len(parts) == 1 else join(parts)

    def _test(self) -> Formula:
        if self._take("!"):
            return _not(self._test())
        left = self._value()
        sign = self._next()
        if sign not in _COMPARED:
            return left
        self._at += 1
        return _compare(_COMPARED[sign], left, self._value())

    def _value(self) -> Formula:
        if self._take("("):
            return self._inside()
        word = self._next()
        self._at += 1
        if word[:1] in {'"', "'"}:
            return _constant(word[1:-1])
        if word[:1].isdigit():
            return _constant(float(word))
        if self._take("("):
            return self._call(word.upper())
        if word.upper() in _WORDS:
            return _constant(_WORDS[word.upper()])
        return _field(self._field(word))

    def _inside(self) -> Formula:
        self._depth += 1
        if self._depth > DEEPEST:
            raise UnreadableError("too deep")
        found = self.either()
        self.expect(")")
        self._depth -= 1
        return found

    def _call(self, name: str) -> Formula:
        if name in _OF_FIELD:
            made = _OF_FIELD[name](self._field(self._next()))
            self._at += 1
            self.expect(")")
            return made
        parts: list[Formula] = []
        while not self._take(")"):
            if parts:
                self.expect(",")
            parts.append(self.either())
        if name not in _OF_VALUES or len(parts) not in _ARITY.get(name, (len(parts),)):
            raise UnreadableError(name)
        return _OF_VALUES[name](parts)

    def _field(self, token: str) -> str:
        if token.casefold() not in self._fields:
            raise UnreadableError(token)
        return self._fields[token.casefold()]

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, token: str) -> bool:
        is_there = self._next() == token
        self._at += is_there
        return is_there

    def expect(self, token: str) -> None:
        if not self._take(token):
            raise UnreadableError(self._next())


def _constant(value: object) -> Formula:
    return lambda _saving: value


def _field(name: str) -> Formula:
    return lambda saving: saving.row[name]


def _compare(
    holds: Callable[[object, object], bool], left: Formula, right: Formula
) -> Formula:
    def compared(saving: Saving) -> object:
        one, other = left(saving), right(saving)
        if one is None or other is None:
            return None
        is_alike = isinstance(one, str) == isinstance(other, str)
        return holds(one, other) if is_alike else None

    return compared


def _any(parts: list[Formula]) -> Formula:
    def any_holds(saving: Saving) -> object:
        found = [part(saving) for part in parts]
        return True if True in found else None if None in found else False

    return any_holds


def _all(parts: list[Formula]) -> Formula:
    def all_hold(saving: Saving) -> object:
        found = [part(saving) for part in parts]
        return False if False in found else None if None in found else True

    return all_hold


def _not(part: Formula) -> Formula:
    def negated(saving: Saving) -> object:
        found = part(saving)
        return None if found is None else not found

    return negated


def _blank(parts: list[Formula]) -> Formula:
    return lambda saving: parts[0](saving) in {None, ""}


def _is_value(parts: list[Formula]) -> Formula:
    return lambda saving: (parts[0](saving) or "") == parts[1](saving)


def _contains(parts: list[Formula]) -> Formula:
    return lambda saving: str(parts[1](saving)) in str(parts[0](saving) or "")


def _length(parts: list[Formula]) -> Formula:
    return lambda saving: len(str(parts[0](saving) or ""))


def _today(_parts: list[Formula]) -> Formula:
    return lambda saving: saving.today


def _is_new(_parts: list[Formula]) -> Formula:
    return lambda saving: saving.before is None


def _text(parts: list[Formula]) -> Formula:
    return parts[0]


def _prior(name: str) -> Formula:
    return lambda saving: (saving.before or saving.row)[name]


def _changed(name: str) -> Formula:
    def has_changed(saving: Saving) -> object:
        before = saving.before
        return before is not None and before[name] != saving.row[name]

    return has_changed


_WORDS: Mapping[str, object] = {"TRUE": True, "FALSE": False, "NULL": None}
_OF_FIELD: Mapping[str, Callable[[str], Formula]] = {
    "ISCHANGED": _changed,
    "PRIORVALUE": _prior,
}
_OF_VALUES: Mapping[str, Callable[[list[Formula]], Formula]] = {
    "AND": _all,
    "OR": _any,
    "NOT": lambda parts: _not(parts[0]),
    "ISBLANK": _blank,
    "ISNULL": _blank,
    "ISPICKVAL": _is_value,
    "CONTAINS": _contains,
    "LEN": _length,
    "TEXT": _text,
    "TODAY": _today,
    "ISNEW": _is_new,
}
_ARITY = {
    **dict.fromkeys(("NOT", "ISBLANK", "ISNULL", "LEN", "TEXT"), (1,)),
    **dict.fromkeys(("ISPICKVAL", "CONTAINS"), (2,)),
    **dict.fromkeys(("TODAY", "ISNEW"), (0,)),
}
