"""A small org somewhere in the world: readers, their clocks, days off and deals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.model import EMPTY, Person
from gatekeeper.core.roles import People
from gatekeeper.core.slots import Schedule
from gatekeeper.core.timetable import Times, Timetable
from tests.builders import PIPELINE, a_deal, a_pack, a_rule, dollars
from tests.core.every_slot import DAYS, TIMES, ways
from tests.flow.scene import NEEDS, an_id
from tests.simulation.nights.crm import NightCrm
from tests.simulation.nights.watch import Reader, clocks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.pack import RulePack

READERS = 2
DEALS_EACH = 2
MIDNIGHT = time(0)


@dataclass
class NightOrg:
    """Who reads, by which clocks, and what about.

    Attributes:
        schedules: Of runs and digests: when a worker has to be awake.
    """

    starts_at: datetime
    readers: dict[str, Reader]
    pack: RulePack
    crm: NightCrm
    schedules: Sequence[Schedule]


def night_org(seed: int) -> NightOrg:
    """Return the org of a seed, a few days before clocks are moved somewhere in it."""
    draw = Random(f"night org {seed}")  # noqa: S311  (no secret depends on it)
    zones = [draw.choice(ways()).name for _ in range(READERS)]
    moved = sorted(clocks_of(draw.choice(zones)).moved) or DAYS
    first = draw.choice(moved) - timedelta(days=draw.randrange(2, 9))
    first = min(max(first, DAYS[5]), DAYS[-60])
    crm, names = NightCrm(pipelines=(PIPELINE,)), "abc"
    readers, slack, calendars = {}, {}, {}
    for number, zone in enumerate(zones):
        who = f"00500000000{names[number]}000AAA"
        off = frozenset(first + timedelta(days=draw.randrange(14)) for _ in range(2))
        readers[who] = Reader(who, zone, MIDNIGHT, off)
        address = f"{names[number]}@acme.example"
        calendars[address] = Calendar(off)
        if draw.random() < 0.4:
            slack[address] = f"U{number}"
        _staff(crm, who, address, number)
    at = draw.choice(TIMES)
    readers = {who: replace(each, at=at) for who, each in readers.items()}
    run_at = draw.choice(TIMES)
    people = People(
        zones={crm.users[w].email or "": ZoneInfo(r.zone) for w, r in readers.items()},
        calendars=calendars,
        slack=slack,
        fallback="a@acme.example",
    )
    project = a_pack().project
    timetable = Timetable(Times((run_at,)), Times((at,)))
    pack = replace(
        a_pack(a_rule()),
        project=replace(project, schedule=timetable, zone=ZoneInfo(zones[0])),
        people=people,
        needs=NEEDS,
    )
    schedules = [
        Schedule(at, ZoneInfo(each.zone), Calendar(each.holidays))
        for each in readers.values()
    ]
    schedules.append(Schedule(run_at, pack.project.zone, pack.project.calendar))
    starts_at = datetime.combine(first, draw.choice(TIMES), UTC)
    return NightOrg(starts_at, readers, pack, crm, schedules)


def mended(org: NightOrg, number: int) -> None:
    """Let a rep enter what a deal lacks."""
    org.crm.change(_deal(number), amount=dollars(1000 + number))


def spoiled(org: NightOrg, number: int) -> None:
    """Let a rep take an amount out."""
    org.crm.change(_deal(number), amount=EMPTY)


def _deal(number: int) -> str:
    return an_id(1 + number % (READERS * DEALS_EACH))


def _staff(crm: NightCrm, who: str, address: str, number: int) -> None:
    """Give a manager one rep, and the rep deals; some lack something."""
    rep = who.replace("00500000000", "00500000001")
    crm.users[who] = Person(who, f"Boss {number}", address)
    crm.users[rep] = Person(rep, f"Rep {number}", f"rep.{address}", manager_id=who)
    for each in range(DEALS_EACH):
        lacks = (number + each) % 2
        deal = a_deal(
            "Proposal",
            deal_id=an_id(1 + DEALS_EACH * number + each),
            amount=EMPTY if lacks else dollars(5000),
        )
        crm.add(replace(deal, owner_id=rep))
