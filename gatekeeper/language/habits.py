"""Recognise what people write out of habit from SQL, spreadsheets and speech.

Pure. None of it is a form of the language; the help line names the form that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.build import phrase
from gatekeeper.language.failure import general, operand_end
from gatekeeper.language.suggest import closest

if TYPE_CHECKING:
    from gatekeeper.language.failure import Failure
    from gatekeeper.language.messages import Message

_OPERATOR_MEANT = {
    "like": "contains",
    "ilike": "contains",
    "has": "contains",
    "equal": "=",
    "equals": "=",
    "greater": ">",
    "more": ">",
    "over": ">",
    "above": ">",
    "less": "<",
    "under": "<",
    "below": "<",
    "isnt": "is not",
}
_OPERATORS = (
    *("is", "in", "between", "before", "after", "on or before", "on or after"),
    *("contains", "starts with", "ends with", "matches", "includes any of"),
    *("within last", "within next", "changed within last"),
)
_WHERE_MEANT = frozenset({"with", "having", "whose", "which", "that", "has", "when"})
_QUORUMS = ("any", "all", "none")


def other_language(failure: Failure) -> Message | None:
    """Say which form of ours is meant, if the habit is known."""
    for recognise in (_includes, _list, _rows, _operator):
        help_line = recognise(failure)
        if help_line is not None:
            return general(failure, help_line)
    return None


def _includes(failure: Failure) -> str | None:
    if failure.kind() != "INCLUDES":
        return None
    ways = ", ".join(f'"includes {quorum} of [..]"' for quorum in _QUORUMS)
    return f"write one of {ways}."


def _list(failure: Failure) -> str | None:
    if failure.kind() == "RSQB" and failure.kind(-1) == "LSQB":
        return "a list names at least one value."
    if failure.kind(-1) in {"IN", "INCLUDES_OF"}:
        return f"a list stands in brackets: {_listed(failure)}"
    if failure.kind(-1) == "NOT" and failure.kind() == "IN_PERIOD":
        return 'write "not" before the field.'
    return None


def _listed(failure: Failure) -> str:
    """Rewrite `("A", "B")` or `"A"` as a list."""
    end = operand_end(failure, failure.at)
    inside = failure.source(failure.at, end).strip()
    if inside.startswith("(") and inside.endswith(")"):
        inside = inside[1:-1].strip()
    return f"{phrase(failure.tokens[failure.at - 1])} [{inside or '..'}]"


def _rows(failure: Failure) -> str | None:
    if failure.kind() == "WHERE" and "WHERE" not in failure.wanted:
        return 'rows inside a "where" cannot be counted again; write two checks.'
    if "LPAR" in failure.wanted and failure.kind(-1) == "WHERE":
        return 'put the condition after "where" in parentheses.'
    if "WHERE" in failure.wanted and failure.word().lower() in _WHERE_MEANT:
        return f'write "where" instead of "{failure.word()}".'
    return None


def _operator(failure: Failure) -> str | None:
    if failure.kind() not in {"NAME", "HAS"} or "COMPARE" not in failure.wanted:
        return None
    word = failure.word().lower()
    if word in _OPERATOR_MEANT:
        return f'write "{_OPERATOR_MEANT[word]}".'
    if word in {"changed", "change"}:
        return 'say "changed within last 30 days".'
    near = closest(word, _OPERATORS)
    return f'did you mean "{near[0]}"?' if near else None
