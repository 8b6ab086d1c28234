"""The simulation itself under test: bugs planted into the protocol, one at a time.

Each replaces one function while the simulation runs, as a slip in writing it would.
`python -m tests.simulation.planted` prints which promise caught each, and how many
schedules that took.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulation.core.bugs import BUGS
from tests.simulation.core.simulator import Simulator
from tests.simulation.quiet import without_log
from tests.simulation.search import Searched, search
from tests.simulation.whole.bugs import WHOLE_BUGS
from tests.simulation.whole.simulator import WholeSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.core.bugs import Bug
    from tests.simulation.search import Make

BUDGET = 4000
STEPS = 300


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """Put a bug into the code for a while."""
    sound = getattr(bug.owner, bug.name)
    setattr(bug.owner, bug.name, bug.made(sound))
    try:
        yield
    finally:
        setattr(bug.owner, bug.name, sound)


@dataclass(frozen=True, slots=True)
class Caught:
    """What became of one planted bug."""

    bug: Bug
    found: Searched

    @property
    def row(self) -> str:
        """One row of the table."""
        by = self.found.failures[0].promise if self.found.failures else "none"
        return f"| {self.bug.what} | {by} | {self.found.schedules:,} |"


def hunted(bug: Bug, budget: int = BUDGET) -> Caught:
    """Plant a bug and search until a promise breaks."""
    with planted(bug):
        make: Make = WholeSimulator if bug in WHOLE_BUGS else Simulator
        return Caught(bug, search(make, range(budget), STEPS))


def main() -> int:
    """Print the table; returns 1 where a bug was not found."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.planted")
    parser.add_argument("--budget", type=int, default=BUDGET)
    parser.add_argument("--only", default="", help="bugs whose words hold this")
    asked = parser.parse_args()
    without_log()
    sys.stdout.write("| planted bug | caught by | schedules |\n|---|---|---|\n")
    missed = 0
    for bug in (each for each in (*BUGS, *WHOLE_BUGS) if asked.only in each.what):
        caught = hunted(bug, asked.budget)
        missed += not caught.found.failures
        sys.stdout.write(f"{caught.row}\n")
        sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
