"""Say what is wrong with a number: its unit, its commas, its currency (E306 to E312).

Pure.
"""

from __future__ import annotations

import re
from decimal import Decimal
from string import ascii_letters
from typing import TYPE_CHECKING

from gatekeeper.language.messages import Message
from gatekeeper.language.parser.endings import within_which
from gatekeeper.language.parser.failure import general, operand_end
from gatekeeper.language.parser.numbers import comma_number, currency_code
from gatekeeper.language.parser.words import not_understood
from gatekeeper.language.suggest import closest

if TYPE_CHECKING:
    from gatekeeper.language.parser.failure import Failure

_UNITS = ("hours", "days", "weeks", "months", "quarters", "years")
_SINGULAR = tuple(unit[:-1] for unit in _UNITS)
_NEVER_BUSINESS = frozenset((*_UNITS[2:], *_SINGULAR[2:]))
_UNIT_MEANT = {
    "business": "business days",
    "working": "business days",
    "workdays": "business days",
    "weekdays": "business days",
    "d": "days",
    "h": "hours",
    "hrs": "hours",
    "w": "weeks",
    "wks": "weeks",
    "mo": "months",
    "y": "years",
    "yrs": "years",
}
_NO_UNIT_LIKE = frozenset({"min", "mins", "minute", "minutes", "sec", "seconds"})
_IN_DIGITS = "write it as digits, such as 2."
_YEAR, _MONTH = re.compile("(?:19|20)[0-9]{2}"), re.compile("0[1-9]")
_LETTERS = ascii_letters
_BILLIONS = "billions"
_MAGNITUDES = {
    **dict.fromkeys(("k", "thousand", "grand", "tsd", "tausend"), "k"),
    **dict.fromkeys(("m", "million", "millions", "mn", "mio"), "m"),
    **dict.fromkeys(("mm", "mil", "mill", "mln"), "m"),
    **dict.fromkeys(("b", "bn", "billion", "billions", "bln", "mrd"), _BILLIONS),
}
_COUNTED = frozenset(
    {"character", "characters", "chars", "letters", "words", "times", "deals"}
)
"""What people count that has no unit here."""

_OF_A_PERSON = "a parameter has no fields; a deal has its owner, owner.name and so on."
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_LARGE = frozenset({"hundred", "thousand", "million", "dozen"})
_DIGITS = {word: number for number, word in enumerate(_ONES)} | {
    word: number * 10 for number, word in enumerate(_TENS, 2)
}


def mistaken_length(failure: Failure) -> Message | None:
    """E310 and E311: a number where a length of time stands, or an unknown unit."""
    if failure.kind() == "NUMBER" and failure.kind(-1) in {"LAST", "NEXT"}:
        if failure.kind(1) == "NAME":
            return _unknown_unit(failure, 0)
        number = failure.word()
        said = (
            f"{number} what? Write {number} days, {number} business days, 2 weeks ..."
        )
        return failure.say("E310", said)
    if failure.kind() == "NUMBER" and failure.kind(-1) == "WITHIN":
        if failure.kind(1) == "NAME":
            return _unknown_unit(failure, 0)
        return within_which(failure, f"{failure.word()} days")
    if failure.kind() == "NAME" and failure.kind(-1) == "NUMBER":
        return _word_after_number(failure)
    return None


def mistaken_number(failure: Failure) -> Message | None:
    """E306, E312 and what else a number may be written as elsewhere."""
    if failure.kind() in {"COMMA", "ODD_NUMBER"}:
        return _with_comma(failure)
    if failure.kind() == "NUMBER" and failure.kind(-2) == "COMPARE":
        code = failure.word(-1)
        if len(code) == 3 and code.isalpha() and code.isupper():
            return currency_code(failure.span(-1, 0), failure.currency)
    if failure.kind(-1) == "BOUND":
        return _number_word(failure)
    return None


def mistaken_character(failure: Failure) -> Message | None:
    """E300: a sign without a meaning here, or a number in an odd spelling."""
    token = failure.token()
    if token is None or token.type not in {"ODD", "ODD_NUMBER"}:
        return None
    if failure.word() == "." and failure.wants_value and failure.kind(1) == "NUMBER":
        return general(failure, f"write 0.{failure.word(1)}.")
    if failure.word() == "." and failure.kind(1) == "ODD_NUMBER":
        return _with_letters(failure, f"{failure.word(-1)}.{failure.word(1)}")
    if token.type == "ODD":
        return general(failure, _odd_sign(failure))
    if failure.kind(-1) == "NUMBER" and len(token) == 3:
        return general(failure, f"write {failure.word(-1)}{token} without blanks.")
    if _MONTH.fullmatch(token) and _YEAR.fullmatch(failure.word(-2)):
        day = f"{failure.word(-2)}-{token}-01"
        return general(failure, f"a date has its day too, such as {day}.")
    return _with_letters(failure, token)


def _with_letters(failure: Failure, token: str) -> Message:
    """Say of `1mm`, `2.5bn` and `30days` what to write."""
    digits, rest = _parted(token)
    if rest.isalpha() and digits:
        if len(rest) == 3 and rest.isupper():
            return currency_code(failure.span(), failure.currency)
        if meant := _short(digits, rest):
            return general(failure, f"write {meant}.")
        if unit := _near_units(rest):
            return general(failure, f"write {digits} {unit[0]}.")
    return general(failure, "write numbers as 50000, 50_000, 50k or 1.5m.")


def _parted(token: str) -> tuple[str, str]:
    digits = token.rstrip(_LETTERS)
    return digits, token[len(digits) :]


def _short(number: str, word: str) -> str | None:
    """Write a number of millions: `2.5bn` is 2500m; None for another word."""
    letter = _MAGNITUDES.get(word.lower())
    if letter == _BILLIONS:
        return f"{(Decimal(number) * 1000).normalize():f}m"
    return f"{number}{letter}" if letter else None


def _odd_sign(failure: Failure) -> str:
    sign = failure.word()
    if sign in {"{", "}"} or sign + failure.word(1) == "${":
        return "names stand without braces, parameters after a $."
    if sign == "." and failure.kind(-1) == "PARAM":
        return _OF_A_PERSON
    return f'"{sign}" has no meaning here.'


def _word_after_number(failure: Failure) -> Message | None:
    word = failure.word().lower()
    if short := _short(failure.word(-1), word):
        return not_understood(failure.word(), failure.span(), f"write {short}.")
    if word in _COUNTED:
        alone = f"write {failure.word(-1)} alone."
        return not_understood(failure.word(), failure.span(), alone)
    if word in {"percent", "pct"}:
        share = f"{failure.word(-1)}%"
        return not_understood(failure.word(), failure.span(), f"write {share}.")
    is_unit = word == "business" or _near_units(word)
    if is_unit and failure.kind(-2) != "BOUND":
        return _unknown_unit(failure, -1)
    if failure.word().isalpha() and len(word) == 3 and failure.word().isupper():
        return currency_code(failure.span(-1, 0), failure.currency)
    return None


def _unknown_unit(failure: Failure, number: int) -> Message:
    """Say which word is no unit; `number` is the offset of the count before it."""
    unit = number + 1
    if failure.word(unit).lower() == "business" and failure.kind(unit + 1) == "NAME":
        unit += 1
        if failure.word(unit).lower() in _NEVER_BUSINESS:
            said = f'"business {failure.word(unit)}" is not a unit of time.'
            help_line = "only days and hours can be business days and business hours."
            return Message("E311", said, failure.span(unit - 1, unit), help_line)
    word = failure.word(unit)
    if word.lower() in (*_UNITS, *_SINGULAR):
        length = " ".join(map(failure.word, range(number, unit + 1)))
        said = f"{length} is not a length of time."
        help_line = "write a whole number in a smaller unit, such as 36 hours."
        return Message("E311", said, failure.span(number, unit), help_line)
    near = _near_units(word)
    help_line = f'did you mean "{near[0]}"?' if near else f"units: {', '.join(_UNITS)}."
    said = f'"{word}" is not a unit of time.'
    return Message("E311", said, failure.span(unit), help_line)


def _near_units(word: str) -> list[str]:
    plain = word.lower()
    if plain in _UNIT_MEANT:
        return [_UNIT_MEANT[plain]]
    if plain in _SINGULAR:
        return [plain]
    return [] if plain in _NO_UNIT_LIKE else closest(plain, _UNITS)


def _with_comma(failure: Failure) -> Message | None:
    place = failure.at if failure.kind() == "COMMA" else failure.at - 1
    if place < 1 or failure.tokens[place].type != "COMMA":
        return None
    first = failure.tokens[place - 1]
    if first.type != "NUMBER":
        return None
    return comma_number(failure.text, first.start_pos or 0)


def _number_word(failure: Failure) -> Message | None:
    """E312: the count of a quantifier in letters, or left out."""
    if failure.kind() != "NAME":
        return None
    count, words = _count_in_words(failure)
    if not words and failure.kind(1) in {"NAME", "OF"}:
        return failure.say("E312", f'"{failure.word()}" is no number.', _IN_DIGITS)
    if words and failure.word(words).lower() in _LARGE:
        in_words = failure.source(failure.at, failure.at + words + 1)
        said = f'"{in_words}" is a number in words.'
        return failure.say("E312", said, "write it as digits, such as 100.")
    start = failure.at + words
    end = operand_end(failure, start)
    if failure.kind(start - failure.at) == "NAME":
        end = start + 1
    rows = failure.source(start, min(end, start + 2)) or "contacts"
    bound = " ".join(failure.word(-1).lower().split())
    said = f"write the number as digits: {bound} {count} {rows}."
    return failure.say("E312", said)


def _count_in_words(failure: Failure) -> tuple[int, int]:
    """Return the number, two where none is written, and how many words it takes."""
    tens = _DIGITS.get(failure.word().lower())
    if tens is None:
        return 2, 0
    dash = int(failure.kind(1) == "MINUS")
    ones = _DIGITS.get(failure.word(1 + dash).lower(), 0)
    if tens >= 20 and 0 < ones < 10:
        return tens + ones, 2 + dash
    return tens, 1
