"""Patterns of `matches` (RE2, linear time) and of `text_like`.

Pure; the only module that names google-re2.
"""

from __future__ import annotations

import re as standard
from functools import lru_cache

import re2

from gatekeeper.core.model import Unavailable

LONGEST_SUBJECT = 131_072
"""Characters of a value that a pattern looks at: no text of either CRM is longer
(Salesforce long text area; HubSpot keeps 65,536)."""
TOO_LONG = Unavailable(f"the text is longer than {LONGEST_SUBJECT:,} characters")

PatternError = re2.error


def _options(*, case_sensitive: bool) -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = case_sensitive
    options.max_mem = 1 << 18
    return options


_AS_WRITTEN = _options(case_sensitive=True)
_ANY_CASE = _options(case_sensitive=False)

_UNSUPPORTED = (
    ("(?<=", 'look-behind "(?<="'),
    ("(?<!", 'look-behind "(?<!"'),
    ("(?=", 'look-ahead "(?="'),
    ("(?!", 'look-ahead "(?!"'),
)
_BACK_REFERENCE = standard.compile(r"(?<!\\)(?:\\\\)*(\\[1-9])")

_SLOTS = {
    "text": r"\S(?:.*?\S)?",
    "number": r"[0-9]+(?:[.,][0-9]+)*",
    "MM/YY": r"(?:0[1-9]|1[0-2])/[0-9]{2}",
    "rest": r".*",
}


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, *, any_case: bool = False) -> re2._Regexp:
    """Compile a pattern.

    Raises:
        PatternError: RE2 does not take it.
    """
    return re2.compile(pattern, _ANY_CASE if any_case else _AS_WRITTEN)


def found_in(pattern: str, text: str) -> bool | Unavailable:
    """Whether the pattern occurs anywhere in the text.

    Of a text too long to be looked at whole only what no further character could
    change is said: a match that ends before the cut.
    """
    match = compile_pattern(pattern).search(_encodable(text))
    if len(text) <= LONGEST_SUBJECT:
        return match is not None
    return True if match and match.end() < LONGEST_SUBJECT else TOO_LONG


def unsupported_part(pattern: str) -> str | None:
    """Name the part that no pattern of linear time can have, if there is one."""
    for mark, words in _UNSUPPORTED:
        if mark in pattern:
            return words
    match = _BACK_REFERENCE.search(pattern)
    return f'the back-reference "{match.group(1)}"' if match else None


def first_misfit(parts: list[tuple[bool, str]], text: str) -> int | None:
    """Return which part of a text pattern the text does not fit first, or None.

    Args:
        parts: In order; each a slot (True) by name or a literal text.
        text: Compared whole, without case and repeated blanks.
    """
    pattern = ""
    subject = _folded(text)
    for place, (is_slot, part) in enumerate(parts):
        pattern += _SLOTS[part] if is_slot else _literal(part)
        if not _begins(pattern, subject):
            return place
    is_whole = _begins(rf"{pattern}\s*$", subject)
    return None if is_whole else max(len(parts) - 1, 0)


def _begins(pattern: str, subject: str) -> bool:
    """Whether the subject begins so; a pattern too large to hold fits nothing."""
    try:
        found = compile_pattern(rf"^\s*{pattern}", any_case=True)
    except PatternError:
        return False
    return found.search(subject) is not None


def _literal(text: str) -> str:
    words = r"\s+".join(re2.escape(word) for word in _encodable(text).split())
    before = r"\s*" if text[:1].isspace() else ""
    after = r"\s*" if text[-1:].isspace() else ""
    return f"{before}{words}{after}"


def _folded(text: str) -> str:
    return " ".join(_encodable(text).split())


def _encodable(text: str) -> str:
    """Cut a text, and replace what is no character of any script."""
    return text[:LONGEST_SUBJECT].encode("utf-8", "replace").decode()
