"""The files of a demo org while they are written, a batch of lines at a time."""

from __future__ import annotations

import gzip
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING

import orjson

from gatekeeper.sandbox.seed_rows import Row, seeded_id

if TYPE_CHECKING:
    from io import BufferedIOBase
    from pathlib import Path
    from types import TracebackType
    from typing import Self

_PREFIXES = {
    "ContentDocument": "069",
    "ContentDocumentLink": "06A",
    "ContentVersion": "068",
    "EmailMessage": "02s",
    "Event": "00U",
    "OpportunityContactRole": "00K",
    "OpportunityFieldHistory": "017",
    "OpportunityHistory": "008",
    "OpportunityLineItem": "00k",
    "Task": "00T",
}
_BATCH = 256


class Folder:
    """The files of an org while they are written; gives each row its id."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self._files: dict[str, BufferedIOBase] = {}
        self._waiting: dict[str, list[bytes]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in self._waiting:
            self._flush(name)
        self._open.close()

    def add(self, object_name: str, row: Row) -> str:
        """Write a row, under its own id or the next one of its object."""
        row_id = own_id(row, object_name, self.counts[object_name] + 1)
        self.write(object_name, row)
        return row_id

    def write(self, name: str, row: Row) -> None:
        """Write a line into the file of that name."""
        self.counts[name] += 1
        waiting = self._waiting.setdefault(name, [])
        waiting.append(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        if len(waiting) >= _BATCH:
            self._flush(name)

    def _flush(self, object_name: str) -> None:
        self._file(object_name).write(b"".join(self._waiting[object_name]))
        self._waiting[object_name].clear()

    def _file(self, object_name: str) -> BufferedIOBase:
        if object_name not in self._files:
            path = self.path / f"{object_name}.jsonl.gz"
            raw = self._open.enter_context(path.open("wb"))
            packed = gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0)
            self._files[object_name] = self._open.enter_context(packed)
        return self._files[object_name]


def own_id(row: Row, object_name: str, number: int) -> str:
    """Return the id of a row, giving it one where it has none."""
    if "Id" not in row:
        row["Id"] = seeded_id(_PREFIXES[object_name], number)
    return str(row["Id"])
