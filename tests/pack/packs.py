"""Small rule packs, written where a test wants them."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from gatekeeper.pack.load import read_pack
from gatekeeper.pack.source.problems import framed

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.pack.load import Draft

PROJECT = """\
version: 1
kind: project
crm: salesforce
timezone: America/New_York
"""

RULES = """\
version: 1
kind: rules
pipeline: Enterprise
stages:
  Discovery:
    exit:
      - id: ent-next-step
        title: A next step is written down
        require: next_step is filled
        fix: Write what happens next.
"""


def a_pack(base: Path, **files: str | bytes) -> Path:
    """Write a pack; `e_rules` is e.rules.yaml, a file that is None is left out."""
    folder = base / "rules"
    folder.mkdir(exist_ok=True)
    for name, text in {"project": PROJECT, "e_rules": RULES, **files}.items():
        raw = text if isinstance(text, bytes) else dedent(text).encode()
        path = folder / f"{name.replace('_', '.')}.yaml"
        path.write_bytes(raw)
    return folder


def a_draft(base: Path, **files: str | bytes) -> Draft:
    """Write a pack and read it."""
    return read_pack(a_pack(base, **files))


def messages(base: Path, **files: str | bytes) -> str:
    """Write a pack, read it and return what was found, as a person sees it."""
    return "\n".join(a_draft(base, **files).messages)


def text(framed: str) -> str:
    """Take the first line break and the indentation off an expected message."""
    return dedent(framed).strip("\n")


def rule(*lines: str, after: str = "") -> str:
    """Return a file with one rule: its keys from line 7 on, `after` at the end."""
    body = "\n".join(f"        {line}" if line else "" for line in lines)
    body = body.replace("        ", "      - ", 1)
    head = RULES.partition("      - ")[0]
    return f"{head}{body}\n{after}"


def text_of(folder: Path) -> str:
    """Return what was found in a folder, as a person sees it."""
    return "\n".join(read_pack(folder).messages)


def messages_of_all(base: Path, **files: str | bytes) -> str:
    """Return also what shows only when the files are held against each other."""
    return "\n".join(framed(a_draft(base, **files).findings(None)))
