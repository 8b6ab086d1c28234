"""The rule pack as its files are now: read again when one of them changes.

A pack with mistakes is no pack: what is asked of it raises, and the one that was good
before is not used in its place (nothing is run by rules that nobody can see).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.errors import PackError

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.bootstrap.ground import Ground
    from gatekeeper.core.pack import Project

Stamps = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class RulesOnDisk:
    """Implements what duties go by: the project, and what changes with the files."""

    ground: Ground
    _read: tuple[Stamps, Project | PackError] | None = field(default=None, repr=False)

    def version(self) -> Stamps:
        """Return path, time and size of every file of the pack."""
        folder = self.ground.paths.rules_dir
        return tuple(sorted(map(_stamp, folder.rglob("*.yaml"))))

    def project(self) -> Project:
        """Return the project as its file says now.

        Raises:
            PackError: The pack has mistakes.
            SetupError: There is no pack.
        """
        version = self.version()
        if self._read is None or self._read[0] != version:
            self._read = version, self._project()
        found = self._read[1]
        if isinstance(found, PackError):
            raise found
        return found

    def _project(self) -> Project | PackError:
        draft = self.ground.draft()
        try:
            return draft.compile(self.ground.saved_schema()).project
        except PackError as error:
            return error


def _stamp(file: Path) -> tuple[str, int, int]:
    try:
        told = file.stat()
    except OSError:  # it went between listing and looking: the next look differs
        return str(file), 0, 0
    return str(file), told.st_mtime_ns, told.st_size
