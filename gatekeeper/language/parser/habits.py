"""Recognise what people write out of habit from SQL, spreadsheets and speech.

Pure. None of it is a form of the language; the help line names the form that is.
"""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING

from gatekeeper.language.functions import AGGREGATES, FUNCTIONS
from gatekeeper.language.functions_history import HISTORY
from gatekeeper.language.parser.build import phrase
from gatekeeper.language.parser.failure import BOUNDARIES, general, operand_end
from gatekeeper.language.suggest import closest

if TYPE_CHECKING:
    from gatekeeper.language.messages import Message
    from gatekeeper.language.parser.failure import Failure

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
_JOINED_MEANT = {"und": "and", "et": "and", "y": "and", "plus": "and"} | dict.fromkeys(
    ("oder", "ou", "otherwise"), "or"
)
_ASKING = frozenset(
    {"COMPARE", "IS", "IN", "NOT", "BETWEEN", "TEXT_OPERATOR", "INCLUDES_OF", "WITHIN"}
    | {"IN_PERIOD", "CHANGED"}
)
_AFTER_A_LABEL = _ASKING - {"NOT"}
_SIGN_MEANT = {
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u00d7": "*",
    "\u00f7": "/",
}
_PARTED_SIGNS = frozenset({">=", "<=", "!="})
_AFTER_A_VALUE = frozenset(
    {"STATE", "COMPARE", "TEXT_OPERATOR", "IS", "IN", "BETWEEN", "WITHIN"}
    | {"INCLUDES_OF", "IN_PERIOD"}
)
_OF_DATES = ("date", "_on", "_at", "start", "end")
"""How the names of dates end."""
_YEAR = re.compile("(?:20|fy|fy20)[0-9]{2}")
_QUARTER = re.compile("q([1-4])")
_MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_QUORUMS = ("any", "all", "none")


def other_language(failure: Failure) -> Message | None:
    """Say which form of ours is meant, if the habit is known."""
    for recognise in (
        _again,
        _call,
        _period,
        _includes,
        _list,
        _rows,
        _where,
        _count,
        _joined,
        _parted_name,
        _operator,
        _sign,
    ):
        help_line = recognise(failure)
        if help_line is not None:
            return general(failure, help_line)
    return None


def operator_meant(word: str) -> str | None:
    """Return the operator that a word of speech stands for: `greater` is `>`."""
    return _OPERATOR_MEANT.get(word.lower())


def _again(failure: Failure) -> str | None:
    """`a is empty or filled`: a condition begins with its field."""
    is_joined = failure.kind(-1) in {"AND", "OR"}
    if is_joined and failure.wants_value and failure.kind() in _AFTER_A_VALUE:
        return f'write the field again after "{failure.word(-1).lower()}".'
    return None


def _call(failure: Failure) -> str | None:
    """`days_since created_on`: a function has its arguments in parentheses."""
    name = failure.word(-1).lower()
    is_function = name in FUNCTIONS or name in AGGREGATES or name in HISTORY
    if not is_function or failure.kind() not in {"NAME", "TEXT", "DATE", "PARAM"}:
        return None
    argument = failure.source(failure.at, operand_end(failure, failure.at))
    return f"write {name}({argument})."


def _period(failure: Failure) -> str | None:
    if failure.kind(-1) == "IN" and failure.word().lower() in {"this", "last", "next"}:
        return f'write "in {failure.word().lower()} week", month, quarter or year.'
    if failure.kind() not in {"LAST", "NEXT"} or not failure.wants_value:
        return None
    side = failure.word().lower()
    if failure.kind(1) == "DURATION":
        return f'write "within {side} {failure.word(1)}" after the field.'
    if failure.word(1).lower() in {"week", "month", "quarter", "year"}:
        return f'write "in {side} {failure.word(1)}" after the field.'
    return None


def _sign(failure: Failure) -> str | None:
    pair = failure.word(-1) + failure.word()
    if failure.kind() == failure.kind(-1) == "COMPARE" and pair in _PARTED_SIGNS:
        return f'write "{pair}" without the blank.'
    if failure.word() in _SIGN_MEANT:
        return f'write "{_SIGN_MEANT[failure.word()]}".'
    if failure.kind() == "COMMA" and not failure.wants_value:
        return "commas stand between the values of a list and in functions only."
    return None


def _includes(failure: Failure) -> str | None:
    if failure.kind() != "INCLUDES":
        return None
    ways = ", ".join(f'"includes {quorum} of [..]"' for quorum in _QUORUMS)
    return f"write one of {ways}."


def _list(failure: Failure) -> str | None:
    if failure.kind() == "RSQB" and failure.kind(-1) == "LSQB":
        return "a list names at least one value."
    if failure.kind(-1) == "IN" and (dates := _dates_of(failure)):
        return dates
    if failure.kind(-1) in {"IN", "INCLUDES_OF"}:
        return f"a list stands in brackets: {_listed(failure)}"
    return None


def _dates_of(failure: Failure) -> str | None:
    """`close_date in Q4`, `in 2026`: a date lies in a period or between two days."""
    name = failure.word(-2)
    word = failure.word().casefold()
    if failure.kind(-2) != "NAME" or not name.casefold().endswith(_OF_DATES):
        return None
    if _YEAR.fullmatch(word):
        year = word[-2:]
        return f"{name} between 20{year}-01-01 and 20{year}-12-31"
    if (quarter := _QUARTER.fullmatch(word)) is not None:
        last = 3 * int(quarter[1])
        return f"{name} in this quarter, or {name} {_between(last - 2, last)}"
    if word.isalpha() and word[:3] in _MONTHS:
        month = _MONTHS.index(word[:3]) + 1
        return f"{name} in this month, or {name} {_between(month, month)}"
    return None


def _between(first: int, last: int) -> str:
    """Write days from one month to another, of a year for example."""
    days = calendar.monthrange(2026, last)[1]
    return f"between 2026-{first:02}-01 and 2026-{last:02}-{days}"


def _listed(failure: Failure) -> str:
    """Rewrite `("A", "B")` or `"A", "B"` as a list; a bare word is a text."""
    first, end = failure.at, operand_end(failure, failure.at)
    while end < len(failure.tokens) and failure.tokens[end].type == "COMMA":
        end = operand_end(failure, end + 1)
    if failure.kind() == "LPAR":
        first, end = first + 1, end - (failure.tokens[end - 1].type == "RPAR")
    inside = failure.source(first, end).strip()
    words = failure.tokens[first:end]
    if any(each.type == "NAME" for each in words):
        texts = [each.strip().strip("\"'") for each in inside.split(",")]
        inside = ", ".join(f'"{text}"' for text in texts)
    return f"{phrase(failure.tokens[failure.at - 1])} [{inside or '..'}]"


def _rows(failure: Failure) -> str | None:
    if failure.kind() == "WHERE" and failure.kind(-1) == "NAME" and failure.at == 1:
        return f'write "some {failure.word(-1)} where ..".'
    before = {token.type for token in failure.tokens[: failure.at]}
    if failure.kind() == "WHERE" and "WHERE" in before:
        return 'rows inside a "where" cannot be counted again; write two checks.'
    if "LPAR" in failure.wanted and failure.kind(-1) == "WHERE":
        return 'put the condition after "where" in parentheses.'
    if "WHERE" in failure.wanted and failure.word().lower() in _WHERE_MEANT:
        return f'write "where" instead of "{failure.word()}".'
    return None


def _where(failure: Failure) -> str | None:
    """`some contacts role = ..`, `count(contacts, role = ..)`: "where" is missing."""
    if "WHERE" not in failure.wanted or "HAS" in failure.wanted:
        return None
    if failure.kind() == "COMPARE" and "." in failure.word(-1):
        rows, _, field = failure.word(-1).rpartition(".")
        return f"write {rows} where {field} {phrase(failure.tokens[failure.at])} ..."
    if failure.kind() == "COMPARE" and failure.kind(-2) == "COMMA":
        return f'write "where" instead of the comma before "{failure.word(-1)}".'
    is_asked = failure.kind() == "NAME" and failure.kind(1) in _ASKING
    is_condition = is_asked or (failure.kind() == "LPAR" and failure.kind(1) == "NAME")
    if failure.kind(-1) == "NAME" and is_condition:
        return f'write "where" before "{failure.word()}".'
    return None


def _count(failure: Failure) -> str | None:
    """`2 contacts where ..`: a number of rows has a bound."""
    is_first = failure.at == 1 or failure.kind(-2) in {"AND", "OR"}
    if failure.kind(-1) != "NUMBER" or failure.kind() != "NAME" or not is_first:
        return None
    return f'write "at least {failure.word(-1)} {failure.word()}".'


def _parted_name(failure: Failure) -> str | None:
    """`close date is filled`: the blank of a label; "next" begins no condition."""
    is_second = failure.kind() == "NAME" and failure.kind(-1) == "NAME"
    first = failure.at - 1 if is_second else failure.at
    is_first = first == 0 or failure.tokens[first - 1].type in BOUNDARIES
    if not is_first or not (is_second or failure.kind() in {"NEXT", "LAST"}):
        return None
    end = first + 1
    while end < len(failure.tokens) and failure.tokens[end].type == "NAME":
        end += 1
    asked = failure.tokens[end : end + 1]
    if end < first + 2 or not asked or asked[0].type not in _AFTER_A_LABEL:
        return None
    words = failure.tokens[first:end]
    if any(operator_meant(word) or {"_", "."} & set(word) for word in words):
        return None
    return f'a name has no blanks; did you mean "{"_".join(words).lower()}"?'


def _joined(failure: Failure) -> str | None:
    meant = _JOINED_MEANT.get(failure.word().lower())
    if meant and meant.upper() in failure.wanted:
        return f'write "{meant}".'
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
