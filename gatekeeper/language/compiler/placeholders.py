"""Texts that say nothing, such as "n/a" and "xxx", and texts as these are compared.

Pure (language A9): case, punctuation and repeated letters play no part.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY

if TYPE_CHECKING:
    from collections.abc import Set

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Empty

LONGEST_REMEMBERED = 80
"""How far a text is looked at that is remembered, so that no long one is kept."""
_NOT_LETTERS = re.compile(r"[\W_]+")
_REPEATED = re.compile(r"(.)\1+")


def text_of(value: str, ctx: Context) -> str | Empty:
    """Return a text without the blanks around it; empty where the project says so."""
    if len(value) <= LONGEST_REMEMBERED:
        return _short_text_of(value, ctx.placeholders)
    if _may_be_placeholder(value[:LONGEST_REMEMBERED], ctx.placeholders):
        return _text_of(value, ctx.placeholders)
    return value.strip() or EMPTY


def _text_of(value: str, placeholders: Set[str]) -> str | Empty:
    text = value.strip()
    is_placeholder = bool(placeholders) and reduced(text) in placeholders
    return EMPTY if is_placeholder or not text else text


_short_text_of = lru_cache(maxsize=8192)(_text_of)
"""Remembers short texts: the same ones are asked for by rule after rule."""


@lru_cache(maxsize=8192)
def _may_be_placeholder(beginning: str, placeholders: Set[str]) -> bool:
    """Whether a long text that begins so may be one, as 81 times "x" is."""
    letters = _letters(beginning)
    return any(each.startswith(letters) for each in placeholders)


def reduced(text: str) -> str:
    """Leave case, punctuation, blanks and repeated letters out of a text.

    A text of punctuation only keeps one of each sign.
    """
    folded = text.strip().casefold()
    return _letters(folded) or _REPEATED.sub(r"\1", "".join(folded.split()))


def _letters(text: str) -> str:
    return _REPEATED.sub(r"\1", _NOT_LETTERS.sub("", text.casefold()))


def reduced_words(text: str) -> tuple[str, str]:
    """Leave case, punctuation and repeated letters out of a text, but not its blanks.

    Returns:
        The text with nothing in place of a sign, and with a blank.
    """
    words = text.casefold().split()
    joined = " ".join(filter(None, (_NOT_LETTERS.sub("", word) for word in words)))
    spaced = _NOT_LETTERS.sub(" ", text.casefold()).strip()
    return _REPEATED.sub(r"\1", joined), _REPEATED.sub(r"\1", spaced)
