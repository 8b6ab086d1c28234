"""What a YAML syntax error most likely means in a rule file. Pure.

The C loader's own words ("did not find expected key") help nobody who writes rules,
so the traps people fall into are recognised from the lines around the error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    import yaml

    from gatekeeper.language.messages import Place
    from gatekeeper.pack.source.nodes import Source

_LEAD = r"(?P<lead>\s*(?:-\s+)*(?:[\w ]+:\s+)?)"
_QUOTED_START = re.compile(
    _LEAD + r"(?P<value>(?P<quote>[\"'])(?:(?!(?P=quote)).)*(?P=quote)\s*[^\s#:,\]}].*)"
)
_LINE = re.compile(_LEAD + r"(?P<value>.*)")
_SHARING = re.compile(r"scanning an? (?:alias|anchor|tag|directive)")


def diagnose(source: Source, error: yaml.MarkedYAMLError) -> Problem:
    """Say what is wrong in the words of rule writing."""
    mark = error.problem_mark or error.context_mark
    row = min(mark.line, len(source.lines) - 1) if mark else 0
    column = mark.column if mark else 0
    return (
        _tab(source, row)
        or _colon(source, row, column, error.problem or "")
        or _quote(source, row, error)
        or _sharing(source, row, column, error.context or "")
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


def _sharing(source: Source, row: int, column: int, context: str) -> Problem | None:
    if not _SHARING.search(context):
        return None
    return Problem(
        source.at(row, max(column - 1, 0)),
        "E106",
        "YAML anchors, aliases, merges and tags are not used in rule files.",
        "a text that begins with * & or ! goes in quotes.",
    )


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
