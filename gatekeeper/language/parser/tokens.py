"""Cut the text of a check into words, numbers, texts and signs.

Pure, and total: every character that is no white space belongs to a token, so that a
mistake can always be pointed at. Words of several words (`on or before`) are one
token here, which keeps the grammar free of conflicts.
"""

from __future__ import annotations

import re

KEYWORDS = {
    "and": "AND",
    "or": "OR",
    "not": "NOT",
    "is": "IS",
    "in": "IN",
    "between": "BETWEEN",
    "before": "COMPARE",
    "after": "COMPARE",
    "contains": "TEXT_OPERATOR",
    "matches": "TEXT_OPERATOR",
    "includes": "INCLUDES",
    "within": "WITHIN",
    "last": "LAST",
    "next": "NEXT",
    "since": "SINCE",
    "some": "QUANTITY",
    "no": "QUANTITY",
    "exactly": "BOUND",
    "every": "EVERY",
    "of": "OF",
    "where": "WHERE",
    "has": "HAS",
    "empty": "STATE",
    "filled": "STATE",
    "true": "STATE",
    "false": "STATE",
    "today": "TODAY",
    "now": "NOW",
}

RESERVED = frozenset(KEYWORDS)
"""Words that cannot be the name of a field, a param or a define (E318)."""

_BLANKS = dict.fromkeys((0xA0, *range(0x2000, 0x200C), 0x202F, 0xFEFF), " ")
"""Blanks of typography, which come along when text is pasted, to plain ones."""


def _words(text: str) -> str:
    """Return the pattern of words that any white space may part."""
    return text.replace(" ", r"\s+")


_WHOLE = r"(?:0|[1-9][0-9]*(?:_[0-9]+)*)"
_NUMBER = rf"{_WHOLE}(?:\.[0-9]+)?[km]?"
_UNIT = r"(?:hours?|days?|weeks?|months?|quarters?|years?)"
_LENGTH = _words(rf"(?: business (?:hours?|days?)| {_UNIT})")
_WORD_END = r"(?![\w.])"
_PERIOD = r"(?:week|month|quarter|year)"

_OF_DIGITS = (
    ("DATE", r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ t][0-9]{2}:[0-9]{2})?(?![\w:-])"),
    ("ODD_DATE", r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[\w:]*"),
    ("ODD_DATE", r"(?:19|20)[0-9]{2}[./][0-9]{2}[./][0-9]{2}(?!\w)"),
    ("ODD_DATE", r"[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}(?!\w)"),
    ("DURATION", _WHOLE + _LENGTH + _WORD_END),
    ("PERCENT", rf"{_NUMBER}\s*%"),
    ("NUMBER", _NUMBER + r"(?!\w)"),
    ("ODD_NUMBER", r"[0-9][\w.]*"),
)
_OF_LETTERS = (
    ("COMPARE", _words("on or (?:before|after)") + _WORD_END),
    ("TEXT_OPERATOR", _words("(?:starts|ends) with") + _WORD_END),
    ("INCLUDES_OF", _words("includes (?:any|all|none) of") + _WORD_END),
    ("IN_PERIOD", _words(f"in (?:this|last|next) (?:fiscal )?{_PERIOD}") + _WORD_END),
    ("CHANGED", "changed(?=" + _words(" (?:within|since)") + _WORD_END + ")"),
    ("SINCE_MARK", _words("since (?:stage entry|creation)") + _WORD_END),
    ("BOUND", _words("at (?:least|most)") + _WORD_END),
    ("NAME", r"[a-z_]\w*(?:\.[a-z_]\w*)*"),
)
_OF_SIGNS = (
    ("LPAR", r"\("),
    ("RPAR", r"\)"),
    ("COMMA", ","),
    ("TYPED_QUOTE", "[\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b]"),
    ("TEXT", r""""[^"]*"|'[^']*'"""),
    ("OPEN_TEXT", r"""["']"""),
    ("PARAM", r"\$[a-z_]\w*"),
    ("WRONG_SIGN", r"!==|===?|=>|=<|=!|<>|&&|\|\||!(?!=)|[&|\u2260\u2264\u2265]"),
    ("COMPARE", r"!=|<=|>=|=|<|>"),
    ("PLUS", r"\+"),
    ("MINUS", "-"),
    ("TIMES", r"\*"),
    ("OVER", "/"),
    ("LSQB", r"\["),
    ("RSQB", r"\]"),
    ("ODD", "."),
)
_BY_START = (("(?=[a-z_])", _OF_LETTERS), ("(?=[0-9])", _OF_DIGITS), ("", _OF_SIGNS))
"""Patterns by how a word starts: of most none but its own are tried."""
_KINDS = ("", *(kind for _, patterns in _BY_START for kind, _ in patterns))
# ASCII: no letter of another script may pass as a keyword by ignoring case.
_SCANNER = re.compile(
    r"\s+|"
    + "|".join(
        f"{start}(?:{'|'.join(f'({pattern})' for _, pattern in patterns)})"
        for start, patterns in _BY_START
    ),
    re.IGNORECASE | re.ASCII | re.DOTALL,
)


class Token(str):
    """A word of a check, its kind, and its place in the text, the end exclusive."""

    __slots__ = ("end_pos", "start_pos", "type")

    type: str
    start_pos: int
    end_pos: int


def token_of(kind: str, text: str, start: int, end: int) -> Token:
    """Make a word of a kind, of the characters `start` to `end`."""
    token = Token(text)
    token.type = kind
    token.start_pos = start
    token.end_pos = end
    return token


def scan(text: str) -> list[Token]:
    """Return the tokens of a check in order, with their places."""
    tokens: list[Token] = []
    plain = text if text.isascii() else text.translate(_BLANKS)
    for match in _SCANNER.finditer(plain):
        number = match.lastindex
        if number is None:
            continue
        kind = _KINDS[number]
        start, end = match.span()
        # A quoted text keeps its own blanks; between the words of an operator they
        # are plain for all who split it.
        word = (text if kind == "TEXT" else plain)[start:end]
        if kind == "NAME":
            kind = KEYWORDS.get(word.lower(), kind)
        tokens.append(token_of(kind, word, start, end))
    return tokens
