"""The cells of a spreadsheet that a file of the pack names, each with its place."""

from __future__ import annotations

import csv
import io
import posixpath
from typing import TYPE_CHECKING

from gatekeeper.pack.source.document import decode
from gatekeeper.pack.source.folder import raw_of
from gatekeeper.pack.source.nodes import Scalar, Source
from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.pack.source.read import Reader

MOST_CELLS = 20_000


def spreadsheet(
    reader: Reader, folder: Path, entry: Scalar, key: str
) -> list[list[Scalar]] | None:
    """Read the lines of a file of comma-separated cells; one of blanks is none.

    Args:
        reader: Takes the mistakes.
        folder: Where the file lies that names it.
        entry: The name as written.
        key: The key under which it is written.

    Returns:
        The cells line by line, or None where there is no such table.
    """
    path = folder / entry.text
    if not _is_there(path):
        text = f'"{key}: {entry.text}" was not found next to this file.'
        reader.say(entry.place, "E211", text)
        return None
    label = posixpath.join(posixpath.dirname(entry.source.path), entry.text)
    raw = raw_of(path, label := posixpath.normpath(label))
    found = decode(label, raw) if isinstance(raw, bytes) else raw
    if isinstance(found, Problem):
        reader.note(found)
        return None
    try:
        lines = [*_cells(Source(label, found))]
    except csv.Error as error:
        text = f"{entry.text} is no table of comma-separated cells ({error})."
        reader.say(entry.place, "E110", text)
        return None
    return [line for line in lines if any(cell.text for cell in line)]


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file can have
        return False


def _cells(source: Source) -> Iterator[list[Scalar]]:
    """Give the cells line by line, each found again in the text for its place."""
    cursor = 0
    count = 0
    for record in csv.reader(io.StringIO(source.text, newline="")):
        count += len(record)
        if count > MOST_CELLS:
            message = f"it has more than {MOST_CELLS:,} cells"
            raise csv.Error(message)
        line: list[Scalar] = []
        for text in record:
            start = source.text.find(text, cursor) if text else cursor
            start = cursor if start < 0 else start
            line.append(Scalar(text, "", source, start, start + len(text)))
            cursor = min(start + len(text) + 1, len(source.text))
        yield line
