"""What happens in one simulated stretch of time: a seed, a length, and events.

An event names a step, what happens there, and one number from which all its
particulars follow; so a schedule stays a schedule when events are taken out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random

PEOPLE = {
    "fix": 8,
    "spoil": 7,
    "advance": 3,
    "retreat": 1,
    "lose": 1,
    "win": 1,
    "rename deal": 1,
    "hand over": 2,
    "delete deal": 1,
    "new deal": 2,
    "complete": 6,
    "delete task": 3,
    "purge": 1,
    "reassign": 2,
    "rename task": 2,
    "move due date": 2,
    "edit body": 2,
    "reopen": 1,
    "wipe reference": 1,
    "take off deal": 1,
    "edit flag": 3,
    "leave": 1,
    "return": 1,
    "rules": 2,
    "hide field": 2,
    "show field": 4,
    "hide deal": 1,
    "show deal": 3,
    "stop": 1,
    "resume": 3,
}
"""What people do in the CRM and to the rules, and how often beside each other."""

FAULTS = {
    "unreachable": 2,
    "limited": 2,
    "login refused": 1,
    "page lost": 2,
    "page skipped": 2,
    "page repeated": 1,
    "nothing shown": 1,
    "deals unreadable": 1,
    "lost before": 4,
    "lost after": 4,
    "late": 4,
    "halves": 3,
    "refused": 3,
    "locked": 2,
    "answer without id": 2,
    "not tied": 2,
    "turned away": 1,
    "disk full": 2,
    "commit unheard": 3,
}
"""What goes wrong at the next call it can befall."""

MACHINES = {
    "kill before": 5,
    "kill after": 5,
    "freeze": 3,
    "rival": 5,
    "signal": 1,
    "host clock": 1,
    "database clock": 1,
    "backup": 2,
    "restore": 1,
    "empty database": 1,
    "slow": 2,
}
"""What happens to workers, clocks and databases."""

KINDS = {**PEOPLE, **FAULTS, **MACHINES}
_NAMES = tuple(KINDS)
_WEIGHTS = tuple(accumulate(KINDS.values()))
EVERY = 7
"""One event in so many steps."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a step, or at the first call after it that it fits."""

    at: int
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """One stretch of simulated time.

    Attributes:
        seed: Gives the org, its rules and whatever no event decides.
        steps: How many port calls and commits there are before the faults stop.
    """

    seed: int
    steps: int
    events: tuple[Event, ...]


def generated(seed: int, steps: int) -> Schedule:
    """Return the schedule of a seed; the same on every machine."""
    draw = Random(f"schedule {seed}")  # noqa: S311  (no secret depends on it)
    kinds = draw.choices(_NAMES, cum_weights=_WEIGHTS, k=steps // EVERY)
    places = sorted(draw.randrange(steps) for _ in kinds)
    events = tuple(
        Event(at, kind, draw.getrandbits(24))
        for at, kind in zip(places, kinds, strict=True)
    )
    return Schedule(seed, steps, events)
