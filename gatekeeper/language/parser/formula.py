"""Recognise functions of Salesforce formulas and say how a check writes them (E304).

Pure. People bring conditions from validation rules; the answer is the same condition
in our words, ready to paste, the functions inside it rewritten too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.language.messages import Message
from gatekeeper.language.parser.build import span_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.language.parser.tokens import Token

_ONE_CHECK_PER_CASE = 'write one check per case, each with its own "when"'
_TEMPLATES = {
    "ISBLANK": ("{0} is empty", "{0} is filled"),
    "ISNULL": ("{0} is empty", "{0} is filled"),
    "ISPICKVAL": ("{0} = {1}", "{0} != {1}"),
    "ISCHANGED": (
        "{0} changed within last 30 days",
        "not {0} changed within last 30 days",
    ),
    "INCLUDES": ("{0} includes any of [{1}]", "{0} includes none of [{1}]"),
    "CONTAINS": ("{0} contains {1}", "{0} not contains {1}"),
    "BEGINS": ("{0} starts with {1}", "{0} not starts with {1}"),
    "REGEX": ("{0} matches {1}", "{0} not matches {1}"),
    "PRIORVALUE": ("previous({0})",),
    "BLANKVALUE": ("coalesce({0}, {1})",),
    "NULLVALUE": ("coalesce({0}, {1})",),
    "LEN": ("length({0})",),
    "TEXT": ("{0}",),
    "VALUE": ("{0}",),
    "TODAY": ("today",),
    "NOW": ("now",),
    "CASE": (_ONE_CHECK_PER_CASE,),
    "IF": (_ONE_CHECK_PER_CASE,),
}
_JOINED = {"AND": " and ", "OR": " or "}
_MAY_CALL = frozenset({"TEXT_OPERATOR", "INCLUDES", "NAME", "TODAY", "NOW"})
_MAY_BEGIN = _MAY_CALL | {"NOT", *_JOINED}
_ENDS_OPERAND = frozenset(
    {"NAME", "PARAM", "NUMBER", "PERCENT", "TEXT", "DATE", "DURATION", "STATE"}
    | {"RPAR", "RSQB", "TODAY", "NOW", "IN_PERIOD", "SINCE_MARK"}
)


@dataclass(frozen=True, slots=True)
class _Use:
    """A formula function in a check: places count tokens.

    Attributes:
        first: Its name, or the `NOT` before it.
        name: Its name.
        last: Its closing parenthesis.
        arguments: First token and the one after the last, for each argument.
    """

    first: int
    name: int
    last: int
    arguments: tuple[tuple[int, int], ...]
    negated: bool


def formula_functions(text: str, tokens: Sequence[Token]) -> Iterator[Message]:
    """Say for each outermost function of a formula what to write instead."""
    place = 0
    while place < len(tokens):
        may_begin = tokens[place].type in _MAY_BEGIN
        use = _use_at(tokens, place) if may_begin else None
        if use is None:
            place += 1
            continue
        name = tokens[use.name]
        written = _rewritten(text, tokens, use)
        said = f"{name.upper()} is a Salesforce function; here: {written}."
        yield Message("E304", said, span_of(name))
        place = use.last + 1


def _use_at(tokens: Sequence[Token], place: int) -> _Use | None:
    """Return the use that begins at a token; `NOT(..)` around it belongs to it."""
    if tokens[place].type == "NOT":
        inner = place + 1
        wrapped = _kind(tokens, inner) == "LPAR"
        use = _plain_use(tokens, inner + wrapped)
        if use is None or len(_templates(tokens[use.name])) < 2:
            return None
        last = use.last + wrapped
        if wrapped and _kind(tokens, last) != "RPAR":
            return None
        return _Use(place, use.name, last, use.arguments, negated=True)
    return _plain_use(tokens, place)


def _plain_use(tokens: Sequence[Token], place: int) -> _Use | None:
    if _kind(tokens, place + 1) != "LPAR":
        return None
    word = tokens[place].upper()
    if word in _JOINED:
        is_function = not _follows_operand(tokens, place)
    else:
        is_function = _is_call(tokens, place) and word in _TEMPLATES
    if not is_function:
        return None
    arguments = _arguments(tokens, place + 2)
    return _Use(place, place, arguments[-1][1], arguments, negated=False)


def _is_call(tokens: Sequence[Token], place: int) -> bool:
    """Tell `CONTAINS(a, b)` from `a contains (b)`."""
    return tokens[place].type in _MAY_CALL and not _follows_operand(tokens, place)


def _follows_operand(tokens: Sequence[Token], place: int) -> bool:
    """Whether a value stands before a word, with or without a `not` between."""
    if place > 1 and tokens[place - 1].type == "NOT":
        place -= 1
    return place > 0 and tokens[place - 1].type in _ENDS_OPERAND


def _arguments(tokens: Sequence[Token], first: int) -> tuple[tuple[int, int], ...]:
    """Split at the commas of this level; the last one ends at its parenthesis."""
    found, start, level = [], first, 0
    for place in range(first, len(tokens)):
        kind = tokens[place].type
        is_parting = kind in {"COMMA", "RPAR"} or tokens[place] == ";"
        if level == 0 and is_parting:
            found.append((start, place))
            start = place + 1
            if kind == "RPAR":
                return tuple(found)
        level += {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}.get(kind, 0)
    return (*found, (start, len(tokens)))


def _templates(name: Token) -> tuple[str, ...]:
    return _TEMPLATES.get(name.upper(), ())


def _rewritten(text: str, tokens: Sequence[Token], use: _Use) -> str:
    arguments = [_source(text, tokens, *argument) for argument in use.arguments]
    word = tokens[use.name].upper()
    if word in _JOINED:
        return _JOINED[word].join(filter(None, arguments)) or (
            f'write "{word.lower()}" between the parts'
        )
    arguments += [""] * (2 - len(arguments))
    return _templates(tokens[use.name])[use.negated].format(*arguments).strip()


def _source(text: str, tokens: Sequence[Token], first: int, end: int) -> str:
    """Return the text of some tokens, functions in it rewritten."""
    pieces: list[str] = []
    place, shown = first, None
    while place < end:
        use = _use_at(tokens, place)
        token = tokens[place]
        if shown is not None:
            pieces.append(text[shown : token.start_pos])
        pieces.append(str(token) if use is None else _inner(text, tokens, use))
        place = place + 1 if use is None else use.last + 1
        shown = tokens[min(place, len(tokens)) - 1].end_pos
    return "".join(pieces)


def _inner(text: str, tokens: Sequence[Token], use: _Use) -> str:
    """Rewrite a function inside another; `and` inside `or` keeps its parentheses."""
    written = _rewritten(text, tokens, use)
    return f"({written})" if tokens[use.name].upper() in _JOINED else written


def _kind(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].type if place < len(tokens) else ""
