"""Which git revision a folder of rules stands at, read from git's own files.

Reads a few small files below `.git` and starts no program. Whether files were changed
since that revision is not said here: the pack's fingerprint tells packs apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_REVISION = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def revision_of(folder: Path) -> str:
    """Return the revision checked out around a folder, "" outside of git."""
    for above in (folder, *folder.parents):
        marker = above / ".git"
        if marker.exists():
            return _head(_git_folder(marker))
    return ""


def _git_folder(marker: Path) -> Path:
    """Follow the file that stands for the folder in a worktree or submodule."""
    if marker.is_dir():
        return marker
    return marker.parent / _read(marker).removeprefix("gitdir:").strip()


def _head(git: Path) -> str:
    head = _read(git / "HEAD")
    if not head.startswith("ref:"):
        return _revision(head)
    name = head.removeprefix("ref:").strip()
    shared = git / (_read(git / "commondir") or ".")
    for place in (git, shared):
        if found := _revision(_read(place / name)):
            return found
    return _packed(shared, name)


def _packed(shared: Path, name: str) -> str:
    for line in _read(shared / "packed-refs").splitlines():
        revision, _, ref = line.partition(" ")
        if ref == name:
            return _revision(revision)
    return ""


def _revision(text: str) -> str:
    return text if _REVISION.fullmatch(text) else ""


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
