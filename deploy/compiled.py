"""A wheel in which what evaluates rules is compiled to C; without this it is pure.

hatchling runs it where `HATCH_BUILD_HOOK_ENABLE_CUSTOM` is set, as in `make compiled`.
Needed are mypyc, a C compiler and the headers of Python; the wheel is for the system
and the version of Python that built it. The sources stay in it beside the compiled.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILED = (
    "gatekeeper/language/compiler/*.py",
    "gatekeeper/language/functions.py",
    "gatekeeper/core/history/*.py",
)
FLAGS = ("--strict", "--explicit-package-bases", "--ignore-missing-imports")


class CompiledWheel(BuildHookInterface):
    """Adds the compiled modules beside their sources."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Compile a copy of the package and put what came of it into the wheel.

        Raises:
            CalledProcessError: A module does not compile; the compiler has said why.
        """
        root, copy = Path(self.root), Path(self.directory) / "to_compile"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root / "gatekeeper", copy / "gatekeeper")
        modules = [
            str(path.relative_to(root))
            for pattern in COMPILED
            for path in sorted(root.glob(pattern))
            if path.name != "__init__.py"
        ]
        command = [sys.executable, "-m", "mypyc", *FLAGS, *modules]
        subprocess.run(command, cwd=copy, check=True)  # noqa: S603  (our own words)
        shutil.rmtree(copy / "build")
        built = {str(path): str(path.relative_to(copy)) for path in copy.rglob("*.so")}
        build_data |= {"pure_python": False, "infer_tag": True}
        build_data["force_include"] = built
