"""Which files of a folder belong to a pack, and their documents. Reads the disk."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import gatekeeper
from gatekeeper.errors import SetupError
from gatekeeper.language.messages import Place
from gatekeeper.pack.document import MOST_BYTES, Document, read_document
from gatekeeper.pack.nodes import Scalar, Source
from gatekeeper.pack.problems import Problem
from gatekeeper.pack.values import must_be, not_one_of

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.pack.nodes import Table
    from gatekeeper.pack.read import Reader

LANGUAGE_VERSION = "1"


class FileKind(Enum):
    """What a file is for; the value is its `kind:` and how its name ends."""

    PROJECT = ("project", "project.yaml")
    FIELDS = ("fields", "fields.yaml")
    PEOPLE = ("people", "people.yaml")
    RULES = ("rules", ".rules.yaml")
    DEFS = ("defs", ".defs.yaml")
    OVERLAY = ("overlay", ".overlay.yaml")
    WAIVERS = ("waivers", ".waivers.yaml")
    TEST = ("test", ".test.yaml")

    @property
    def word(self) -> str:
        """The word under `kind:`."""
        return self.value[0]

    def fits(self, name: str) -> bool:
        """Whether a file of that name is of this kind."""
        ending = self.value[1]
        return name.endswith(ending) if ending.startswith(".") else name == ending


SINGLE = (FileKind.PROJECT, FileKind.FIELDS, FileKind.PEOPLE)


def read_folder(reader: Reader, folder: Path) -> list[tuple[FileKind, Document]]:
    """Read every file of a pack in the order of their names.

    Files of rule tests are left alone: they change no answer.

    Raises:
        SetupError: There is no such folder.
    """
    if not folder.is_dir():
        msg = (
            f"There is no rule pack at {folder}. Start one with: gatekeeper init rules"
        )
        raise SetupError(msg)
    documents: list[tuple[FileKind, Document]] = []
    for path in sorted(folder.rglob("*.y*ml")):
        inside = path.relative_to(folder)
        label = f"{folder.name}/{inside.as_posix()}"
        kind = _kind(path.name, is_top=len(inside.parts) == 1)
        if not path.is_file() or kind is FileKind.TEST or _is_hidden(inside.parts):
            continue
        if kind is None:
            reader.problems.append(_refusal(label))
            continue
        document = _read(path, label)
        reader.problems.extend(document.problems)
        documents.append((kind, document))
    return documents


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") for part in parts)


def _kind(name: str, *, is_top: bool) -> FileKind | None:
    for kind in FileKind:
        if kind.fits(name) and (is_top or kind not in SINGLE):
            return kind
    return None


def _refusal(label: str) -> Problem:
    place = Place(label, 1, 1, 1, "")
    return Problem(
        place,
        "E220",
        f'"{label.rpartition("/")[2]}" is none of the files of a rule pack, so nothing'
        " in it would be read.",
        "names of files with rules end in .rules.yaml, with shared names in .defs.yaml",
    )


def _read(path: Path, label: str) -> Document:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        place = Place(label, 1, 1, 1, "")
        text = f"the file cannot be read ({error.strerror})."
        return Document(Source(label, ""), None, [Problem(place, "E110", text)])
    return read_document(label, raw)


def has_header(reader: Reader, table: Table, kind: FileKind) -> bool:
    """Check `version` and `kind`; False where the rest would be read wrongly.

    A key that is missing is left to the part that reads the file.
    """
    version, named = table.get("version"), table.get("kind")
    if named is not None and not (
        isinstance(named, Scalar) and named.text == kind.word
    ):
        word = named.text if isinstance(named, Scalar) else ""
        reader.unfit(named, "kind", not_one_of(word, [kind.word]))
        return False
    if version is None:
        return True
    if not isinstance(version, Scalar) or not version.text.isdecimal():
        reader.unfit(version, "version", must_be("the number 1"))
        return False
    if version.text != LANGUAGE_VERSION:
        reader.say(
            version.place,
            "E209",
            f"this file uses rule language version {version.text}; this program"
            f" ({gatekeeper.__version__}) reads version {LANGUAGE_VERSION}.",
            "upgrade gatekeeper.",
        )
        return False
    return True
