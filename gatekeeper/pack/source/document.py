"""The bytes of a file to nodes, read from the C loader's event stream. Pure.

Whatever could grow or hide (aliases, merges, tags, deep nesting, second documents)
stops the reading before anything is built from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from gatekeeper.language.messages import Place
from gatekeeper.pack.source.commas import parted
from gatekeeper.pack.source.nodes import Listing, Node, Scalar, Source, Table
from gatekeeper.pack.source.problems import ENOUGH, Problem
from gatekeeper.pack.source.traps import diagnose, not_allowed

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 20
MOST_VALUES = 60_000
"""So many keys, values and lists no file needs that a person wrote."""

_UNPRINTABLE = (
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    "|[\u202a-\u202e\u2066-\u2069]"  # they make a text read otherwise than it is
)
_UNPRINTABLE_ASCII = "[^\t\n\r\x20-\x7e]"
"""The same among the first 128 characters; the other takes long to compile."""


@dataclass(slots=True)
class Document:
    """One file as read; `root` is None where it could not be read."""

    source: Source
    root: Table | None = None
    problems: list[Problem] = field(default_factory=list)


def read_document(path: str, raw: bytes) -> Document:
    """Read one file; every mistake becomes a problem with its place."""
    text = decode(path, raw)
    if isinstance(text, Problem):
        return Document(Source(path, ""), None, [text])
    source = Source(path, text)
    builder = _Builder(source)
    try:
        builder.read()
    except _StopReading as stop:
        builder.problems.append(stop.problem)
        return Document(source, None, builder.problems)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(diagnose(source, error))
        return Document(source, None, builder.problems)
    return Document(source, _root(source, builder), builder.problems)


def _root(source: Source, builder: _Builder) -> Table | None:
    match builder.root:
        case Table() as table:
            return table
        case None:
            builder.problems.append(_empty(source))
        case Scalar(text="", style=""):
            builder.problems.append(_empty(source))
        case other:
            builder.problems.append(
                Problem(
                    other.place,
                    "E206",
                    "a file must be a mapping of keys and values.",
                    "begin with: version: 1",
                )
            )
    return None


def _empty(source: Source) -> Problem:
    return Problem(
        source.at(0, 0),
        "E108",
        "the file is empty.",
        "start one with: gatekeeper init rules",
    )


def decode(path: str, raw: bytes) -> str | Problem:
    """Give the text of a file, or say why it is none."""
    start = Place(path, 1, 1, 1, "")
    if len(raw) > MOST_BYTES:
        return Problem(start, "E110", "the file is larger than 1 MiB.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _no_text(path, raw, error.start)
    found = _unprintable(text)
    if found is None:
        return text
    source = Source(path, text)
    code = f"U+{ord(found.group()):04X}"
    return not_allowed(source.place(found.start(), found.end()), code)


def _unprintable(text: str) -> re.Match[str] | None:
    return re.search(_UNPRINTABLE_ASCII if text.isascii() else _UNPRINTABLE, text)


def _no_text(path: str, raw: bytes, at: int) -> Problem:
    source = Source(path, raw.decode(errors="replace"))
    before = len(raw[:at].decode("utf-8-sig"))
    place = source.place(before, before + 1)
    byte = f"0x{raw[at]:02X}"
    text = f"the file is not UTF-8 text (byte {byte} on line {place.line})."
    return Problem(place, "E110", text)


class _StopReading(Exception):  # noqa: N818  (it ends a loop, nothing went wrong)
    """Carries the mistake after which nothing more of the file is read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been read yet."""

    start: int
    is_table: bool
    nodes: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    """Turns events into nodes with a stack of its own."""

    source: Source
    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    documents: int = 0
    count: int = 0

    def read(self) -> None:
        readers: dict[type[yaml.Event], Callable[..., None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.SequenceStartEvent: self._begin,
            yaml.MappingStartEvent: self._begin,
            yaml.SequenceEndEvent: self._end,
            yaml.MappingEndEvent: self._end,
            yaml.AliasEvent: self._refuse,
            yaml.DocumentStartEvent: self._begin_document,
        }
        loader = yaml.CSafeLoader(self.source.text)
        for event in iter(loader.get_event, None):
            reader = readers.get(type(event))
            if reader is not None:
                reader(event)

    def _refuse(self, event: yaml.Event) -> None:
        start, end = _span(event)
        word = self.source.text[start:end].split()[0]
        place = self.source.place(start, start + len(word))
        is_prose = bool(place.source_line[place.column - 1 + len(word) :].strip())
        raise _StopReading(_no_anchors(place, _meant_by(word, is_prose=is_prose)))

    def _begin_document(self, event: yaml.Event) -> None:
        self.documents += 1
        if self.documents == 1:
            return
        start, _ = _span(event)
        place = self.source.place(start, start + 3)
        text = f"a file holds one document; the second starts on line {place.line}."
        raise _StopReading(Problem(place, "E109", text))

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        if event.anchor is not None or event.tag is not None:
            self._refuse(event)
        start, _ = _span(event)
        if len(self.stack) == MOST_DEPTH:
            text = f"this is nested more than {MOST_DEPTH} deep."
            place = self.source.place(start, start + 1)
            raise _StopReading(Problem(place, "E112", text))
        is_table = isinstance(event, yaml.MappingStartEvent)
        self.stack.append(_Open(start, is_table))

    def _end(self, event: yaml.Event) -> None:
        _, end = _span(event)
        done = self.stack.pop()
        if done.is_table:
            pairs = self._pairs(done.nodes)
            self._add(Table(pairs, self.source, done.start, end))
        else:
            self._add(Listing(tuple(done.nodes), self.source, done.start, end))

    def _add(self, node: Node) -> None:
        self.count += 1
        if self.count > MOST_VALUES:
            text = f"this file holds more than {MOST_VALUES:,} keys and values."
            advice = "divide it into several files."
            raise _StopReading(Problem(node.place, "E113", text, advice))
        if self.stack:
            self.stack[-1].nodes.append(node)
        else:
            self.root = node

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if event.anchor is not None or event.tag is not None:
            self._refuse(event)
        start, end = _span(event)
        if event.style == '"':
            self._refuse_hidden(event.value, start, end)
        self._add(Scalar(event.value, event.style or "", self.source, start, end))

    def _refuse_hidden(self, text: str, start: int, end: int) -> None:
        """Refuse what an escape in double quotes would bring in unseen."""
        found = _unprintable(text)
        if found is not None:
            place = self.source.place(start, end)
            code = f"U+{ord(found.group()):04X}"
            raise _StopReading(not_allowed(place, code))

    def _pairs(self, nodes: list[Node]) -> tuple[tuple[Scalar, Node], ...]:
        pairs: dict[str, tuple[Scalar, Node]] = {}
        again: list[Scalar] = []
        before: Node | None = None
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise _StopReading(
                    Problem(key.place, "E100", "a key must be text, not a collection.")
                )
            if key.text == "<<" and not key.style:
                raise _StopReading(_no_anchors(key.place))
            if key.text[0:1].isdigit() and (cut := parted(before, key, value)):
                self.problems.append(cut)
            elif key.text in pairs:
                again.append(key)
            else:
                pairs[key.text] = (key, value)
            before = value
        self.problems.extend(_twice(key, pairs) for key in again[:ENOUGH])
        return tuple(pairs.values())


def _span(event: yaml.Event) -> tuple[int, int]:
    """Return where an event begins and ends; the C loader always says."""
    return event.start_mark.index, event.end_mark.index  # type: ignore[union-attr]


def _no_anchors(place: Place, advice: str = "") -> Problem:
    return Problem(
        place,
        "E106",
        "YAML anchors, aliases, merges and tags are not used in rule files.",
        advice or 'share conditions with "define" and numbers with "params".',
    )


def _meant_by(word: str, *, is_prose: bool) -> str:
    """Return what is meant where nothing was to be shared; "" where something was."""
    if word.startswith("!") and not word.startswith("!!"):
        return '"!" is written "not" here; a text that begins with it goes in quotes.'
    if word.startswith("*") and is_prose:
        return "a text that begins with * & or ! goes in quotes."
    return ""


def _twice(key: Scalar, pairs: dict[str, tuple[Scalar, Node]]) -> Problem:
    first, _ = pairs[key.text]
    _, owner = pairs.get("id", (None, None))
    whose = f" in rule {owner.text}" if isinstance(owner, Scalar) else ""
    advice = "keep one."
    if key.text in {"require", "when", "unless"}:
        advice = (
            f'keep one; to ask for several things write a list under one "{key.text}".'
        )
    return Problem(
        key.place,
        "E102",
        f'"{key.text}" is written twice{whose} (first on line {first.place.line}).',
        advice,
    )
