"""Digests on a schedule: each person's by the clocks of where that person works."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.digest.rules import RulesDigest
from gatekeeper.core.slots import NOON
from gatekeeper.flow.digest import roster_about
from gatekeeper.flow.post import send_digest, was_sent
from gatekeeper.flow.readers import digests_for
from gatekeeper.ports import Job
from gatekeeper.worker.duty import Appointment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from gatekeeper.core.digest.recipients import Recipient, Roster, Untold
    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.core.digest.values import Digest
    from gatekeeper.core.pack import Project
    from gatekeeper.core.roles import People
    from gatekeeper.core.slots import Due
    from gatekeeper.flow.post import Post, Sent
    from gatekeeper.ports import RunRow
    from gatekeeper.worker.duty import Claim, Ended, Opening, Workplace

DIGEST = "digest"
NOBODY_LEFT = "is told of nothing any more"
WAITS_FOR_A_RUN = timedelta(hours=3)
"""After that a digest tells of the last run there was, and says of when it is."""


def kind_of(audience: Audience) -> str:
    """Return what the ledger calls a kind of digest; managers' has the oldest name."""
    is_first = audience is Audience.MANAGER
    return DIGEST if is_first else f"{DIGEST}_{audience.value}"


@dataclass(frozen=True, slots=True)
class Calling:
    """Who gets digests about one run, by the rules of one moment."""

    run: str
    version: object
    roster: Roster
    people: People


@dataclass(slots=True)
class DigestDuty:
    """Implements `Duty`: send everybody on the roster the digest of the day.

    Attributes:
        project: The project as its file says now; raises where it has mistakes.
        version: Changes with the files of the pack.
        opened: Opens rules, CRM, database and mail.
        last_run: The last run that digests can tell of; None before there is one.
        is_run_owed: Whether a run is due that has not come to its end.
        told: Called with what became of each digest.
        missed: Called with whom no digest reaches, once a run.
    """

    project: Callable[[], Project]
    version: Callable[[], object]
    opened: Opening
    last_run: Callable[[], RunRow | None]
    is_run_owed: Callable[[], bool]
    told: Callable[[Workplace, Sent], None]
    missed: Callable[[Workplace, Sequence[Untold]], None]
    kind: str = DIGEST
    _calling: Calling | None = field(default=None, repr=False)

    def edition(self) -> object:
        """Return what changes with the files of the pack."""
        return self.version()

    def appointments(self) -> Sequence[Appointment]:
        """Return one job per recipient and kind of digest."""
        project, last = self.project(), self.last_run()
        if last is None:
            return []
        calling = self._called(last)
        return [
            Appointment(_job_of(each), schedule, each.who.name, NOON)
            for each in calling.roster.told
            for schedule in project.schedule.digest.schedules(
                calling.people.zone(each.who, project.zone),
                calling.people.calendar(each.who, project.calendar),
            )
        ]

    def waits(self, due: Due, now: datetime) -> bool:
        """Whether the run of the night is still to come, and may come in time."""
        return self.is_run_owed() and now - due.slot.due_at < WAITS_FOR_A_RUN

    def perform(self, claims: Sequence[Claim]) -> Iterator[Ended]:
        """Make and send the digests that are due; one's failure stops nobody else's."""
        with self.opened() as place:
            post = place.post()
            with post.outbox.posting(post.org):
                roster = roster_about(place.desk, post.notifier.why_not)
                told = {_job_of(each): each for each in roster.told}
                called = [claim for claim in claims if claim.job in told]
                yield from (
                    (each, NOBODY_LEFT) for each in claims if each not in called
                )
                recipients = [told[claim.job] for claim in called]
                made = digests_for(recipients, place.desk, roster.untold)
                for claim, digest in zip(called, made, strict=True):
                    place.services.check_end()
                    slot = claim.due.slot
                    dated = _dated(digest, claim.due, post)
                    sent = send_digest(dated, slot.day, post)
                    self.told(place, sent)
                    if sent.is_settled:
                        yield claim, sent.delivery.value if sent.delivery else sent.why

    def _called(self, last: RunRow) -> Calling:
        """Return who gets digests about a run; the CRM is asked once a run."""
        version, known = self.version(), self._calling
        if known is not None and (known.run, known.version) == (last.id, version):
            return known
        with self.opened() as place:
            roster = roster_about(place.desk, place.post().notifier.why_not)
            self._calling = Calling(last.id, version, roster, place.pack.people)
            self.missed(place, roster.untold)
        return self._calling


def _job_of(recipient: Recipient) -> Job:
    return Job(kind_of(recipient.audience), recipient.who.id)


def _dated(digest: AnyDigest, due: Due, post: Post) -> AnyDigest:
    """Say that a digest is late, and of which days before it is the only one.

    A day whose digest was sent may be among those that were missed: its worker was
    gone before it could close the day.
    """
    who, audience = digest.who.id, digest.audience
    missed = tuple(
        slot.day
        for slot in due.missed
        if not was_sent(post.outbox.posted(post.org, who, slot.day, audience))
    )
    if isinstance(digest, RulesDigest):
        return replace(digest, whole=_late(digest.whole, due, missed))
    return _late(digest, due, missed)


def _late(digest: Digest, due: Due, missed: tuple[date, ...]) -> Digest:
    truth = replace(digest.truth, is_late=due.is_late, days_without=missed)
    return replace(digest, truth=truth)
