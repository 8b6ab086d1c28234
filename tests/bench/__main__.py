"""`make bench`: memory over large orgs, speed of the pull; prints, writes nothing."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.memory import measure_memory
from tests.bench.speed import measure_speed


def main() -> int:
    """Print both tables; 1 where a goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        verdicts = [measure_speed(Path(folder)), measure_memory(Path(folder))]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
