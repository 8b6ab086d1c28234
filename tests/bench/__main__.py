"""`make bench`: memory over large orgs, speed; prints, writes nothing.

`python -m tests.bench 10000` evaluates so many deals instead of 100,000.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.author import measure_author_tools
from tests.bench.digests import measure_digests
from tests.bench.evaluation import DEALS, measure_evaluation
from tests.bench.judging import measure_judging
from tests.bench.memory import measure_memory
from tests.bench.speed import measure_speed
from tests.bench.start import measure_start

MEASURES = (
    measure_start,
    measure_author_tools,
    measure_digests,
    measure_speed,
    measure_memory,
)


def main(deals: int) -> int:
    """Print the tables; 1 where a goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        verdicts = [measure(Path(folder)) for measure in MEASURES]
    verdicts.append(measure_judging())
    verdicts.append(measure_evaluation(deals))
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEALS))
