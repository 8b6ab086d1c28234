"""The files that are deployed, as values."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
USER = 10001
"""The numeric user of the image; files it reads must be readable for it."""


def documents(file: Path) -> list[dict[str, Any]]:
    """The YAML documents of a file."""
    return list(yaml.safe_load_all(file.read_text(encoding="utf-8")))


def tool(name: str) -> str:
    """Where a checker is; the test is skipped where it is not installed.

    `make deployable` installs those that the packages of tests bring.
    """
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; make deployable brings what it can")
    return found


def named_settings(text: str) -> Iterator[str]:
    """The settings that a text names, without the mark of a secret's file."""
    for name in re.findall(r"\bGATEKEEPER_([A-Z_]+)\b", text):
        yield name.removesuffix("_FILE").lower()
