"""Say what is wrong where the order of the words makes no sense (E300 to E318).

Pure. Each function looks for one kind of mistake and gives its message or None; the
first that recognises its own speaks, the general sentence (E300) comes last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.messages import Message, bare_word, reserved_word
from gatekeeper.language.parser.build import phrase, span_of
from gatekeeper.language.parser.endings import explain_end, within_which
from gatekeeper.language.parser.failure import (
    general,
    open_bracket,
    operand_end,
    operand_start,
)
from gatekeeper.language.parser.habits import operator_meant, other_language
from gatekeeper.language.parser.idioms import idiom
from gatekeeper.language.parser.lengths import (
    mistaken_character,
    mistaken_length,
    mistaken_number,
)
from gatekeeper.language.parser.tokens import RESERVED
from gatekeeper.language.suggest import closest

if TYPE_CHECKING:
    from gatekeeper.language.parser.failure import Failure
    from gatekeeper.language.parser.tokens import Token

_STATES = ("filled", "empty", "true", "false")
_STATE_MEANT = {
    "blank": "empty",
    "none": "empty",
    "missing": "empty",
    "unknown": "empty",
    "known": "filled",
    "set": "filled",
    "present": "filled",
    "yes": "true",
    "no": "false",
}
_COMPARABLE = frozenset({"TEXT", "NUMBER", "PERCENT", "DATE", "TODAY", "NOW", "PARAM"})
_CONNECTIVES = frozenset({"AND", "OR", "NOT"})
_AFTER_A_NAME = frozenset({"", "AND", "OR", "WHERE", "COMMA", "RPAR", "RSQB"})
_OPERATORS = frozenset(
    {"COMPARE", "IS", "IN", "BETWEEN", "TEXT_OPERATOR", "INCLUDES", "INCLUDES_OF"}
    | {"WITHIN", "CHANGED", "IN_PERIOD"}
)


def explain(failure: Failure) -> Message:
    """Say what is wrong at the unexpected word."""
    if failure.token() is None:
        return explain_end(failure)
    for recognise in _KINDS_OF_MISTAKE:
        found = recognise(failure)
        if found is not None:
            return found
    return general(failure)


def _tail_without_parentheses(failure: Failure) -> Message | None:
    """E315: a `where` or `every` inside a larger condition."""
    first = _tail_start(failure)
    if first is None or first == 0:
        return None
    before = failure.tokens[first - 1]
    if before.type not in _CONNECTIVES:
        return None
    unclear = _next_connective(failure) or before
    part = phrase(failure.tokens[first])
    said = (
        f'put the part from "{part}" in parentheses; otherwise it is unclear what'
        f' "{unclear.lower()}" belongs to.'
    )
    return Message("E315", said, span_of(failure.tokens[first], failure.tokens[-1]))


def _next_connective(failure: Failure) -> Token | None:
    """Return the next `and` or `or` that stands in no parentheses."""
    level = 0
    for token in failure.tokens[failure.at :]:
        level += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        if level == 0 and token.type in {"AND", "OR"}:
            return token
    return None


def _tail_start(failure: Failure) -> int | None:
    """Return the place of the quantifier whose tail stands here."""
    if failure.kind(-1) == "EVERY" and failure.kind() == "NAME":
        return failure.at - 1
    if failure.kind() != "WHERE" or failure.kind(-1) != "NAME":
        return None
    for offset, kind in ((-2, "QUANTITY"), (-3, "BOUND")):
        if failure.kind(offset) == kind:
            return failure.at + offset
    return None


def _chained(failure: Failure) -> Message | None:
    """E317: a second comparison right after the first."""
    if failure.kind() != "COMPARE":
        return None
    middle = operand_start(failure, failure.at)
    if middle in {0, failure.at} or failure.tokens[middle - 1].type != "COMPARE":
        return None
    sign = failure.tokens[middle - 1]
    left = operand_start(failure, middle - 1)
    end = operand_end(failure, failure.at + 1)
    values = (
        failure.source(left, middle - 1),
        failure.source(middle, failure.at),
        failure.source(failure.at + 1, end),
    )
    help_line = _unchained(values, phrase(sign), phrase(failure.tokens[failure.at]))
    span = span_of(failure.tokens[left], failure.tokens[end - 1])
    return Message("E317", "comparisons do not chain.", span, help_line)


def _unchained(values: tuple[str, str, str], first: str, second: str) -> str:
    low, value, high = values
    if not high:
        return "compare two values at a time."
    if first == second == "<=":
        return f"{value} between {low} and {high}"
    if first == second == ">=":
        return f"{value} between {high} and {low}"
    return f"{low} {first} {value} and {value} {second} {high}"


def _state(failure: Failure) -> Message | None:
    """E303 and E305: what stands after `is`."""
    if "STATE" not in failure.wanted:
        return None
    offset = -2 if failure.kind(-1) == "NOT" else -1
    negated = offset == -2
    word = failure.word()
    if word.lower() == "null":
        state = "is filled" if negated else "is empty"
        written = failure.source(failure.at + offset, failure.at + 1)
        said = f'write "{state}" instead of "{" ".join(written.split())}".'
        return Message("E303", said, failure.span(offset, 0))
    found = word if failure.kind() == "TEXT" else f'"{word}"'
    after = "is not" if negated else "is"
    said = f'after "{after}" comes filled, empty, true or false; found {found}.'
    return failure.say("E305", said, _meant_state(failure, negated=negated))


def _meant_state(failure: Failure, *, negated: bool) -> str | None:
    word = failure.word()
    if failure.kind() in _COMPARABLE:
        return f"to compare write {'!=' if negated else '='} {word}"
    if failure.kind() in _OPERATORS:
        return 'leave out "is".'
    if operator_meant(word):
        return f'write "{operator_meant(word)}" instead of "is {word}".'
    meant = _STATE_MEANT.get(word.lower()) or next(iter(closest(word, _STATES)), None)
    if meant or failure.kind() != "NAME":
        return f'did you mean "{meant}"?' if meant else None
    end = failure.at
    while end < len(failure.tokens) and failure.tokens[end].type == "NAME":
        end += 1
    words = failure.source(failure.at, end)
    return f'to compare write {"!=" if negated else "="} "{words}"'


def _compared_with_state(failure: Failure) -> Message | None:
    """`= empty`, `= true`, `= no`: states follow `is`."""
    word = failure.word().lower()
    if failure.kind(-1) != "COMPARE" or failure.word(-1) not in {"=", "!="}:
        return None
    if failure.kind() != "STATE" and word != "no":
        return None
    negated = failure.word(-1) == "!="
    if word in {"empty", "filled"}:
        state = _flip(word) if negated else word
        said = f'write "is {state}" instead of "{failure.word(-1)} {failure.word()}".'
        return Message("E303", said, failure.span(-1, 0))
    state = "false" if word == "no" else word
    state = _flip(state) if negated else state
    field = failure.source(operand_start(failure, failure.at - 1), failure.at - 1)
    said = f'{field} is yes/no; write "{field} is {state}".'
    return Message("E415", said, failure.span(-1, 0))


def _flip(state: str) -> str:
    return {"empty": "filled", "filled": "empty", "true": "false", "false": "true"}[
        state
    ]


def _within(failure: Failure) -> Message | None:
    """E309: `within` without last or next."""
    if failure.kind(-1) != "WITHIN":
        return None
    for offset in (0, 1):
        if failure.kind(offset) in {"DURATION", "PARAM"}:
            return within_which(failure, failure.word(offset))
    return within_which(failure, "14 days")


def _words_without_quotes(failure: Failure) -> Message | None:
    """E316: `stage = Closed Won`, two words where one name could stand."""
    if failure.kind() != "NAME" or failure.kind(-1) != "NAME":
        return None
    if failure.kind(-2) not in {"COMPARE", "TEXT_OPERATOR", "LSQB"}:
        return None
    first = end = failure.at - 1
    while end < len(failure.tokens) and failure.tokens[end].type == "NAME":
        end += 1
    span = span_of(failure.tokens[first], failure.tokens[end - 1])
    about = _compared(failure, first - 1).lower()
    meaning = "stage" if about in {"stage", "deal.stage"} else "text"
    return bare_word(failure.source(first, end), span, meaning)


def _compared(failure: Failure, end: int) -> str:
    """Return the value before the operator or list that begins at token `end`."""
    while failure.tokens[end - 1].type in {"IN", "NOT", "INCLUDES_OF"}:
        end -= 1
    return failure.source(operand_start(failure, end), end)


def _reserved(failure: Failure) -> Message | None:
    """E318: a word of the language where a name stands."""
    word = failure.word()
    if "NAME" not in failure.wanted or word.lower() not in RESERVED:
        return None
    is_named = failure.kind(1) in _OPERATORS and failure.kind() not in _CONNECTIVES
    stands_alone = failure.kind(1) in _AFTER_A_NAME and (
        failure.kind() not in _OPERATORS | _CONNECTIVES
    )
    if not is_named and not stands_alone:
        return None
    return reserved_word(word, failure.span())


def _unmatched(failure: Failure) -> Message | None:
    if failure.kind() not in {"RPAR", "RSQB"} or failure.wants_value:
        return None
    opening = {"RPAR": "(", "RSQB": "["}[failure.kind()]
    return general(failure, f'there is no "{opening}" that it closes.')


def _since(failure: Failure) -> Message | None:
    """E300: a date is held against a moment, and only a change happens since one."""
    if failure.kind() not in _MOMENTS or "COMPARE" not in failure.wanted:
        return None
    at = failure.at
    left = failure.source(operand_start(failure, at), at)
    end = operand_end(failure, at + 1)
    mark = " ".join(failure.word().casefold().split())
    moment = _MARKS.get(mark) or failure.source(at + 1, end)
    return general(failure, f"{left} on or after {moment}")


_MOMENTS = frozenset({"SINCE", "SINCE_MARK"})
_MARKS = {"since stage entry": "entered()", "since creation": "deal.created_at"}


def _semicolon(failure: Failure) -> Message | None:
    """`["A"; "B"]`: what some spreadsheets put between values."""
    if failure.word() != ";" or open_bracket(failure) is None:
        return None
    return general(failure, "write a comma between values.")


_KINDS_OF_MISTAKE = (
    _chained,
    _semicolon,
    _since,
    idiom,
    _tail_without_parentheses,
    _state,
    _compared_with_state,
    mistaken_length,
    _within,
    mistaken_number,
    _words_without_quotes,
    other_language,
    _reserved,
    _unmatched,
    mistaken_character,
)
