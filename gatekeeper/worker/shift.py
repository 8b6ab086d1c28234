"""From a tick to work done: what is due is claimed, performed and closed, once.

The ledger of slots decides. A claim that was never closed is begun again: whoever does
the work looks first whether it was done after all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from gatekeeper.core.calendar import local_date
from gatekeeper.core.slots import due
from gatekeeper.errors import (
    GatekeeperError,
    LeaseHeldError,
    SetupError,
    StoppedError,
    Transient,
)
from gatekeeper.ports import Job
from gatekeeper.retry import wait_after
from gatekeeper.worker.duty import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime, timedelta

    from gatekeeper.core.slots import Due
    from gatekeeper.ports import Clock, Slots
    from gatekeeper.worker.duty import Appointment, Duty
    from gatekeeper.worker.metrics import Metrics

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What every shift goes by.

    Attributes:
        org: Whose slots; asked when first needed.
        is_ending: Whether nothing new may be begun.
    """

    org: Callable[[], str]
    slots: Slots
    clock: Clock
    is_ending: Callable[[], bool]
    metrics: Metrics


@dataclass(slots=True)
class Shift:
    """One kind of work, tick by tick.

    Attributes:
        trouble: Why the last attempt could not be made or ended; None after a good
            one.
        failures: How many attempts in a row were in vain.
        is_busy: A tick is under way.
    """

    duty: Duty
    ledger: Ledger
    trouble: Exception | None = None
    failures: int = 0
    is_busy: bool = False
    _waits_until: datetime | None = None
    _edition: object = field(default=None, repr=False)

    def tick(self) -> bool:
        """Do what is due; return whether something was tried."""
        self.is_busy = True
        try:
            return self._ticked()
        finally:
            self.is_busy = False

    def _ticked(self) -> bool:
        now = self.ledger.clock.now()
        if self.ledger.is_ending() or self._is_waiting(now):
            return False
        claims: Sequence[Claim] = ()
        try:
            claims = self._claims(now)
            left = self._performed(claims) if claims else 0
        except GatekeeperError as error:
            self._failed(error, now)
            return True
        except Exception as error:
            self._failed(error, now)
            log.debug("work_defect", kind=self.duty.kind, exc_info=error)
            return True
        if left:
            self._put_off(now, f"{left} of {len(claims)} are left for later")
        else:
            self.trouble, self.failures, self._waits_until = None, 0, None
        return bool(claims)

    def _is_waiting(self, now: datetime) -> bool:
        """Whether the last failure is too fresh, and nothing has changed since."""
        edition = self.duty.edition()
        if edition != self._edition:
            self._edition, self._waits_until = edition, None
        return self._waits_until is not None and now < self._waits_until

    def _claims(self, now: datetime) -> Sequence[Claim]:
        wanted = self.duty.appointments()
        if not wanted:
            return ()
        org, slots = self.ledger.org(), self.ledger.slots
        used = used_days(slots, org, wanted, now)
        claims: list[Claim] = []
        for each in wanted:
            last = used.get(each.job)
            found = due(each.schedule, last, now, until=each.until)
            if found is None or self.duty.waits(found, now):
                continue
            row = slots.claim(org, each.job, found)
            if row is not None:
                # An earlier worker may have claimed it, and merged days into it.
                whole = replace(found, missed=row.merged)
                claims.append(Claim(each.job, whole, row.claimed_at))
                self._tell(each.job, whole)
        return claims

    def _tell(self, job: Job, found: Due) -> None:
        if self.failures:
            return  # it was told when it was first begun
        log.info(
            "work_due",
            kind=job.kind,
            subject=job.subject,
            day=found.slot.day.isoformat(),
            is_late=found.is_late,
            missed=len(found.missed),
        )

    def _performed(self, claims: Sequence[Claim]) -> int:
        """Do the work and close what is done; return how much is left."""
        org = self.ledger.org()
        left = len(claims)
        with self.ledger.metrics.at_work(self.duty.kind):
            for claim, note in self.duty.perform(claims):
                kind = claim.job.kind
                self.ledger.slots.close(org, claim.job, claim.due.slot.day, note)
                self.ledger.metrics.done(org, kind, self.ledger.clock.now())
                log.info(
                    "work_done",
                    kind=kind,
                    subject=claim.job.subject,
                    day=claim.due.slot.day.isoformat(),
                    note=note,
                )
                left -= 1
        return left

    def _failed(self, error: Exception, now: datetime) -> None:
        kind, before, self.trouble = self.duty.kind, self.trouble, error
        if isinstance(error, StoppedError) and self.ledger.is_ending():
            log.info("work_cut_short", kind=kind, reason=str(error))
            return
        self.ledger.metrics.failed(kind)
        if isinstance(error, SetupError) and str(error) != str(before):
            log.error("person_needed", kind=kind, reason=str(error))
        asked = error.retry_after if isinstance(error, Transient) else None
        self._put_off(now, _said(error), asked)

    def _put_off(
        self, now: datetime, reason: str, asked: timedelta | None = None
    ) -> None:
        self.failures += 1
        wait = wait_after(self.failures, asked)
        self._waits_until = now + wait
        event = "work_put_off"
        if isinstance(self.trouble, LeaseHeldError):
            event = "standing_by"  # another worker, or a command, is at it
        log.warning(
            event,
            kind=self.duty.kind,
            reason=reason,
            attempt=self.failures,
            wait_s=round(wait.total_seconds()),
        )


def used_days(
    slots: Slots, org: str, appointments: Sequence[Appointment], now: datetime
) -> Mapping[Job, date]:
    """Return the last day that is done or merged, of each job that has one.

    Where what was done today is lost with a database, it is today for jobs that the
    restored one does not know: nothing is sent a second time.
    """
    used: dict[Job, date] = {}
    for kind in sorted({each.job.kind for each in appointments}):
        known = slots.used(org, kind)
        used |= {Job(kind, subject): day for subject, day in known.items()}
        lost = slots.lost_until(org, kind)
        for each in appointments if lost else ():
            today = local_date(now, each.schedule.zone)
            is_lost = lost is not None and each.schedule.slot(today).due_at <= lost
            if each.job.kind == kind and each.job not in used and is_lost:
                used[each.job] = today
    return used


def _said(error: Exception) -> str:
    """Say what failed in one line; a defect's own words may hold values."""
    if isinstance(error, GatekeeperError):
        return str(error).partition("\n")[0]
    kind = type(error).__name__
    return f"A defect of gatekeeper: {kind}. GATEKEEPER_LOG_LEVEL=debug shows where."
