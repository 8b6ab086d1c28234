"""The wheel that evaluates by compiled C is built where it is asked for, only there.

That it is built, and that the tests of both rooms hold for it, takes minutes and a C
compiler: `make compiled`.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, get_type_hints

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


def test_what_a_named_tuple_is_made_of_is_there_when_it_is_compiled() -> None:
    """mypyc looks the classes up; what only the checker imports it does not find."""
    patterns = runpy.run_path(str(DEPLOY / "compiled.py"))["COMPILED"]
    for pattern in patterns:
        paths = list(ROOT.glob(pattern))
        assert paths, pattern
        for path in paths:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for each in vars(import_module(name)).values():
                if hasattr(each, "_fields") and each.__module__ == name:
                    assert set(get_type_hints(each)) == set(each._fields)
