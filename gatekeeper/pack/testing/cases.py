"""Cases of a test file: a deal, what is changed on it, when, and what is expected."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.waivers import WaiverBook
from gatekeeper.pack.files.values import did_you_mean, must_be
from gatekeeper.pack.source.nodes import Listing, Node, Scalar, Table
from gatekeeper.pack.source.read import Noun
from gatekeeper.pack.testing.deals import Draft, read_subject
from gatekeeper.pack.testing.expect import Expected, read_expected
from gatekeeper.pack.testing.hidden import hide
from gatekeeper.pack.testing.history import read_history
from gatekeeper.pack.testing.schema import CasePart, OverPart
from gatekeeper.pack.testing.sketch import HISTORY, read_sketch
from gatekeeper.pack.testing.values import END_OF_DAY, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.core.model import Deal
    from gatekeeper.language.messages import Place
    from gatekeeper.pack.source.read import Reader
    from gatekeeper.pack.testing.expect import RuleIds
    from gatekeeper.pack.testing.history import Entry
    from gatekeeper.pack.testing.rows import World
    from gatekeeper.pack.testing.sketch import Sketch
    from gatekeeper.pack.testing.waivers import Compiled

LONGEST_SPAN = timedelta(days=366)
AS_OF_HELP = "as_of: 2026-11-20 09:00"


@dataclass(frozen=True, slots=True)
class Case:
    """One case, ready to be judged.

    Attributes:
        place: Where it is written.
        looks: The moments at which the deal is judged, one after the other, and the
            deal as it stands then.
        waivers: The only ones that apply.
        known_gap: It should fail today.
    """

    name: str
    place: Place
    looks: tuple[tuple[datetime, Deal], ...]
    expected: Expected
    waivers: WaiverBook = field(default_factory=WaiverBook)
    known_gap: bool = False


@dataclass(frozen=True, slots=True)
class Bench:
    """What the cases of one test file share.

    Attributes:
        as_of: The clock of a case that has none of its own.
        is_timed: Whether the file has a clock, be it one that cannot be read.
        deals: By name, as written.
        waiving: Reads the waivers of a case.
    """

    reader: Reader
    world: World
    ids: RuleIds
    deals: Mapping[str, Draft]
    as_of: datetime | None
    waiving: Compiled
    is_timed: bool = False

    def deal_named(self, node: Scalar) -> Draft | None:
        """Return the deal a case names; an unknown one is noted (E803)."""
        found = self.deals.get(node.text.strip())
        if found is None:
            text = f'there is no deal "{node.text}" in this test.'
            listed = ", ".join(list(self.deals)[:8]) or "none"
            advice = did_you_mean(node.text, self.deals) or f"deals: {listed}"
            self.reader.say(node.place, "E803", text, advice)
        return found

    def looks(
        self,
        draft: Draft,
        moments: tuple[datetime, ...],
        place: Place,
        hidden: tuple[Scalar, ...] = (),
    ) -> Iterator[tuple[datetime, Deal]]:
        """Give the deal as it stands at each moment; `place` says when that is."""
        subject = read_subject(self.reader, self.world, draft, moments[0])
        for at in moments if subject else ():
            deal = subject.at(at) if subject else None
            if deal is None:
                day = local_date(at, self.world.tongue.zone)
                text = f"deal {draft.name.text} did not exist yet on {day:%-d %b %Y}."
                advice = "judge it later, or let its history begin earlier."
                self.reader.say(place, "E807", text, advice)
                return
            yield at, hide(self.reader, deal, hidden)

    def history(self, sketch: Sketch) -> tuple[Entry, ...]:
        """Read `history:` of a deal."""
        part = sketch.get(HISTORY)
        return read_history(self.reader, self.world, part.node if part else None)

    def draft(self, base: Draft, change: Sketch) -> Draft:
        """Return a deal with what a case changes on it."""
        entries = self.history(change) if HISTORY in change else base.entries
        return replace(base, entries=entries, change=change)


def read_clock(reader: Reader, world: World, node: Node | None) -> datetime | None:
    """Read `as_of`; a day without a time is its end, as everywhere."""
    if node is None:
        return None
    zone = world.tongue.zone
    return reader.value(
        node, "as_of", lambda written: moment(written, zone, END_OF_DAY), None
    )


def read_case(bench: Bench, table: Table) -> Case | None:
    """Read one case; None where it cannot be judged."""
    reader = bench.reader
    written_name = table.get("name")
    name = written_name.text if isinstance(written_name, Scalar) else ""
    noun = Noun("a case", f'case "{name}"' if name else "this case")
    part = reader.part(CasePart, table, noun)
    deal = table.get("deal")
    expected = read_expected(reader, bench.ids, name, table.get("expect"))
    moments = _moments(bench, table, expected)
    base = bench.deal_named(deal) if isinstance(deal, Scalar) else None
    if base is None:
        return None
    changed = reader.table(table.get("change"), "change")
    change = read_sketch(reader, bench.world, changed.pairs if changed else ())
    draft = bench.draft(base, change)
    book, needs = bench.waiving.book(reader, table.get("waivers"), draft.id)
    if part is None or not moments:
        return None
    bench = replace(bench, world=replace(bench.world, needs=bench.world.needs | needs))
    hidden = tuple(_scalars(table.get("hidden")))
    clock = table.get("over") or table.get("as_of") or table
    looks = tuple(bench.looks(draft, moments, clock.place, hidden))
    return Case(part.name, table.place, looks, expected, book, part.known_gap)


def _scalars(node: Node | None) -> Iterator[Scalar]:
    entries = node.entries if isinstance(node, Listing) else (node,)
    return (entry for entry in entries if isinstance(entry, Scalar))


def _moments(bench: Bench, table: Table, expected: Expected) -> tuple[datetime, ...]:
    """Return when the case is judged: at its clock, or once a day over a span."""
    own = table.get("as_of")
    at = read_clock(bench.reader, bench.world, own) or bench.as_of
    if at is None:
        if own is None:
            no_clock(bench, table.place)
        return ()
    over = table.get("over")
    if over is None:
        if expected.timeline and (key := _timeline_key(table)):
            text = 'a "timeline" needs the days it is about.'
            advice = "over: {from: 2026-11-20, to: 2026-11-26}"
            bench.reader.say(key.place, "E806", text, advice)
        return (at,)
    return _span(bench, over, at, expected)


def _timeline_key(table: Table) -> Scalar | None:
    expect = table.get("expect")
    return expect.key("timeline") if isinstance(expect, Table) else None


def no_clock(bench: Bench, place: Place) -> None:
    """Note a test without a clock (E801)."""
    if not bench.is_timed:
        bench.reader.say(place, "E801", 'this test has no "as_of".', AS_OF_HELP)


def _span(
    bench: Bench, node: Node, at: datetime, expected: Expected
) -> tuple[datetime, ...]:
    """Return one moment a day, at the time of day of the case's clock."""
    part = bench.reader.part(OverPart, node, Noun('"over"'))
    if part is None:
        return ()
    if not part.first <= part.last <= part.first + LONGEST_SPAN:
        wanted = must_be("a span of at most a year, its first day first")
        bench.reader.unfit(node, "over", wanted)
        return ()
    for day in expected.timeline:
        if not part.first <= day <= part.last:
            text = f"{day} of the timeline lies outside {part.first} to {part.last}."
            bench.reader.say(node.place, "E806", text, "widen over: {from:, to:}")
    zone = bench.world.tongue.zone
    time_of_day = at.astimezone(zone).time()
    days = range((part.last - part.first).days + 1)
    return tuple(
        datetime.combine(
            part.first + timedelta(days=day), time_of_day, zone
        ).astimezone(UTC)
        for day in days
    )
