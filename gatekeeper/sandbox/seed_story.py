"""What happened to one deal of the demo org, before any row is written.

Pure: what is planted follows from what earlier deals have, so that every kind of flaw
occurs in an org of a few hundred deals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

STAGES = (
    "Prospecting",
    "Qualification",
    "Needs Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
)
WON, LOST = "Closed Won", "Closed Lost"
QUALIFICATION, NEEDS, PROPOSAL, NEGOTIATION = 1, 2, 3, 4
QUIET_DAYS = 30
"""A clean open deal has had an activity within these days."""
STUCK_DAYS = 60
"""A clean open deal has been in its stage for less than these days."""

_SHARE_OPEN, _SHARE_WON = 0.70, 0.19
_STAGE_WEIGHTS = (24, 22, 22, 18, 14)
_SHARE_FLAWED = 0.28
_FLAW_COUNTS = (65, 25, 10)


class Flaw(StrEnum):
    """A violation planted on an open deal; the value is its name in the manifest."""

    NO_AMOUNT = "no_amount"
    PAST_CLOSE_DATE = "close_date_in_the_past"
    NO_NEXT_STEP = "no_next_step"
    PLACEHOLDER = "placeholder_next_step"
    NO_CONTACT = "no_contact_role"
    NO_ECONOMIC_BUYER = "no_economic_buyer"
    NO_PRODUCTS = "no_products"
    STALE = "no_recent_activity"
    NO_MEETING = "no_meeting_held"
    STUCK = "stuck_in_stage"
    PUSHED = "close_date_pushed_often"
    INACTIVE_OWNER = "inactive_owner"
    NO_REPLY = "no_reply_from_buyer"
    NO_FILE = "no_file"
    SKIPPED = "stage_skipped"


_ELIGIBLE = {
    Flaw.NO_AMOUNT: range(QUALIFICATION, PROPOSAL),
    Flaw.PAST_CLOSE_DATE: range(5),
    Flaw.NO_NEXT_STEP: range(QUALIFICATION, 5),
    Flaw.PLACEHOLDER: range(QUALIFICATION, 5),
    Flaw.NO_CONTACT: range(QUALIFICATION, 5),
    Flaw.NO_ECONOMIC_BUYER: range(PROPOSAL, 5),
    Flaw.NO_PRODUCTS: range(PROPOSAL, 5),
    Flaw.STALE: range(5),
    Flaw.NO_MEETING: range(NEEDS, 5),
    Flaw.STUCK: range(5),
    Flaw.PUSHED: range(NEEDS, 5),
    Flaw.INACTIVE_OWNER: range(5),
    Flaw.NO_REPLY: range(NEEDS, 5),
    Flaw.NO_FILE: range(NEGOTIATION, 5),
    Flaw.SKIPPED: range(PROPOSAL, 5),
}
_CLASHES = (
    {Flaw.NO_NEXT_STEP, Flaw.PLACEHOLDER},
    {Flaw.NO_CONTACT, Flaw.NO_ECONOMIC_BUYER},
    {Flaw.STALE, Flaw.STUCK},
    {Flaw.PUSHED, Flaw.PAST_CLOSE_DATE},
)


@dataclass(frozen=True, slots=True)
class Story:
    """The life of one deal.

    Args:
        number: Counts from 0; ids and names hang on it.
        as_of: The day the org is looked at.
        path: The stages entered with the day, the closing one included.
        furthest: Index of the last open stage reached.
        flaws: What was planted.
        last_touch: Day of the latest activity that has happened.
        close_dates: Expected close dates over time, the current one last.
    """

    number: int
    as_of: date
    path: tuple[tuple[str, date], ...]
    furthest: int
    flaws: frozenset[Flaw]
    last_touch: date
    close_dates: tuple[date, ...]

    @property
    def stage(self) -> str:
        """The stage the deal is in."""
        return self.path[-1][0]

    @property
    def is_open(self) -> bool:
        """Whether the deal is neither won nor lost."""
        return self.stage not in {WON, LOST}

    @property
    def is_won(self) -> bool:
        """Whether the deal is won."""
        return self.stage == WON

    @property
    def created(self) -> date:
        """The day the deal was entered."""
        return self.path[0][1]

    def entered(self, stage: int) -> date:
        """Return the day the deal came into a stage or, if skipped, beyond it."""
        days = [day for name, day in self.path if name in STAGES[stage:]]
        return days[0] if days else self.path[-1][1]


def tell(random: Random, number: int, as_of: date, planted: Mapping[str, int]) -> Story:
    """Return the story of a deal.

    Args:
        random: The deal's own chance.
        number: Counts from 0.
        as_of: The day the org is looked at.
        planted: How often each flaw occurs on the deals before this one.
    """
    luck = random.random()
    if luck < _SHARE_OPEN:
        return _open_story(random, number, as_of, planted)
    won = luck < _SHARE_OPEN + _SHARE_WON
    return _closed_story(random, number, as_of, won=won)


def _open_story(
    random: Random, number: int, as_of: date, planted: Mapping[str, int]
) -> Story:
    stage = random.choices(range(5), _STAGE_WEIGHTS)[0]
    flaws = _flaws(random, stage, planted)
    quiet = random.randint(32, 38) if Flaw.STALE in flaws else random.randint(1, 12)
    age = random.randint(quiet + 1, quiet + 16)
    if Flaw.STUCK in flaws:
        age = random.randint(STUCK_DAYS + 5, STUCK_DAYS + 70)
    entered = workday(as_of - timedelta(days=age))
    skipped = STAGES[NEEDS] if Flaw.SKIPPED in flaws else None
    stages = [name for name in STAGES[: stage + 1] if name != skipped]
    path = _backwards(random, stages, entered)
    touch = max(workday(as_of - timedelta(days=quiet)), path[0][1])
    close_dates = _expected(random, as_of, flaws)
    return Story(number, as_of, path, stage, flaws, touch, close_dates)


def _closed_story(random: Random, number: int, as_of: date, *, won: bool) -> Story:
    closed = workday(as_of - timedelta(days=random.randint(2, 300)))
    stage = NEGOTIATION if won else random.randint(QUALIFICATION, NEGOTIATION)
    last = workday(closed - timedelta(days=random.randint(5, 20)))
    path = _backwards(random, list(STAGES[: stage + 1]), last)
    path = (*path, (WON if won else LOST, closed))
    touch = max(workday(closed - timedelta(days=random.randint(1, 4))), path[0][1])
    first = workday(closed - timedelta(days=random.randint(5, 25)))
    dates = (first, closed) if random.random() < 0.3 else (closed,)
    return Story(number, as_of, path, stage, frozenset(), touch, dates)


def _flaws(random: Random, stage: int, planted: Mapping[str, int]) -> frozenset[Flaw]:
    if random.random() >= _SHARE_FLAWED:
        return frozenset()
    count = random.choices((1, 2, 3), _FLAW_COUNTS)[0]
    chosen: set[Flaw] = set()
    while len(chosen) < count:
        open_to = [
            flaw
            for flaw, stages in _ELIGIBLE.items()
            if stage in stages and flaw not in chosen and not _clash(chosen, flaw)
        ]
        # What fits few stages would otherwise hardly occur.
        weights = [1 / (1 + planted.get(flaw.value, 0)) ** 3 for flaw in open_to]
        chosen.add(random.choices(open_to, weights)[0])
    return frozenset(chosen)


def _clash(chosen: set[Flaw], flaw: Flaw) -> bool:
    return any(flaw in pair and chosen & pair for pair in _CLASHES)


def _backwards(
    random: Random, stages: list[str], last: date
) -> tuple[tuple[str, date], ...]:
    """Return the stages with the days they were entered, the last one on `last`."""
    path = [(stages[-1], last)]
    for stage in reversed(stages[:-1]):
        before = path[0][1] - timedelta(days=random.randint(5, 21))
        path.insert(0, (stage, workday(before)))
    return tuple(path)


def _expected(random: Random, as_of: date, flaws: frozenset[Flaw]) -> tuple[date, ...]:
    if Flaw.PAST_CLOSE_DATE in flaws:
        return (workday(as_of - timedelta(days=random.randint(3, 40))),)
    dates = [workday(as_of + timedelta(days=random.randint(10, 110)))]
    pushes = 3 if Flaw.PUSHED in flaws else int(random.random() < 0.2)
    for _ in range(pushes):
        dates.insert(0, workday(dates[0] - timedelta(days=random.randint(14, 35))))
    return tuple(dates)


def workday(day: date) -> date:
    """Return the day, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def coming_workday(day: date) -> date:
    """Return the day, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


def moment(random: Random, day: date) -> datetime:
    """Return a minute of the working day, in UTC."""
    hour, minute = divmod(14 * 60 + int(random.random() * 7 * 60), 60)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
