"""Which files of a folder belong to a pack, and their documents. Reads the disk."""

from __future__ import annotations

from enum import Enum
from stat import S_ISREG
from typing import TYPE_CHECKING

import gatekeeper
from gatekeeper.errors import SetupError
from gatekeeper.language.messages import Place
from gatekeeper.pack.files.values import must_be, not_one_of
from gatekeeper.pack.source.document import MOST_BYTES, Document, read_document
from gatekeeper.pack.source.nodes import Scalar, Source
from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.pack.source.nodes import Table
    from gatekeeper.pack.source.read import Reader

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


def expect_pack(folder: Path) -> None:
    """Refuse a folder that is not there.

    Raises:
        SetupError: There is no such folder.
    """
    if not folder.is_dir():
        message = (
            f"There is no rule pack at {folder}. Start one with: gatekeeper init rules"
        )
        raise SetupError(message)


def read_folder(reader: Reader, folder: Path) -> list[tuple[FileKind, Document]]:
    """Read every file of a pack in the order of their names.

    Files of rule tests are left alone: they change no answer.

    Raises:
        SetupError: There is no such folder.
    """
    expect_pack(folder)
    documents: list[tuple[FileKind, Document]] = []
    for path in inside(folder, "*"):
        parts = path.relative_to(folder).parts
        label = "/".join((folder.name, *parts))
        if path.is_symlink() and path.is_dir():
            reader.note(_not_followed(label))
        if not path.match("*.y*ml"):
            continue
        kind = _kind(path.name, is_top=len(parts) == 1)
        if kind is None:
            reader.note(_refusal(label))
        elif kind is not FileKind.TEST:
            document = read_file(path, label)
            reader.problems.extend(document.problems)
            documents.append((kind, document))
    return documents


def inside(folder: Path, pattern: str) -> list[Path]:
    """Return what a folder holds by the order of names, without what is hidden."""
    return [
        path
        for path in sorted(folder.rglob(pattern))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


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


def _not_followed(label: str) -> Problem:
    return _unread(label, "it is a link to a folder, and those are not followed")


def _unread(label: str, reason: str) -> Problem:
    place = Place(label, 1, 1, 1, "")
    return Problem(place, "E110", f"the file cannot be read ({reason}).")


def read_file(path: Path, label: str) -> Document:
    """Read one file of YAML; `label` is what messages call it."""
    raw = raw_of(path, label)
    if isinstance(raw, Problem):
        return Document(Source(label, ""), None, [raw])
    return read_document(label, raw)


def raw_of(path: Path, label: str) -> bytes | Problem:
    """Read the bytes of a file, one more than it may have at most.

    Only a regular file is opened: a pipe or a device might never come to its end.
    """
    try:
        if not S_ISREG(path.stat().st_mode):
            return _unread(label, "it is no regular file")
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        return _unread(label, error.strerror or "unknown reason")


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
