"""What happens in one simulated stretch of time: a seed, a length, and events.

An event names a step, what happens there, and one number from which all its
particulars follow; so a schedule stays a schedule when events are taken out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

CORE, WHOLE = "core", "whole"
"""The stages: the run over records in memory, and the whole product."""
BOTH = (CORE, WHOLE)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event.

    Attributes:
        often: How often it comes, beside all others.
        plays: The rows of the fault matrix that it is.
        stages: Where it is played.
    """

    often: int
    plays: tuple[str, ...] = ()
    stages: tuple[str, ...] = BOTH


def _kind(often: int, *plays: str) -> Kind:
    return Kind(often, plays)


def _whole(often: int, *plays: str) -> Kind:
    return Kind(often, plays, (WHOLE,))


PEOPLE = {
    "fix": _kind(8),
    "spoil": _kind(7),
    "advance": _kind(3, "F22"),
    "retreat": _kind(1, "F22"),
    "lose": _kind(1, "F22"),
    "win": _kind(1, "F22"),
    "rename deal": _kind(1),
    "hand over": _kind(2, "F22"),
    "delete deal": _kind(1, "F22", "F23"),
    "new deal": _kind(2),
    "complete": _kind(6, "F20"),
    "delete task": _kind(3, "F20", "F23"),
    "purge": _kind(1),
    "reassign": _kind(2, "F20"),
    "rename task": _kind(2, "F20"),
    "move due date": _kind(2, "F20"),
    "edit body": _kind(2, "F20"),
    "reopen": _kind(1, "F20"),
    "wipe reference": _kind(1, "F20"),
    "take off deal": _kind(1, "F20"),
    "edit flag": _kind(3, "F21"),
    "stubborn": _kind(1, "F21"),
    "leave": _kind(1, "F22"),
    "return": _kind(1),
    "rules": _kind(2, "F36"),
    "hide field": _kind(2, "F25"),
    "show field": _kind(4),
    "hide deal": _kind(1),
    "show deal": _kind(3),
    "stop": _kind(1, "F38"),
    "resume": _kind(3),
    "release": _kind(2),
    "huge text": _kind(1, "F31"),
    "poison": _whole(2, "F13"),
    "cure": _whole(2),
}
"""What people do in the CRM and to the rules."""

FAULTS = {
    "unreachable": _kind(2, "F11"),
    "limited": _kind(2, "F10"),
    "login refused": _kind(1, "F12"),
    "page lost": _kind(2, "F24"),
    "page skipped": _kind(2, "F24"),
    "page repeated": _kind(1, "F24"),
    "nothing shown": _kind(1, "F26"),
    "deals unreadable": _kind(1),
    "lost before": _kind(4, "F06"),
    "lost after": _kind(4, "F05", "F08"),
    "late": _kind(4, "F07"),
    "halves": _kind(3, "F04", "F09"),
    "refused": _kind(3, "F09", "F13"),
    "locked": _kind(2, "F09", "F13"),
    "answer without id": _kind(2, "F08"),
    "not tied": _kind(2),
    "turned away": _kind(1, "F10"),
    "disk full": _kind(2, "F28"),
    "commit unheard": _kind(3, "F29"),
    "binned": _whole(3, "F05", "F20"),
    "late and binned": _whole(2, "F07", "F20"),
}
"""What goes wrong at the next call it can befall."""

MACHINES = {
    "kill before": _kind(5, "F01", "F02", "F03", "F04"),
    "kill after": _kind(5, "F01", "F02", "F03", "F04"),
    "freeze": _kind(3, "F15"),
    "rival": _kind(5, "F14"),
    "signal": _kind(1, "F30"),
    "host clock": _kind(1, "F16"),
    "database clock": _kind(1, "F16"),
    "backup": _kind(2),
    "restore": _kind(1, "F17"),
    "empty database": _kind(1, "F18"),
    "slow": _kind(2),
    "undo": _kind(3, "F39"),
    "another org": _whole(2, "F19"),
    "upgrade": _whole(1, "F37"),
    "tamper": _whole(1, "F40"),
    "broken rules": _whole(1, "F35"),
}
"""What happens to workers, clocks and databases, and what is started."""

KINDS = {**PEOPLE, **FAULTS, **MACHINES}


@cache
def _menu(stage: str) -> tuple[list[str], list[int]]:
    played = {name: each for name, each in KINDS.items() if stage in each.stages}
    return list(played), list(accumulate(each.often for each in played.values()))


def plays(stage: str) -> dict[str, list[str]]:
    """Return the rows of the fault matrix that a stage plays, with their events."""
    rows: dict[str, list[str]] = {}
    for name, kind in KINDS.items():
        for row in kind.plays if stage in kind.stages else ():
            rows.setdefault(row, []).append(name)
    return rows


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


def generated(seed: int, steps: int, stage: str) -> Schedule:
    """Return the schedule of a seed for a stage; the same on every machine."""
    draw = Random(f"schedule {seed}")  # noqa: S311  (no secret depends on it)
    names, weights = _menu(stage)
    kinds = draw.choices(names, cum_weights=weights, k=steps // EVERY)
    places = sorted(draw.randrange(steps) for _ in kinds)
    events = tuple(
        Event(at, kind, draw.getrandbits(24))
        for at, kind in zip(places, kinds, strict=True)
    )
    return Schedule(seed, steps, events)
