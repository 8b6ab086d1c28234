"""Tries seed after seed, and tells what it found: a table of none, or one story."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Protocol

from tests.simulation.broken import Broken
from tests.simulation.schedule import generated
from tests.simulation.shrink import shrunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.simulation.schedule import Schedule

    Draw = Callable[[int, int], Schedule]


class Simulation(Protocol):
    """One schedule being carried out."""

    def go(self) -> int:
        """Carry it out; returns the steps taken, raises `Broken` or a defect."""


class Make(Protocol):
    """A simulator.

    Attributes:
        name: Of its stage, by which `schedule` knows what is played there.
    """

    name: str

    def __call__(self, schedule: Schedule, story: list[str] | None, /) -> Simulation:
        """Set the stage for a schedule."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a schedule brought to light."""

    schedule: Schedule
    promise: str
    text: str


@dataclass(frozen=True, slots=True)
class Searched:
    """What became of a search.

    Attributes:
        failures: In the order in which they were found.
    """

    schedules: int
    steps: int
    seconds: float
    failures: tuple[Failure, ...]

    @property
    def summary(self) -> str:
        rate = self.steps / self.seconds if self.seconds else 0
        return (
            f"{self.schedules:,} schedules, {self.steps:,} steps in"
            f" {self.seconds:.1f} s of processor time ({rate:,.0f} steps/s):"
            f" {len(self.failures)} failures"
        )


def tried(make: Make, schedule: Schedule) -> tuple[int, Failure | None]:
    """Carry out one schedule."""
    try:
        return make(schedule, None).go(), None
    except Broken as broken:
        return 0, Failure(schedule, broken.promise, str(broken))
    except Exception as error:  # noqa: BLE001  (any defect of the code under test)
        return 0, Failure(schedule, "crash", f"{type(error).__name__}: {error}")


def search(
    make: Make,
    seeds: Iterable[int],
    steps: int,
    *,
    most_failures: int = 1,
    most_seconds: float = float("inf"),
    drawn: Draw | None = None,
) -> Searched:
    """Try seeds until enough failures are found, or none are left.

    Args:
        make: Makes a simulation of a schedule.
        seeds: Which to try.
        steps: How many of each.
        most_failures: After which it ends.
        most_seconds: After which it ends too, by the clock.
        drawn: Gives the schedule of a seed; None for those of most stages.
    """
    began, count, taken = process_time(), 0, 0
    until = perf_counter() + most_seconds
    failures: list[Failure] = []
    for seed in seeds:
        schedule = drawn(seed, steps) if drawn else generated(seed, steps, make.name)
        done, failure = tried(make, schedule)
        count, taken = count + 1, taken + done
        if failure is not None:
            failures.append(failure)
        if len(failures) >= most_failures or perf_counter() > until:
            break
    return Searched(count, taken, process_time() - began, tuple(failures))


def smallest(make: Make, failure: Failure) -> Schedule:
    """Shrink a failing schedule as far as the same promise stays broken."""

    def fails(schedule: Schedule) -> bool:
        _, found = tried(make, schedule)
        return found is not None and found.promise == failure.promise

    return shrunk(failure.schedule, fails)


def story_of(make: Make, schedule: Schedule) -> str:
    """Carry out a schedule once more and tell what happened."""
    story: list[str] = []
    try:
        make(schedule, story).go()
        story.append("nothing is broken")
    except Broken as broken:
        story.append(f"BROKEN {broken}")
    except Exception as error:  # noqa: BLE001  (any defect of the code under test)
        story.append(f"CRASHED {type(error).__name__}: {error}")
    return "\n".join(story)
