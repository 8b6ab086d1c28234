"""Write a demo org as a folder of records: stock stages, believable deals, known flaws.

Deterministic: the same size, seed and day give the same bytes. Deals are written as
they are made up, so that memory does not grow with their number. The folder has one
`<Object>.jsonl.gz` per object and a `manifest.json` that counts what was planted.
"""

from __future__ import annotations

import gzip
from collections import Counter
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING

import orjson

from gatekeeper.sandbox import seed_people as people
from gatekeeper.sandbox.seed_deals import write_deal
from gatekeeper.sandbox.seed_rows import Row, seeded_id
from gatekeeper.sandbox.seed_story import LOST, WON, Flaw, tell

if TYPE_CHECKING:
    from datetime import date
    from io import BufferedIOBase
    from pathlib import Path
    from types import TracebackType
    from typing import Self

DEFAULT_SIZE = 300
TRACKED = ("Amount", "CloseDate", "NextStep", "OwnerId")
"""Fields of deals whose history an administrator chose to keep."""
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
        self.counts[object_name] += 1
        if "Id" not in row:
            row["Id"] = seeded_id(_PREFIXES[object_name], self.counts[object_name])
        waiting = self._waiting.setdefault(object_name, [])
        waiting.append(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        if len(waiting) >= _BATCH:
            self._flush(object_name)
        return str(row["Id"])

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


def seed_org(size: int, seed: int, as_of: date, out: Path) -> dict[str, object]:
    """Write a demo org and return its manifest.

    Args:
        size: How many deals; about seven of ten are open.
        seed: Another number gives another org.
        as_of: The day the org is looked at; nothing that happened is later.
        out: The folder; made if absent, files of the same name are replaced.
    """
    cast = people.Cast(size, as_of)
    planted: Counter[str] = Counter(dict.fromkeys(map(str, Flaw), 0))
    with Folder(out) as folder:
        _write_people(folder, seed, cast)
        flawed = 0
        for number in range(size):
            random = Random(f"{seed}:deal:{number}")  # noqa: S311 - a demo, no secret
            story = tell(random, number, as_of, planted)
            planted.update(map(str, story.flaws))
            flawed += bool(story.flaws)
            write_deal(folder, random, story, cast)
    manifest: dict[str, object] = {
        "dataset": "demo",
        "shape": "salesforce",
        "counts": dict(sorted(folder.counts.items())),
        "as_of": as_of.isoformat(),
        "source": "made up by gatekeeper sandbox seed",
        "seed": seed,
        "tracked_fields": list(TRACKED),
        "pipeline_won": WON,
        "pipeline_lost": LOST,
        "flawed_deals": flawed,
        "planted": dict(sorted(planted.items())),
    }
    text = orjson.dumps(
        manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )
    (out / "manifest.json").write_bytes(text)
    return manifest


def _write_people(folder: Folder, seed: int, cast: people.Cast) -> None:
    folder.add("Organization", people.organization(cast))
    for role in people.roles():
        folder.add("UserRole", role)
    for user in people.users(cast):
        folder.add("User", user)
    for stage in people.stages(cast):
        folder.add("OpportunityStage", stage)
    for object_name, row in people.price_book(cast):
        folder.add(object_name, row)
    for number in range(cast.accounts):
        random = Random(f"{seed}:account:{number}")  # noqa: S311 - a demo, no secret
        folder.add("Account", people.account(random, number, cast))
        for place in range(people.CONTACTS_PER_ACCOUNT):
            folder.add("Contact", people.contact(number, place, cast))
