"""The wheel that evaluates by compiled C is built where it is asked for, only there.

That it is built, and that the tests of both rooms hold for it, takes minutes and a C
compiler: `make compiled`.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.deploy.files import DEPLOY, ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_the_wheel_is_pure_unless_the_hook_is_switched_on(tmp_path: Path) -> None:
    unset = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("HATCH_BUILD")
    }
    subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        env=unset,
        check=True,
        capture_output=True,
    )

    (wheel,) = tmp_path.iterdir()
    assert wheel.name.endswith("-py3-none-any.whl")


def test_all_that_makes_no_named_tuple_is_compiled() -> None:
    hook = runpy.run_path(str(DEPLOY / "compiled.py"))
    texts = {
        path.name: path.read_text(encoding="utf-8")
        for room in hook["ROOMS"]
        for path in (ROOT / room).glob("*.py")
    }

    named = {name for name, text in texts.items() if "(NamedTuple)" in text}
    assert hook["PURE"] == {"__init__.py", *named}
