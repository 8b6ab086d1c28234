"""Look the words of a check over before its grammar is read.

Pure. What is wrong with a single word (a sign of another language, a date that does
not exist, an open quote) is said here, all of it at once; afterwards every word means
something, and only their order can still be wrong.
"""

from __future__ import annotations

import calendar
from itertools import pairwise
from typing import TYPE_CHECKING

from gatekeeper.language.messages import CheckSyntaxError, Message
from gatekeeper.language.parser.build import span_of
from gatekeeper.language.parser.formula import formula_functions
from gatekeeper.language.parser.literals import date_of, decimal_of, split_duration
from gatekeeper.language.parser.numbers import (
    MOST_DIGITS,
    apostrophe_number,
    currency_code,
    pointed_numbers,
)
from gatekeeper.language.parser.soql import soql_dates
from gatekeeper.language.parser.tokens import scan
from gatekeeper.language.tree.syntax import Span, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from gatekeeper.language.parser.tokens import Token

LONGEST_CHECK = 500
DEEPEST = 8
LONGEST_LIST = 50
MOST_CALCULATIONS = 50
HUNDRED_YEARS = {
    TimeUnit.HOURS: 876_600,
    TimeUnit.DAYS: 36_525,
    TimeUnit.WEEKS: 5_218,
    TimeUnit.MONTHS: 1_200,
    TimeUnit.QUARTERS: 400,
    TimeUnit.YEARS: 100,
}
CURRENCY_SIGNS = frozenset("$\u20ac\u00a3\u00a5\u20b9")

_MAY_BE_ODD = frozenset({"WRONG_SIGN", "DATE", "ODD_DATE", "DURATION"})
_MAY_BEGIN_ODD_PAIR = frozenset({"COMPARE", "NUMBER", "BOUND", "ODD"})
_SHORTER = 'split it into list items or name parts with "define".'
_SHORTER_LIST = 'declare the list under "params" and use its name with "$".'
_SINGLE_QUOTES = frozenset("\u2018\u2019\u201a\u201b")
_OWN_SIGN = {
    "==": "=",
    "===": "=",
    "<>": "!=",
    "!==": "!=",
    "\u2260": "!=",
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "!": "not",
}
_SHORT = {"isn": "is not", "aren": "is not", "doesn": "not", "don": "not"}
_TURNED_SIGN = {
    "=>": ">=",
    "=<": "<=",
    "=!": "!=",
    "\u2264": "<=",
    "\u2265": ">=",
}


def within_limits(text: str) -> list[Token]:
    """Return the tokens of a check that is not too long, deep or wide.

    The limits also bound how deep any later walk over the tree goes.

    Raises:
        CheckSyntaxError: E319.
    """
    if len(text) > LONGEST_CHECK:
        said = f"this check is {len(text)} characters long (limit {LONGEST_CHECK})."
        raise CheckSyntaxError([Message("E319", said, Span(0, len(text)), _SHORTER)])
    tokens = scan(text)
    if len(tokens) > DEEPEST and (found := _too_much(tokens)):
        raise CheckSyntaxError([found])
    return tokens


def _too_much(tokens: Sequence[Token]) -> Message | None:
    """Look closer only where there are words enough to be deep or wide."""
    count = [token.type for token in tokens].count
    levels = sum(map(count, ("LPAR", "LSQB", "NOT", "MINUS")))
    if levels > DEEPEST and (found := _too_deep(tokens)):
        return found
    if count("COMMA") >= LONGEST_LIST and (found := _too_wide(tokens)):
        return found
    return _too_many_signs(tokens) if len(tokens) > MOST_CALCULATIONS else None


def mistaken_words(text: str, tokens: Sequence[Token], currency: str) -> list[Message]:
    """Say everything that is wrong with single words, in the order of the text."""
    kinds = {token.type for token in tokens}
    if found := _wrong_quotes(text, tokens, kinds):
        return found
    mistakes: list[Message] = []
    longest = max(map(len, tokens), default=0)
    if not _MAY_BE_ODD.isdisjoint(kinds) or longest > MOST_DIGITS:
        mistakes += _odd_words(tokens)
    if not _MAY_BEGIN_ODD_PAIR.isdisjoint(kinds):
        mistakes += _odd_pairs(tokens, currency)
    if not text.islower():
        mistakes += soql_dates(text, tokens)
    if "NUMBER" in kinds and "." in text:
        mistakes += pointed_numbers(text, tokens)
    if "LPAR" in kinds:
        mistakes += formula_functions(text, tokens)
    return sorted(mistakes, key=lambda message: message.span.start)


def _wrong_quotes(
    text: str, tokens: Sequence[Token], kinds: Container[str]
) -> list[Message]:
    """Say what is wrong with quotes; where one is, other words are misread."""
    if "TYPED_QUOTE" in kinds:
        quotes = (token for token in tokens if token.type == "TYPED_QUOTE")
        return [_typed_quote(quote) for quote in quotes]
    if "'" in text:
        if shortened := list(_shortened(tokens)):
            return shortened
        if found := apostrophe_number(text, tokens):
            return [found]
    if "OPEN_TEXT" in kinds:
        token = next(token for token in tokens if token.type == "OPEN_TEXT")
        said = f"the text that starts with {token} here is not closed."
        return [Message("E313", said, span_of(token))]
    return []


def _too_deep(tokens: Sequence[Token]) -> Message | None:
    level = prefixes = 0
    for token in tokens:
        if token.type in {"LPAR", "LSQB"}:
            level += 1
        elif token.type in {"RPAR", "RSQB"}:
            level -= 1
        prefixes = prefixes + 1 if token.type in {"NOT", "MINUS"} else 0
        if level + prefixes > DEEPEST:
            said = f"this check is nested {level + prefixes} deep (limit {DEEPEST})."
            return Message("E319", said, span_of(token), _SHORTER)
    return None


def _too_wide(tokens: Sequence[Token]) -> Message | None:
    opened: list[tuple[Token, int]] = []
    for token in tokens:
        if token.type in {"LPAR", "LSQB"}:
            opened.append((token, 1))
        elif token.type == "COMMA" and opened:
            opened[-1] = (opened[-1][0], opened[-1][1] + 1)
        elif token.type in {"RPAR", "RSQB"} and opened:
            opening, count = opened.pop()
            if count > LONGEST_LIST:
                said = f"this list holds {count} values (limit {LONGEST_LIST})."
                return Message("E319", said, span_of(opening, token), _SHORTER_LIST)
    return None


def _too_many_signs(tokens: Sequence[Token]) -> Message | None:
    kinds = {"PLUS", "MINUS", "TIMES", "OVER"}
    signs = [token for token in tokens if token.type in kinds]
    if len(signs) <= MOST_CALCULATIONS:
        return None
    said = f"this check calculates {len(signs)} times (limit {MOST_CALCULATIONS})."
    return Message("E319", said, span_of(signs[0], signs[-1]), _SHORTER)


def _typed_quote(token: Token) -> Message:
    plain = "'" if token in _SINGLE_QUOTES else '"'
    said = f"{token} is a typographic quote, probably pasted from a document; use"
    return Message("E111", f"{said} {plain}.", span_of(token))


def _shortened(tokens: Sequence[Token]) -> Iterator[Message]:
    """Say of `isn't` how it is written; its apostrophe opens no text."""
    for word, rest in pairwise(tokens):
        is_joined = word.end_pos == rest.start_pos and rest[0] == "'"
        if is_joined and word.lower() in _SHORT:
            said = f'"{word}\'t" is written "{_SHORT[word.lower()]}" here.'
            yield Message("E302", said, Span(word.start_pos, word.end_pos + 2))


def _odd_words(tokens: Sequence[Token]) -> Iterator[Message]:
    for token in tokens:
        if found := _odd_word(token):
            yield found


def _odd_word(token: Token) -> Message | None:
    match token.type:
        case "WRONG_SIGN":
            return _wrong_sign(token)
        case "DATE":
            return impossible_date(token)
        case "ODD_DATE":
            said = f'"{token}" is not how a date is written here.'
            help_line = "write year-month-day with two digits each: 2026-12-31."
            return Message("E107", said, span_of(token), help_line)
        case "DURATION":
            return _too_long_ago(token)
        case "NUMBER" | "PERCENT" if _has_many_digits(token):
            return not_understood(str(token), span_of(token), "at most 18 digits.")
    return None


def _has_many_digits(token: Token) -> bool:
    return len(token) > MOST_DIGITS and sum(map(str.isdigit, token)) > MOST_DIGITS


def _wrong_sign(token: Token) -> Message:
    if token in _OWN_SIGN:
        said = f'"{token}" is written "{_OWN_SIGN[token]}" here.'
        return Message("E302", said, span_of(token))
    said = f'"{token}" is not an operator.'
    return Message(
        "E301", said, span_of(token), f'did you mean "{_TURNED_SIGN[token]}"?'
    )


def impossible_date(token: Token) -> Message | None:
    """Say that there is no such day or time (E107)."""
    try:
        date_of(token)
    except ValueError:
        year, month, day = (int(part) for part in token[:10].split("-"))
        why = ""
        if not 1 <= month <= 12:
            why = f" (there is no month {month})"
        elif year and not 1 <= day <= calendar.monthrange(year, month)[1]:
            days = calendar.monthrange(year, month)[1]
            why = f" ({calendar.month_name[month]} has {days} days)"
        what = "a date and time" if len(token) > 10 and not why else "a date"
        return Message("E107", f"{token} is not {what}{why}.", span_of(token))
    return None


def _too_long_ago(token: Token) -> Message | None:
    digits = token.split()[0]
    if len(digits) <= MOST_DIGITS:
        count, _business, unit = split_duration(token)
        if count <= HUNDRED_YEARS[unit]:
            return None
    help_line = "a length of time is at most 100 years."
    return not_understood(str(token), span_of(token), help_line)


def not_understood(rest: str, span: Span, help_line: str) -> Message:
    """Say the general sentence, with the text from where it is unclear (E300)."""
    rest = " ".join(rest.split())
    shown = rest if len(rest) <= 40 else rest[:37] + "..."
    return Message(
        "E300", f'this is not understood from here: "{shown}"', span, help_line
    )


_STATES = {"=": '"is empty"', "!=": '"is filled"', ">": '"is filled"'}
"""What is meant by a comparison with nothing; of the others that is open."""


def _is_nothing(token: Token) -> bool:
    """Whether it is `null`, or a text of nothing."""
    return token.lower() == "null" or (token.type == "TEXT" and not token[1:-1].strip())


def _odd_pairs(tokens: Sequence[Token], currency: str) -> Iterator[Message]:
    for first, second in pairwise(tokens):
        if first.type not in _MAY_BEGIN_ODD_PAIR:
            continue
        if found := _odd_pair(first, second, currency):
            yield found


def _odd_pair(first: Token, second: Token, currency: str) -> Message | None:
    if first in CURRENCY_SIGNS and second.type in {"NUMBER", "ODD_NUMBER"}:
        return currency_code(span_of(first, second), currency)
    if first.type == "NUMBER" and second in CURRENCY_SIGNS:
        return currency_code(span_of(first, second), currency)
    if first.type == "COMPARE" and _is_nothing(second):
        state = _STATES.get(first, '"is filled" or "is empty"')
        said = f'write {state} instead of "{first} {second}".'
        order = None if first in {"=", "!="} else "nothing is more or less than empty."
        return Message("E303", said, span_of(first, second), order)
    if first.type == "BOUND" and second.type == "NUMBER" and decimal_of(second) % 1:
        said = f"{second} is not a whole number."
        return Message("E312", said, span_of(second), "write a whole number.")
    return None
