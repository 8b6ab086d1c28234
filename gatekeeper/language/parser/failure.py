"""Where the grammar stopped: the words around the place and what could have come.

Pure; the ground that `mistakes` and `endings` stand on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.language.messages import Message
from gatekeeper.language.parser.build import end_of, span_of, start_of
from gatekeeper.language.parser.words import not_understood

if TYPE_CHECKING:
    from gatekeeper.language.parser.tokens import Token
    from gatekeeper.language.tree.syntax import Span

BOUNDARIES = frozenset(
    {"AND", "OR", "NOT", "WHERE", "HAS", "LPAR", "RPAR", "LSQB", "RSQB", "COMMA"}
)
_IN_WORDS = {
    "IS": '"is"',
    "IN": '"in [..]"',
    "BETWEEN": '"between"',
    "NOT": '"not"',
    "STATE": "filled, empty, true or false",
    "HAS": '"has"',
    "WHERE": '"where"',
    "OF": '"of"',
    "LSQB": 'a list such as ["A", "B"]',
    "LPAR": '"("',
    "RPAR": '")"',
    "RSQB": '"]"',
    "COMMA": '","',
    "AND": '"and"',
    "OR": '"or"',
    "WITHIN": '"within last"',
    "CHANGED": '"changed"',
    "LAST": '"last"',
    "NEXT": '"next"',
    "DURATION": "a length of time such as 14 days",
    "$END": "the end",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """The grammar read the words before `at` and has no use for the one there.

    Attributes:
        at: Place of the unexpected token in `tokens`; their number at the end.
        wanted: Kinds of token that could have come instead.
        currency: The project's currency, for E307.
    """

    text: str
    tokens: tuple[Token, ...]
    at: int
    wanted: frozenset[str]
    currency: str

    def token(self, offset: int = 0) -> Token | None:
        """Return the token so many places from the unexpected one, or None."""
        place = self.at + offset
        return self.tokens[place] if 0 <= place < len(self.tokens) else None

    def kind(self, offset: int = 0) -> str:
        """Return that token's kind, "" outside the text."""
        token = self.token(offset)
        return "" if token is None else token.type

    def word(self, offset: int = 0) -> str:
        """Return that token's text, "" outside the text."""
        return str(self.token(offset) or "")

    def span(self, first: int = 0, last: int | None = None) -> Span:
        """Return the characters of the tokens at two offsets, kept inside the text."""
        top = len(self.tokens) - 1
        start = self.tokens[min(max(self.at + first, 0), top)]
        end = self.at + (first if last is None else last)
        return span_of(start, self.tokens[min(max(end, 0), top)])

    def source(self, first: int, end: int) -> str:
        """Return the text of tokens `first` to `end` (exclusive), absolute places."""
        if first >= end:
            return ""
        return self.text[start_of(self.tokens[first]) : end_of(self.tokens[end - 1])]

    def say(self, code: str, text: str, help: str | None = None) -> Message:
        """Return a message about the unexpected token alone."""
        return Message(code, text, self.span(), help)

    @property
    def wants_value(self) -> bool:
        """Whether a field or a literal could have come."""
        return {"NAME", "NUMBER", "TEXT"} <= self.wanted

    @property
    def wants_condition(self) -> bool:
        """Whether a whole condition could have come."""
        return self.wants_value and "QUANTITY" in self.wanted


def operand_start(failure: Failure, end: int) -> int:
    """Return where the value that ends before token `end` begins (absolute places).

    A value goes back to the nearest `and`, comparison or open parenthesis.
    """
    level, place = 0, end
    while place > 0:
        kind = failure.tokens[place - 1].type
        if kind in {"RPAR", "RSQB"}:
            level += 1
        elif level and kind in {"LPAR", "LSQB"}:
            level -= 1
        elif not level and (kind in BOUNDARIES or kind == "COMPARE"):
            break
        place -= 1
    return place


def operand_end(failure: Failure, start: int) -> int:
    """Return the place after the value that starts at token `start`."""
    level, place = 0, start
    while place < len(failure.tokens):
        kind = failure.tokens[place].type
        if kind in {"LPAR", "LSQB"}:
            level += 1
        elif level and kind in {"RPAR", "RSQB"}:
            level -= 1
        elif not level and (kind in BOUNDARIES or kind == "COMPARE"):
            break
        place += 1
    return place


def open_bracket(failure: Failure) -> Token | None:
    """Return the innermost parenthesis or bracket that is still open."""
    opened: list[Token] = []
    for token in failure.tokens[: failure.at]:
        if token.type in {"LPAR", "LSQB"}:
            opened.append(token)
        elif token.type in {"RPAR", "RSQB"} and opened:
            opened.pop()
    return opened[-1] if opened else None


def possible(failure: Failure) -> str:
    """Say in words what could have come."""
    if failure.wants_value:
        return "a condition" if failure.wants_condition else "a value"
    if "COMPARE" in failure.wanted:
        return 'an operator such as "=", ">=" or "is filled"'
    ways = [words for kind, words in _IN_WORDS.items() if kind in failure.wanted]
    if "NAME" in failure.wanted:
        ways.insert(0, "a name")
    if len(ways) < 2:
        return "".join(ways) or "a number"
    return f"{', '.join(ways[:-1])} or {ways[-1]}"


def _quoted(word: str) -> str:
    return word if word[:1] in {'"', "'"} else f'"{word}"'


def general(failure: Failure, help_line: str | None = None) -> Message:
    """Say the general sentence, with what could have come."""
    token = failure.token()
    start = token.start_pos if token is not None else None
    before = f"after {_quoted(failure.word(-1))} comes"
    before = before if failure.at else "a check begins with"
    help_line = help_line or f"{before} {possible(failure)}."
    rest = failure.text[start or 0 :].strip()
    return not_understood(rest, failure.span(), help_line)
