"""`make bench`: memory over large orgs, speed; prints, writes nothing."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.author import measure_author_tools
from tests.bench.memory import measure_memory
from tests.bench.speed import measure_speed

MEASURES = (measure_author_tools, measure_speed, measure_memory)


def main() -> int:
    """Print the tables; 1 where a goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        verdicts = [measure(Path(folder)) for measure in MEASURES]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
