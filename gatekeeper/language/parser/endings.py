"""Say what is missing where a check stops too early (E308, E314).

Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.messages import Message
from gatekeeper.language.parser.build import phrase, span_of
from gatekeeper.language.parser.failure import open_bracket, possible
from gatekeeper.language.tree.syntax import Span

if TYPE_CHECKING:
    from gatekeeper.language.parser.failure import Failure
    from gatekeeper.language.parser.tokens import Token

_MISSING_AFTER = {
    "QUANTITY": "a collection is missing",
    "EVERY": "a collection is missing",
    "OF": "a group is missing",
    "IS": "filled, empty, true or false is missing",
    "LAST": "a length of time is missing",
    "NEXT": "a length of time is missing",
    "IN": "a list is missing",
    "INCLUDES_OF": "a list is missing",
}


def explain_end(failure: Failure) -> Message:
    """Say what the check still needs."""
    opening = open_bracket(failure)
    if opening is not None and failure.wanted & {"RPAR", "RSQB"} and _is_whole(failure):
        said = f'"{opening}" on this line is not closed.'
        return Message("E314", said, span_of(opening))
    last = failure.token(-1)
    if last is None:
        said = "the check ends too early; a condition is missing."
        return Message("E308", said, Span(0, 0))
    if last.type == "WITHIN":
        return within_which(failure, "14 days")
    said = f'the check ends too early; {_missing(failure)} after "{_shown(last)}".'
    return Message("E308", said, span_of(last))


def within_which(failure: Failure, length: str) -> Message:
    """Ask for last or next after it (E309); what changed can only lie behind us."""
    said = f'say "within last {length}" or "within next {length}".'
    if failure.kind(-2) == "CHANGED":
        said = f'say "changed within last {length}".'
    return Message("E309", said, failure.span(-1, 0))


def _is_whole(failure: Failure) -> bool:
    """Tell `count(contacts` from `count(`: nothing but the bracket is missing."""
    return failure.kind(-1) != "LPAR"


def _missing(failure: Failure) -> str:
    kind, before = failure.kind(-1), failure.kind(-2)
    if kind in _MISSING_AFTER:
        return _MISSING_AFTER[kind]
    if before == "BOUND":
        return "a collection is missing"
    if failure.wants_value:
        return "a condition is missing" if failure.wants_condition else _VALUE
    return f"{possible(failure)} is missing"


_VALUE = "a value is missing"


def _shown(token: Token) -> str:
    return str(token) if token.type in {"TEXT", "NAME"} else phrase(token)
