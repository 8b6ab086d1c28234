"""From a character of a check to its place in the file, past YAML's quotes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.language.messages import Place
    from gatekeeper.language.tree.syntax import Span
    from gatekeeper.pack.source.nodes import Scalar

_ESCAPE_WIDTH = {"x": 4, "u": 6, "U": 10}


def place_of(scalar: Scalar, span: Span) -> Place:
    """Return where the characters of `span` stand in the file.

    A span at the end of the text points just behind its last character.
    """
    found = positions(scalar)
    last = len(found) - 1
    start = found[min(span.start, last)]
    end = found[min(span.end, last)]
    if 0 < span.end <= last:
        end = max(end if end - 1 == found[span.end - 1] else 0, found[span.end - 1] + 1)
    return scalar.source.place(start, max(end, start + 1))


def positions(scalar: Scalar) -> list[int]:
    """Return for each character of the text its index in the file, and the end's."""
    source, at = scalar.source.text, _first(scalar)
    found: list[int] = []
    for char in scalar.text:
        at = _seek(scalar, at, char)
        found.append(at)
        at += _width(scalar, source, at, char)
    found.append(min(at, max(scalar.end, scalar.start)))
    return found


def _first(scalar: Scalar) -> int:
    """Return where the text begins: behind the quote, or below the block's head."""
    if scalar.style in {"|", ">"}:
        head = scalar.source.text.find("\n", scalar.start)
        return scalar.end if head < 0 else head + 1
    return scalar.start + len(scalar.style)


def _seek(scalar: Scalar, at: int, char: str) -> int:
    """Skip the white space and line joints that YAML folded away before `char`."""
    source = scalar.source.text
    while at < scalar.end and not char.isspace():
        if scalar.style == '"' and source[at : at + 2] == "\\\n":
            at += 2
        elif source[at].isspace():
            at += 1
        else:
            break
    return min(at, scalar.end)


def _width(scalar: Scalar, source: str, at: int, char: str) -> int:
    """Return how many characters of the file stand for `char`."""
    here = source[at : at + 1]
    if scalar.style == '"' and here == "\\":
        return _ESCAPE_WIDTH.get(source[at + 1 : at + 2], 2)
    if scalar.style == "'" and char == "'":
        return 2
    if char.isspace() and here != char:
        return 0
    return 1
