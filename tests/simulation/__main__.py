"""`make simulate`: hold the promises against random people, faults and timings.

Prints the steps per second, every failure on a line, and of the first a schedule made
small, as a story.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.simulation.core.simulator import Simulator
from tests.simulation.nights.schedule import nights_of
from tests.simulation.nights.simulator import NightSimulator
from tests.simulation.quiet import without_log
from tests.simulation.schedule import generated
from tests.simulation.search import search, smallest, story_of
from tests.simulation.whole.simulator import WholeSimulator

if TYPE_CHECKING:
    from tests.simulation.search import Draw, Make


def main() -> int:
    """Search, or replay one seed; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=2000, help="how many to try")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--steps", type=int, default=300, help="until the faults stop")
    parser.add_argument("--failures", type=int, default=1, help="after which it ends")
    parser.add_argument("--seed", type=int, help="replay this one and tell all of it")
    parser.add_argument("--whole", action="store_true", help="the whole product")
    parser.add_argument("--nights", action="store_true", help="the worker's digests")
    asked = parser.parse_args()
    make: Make = WholeSimulator if asked.whole else Simulator
    drawn: Draw = partial(generated, stage=make.name)
    if asked.nights:
        make, drawn = NightSimulator, nights_of
    without_log()
    if asked.seed is not None:
        schedule = drawn(asked.seed, asked.steps)
        sys.stdout.write(story_of(make, schedule) + "\n")
        return 0
    seeds = range(asked.first, asked.first + asked.seeds)
    found = search(make, seeds, asked.steps, most_failures=asked.failures, drawn=drawn)
    last = asked.first + found.schedules - 1
    sys.stdout.write(f"seeds {asked.first} to {last}: {found.summary}\n")
    for failure in found.failures:
        sys.stdout.write(f"\nseed {failure.schedule.seed}: {failure.text}\n")
    for failure in found.failures[:1]:
        small = smallest(make, failure)
        sys.stdout.write(
            f"\nseed {failure.schedule.seed} made small:"
            f" {len(small.events)} events, {small.steps} steps\n\n"
            f"{story_of(make, small)}\n"
        )
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
