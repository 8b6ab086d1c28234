"""The traps of YAML that can be mended: tabs and missing quotes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.messages import CheckSyntaxError
from gatekeeper.language.parser.line import parse
from gatekeeper.pack.fmt.checks import quoted
from gatekeeper.pack.fmt.meaning import checks_of, cut_checks
from gatekeeper.pack.source.document import read_document

if TYPE_CHECKING:
    from gatekeeper.pack.source.document import Document
    from gatekeeper.pack.source.nodes import Scalar

MOST_REPAIRS = 100
TAB = "  "
_QUOTED = frozenset({"E103", "E105"})


def repair(path: str, text: str) -> str:
    """Mend what is certain; the rest stays for a message with its place."""
    for _ in range(MOST_REPAIRS):
        mended = _mended(read_document(path, text.encode()))
        if mended is None or mended == text:
            break
        text = mended
    return text


def _mended(document: Document) -> str | None:
    text = document.source.text
    if document.root is None:
        return _unreadable(document)
    for table in cut_checks(document.root):
        return _wrapped(text, table.pairs[0][0].start)
    for scalar in checks_of(document.root):
        if _is_swallowed(scalar):
            return _wrapped(text, scalar.start)
    return None


def _unreadable(document: Document) -> str | None:
    text, problem = document.source.text, document.problems[-1]
    if problem.code == "E101":
        return "\n".join(map(_without_tabs, text.split("\n")))
    if problem.code not in _QUOTED:
        return None
    lines = document.source.lines[: problem.place.line - 1]
    before = sum(len(line) + 1 for line in lines)
    return _wrapped(text, before + problem.place.column - 1)


def _without_tabs(line: str) -> str:
    body = line.lstrip(" \t")
    return line[: len(line) - len(body)].replace("\t", TAB) + body


def _wrapped(text: str, start: int) -> str:
    """Put the rest of a line, from `start` on, into single quotes."""
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    value = text[start:end].rstrip()
    return text[:start] + quoted(value, was_quoted=True) + text[start + len(value) :]


def _is_swallowed(scalar: Scalar) -> bool:
    """Whether a comment sign swallowed the end of a quoted text (E104)."""
    if scalar.style:
        return False
    rest = scalar.source.text[scalar.end :].partition("\n")[0]
    if not rest[:1].isspace() or not rest.lstrip().startswith("#"):
        return False
    try:
        parse(scalar.text)
    except CheckSyntaxError as error:
        return any(mistake.code == "E313" for mistake in error.mistakes)
    return False
