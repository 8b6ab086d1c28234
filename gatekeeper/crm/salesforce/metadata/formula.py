"""Read a validation rule's formula for what it keeps from ever being saved.

Pure. Only what holds of a record whenever it is read is taken over: a part that looks
at the change itself (`ISCHANGED`), at the user or at the clock says nothing, and
neither does one that our words cannot say exactly. Source: Salesforce help, "Formula
Operators and Functions", "Define Validation Rules" (the record is refused where the
formula is true; a comparison with a blank is not true).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.crm.salesforce.metadata.conditions import (
    Denied,
    Joined,
    Named,
    Part,
    Says,
    where_false,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Names = Callable[[str], "Named | None"]

DEEPEST = 40
"""Brackets in brackets: a formula of 5,000 characters needs no more."""
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<name>\$?[A-Za-z_][\w.]*)"
    r"|(?P<sign>&&|\|\||<>|!=|<=|>=|==|[-+*/^&=<>!(),]))"
)
_COMPARED = {"=": "=", "==": "=", "<>": "!=", "!=": "!="} | {
    sign: sign for sign in ("<", "<=", ">", ">=")
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NUMBERS = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PERCENT})
_SAME_EMPTY = _NUMBERS | {Kind.DATE, Kind.DATETIME, Kind.PICKLIST, Kind.USER}
"""Kinds of which empty means the same to both: a text may be a placeholder to us."""


Side = Part | Named | Decimal | str
"""What an operator joins; None too for a value that is worked out."""


def always_holds(formula: str, names: Names) -> list[str]:
    """Return what holds of every record that such a rule lets be saved.

    Args:
        formula: Of the rule: the record is refused where it is true.
        names: The field of the record for a name in the formula.

    Returns:
        Checks in the words of rules; none where nothing can be said.
    """
    reading = _Reading(_tokens(_COMMENT.sub(" ", formula)), names)
    try:
        part = _as_condition(reading.any_of())
    except _UnreadableError:
        return []
    return where_false(part) if reading.is_done else []


class _UnreadableError(Exception):
    """No formula as this module knows them."""


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return [("odd", text[at:])]
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        at = match.end()
    return found


# ---- what is compared --------------------------------------------------------------


def _as_condition(side: Side) -> Part:
    """Read a side that stands alone: a checkbox is a condition, another value none."""
    match side:
        case Says() | Joined() | Denied():
            return side
        case Named(name, Kind.YES_NO):
            return Says(f"{name} is true")
    return None


def _comparison(left: Side, sign: str, right: Side) -> Part:
    if isinstance(right, Named):
        left, right, sign = right, left, _MIRRORED.get(sign, sign)
    match left, right:
        case Named(of_record=True), Decimal() if right:
            return None
        case Named(name, Kind.PERCENT), Decimal():
            return Says(f"{name} {sign} {right * 100:f}%")
        case Named(name, kind), Decimal() if kind in _NUMBERS:
            return Says(f"{name} {sign} {right:f}")
        case Named(name, Kind.PICKLIST | Kind.STAGE), str() if sign in {"=", "!="}:
            return _chosen(name, sign, right)
    return None


def _chosen(name: str, sign: str, value: str) -> Part:
    if not value:
        return Says(f"{name} is {'empty' if sign == '=' else 'filled'}")
    return None if '"' in value else Says(f'{name} {sign} "{value}"')


def _called(name: str, arguments: Sequence[Side]) -> Side:
    match name, arguments:
        case (("AND" | "OR"), _):
            return Joined(name.lower(), tuple(map(_as_condition, arguments)))
        case "NOT", [one]:
            return Denied(_as_condition(one))
        case (("ISBLANK" | "ISNULL"), [Named(field, kind)]) if kind in _SAME_EMPTY:
            return Says(f"{field} is empty")
        case "ISPICKVAL", [Named(field), str(value)]:
            return _chosen(field, "=", value)
        case "TEXT", [Named(_, Kind.PICKLIST | Kind.STAGE) as field]:
            return field
    return None


# ---- reading -----------------------------------------------------------------------


class _Reading:
    """A formula being read from left to right."""

    def __init__(self, tokens: Sequence[tuple[str, str]], names: Names) -> None:
        self._tokens = tokens
        self._names = names
        self._at = 0
        self._depth = 0

    @property
    def is_done(self) -> bool:
        """Whether every word was read."""
        return self._at == len(self._tokens)

    def any_of(self) -> Side:
        """Read conditions joined by `||`; a value stands for itself."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise _UnreadableError
        found = self._joined("||", "or", lambda: self._joined("&&", "and", self._one))
        self._depth -= 1
        return found

    def _joined(self, sign: str, word: str, read: Callable[[], Side]) -> Side:
        parts = [read()]
        while self._take(sign):
            parts.append(read())
        if len(parts) == 1:
            return parts[0]
        return Joined(word, tuple(map(_as_condition, parts)))

    def _one(self) -> Side:
        denials = 0
        while self._take("!"):
            denials += 1
        left = self._side()
        for sign, ours in _COMPARED.items():
            if self._take(sign):
                left = _comparison(left, ours, self._side())
                break
        return Denied(_as_condition(left)) if denials % 2 else left

    def _side(self) -> Side:
        side = self._atom()
        while any(map(self._take, "+-*/^&")):
            self._atom()
            side = None
        return side

    def _atom(self) -> Side:
        if self.is_done:
            raise _UnreadableError
        kind, word = self._tokens[self._at]
        self._at += 1
        match kind:
            case "text":
                return None if "\\" in word else word[1:-1]
            case "number":
                return Decimal(word)
            case "name":
                return self._call(word) if self._take("(") else self._names(word)
        if word == "(":
            found = self.any_of()
            self._expect(")")
            return found
        if word == "-":
            self._atom()
            return None
        raise _UnreadableError

    def _call(self, name: str) -> Side:
        arguments: list[Side] = []
        if not self._take(")"):
            arguments.append(self.any_of())
            while self._take(","):
                arguments.append(self.any_of())
            self._expect(")")
        return _called(name.upper(), arguments)

    def _take(self, sign: str) -> bool:
        if self.is_done or self._tokens[self._at] != ("sign", sign):
            return False
        self._at += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise _UnreadableError
