"""CPU seconds until the command has answered what takes it no work: its cold start.

    python -m tests.bench.start

The rules are those that `init` writes; nothing is set, nothing was saved.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.author import cpu_seconds, yardstick

MOST_SECONDS = 0.5
ROUNDS = 9
COMMANDS = (("--help",), ("validate", "--offline"))


def measure_start(folder: Path) -> bool:
    """Print the table; False where the goal is missed."""
    folder /= "start"
    folder.mkdir()
    cpu_seconds(folder, ("init", "--offline"))
    for command in COMMANDS:
        cpu_seconds(folder, command)  # which compiles the modules
    print(f"\nCold start on the default rules, {ROUNDS} times")  # noqa: T201  a benchmark prints
    print(f"{'command':>24} {'least':>8} {'median':>8}  CPU s")  # noqa: T201
    slowest = 0.0
    for command in COMMANDS:
        seconds = [cpu_seconds(folder, command) for _ in range(ROUNDS)]
        slowest = max(slowest, median(seconds))
        row = f"{min(seconds):>8.2f} {median(seconds):>8.2f}"
        print(f"{' '.join(command):>24} {row}")  # noqa: T201
    print(f"{'(a yardstick)':>24} {yardstick():>8.2f}")  # noqa: T201
    print(f"goal: less than {MOST_SECONDS} each; most {slowest:.2f}")  # noqa: T201
    return slowest < MOST_SECONDS


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        sys.exit(0 if measure_start(Path(temporary)) else 1)
