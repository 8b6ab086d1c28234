"""What a YAML syntax error most likely means in a rule file. Pure.

The C loader's own words ("did not find expected key") help nobody who writes rules,
so the traps people fall into are recognised from the lines around the error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatekeeper.pack.source.indent import misplaced
from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    import yaml

    from gatekeeper.language.messages import Place
    from gatekeeper.pack.source.nodes import Scalar, Source

_LEAD = r"(?P<lead>\s*(?:-\s+)*(?:[\w ]+:\s+)?)"
_QUOTED_START = re.compile(
    _LEAD + r"(?P<value>(?P<quote>[\"'])(?:(?!(?P=quote)).)*(?P=quote)\s*[^\s#:,\]}].*)"
)
_LINE = re.compile(_LEAD + r"(?P<value>.*)")
_SHARING = re.compile(r"scanning an? (?:alias|anchor|tag|directive)")
_NO_DASH = re.compile(r"(?P<lead>\s*)-(?P<entry>\w+:\s.*)")
_NO_START = frozenset("@`%|>,-?:[]{}")
_NUMBERED = re.compile(r"#[0-9]")
_CLOSING = {"[": "]", "{": "}"}
LONGEST_SHOWN = 60


def diagnose(source: Source, error: yaml.MarkedYAMLError) -> Problem:
    """Say what is wrong in the words of rule writing."""
    mark = error.problem_mark or error.context_mark
    row = min(mark.line, len(source.lines) - 1) if mark else 0
    column = mark.column if mark else 0
    return (
        _tab(source, row)
        or _colon(source, row, column, error.problem or "")
        or _quote(source, row, error)
        or _sharing(source, row, column, error)
        or _dash(source, row)
        or _start(source, row, column)
        or _no_colon(source, error)
        or _escape(source, row, column, error.problem or "")
        or _open_quote(source, error)
        or _open_bracket(source, row, column, error)
        or misplaced(source, row)
        or _other(source, row, column, error.problem or "it cannot be read")
    )


def not_allowed(place: Place, character: str) -> Problem:
    """Refuse a character that YAML does not know."""
    return Problem(
        place, "E100", f"the character {character} is not allowed in a rule file."
    )


def _tab(source: Source, row: int) -> Problem | None:
    for number in (row, row - 1):
        if number < 0:
            continue
        line = source.lines[number]
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            return Problem(
                source.at(number, indent.index("\t")),
                "E101",
                "this line is indented with a tab; YAML allows only spaces.",
                "gatekeeper fmt FILE replaces them.",
            )
    return None


def _colon(source: Source, row: int, column: int, problem: str) -> Problem | None:
    if "mapping values are not allowed" not in problem:
        return None
    line = source.lines[row]
    found = _LINE.match(line)
    if found is None or found.end("lead") >= column:
        return None
    start = found.end("lead")
    return Problem(
        source.at(row, start, column - start),
        "E105",
        f'"{line[start:column]}" became a key because of the ": " inside the line.',
        _wrap(found["lead"], found["value"]),
    )


def _quote(source: Source, row: int, error: yaml.MarkedYAMLError) -> Problem | None:
    for number in (row, row - 1):
        found = _QUOTED_START.match(source.lines[number]) if number >= 0 else None
        if found is not None and error.problem:
            return Problem(
                source.at(number, found.start("value")),
                "E103",
                "a check may not begin with a quote character here, because YAML"
                " takes the quoted part as the whole text.",
                _wrap(found["lead"], found["value"]),
            )
    return None


def _sharing(
    source: Source, row: int, column: int, error: yaml.MarkedYAMLError
) -> Problem | None:
    if not _SHARING.search(error.context or ""):
        return None
    mark = error.context_mark
    at = (mark.line, mark.column) if mark else (row, max(column - 1, 0))
    return Problem(
        source.at(*at),
        "E106",
        "YAML anchors, aliases, merges and tags are not used in rule files.",
        "a text that begins with * & or ! goes in quotes.",
    )


def _dash(source: Source, row: int) -> Problem | None:
    """`-id: x`: the entry of a list that YAML takes for a key."""
    for number in (row, row - 1):
        found = _NO_DASH.match(source.lines[number]) if number >= 0 else None
        if found is not None:
            return Problem(
                source.at(number, found.end("lead")),
                "E100",
                'an entry of a list begins with "-" and a blank.',
                f"write - {found['entry'].rstrip()[:LONGEST_SHOWN]}",
            )
    return None


def _start(source: Source, row: int, column: int) -> Problem | None:
    """`title: @x`, `fix: [A] b`: a text that begins with a sign of YAML."""
    found = _LINE.match(source.lines[row])
    if found is None or found.end("lead") > column:
        return None
    value = found["value"]
    if value[:1] not in _NO_START:
        return None
    if value.startswith("- "):
        return _list(source, row, found["lead"], value)
    closing = _CLOSING.get(value[0])
    if closing and not value.partition(closing)[2].strip():
        return None
    return Problem(
        source.at(row, found.end("lead")),
        "E100",
        f'a text may not begin with "{value[0]}" unless it is quoted.',
        _wrap(found["lead"], value),
    )


def _list(source: Source, row: int, lead: str, value: str) -> Problem:
    return Problem(
        source.at(row, len(lead)),
        "E100",
        "a list begins on the line after its key.",
        f"write {lead.strip()} {value[2:].strip()}, or put each entry on a line of"
        " its own.",
    )


def _no_colon(source: Source, error: yaml.MarkedYAMLError) -> Problem | None:
    """`title Amount`, `title:Amount`: a key without the colon and blank after it."""
    mark = error.context_mark
    words = _from(source, mark).rstrip()
    if not (mark and words and "could not find expected ':'" in (error.problem or "")):
        return None
    key, _, value = words.replace(":", " ", 1).partition(" ")
    if _is_deeper(source, mark.line):
        meant = f"write {words.rstrip(':')}:"
        advice = f"{meant} or indent it deeper than the key above it."
    elif value.strip():
        advice = f"write {key}: {value.strip()}"
    else:
        advice = "a text that goes on is indented deeper than its key."
    text = "a key is followed by a colon and a blank, which are missing here."
    place = source.at(mark.line, mark.column, len(words))
    return Problem(place, "E100", text, advice[:LONGEST_SHOWN])


def _is_deeper(source: Source, row: int) -> bool:
    """Whether the next line is indented deeper than this one."""
    line, *rest = (*source.lines[row : row + 2], "")
    indents = [len(one) - len(one.lstrip()) for one in (line, rest[0])]
    return bool(rest[0].strip()) and indents[1] > indents[0]


def _escape(source: Source, row: int, column: int, problem: str) -> Problem | None:
    if "escape" not in problem:
        return None
    return Problem(
        source.at(row, column),
        "E100",
        'in double quotes a "\\" begins a code for another character, and this is'
        " none.",
        "put the text in single quotes: there it stands for itself.",
    )


def _open_quote(source: Source, error: yaml.MarkedYAMLError) -> Problem | None:
    mark = error.context_mark
    quote = _from(source, mark)[:1]
    if not (mark and quote and "quoted scalar" in (error.context or "")):
        return None
    return Problem(
        source.at(mark.line, mark.column),
        "E100",
        f"the text that starts with {quote} here is not closed.",
        f"put {quote} at its end, or leave out the first.",
    )


def _open_bracket(
    source: Source, row: int, column: int, error: yaml.MarkedYAMLError
) -> Problem | None:
    mark = error.context_mark
    opening = _from(source, mark)[:1]
    closing = _CLOSING.get(opening)
    if not (mark and closing and "parsing a flow" in (error.context or "")):
        return None
    if closing in source.lines[row][column:]:
        text = f'a comma is missing before this, or "{closing}" after the last value.'
        return Problem(source.at(row, column), "E100", text)
    text = f'"{opening}" on this line is not closed.'
    advice = f'put "{closing}" after the last value.'
    return Problem(source.at(mark.line, mark.column), "E100", text, advice)


def _from(source: Source, mark: yaml.Mark | None) -> str:
    """Return the rest of the line from where the loader points."""
    is_inside = mark is not None and mark.line < len(source.lines)
    return source.lines[mark.line][mark.column :] if mark and is_inside else ""


def _other(source: Source, row: int, column: int, problem: str) -> Problem:
    return Problem(
        source.at(row, min(column, len(source.lines[row]))),
        "E100",
        f"this is not valid YAML: {problem}.",
        "look at the indentation, quotes and brackets of this line and the one above.",
    )


def _wrap(lead: str, value: str) -> str:
    quoted = value.rstrip().replace("'", "''")
    return f"wrap the whole line in single quotes: {lead.strip()} '{quoted}'"


def colon_key(key: str, value: str) -> tuple[str, str]:
    """Word E105 for a list item that YAML turned into a mapping of one key."""
    whole = f"{key}: {value}".replace("'", "''")
    return (
        f'"{key}" became a key because of the ": " inside the line.',
        f"wrap the whole line in single quotes: - '{whole}'",
    )


def cut_by_comment(scalar: Scalar, what: str) -> Problem | None:
    """Explain a text that ends early by the comment behind it (E104)."""
    comment = comment_after(scalar)
    if comment is None:
        return None
    return Problem(
        comment,
        "E104",
        f'the text after "#" was dropped: YAML reads " #" as a comment, so {what}'
        f" ended at: {scalar.text}",
        "wrap the whole line in single quotes.",
    )


def cut_at_a_number(scalar: Scalar, what: str) -> Problem | None:
    """Say E104 of a text whose comment reads `#4`, which numbers something."""
    comment = comment_after(scalar)
    if comment is None or not _NUMBERED.match(
        comment.source_line[comment.column - 1 :]
    ):
        return None
    return cut_by_comment(scalar, what)


def comment_after(scalar: Scalar) -> Place | None:
    """Return where the comment stands that follows a text without quotes."""
    text = scalar.source.text
    end = text.find("\n", scalar.end)
    rest = text[scalar.end : end if end >= 0 else len(text)]
    if scalar.style or not rest.lstrip().startswith("#") or rest.startswith("#"):
        return None
    start = scalar.end + len(rest) - len(rest.lstrip())
    return scalar.source.place(start, start + len(rest.strip()))
