"""Keep secrets and terminal tricks out of texts that people and files will see.

Pure but for the list of known secrets, which only grows: a token that has expired
is still nobody's business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK = "[redacted]"
SHORTEST_SECRET = 4  # replacing shorter ones would blacken ordinary words
SHORTEST_LINE = 16  # of a key in PEM form, where "-----" lines are no secret

_WORDS = (
    "token|secret|password|passwd|authorization|assertion|session_?id|api_?key"
    "|private_?key|jwt_?key|credential|cookie"
)
_SECRET_NAME = re.compile(_WORDS, re.IGNORECASE)
_NAME = rf"(?:{_WORDS})[\w.-]{{0,40}}"
_PAIR = re.compile(
    rf"""(?P<name>{_NAME}\\?["']?\s{{0,9}}[=:]\s{{0,9}})(?!\s|Bearer\b|Basic\b)"""
    r"""(?:(?P<open>\\?["']).*?(?P=open)|[^\s,;&"'\\)}\]]+)""",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/!=-]+", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/:@]*):[^\s/@]+@")
_TRICKS = re.compile(
    r"[\x00-\x1f\x7f-\x9f"  # control characters, which drive a terminal
    r"\u2028\u2029"  # line ends that a reader of logs does not expect
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # text that runs backwards
)


class Redactor:
    """Replaces known secrets, and whatever stands where secrets stand."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings: set[str] = set()
        self._known: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def __repr__(self) -> str:
        return f"Redactor({len(self._spellings)} spellings)"

    def add(self, secret: str) -> None:
        """Never show `secret` again, however it is quoted or encoded."""
        self._spellings.update(_spellings(secret))
        longest_first = sorted(self._spellings, key=len, reverse=True)
        if longest_first:
            self._known = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """Return `text` without secrets; everything else stays as it is."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        text = _SCHEME.sub(rf"\1 {MASK}", text)
        text = _URL_PASSWORD.sub(rf"\1:{MASK}@", text)
        return _PAIR.sub(_without_value, text)

    def value(self, name: str, value: object, *, keep_lines: bool = False) -> object:
        """Return what may be logged of a named value, to any depth.

        Args:
            name: A name such as `access_token` hides the value whatever it is.
            value: Texts lose secrets, control and bidirectional characters.
            keep_lines: True for tracebacks, whose line ends are wanted.
        """
        if _SECRET_NAME.search(name) and value is not None:
            return MASK
        match value:
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {
                    _plain(self.text(str(key))): self.value(str(key), part)
                    for key, part in value.items()
                }
            case list() | tuple() | set() | frozenset():
                return [self.value(name, part) for part in value]
            case _:
                return _plain(self.text(str(value)), keep_lines=keep_lines)


def _spellings(secret: str) -> Iterator[str]:
    lines = [line for line in secret.splitlines() if not line.startswith("-----")]
    parts = [secret, *(line for line in lines if len(line) >= SHORTEST_LINE)]
    for part in parts:
        if len(part) >= SHORTEST_SECRET:
            yield part
            yield quote(part, safe="")
            yield quote_plus(part)
            yield json.dumps(part)[1:-1]
            yield json.dumps(part, ensure_ascii=False)[1:-1]
            yield repr(part)[1:-1]


def _without_value(pair: re.Match[str]) -> str:
    mark = pair["open"] or ""
    return f"{pair['name']}{mark}{MASK}{mark}"


def _plain(text: str, *, keep_lines: bool = False) -> str:
    def spelt(trick: re.Match[str]) -> str:
        if keep_lines and trick[0] in "\n\t":
            return trick[0]
        return trick[0].encode("unicode_escape").decode("ascii")

    return _TRICKS.sub(spelt, text)
