"""CPU seconds of the author's tools over a pack of a thousand rules, start included.

Each command has a process of its own, so that what it imports is measured too.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import TYPE_CHECKING

from tests.bench.packs import CHECKS_OF_A_RULE, RULES, write_pack

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_SECONDS = 3.0
ROUNDS = 3
TURNS = 10_000_000
COMMANDS = (("validate", "--offline"), ("lint", "--ignore", "W307"), ("fmt", "--check"))
PROGRAM = "import sys; from gatekeeper.cli.main import main; sys.argv[0] = 'gatekeeper'"
TREE = Path(__file__).resolve().parents[2]


def measure_author_tools(folder: Path) -> bool:
    """Print the table; False where a goal is missed."""
    write_pack(folder)
    checks = RULES * CHECKS_OF_A_RULE
    size = f"{RULES:,} rules with {checks:,} checks"
    print(f"\nAuthor's tools on {size}, least of {ROUNDS}")  # noqa: T201  a benchmark prints
    print(f"{'command':>24} {'CPU s':>8}")  # noqa: T201
    slowest = 0.0
    for command in COMMANDS:
        seconds = min(cpu_seconds(folder, command) for _ in range(ROUNDS))
        slowest = max(slowest, seconds)
        print(f"{' '.join(command):>24} {seconds:>8.2f}")  # noqa: T201
    print(f"{'(a yardstick)':>24} {yardstick():>8.2f}")  # noqa: T201
    print(f"goal: at most {MOST_SECONDS} each; most {slowest:.2f}")  # noqa: T201
    return slowest <= MOST_SECONDS


def yardstick() -> float:
    """Return the CPU seconds of a plain loop: about 0.25 where nothing else runs."""
    began = time.process_time()
    for _ in range(TURNS):
        pass
    return time.process_time() - began


def cpu_seconds(folder: Path, command: tuple[str, ...]) -> float:
    """Run a command to its end in a process of its own; it must find nothing."""
    program = [sys.executable, "-c", f"{PROGRAM}; main()", *command]
    process = Popen(program, cwd=folder, env=_machine(), stdout=DEVNULL)  # noqa: S603  our own program
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return usage.ru_utime + usage.ru_stime


def _machine() -> Mapping[str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return {**kept, "PYTHONPATH": str(TREE)}
