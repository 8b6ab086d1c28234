"""The promises on digests, held at every letter that leaves and at the end.

D1: one content and one id per person and local business day; what is known to have come
to its end never leaves again, what is not known leaves once more, byte for byte.
D2: no letter hides what its run could not see. F32: no day is left out in silence.
S22: no letter names a deal that its reader is not to be told of.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.slots import Slot
from tests.core.every_slot import DAY, Clocks
from tests.simulation.broken import Broken
from tests.simulation.nights.letters import letter_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import time

    from tests.simulation.nights.letters import Letter
    from tests.simulation.nights.wire import Wires

    Key = tuple[str, date]

NEVER = datetime.min.replace(tzinfo=UTC)
MOST_PERHAPS = 2
"""How often a letter may have come without anybody knowing."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One who gets digests of one kind: where and when that person works.

    Attributes:
        id: Of the person, with the kind of digest where it is no manager's.
        at: The local time from which on a day's digest is due.
        deals: Names of the deals that such a letter may tell of.
        is_regular: Gets one every business day; not only in somebody's place.
    """

    id: str
    zone: str
    at: time
    holidays: frozenset[date]
    deals: frozenset[str] = frozenset()
    is_regular: bool = True

    def works_on(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.holidays

    def due_at(self, day: date) -> datetime:
        return clocks_of(self.zone).instant(day, self.at)


def reader_id(person_id: str, audience: Audience) -> str:
    """Return what one who gets digests of a kind is called here."""
    is_first = audience is Audience.MANAGER
    return person_id if is_first else f"{person_id} {audience.value}"


@cache
def clocks_of(zone: str) -> Clocks:
    """Return the clocks of a zone, looked through once."""
    return Clocks(zone)


@dataclass
class Story:
    """What became of one person's digest of one day.

    Attributes:
        content: The first that was handed to the wire.
        perhaps: How often it left without a word of what became of it.
        is_known: It is noted in the database what became of it.
        is_sent: That it arrived.
    """

    content: str = ""
    perhaps: int = 0
    is_known: bool = False
    is_sent: bool = False


@dataclass
class Watch:
    """Looks on.

    Attributes:
        blind: Runs that could not see everything.
        stand_ins: Ids of those who may be told in a manager's place.
        gone: Managers who ever left the CRM, with the deals of their teams.
        excused: Days up to which nothing is asked of a person: who restores an old
            database after the last one was lost knows nothing of these, and who has
            left the CRM is told of none.
    """

    readers: Mapping[str, Reader]
    wires: Wires
    stand_ins: frozenset[str] = frozenset()
    gone: dict[str, frozenset[str]] = field(default_factory=dict)
    blind: set[str] = field(default_factory=set)
    stories: defaultdict[Key, Story] = field(default_factory=lambda: defaultdict(Story))
    identities: dict[str, Key] = field(default_factory=dict)
    excused: dict[str, date] = field(default_factory=dict)
    _came: dict[str, str] = field(default_factory=dict)
    _covered: defaultdict[str, set[date]] = field(
        default_factory=lambda: defaultdict(set)
    )

    # ---- at every letter ----

    def leaves(self, key: Key, content: str) -> None:
        """Look at what is about to leave."""
        who, day = key
        story, letter = self.stories[key], letter_of(content)
        if story.is_known:
            raise Broken("D1", f"the digest of {day} to {who} leaves although known")
        if story.perhaps >= MOST_PERHAPS:
            raise Broken("D1", f"the digest of {day} to {who} leaves a third time")
        if story.content not in ("", content):
            raise Broken("D1", f"the digest of {day} to {who} has two contents")
        if self.identities.setdefault(letter.identity, key) != key:
            raise Broken("D1", f"two digests have the id {letter.identity}")
        if not self.readers[who].works_on(day):
            raise Broken("F32", f"{who} does not work on {day}")
        story.content = content
        self._tells_the_truth(letter)
        self._tells_of_nobody_elses(who, letter)
        self._note_covered(who, day, letter)

    def _tells_the_truth(self, letter: Letter) -> None:
        if letter.run in self.blind and (letter.is_all_clear or not letter.admits):
            raise Broken("D2", f"run {letter.run} did not see all: {letter.text[:200]}")

    def _tells_of_nobody_elses(self, who: str, letter: Letter) -> None:
        others = letter.deals - self.readers[who].deals
        if who in self.stand_ins:
            others -= frozenset().union(*self.gone.values())
        if others:
            raise Broken("S22", f"{who} is told of {', '.join(sorted(others))}")

    def _note_covered(self, who: str, day: date, letter: Letter) -> None:
        named, more = letter.covered
        sent = sorted(each for each in named if self.stories[who, each].is_sent)
        if sent:
            raise Broken("D2", f"{who} is told of none on {sent[0]}, which was sent")
        first = min(named, default=day)
        uncounted = list(self._before(who, first))[:more]
        for each in {*named, *uncounted}:
            self._covered[who].add(each)

    def written_by_hand(self, who: str, day: date) -> None:
        """A person sends the day's digest: no schedule knows what was missed before."""
        self._covered[who] |= {day - DAY * back for back in range(1, 8)}

    def _before(self, who: str, day: date) -> Iterator[date]:
        """Iterate the business days before a day, the latest first."""
        for back in range(1, 60):
            earlier = day - DAY * back
            if self.readers[who].works_on(earlier):
                yield earlier

    def perhaps(self, key: Key) -> None:
        """A letter left, and nobody heard what became of it."""
        self.stories[key].perhaps += 1

    def known(self, key: Key, *, is_sent: bool) -> None:
        """It was noted what became of a letter."""
        story = self.stories[key]
        story.is_known, story.is_sent = True, is_sent
        identity = letter_of(story.content).identity
        if is_sent and identity not in self._came:
            who, day = key
            raise Broken("D1", f"{day} to {who} is noted as sent and never came")

    def look_at_wires(self) -> None:
        """Look at all that came, whatever the sender heard of it."""
        mails, messages = self.wires.mail.arrived, self.wires.slack.posted
        while mails:
            text = mails.pop().decode("utf-8").replace("\r\n", "\n")
            identity = letter_of(text).identity
            if self._came.setdefault(identity, text) != text:
                raise Broken("D1", f"{identity} came with two contents")
        for each in messages:
            self._came.setdefault(each["metadata"]["event_payload"]["slot"], "")

    # ---- at the end ----

    def excuse(self, until: datetime, who: str = "") -> None:
        """Ask nothing of the days that were due by then, of one person or of all."""
        for reader in self.readers.values():
            if who and reader.id != who:
                continue
            day = until.date() + DAY
            while reader.due_at(day) > until:
                day -= DAY
            self.excused[reader.id] = max(day, self.excused.get(reader.id, day))

    def leaves_the_crm(self, who: str) -> None:
        """Somebody else may be told of a manager's team from now on."""
        self.gone[who] = self.readers[who].deals

    @property
    def regular(self) -> Sequence[Reader]:
        """Those who get a digest every business day."""
        return [each for each in self.readers.values() if each.is_regular]

    def knows(self, moment: datetime) -> bool:
        """Whether nothing is excused any more on the days of a moment."""
        return all(
            moment.astimezone(clocks_of(each.zone).zone).date() > excused
            for each in self.readers.values()
            if (excused := self.excused.get(each.id))
        )

    def all_told_since(self, moment: datetime) -> bool:
        """Whether everybody had a digest that was due later."""
        return all(self._last(each).due_at > moment for each in self.regular)

    def nothing_left_out(self, since: datetime) -> None:
        """Each business day from a person's first to the last has one, or is named."""
        for reader in self.regular:
            last = self._last(reader)
            if last.due_at <= since:
                raise Broken("F32", f"{reader.id} is told nothing any more")
            left = self._told(reader)
            told = left | self._covered[reader.id]
            day = max(min(left), self.excused.get(reader.id, min(left)))
            while (day := day + DAY) < last.day:
                if reader.works_on(day) and day not in told:
                    where = f"{reader.id} ({reader.zone}, {reader.at})"
                    raise Broken("F32", f"{where} was told nothing of {day}")

    def _told(self, reader: Reader) -> set[date]:
        return {
            day
            for (who, day), story in self.stories.items()
            if who == reader.id and story.content
        }

    def _last(self, reader: Reader) -> Slot:
        day = max(self._told(reader), default=date.min + DAY)
        is_none = day == date.min + DAY
        return Slot(day, NEVER if is_none else reader.due_at(day))
