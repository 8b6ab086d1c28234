"""A small org somewhere in the world: readers, their clocks, days off and deals."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.model import EMPTY, Person
from gatekeeper.core.people import Directory
from gatekeeper.core.roles import People, Readers
from gatekeeper.core.slots import Schedule
from gatekeeper.core.timetable import Times, Timetable
from tests.builders import PIPELINE, a_deal, a_pack, a_rule, dollars
from tests.core.every_slot import DAYS, TIMES, ways
from tests.flow.scene import NEEDS, an_id
from tests.simulation.nights.crm import NightCrm
from tests.simulation.nights.watch import Reader, clocks_of, reader_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.core.pack import RulePack

TEAMS = 2
DEALS_EACH = 2
EXTRA_SHARE = 0.4
"""How many orgs have readers of a kind beside the managers."""
SLACK_SHARE = 0.4


@dataclass
class NightOrg:
    """Who reads, by which clocks, and what about.

    Attributes:
        managers: Ids of those who may leave the CRM and come back.
        stand_ins: Ids of readers who are told in a manager's place.
        schedules: Of runs and digests: when a worker has to be awake.
    """

    starts_at: datetime
    readers: dict[str, Reader]
    managers: Sequence[str]
    stand_ins: frozenset[str]
    pack: RulePack
    crm: NightCrm
    schedules: Sequence[Schedule]


@dataclass
class _Staff:
    """Everybody who works there, and who of them reads what.

    Attributes:
        at: When digests are due, by the clocks of each.
    """

    draw: Random
    first: date
    at: time
    crm: NightCrm = field(default_factory=lambda: NightCrm(pipelines=(PIPELINE,)))
    readers: dict[str, Reader] = field(default_factory=dict)
    zones: dict[str, ZoneInfo] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    slack: dict[str, str] = field(default_factory=dict)
    _off: dict[str, frozenset[date]] = field(default_factory=dict)

    def settles(self, address: str, zone: str) -> None:
        """Somebody works in a zone, with days off, and reads mail or Slack."""
        if address in self.zones:
            return
        off = frozenset(
            self.first + timedelta(days=self.draw.randrange(14)) for _ in range(2)
        )
        self._off[address] = off
        self.zones[address], self.calendars[address] = ZoneInfo(zone), Calendar(off)
        if self.draw.random() < SLACK_SHARE:
            self.slack[address] = f"U{len(self.zones)}"

    def reads(
        self, who: str, address: str, kind: Audience, deals: Sequence[str]
    ) -> str:
        """Somebody gets digests of a kind, about these deals."""
        id_ = reader_id(who, kind)
        zone, off = self.zones[address].key, self._off[address]
        self.readers[id_] = Reader(id_, zone, self.at, off, frozenset(deals))
        return id_

    def team(self, number: int, address: str, zone: str, *, owner_reads: bool) -> None:
        """A manager, one rep, and the rep's deals, of which some lack something."""
        letter = "abc"[number]
        boss, rep = f"00500000000{letter}000AAA", f"00500000001{letter}000AAA"
        rep_address = f"rep.{letter}@acme.example"
        self.settles(address, zone)
        self.settles(rep_address, zone)
        self.crm.users[boss] = Person(boss, f"Boss {number}", address)
        self.crm.users[rep] = Person(rep, f"Rep {number}", rep_address, manager_id=boss)
        deals = range(1 + DEALS_EACH * number, 1 + DEALS_EACH * (number + 1))
        for each in deals:
            amount = EMPTY if (number + each) % 2 else dollars(5000)
            deal = a_deal("Proposal", deal_id=an_id(each), amount=amount)
            self.crm.add(replace(deal, owner_id=rep, name=f"Deal {each}"))
        names = [f"Deal {each}" for each in deals]
        self.reads(boss, address, Audience.MANAGER, names)
        if owner_reads:
            self.reads(rep, rep_address, Audience.OWNER, names)


def night_org(seed: int) -> NightOrg:
    """Return the org of a seed, a few days before clocks are moved somewhere in it.

    Each kind of digest has readers in some seeds: a manager alone in one, and in
    another somebody who reads as a manager, for leadership and for RevOps.
    """
    draw = Random(f"night org {seed}")  # noqa: S311  (no secret depends on it)
    zones = [draw.choice(ways()).name for _ in range(TEAMS)]
    moved = sorted(clocks_of(draw.choice(zones)).moved) or DAYS
    first = draw.choice(moved) - timedelta(days=draw.randrange(2, 9))
    first = min(max(first, DAYS[5]), DAYS[-60])
    staff = _Staff(draw, first, draw.choice(TIMES))
    other = draw.choice("bbba")  # two managers may share an address
    addresses = ["a@acme.example", f"{other}@acme.example"]
    also = [f"{other}@acme.example"] if other == "b" else []
    owners = draw.random() < EXTRA_SHARE
    for number, (address, zone) in enumerate(zip(addresses, zones, strict=True)):
        staff.team(number, address, zone, owner_reads=owners)
    declared = {
        kind: (address,)
        for kind, address in (
            (Audience.LEADERSHIP, draw.choice(["vp@acme.example", *also])),
            (Audience.REVOPS, draw.choice(["ops@acme.example", *also])),
        )
        if draw.random() < EXTRA_SHARE
    }
    every = [deal.name for deal in staff.crm.deals.values()]
    directory = Directory(staff.crm.users)
    stand_ins: set[str] = set()
    for kind, (address,) in declared.items():
        staff.settles(address, zones[0])
        known = directory.at(address)
        who = known.id if known else address
        staff.reads(who, address, kind, every if kind is Audience.LEADERSHIP else ())
        if kind is Audience.REVOPS:
            stand_ins.add(who)
            if known is None:
                instead = staff.reads(who, address, Audience.MANAGER, ())
                only = replace(staff.readers[instead], is_regular=False)
                staff.readers[instead] = only
    managers = [who for who in staff.crm.users if who in staff.readers]
    pack = _pack(staff, draw.choice(TIMES), ZoneInfo(zones[0]), declared, owners=owners)
    project = pack.project
    (run_at,) = project.schedule.run.at
    schedules = [
        Schedule(staff.at, ZoneInfo(each.zone), Calendar(each.holidays))
        for each in staff.readers.values()
    ]
    schedules.append(Schedule(run_at, project.zone, project.calendar))
    starts_at = datetime.combine(first, draw.choice(TIMES), UTC)
    return NightOrg(
        starts_at,
        staff.readers,
        managers,
        frozenset(stand_ins),
        pack,
        staff.crm,
        schedules,
    )


def _pack(
    staff: _Staff,
    run_at: time,
    zone: ZoneInfo,
    declared: Mapping[Audience, tuple[str, ...]],
    *,
    owners: bool,
) -> RulePack:
    """Return one rule, and a people.yaml that names the readers."""
    people = People(
        zones=staff.zones,
        calendars=staff.calendars,
        slack=staff.slack,
        fallback="a@acme.example",
        digests=Readers(
            revops=declared.get(Audience.REVOPS, ()),
            leadership=declared.get(Audience.LEADERSHIP, ()),
            owners=owners,
        ),
    )
    timetable = Timetable(Times((run_at,)), Times((staff.at,)))
    project = replace(a_pack().project, schedule=timetable, zone=zone)
    return replace(a_pack(a_rule()), project=project, people=people, needs=NEEDS)


def mended(org: NightOrg, number: int) -> None:
    """Let a rep enter what a deal lacks."""
    org.crm.change(_deal(number), amount=dollars(1000 + number))


def spoiled(org: NightOrg, number: int) -> None:
    """Let a rep take an amount out."""
    org.crm.change(_deal(number), amount=EMPTY)


def _deal(number: int) -> str:
    return an_id(1 + number % (TEAMS * DEALS_EACH))
