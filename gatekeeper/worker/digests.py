"""Digests on a schedule: each manager's by the clocks of where that manager works."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.slots import NOON
from gatekeeper.flow.digest import night_of, people_told
from gatekeeper.flow.post import send_digest
from gatekeeper.ports import Job
from gatekeeper.worker.duty import Appointment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from gatekeeper.core.digest.values import Digest
    from gatekeeper.core.model import Person
    from gatekeeper.core.pack import Project
    from gatekeeper.core.roles import People
    from gatekeeper.core.slots import Due
    from gatekeeper.flow.post import Sent
    from gatekeeper.ports import RunRow
    from gatekeeper.worker.duty import Claim, Ended, Opening, Workplace

DIGEST = "digest"
NOBODY_LEFT = "no deals left to tell of"
WAITS_FOR_A_RUN = timedelta(hours=3)
"""After that a digest tells of the last run there was, and says of when it is."""


@dataclass(slots=True)
class Roster:
    """Who gets digests, as of one run."""

    run: str
    managers: Sequence[Person]
    people: People


@dataclass(slots=True)
class DigestDuty:
    """Implements `Duty`: send each manager the digest of the day.

    Attributes:
        project: The project as its file says now; raises where it has mistakes.
        version: Changes with the files of the pack.
        opened: Opens rules, CRM, database and mail.
        last_run: The last run that digests can tell of; None before there is one.
        is_run_owed: Whether a run is due that has not come to its end.
        told: Called with what became of each digest.
    """

    project: Callable[[], Project]
    version: Callable[[], object]
    opened: Opening
    last_run: Callable[[], RunRow | None]
    is_run_owed: Callable[[], bool]
    told: Callable[[Workplace, Sent], None]
    kind: str = DIGEST
    _roster: Roster | None = field(default=None, repr=False)

    def edition(self) -> object:
        """Return what changes with the files of the pack."""
        return self.version()

    def appointments(self) -> Sequence[Appointment]:
        """Return one job per manager."""
        project, last = self.project(), self.last_run()
        if last is None:
            return []
        roster = self._roster_of(last)
        return [
            Appointment(Job(DIGEST, who.id), schedule, who.name, NOON)
            for who in roster.managers
            for schedule in project.schedule.digest.schedules(
                roster.people.zone(who, project.zone),
                roster.people.calendar(who, project.calendar),
            )
        ]

    def waits(self, due: Due, now: datetime) -> bool:
        """Whether the run of the night is still to come, and may come in time."""
        return self.is_run_owed() and now - due.slot.due_at < WAITS_FOR_A_RUN

    def perform(self, claims: Sequence[Claim]) -> Iterator[Ended]:
        """Make and send the digests that are due; one's failure stops nobody else's."""
        with self.opened() as place:
            post = place.post()
            chosen = {claim.job.subject for claim in claims}
            made = {each.who.id: each for each in night_of(place.desk).digests(chosen)}
            with post.outbox.posting(post.org):
                for claim in claims:
                    place.services.check_end()
                    digest = made.get(claim.job.subject)
                    if digest is None:
                        yield claim, NOBODY_LEFT
                        continue
                    slot = claim.due.slot
                    sent = send_digest(_dated(digest, claim.due), slot.day, post)
                    self.told(place, sent)
                    if sent.is_settled:
                        yield claim, sent.delivery.value if sent.delivery else sent.why

    def _roster_of(self, last: RunRow) -> Roster:
        """Return who gets digests about a run; the CRM is asked once a run."""
        if self._roster is None or self._roster.run != last.id:
            with self.opened() as place:
                managers = people_told(place.desk)
                self._roster = Roster(last.id, managers, place.pack.people)
        return self._roster


def _dated(digest: Digest, due: Due) -> Digest:
    """Say that a digest is late, and of which days before it is the only one."""
    missed = tuple(slot.day for slot in due.missed)
    truth = replace(digest.truth, is_late=due.is_late, days_without=missed)
    return replace(digest, truth=truth)
