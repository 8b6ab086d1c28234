"""What is wrong with a check, and the frame in which a person reads it.

Pure. A message points into the text of one check; whoever knows where that text
stands in a file turns the span into a `Place` and calls `frame`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.language.tree.syntax import Span

LONGEST_LINE_SHOWN = 400
CHARACTERS_KEPT_BEFORE = 200


@dataclass(frozen=True, slots=True)
class Message:
    """One finding about a check: a sentence, where, and what could be pasted instead.

    Attributes:
        code: `E301`, `W401`; fixed for good, people search for it.
        span: Characters of the check that are meant.
        help: One line without the word "help:".
    """

    code: str
    text: str
    span: Span
    help: str | None = None
    is_warning: bool = False


class LineError(SetupError):
    """What is wrong with one line.

    Attributes:
        mistakes: At least one message, in the order of the text.
    """

    def __init__(self, mistakes: Sequence[Message]) -> None:
        super().__init__("\n".join(f"{each.code}: {each.text}" for each in mistakes))
        self.mistakes = tuple(mistakes)


class CheckSyntaxError(LineError):
    """A line cannot be read."""


class CheckError(LineError):
    """A line has mistakes in its names or types, all of them listed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a message points.

    Attributes:
        line: From 1.
        column: From 1, in characters.
        width: How many characters of `source_line` are meant; at least one caret is
            drawn.
        source_line: The line as it stands in the file, without its line end.
    """

    path: str
    line: int
    column: int
    width: int
    source_line: str


def frame(
    place: Place, code: str, text: str, help: str | None = None, *, warns: bool = False
) -> str:
    """Render a message with its source line and carets, without a line end.

    Args:
        place: Where it points.
        code: The message's code.
        text: The sentence.
        help: One line that can be pasted, if there is one.
        warns: Nothing is stopped by it.
    """
    level = "warning" if warns else "error"
    before, meant, after = map(printable, _cut(place))
    number = f"{place.line:>5}"
    lines = [
        f"{place.path}:{place.line}:{place.column}: {level} {code}: {printable(text)}",
        f"{number} | {before}{meant}{after}".rstrip(),
        f"{' ' * len(number)} | {_blank(before)}{'^' * max(1, _columns(meant))}",
    ]
    if help is not None:
        lines.append(f"  help: {printable(help)}")
    return "\n".join(lines)


def bare_word(word: str, span: Span, meaning: str = "text") -> Message:
    """Say that a word without quotes is no field (E316).

    Args:
        word: The word or words as written.
        span: Where they stand.
        meaning: What it may be instead: `stage`, `value` or `text`.
    """
    text = (
        f'{word} is not a field. If you mean the {meaning}, write "{word}" in quotes.'
    )
    return Message("E316", text, span)


def reserved_word(word: str, span: Span) -> Message:
    """Say that a word of the language cannot name a field (E318)."""
    text = (
        f'"{word}" is a word of the language; give the field another canonical name'
        " in fields.yaml."
    )
    return Message("E318", text, span)


def _cut(place: Place) -> tuple[str, str, str]:
    """Return what precedes, what is meant and what follows, of a line not too long."""
    line, start = place.source_line, min(place.column - 1, len(place.source_line))
    first = 0
    if len(line) > LONGEST_LINE_SHOWN:
        first = max(0, start - CHARACTERS_KEPT_BEFORE)
    line = line[first : first + LONGEST_LINE_SHOWN]
    start -= first
    end = start + place.width
    return line[:start], line[start:end], line[end:]


def printable(text: str) -> str:
    """Show control and bidi characters as a mark: no file steers a terminal."""
    return "".join(
        "\ufffd"
        if unicodedata.category(char) in {"Cc", "Cf", "Cs"} and char != "\t"
        else char
        for char in text
    )


def _blank(text: str) -> str:
    """Return white space as wide as `text`; a tab stays a tab."""
    return "".join("\t" if char == "\t" else " " * _columns(char) for char in text)


def _columns(text: str) -> int:
    """Count the columns of a terminal that `text` takes."""
    return sum(map(_column_count, text))


def _column_count(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
