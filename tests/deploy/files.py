"""The files that are deployed, as values."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.settings import Settings
from gatekeeper.settings.model import secret_settings, variable

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


def named_settings(text: str) -> set[str]:
    """The variables of ours that a text names."""
    return set(re.findall(r"\bGATEKEEPER_[A-Z_]*[A-Z]\b", text))


def known_settings() -> set[str]:
    """Every variable that is a setting, or names the file of one."""
    files = {f"{variable(name)}_FILE" for name in secret_settings()}
    return files | {variable(name) for name in Settings.model_fields}
