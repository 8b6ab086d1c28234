"""What happens in simulated nights: to hosts, mail, Slack, the CRM, the database."""

from __future__ import annotations

from itertools import accumulate
from random import Random

from tests.simulation.schedule import Event, Schedule

MACHINES = {
    "kill": 14,
    "rival": 4,
    "host off": 3,
    "signal": 2,
    "host clock": 2,
    "database clock": 1,
    "backup": 2,
    "restore": 2,
    "database lost": 1,
}
"""What happens to workers, hosts, clocks and databases."""

MAIL = {
    "nobody listens": 2,
    "mail turned away": 2,
    "mail greylisted": 2,
    "mail refused": 1,
    "mail put off": 1,
    "mail cut, lost": 3,
    "mail cut, taken": 3,
}
"""What goes wrong with the next mail."""

SLACK = {
    "slack limited": 2,
    "slack broken, lost": 2,
    "slack broken, posted": 2,
    "slack cut, posted": 2,
    "slack without channel": 1,
    "slack history hidden": 1,
}
"""What goes wrong with the next message."""

PEOPLE = {
    "mend": 4,
    "spoil": 3,
    "run by hand": 3,
    "send by hand": 3,
    "stop": 1,
    "resume": 3,
    "manager leaves": 1,
    "manager returns": 2,
}
"""What people do to deals, and by hand beside the worker."""

READING = {"crm away": 2, "page lost": 3, "field hidden": 2, "field shown": 2}
"""What a run cannot see."""

KINDS = {**MACHINES, **MAIL, **SLACK, **PEOPLE, **READING}

PLAYS = {
    "F14": ["rival"],
    "F16": ["host clock", "database clock"],
    "F17": ["restore"],
    "F18": ["database lost"],
    "F24": ["page lost"],
    "F25": ["field hidden"],
    "F30": ["signal"],
    "F32": ["host off", "host clock", "kill"],
    "F33": [*MAIL, *SLACK],
    "F34": ["manager leaves"],
    "F38": ["stop"],
}
"""The rows of the fault matrix that are played, with their events."""

_NAMES = tuple(KINDS)
_WEIGHTS = tuple(accumulate(KINDS.values()))
EVERY = 6
"""One event in so many steps."""


def nights_of(seed: int, steps: int) -> Schedule:
    """Return the schedule of a seed; the same on every machine."""
    draw = Random(f"nights {seed}")  # noqa: S311  (no secret depends on it)
    kinds = draw.choices(_NAMES, cum_weights=_WEIGHTS, k=steps // EVERY)
    places = sorted(draw.randrange(steps) for _ in kinds)
    events = tuple(
        Event(at, kind, draw.getrandbits(24))
        for at, kind in zip(places, kinds, strict=True)
    )
    return Schedule(seed, steps, events)
