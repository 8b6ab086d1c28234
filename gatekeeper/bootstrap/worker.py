"""The worker put together: duties that open CRM and database, health, metrics."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from gatekeeper.bootstrap.machine import WallClock
from gatekeeper.bootstrap.post import post_of, why_no_way
from gatekeeper.bootstrap.rules_on_disk import RulesOnDisk
from gatekeeper.bootstrap.work import desk_of, opened
from gatekeeper.errors import SetupError
from gatekeeper.worker.digests import DigestDuty
from gatekeeper.worker.duty import Workplace
from gatekeeper.worker.health import Health
from gatekeeper.worker.metrics import Metrics
from gatekeeper.worker.runs import RunDuty
from gatekeeper.worker.scheduler import STALE, Pulse
from gatekeeper.worker.shift import Ledger, Shift

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gatekeeper.bootstrap.ground import Ground
    from gatekeeper.bootstrap.machine import StopSwitch
    from gatekeeper.core.digest.recipients import Untold
    from gatekeeper.flow.post import Sent
    from gatekeeper.flow.report import RunReport
    from gatekeeper.ports import RunRow
    from gatekeeper.store.sql_store import SqlStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Station:
    """A worker ready to work.

    Attributes:
        shifts: Runs first, so that digests tell of the night's run.
        why_no_digests: Why none will be sent; "" where they will.
    """

    shifts: Sequence[Shift]
    pulse: Pulse
    health: Health
    why_no_digests: str


@contextmanager
def station(ground: Ground, switch: StopSwitch) -> Iterator[Station]:
    """Open what a worker keeps open: the database; CRM and mail are opened for work.

    Raises:
        StopError: The database cannot be used.
    """
    store = ground.store()
    try:
        yield _put_together(_Parts(ground, switch, store))
    finally:
        store.close()


class _Parts:
    """What the pieces of one worker share."""

    def __init__(self, ground: Ground, switch: StopSwitch, store: SqlStore) -> None:
        self.ground, self.switch, self.store = ground, switch, store
        self.rules = RulesOnDisk(ground)
        self.clock = WallClock()
        self.metrics = Metrics()
        self._org = store.pinned_org() or ""

    def org(self) -> str:
        """Return the org of the database; before its first run the CRM is asked."""
        if not self._org:
            draft = self.ground.draft()
            crm = self.ground.crm(draft.project, draft.people, self.switch.sleep)
            self._org = crm.org()
        return self._org

    @contextmanager
    def workplace(self) -> Iterator[Workplace]:
        """Open rules, CRM and database for one piece of work, as a command does."""
        with opened(self.ground, _silent, switch=self.switch) as work:
            yield Workplace(
                work.services,
                work.pack,
                work.schema,
                desk_of(work),
                lambda: post_of(work),
            )

    def last_run(self) -> RunRow | None:
        """Return the last run that kept track."""
        pinned = self.store.pinned_org()
        return self.store.archive.last_told(pinned) if pinned else None

    def ran(self, place: Workplace, report: RunReport) -> None:
        """Count a run, and what stands after it."""
        org, used = place.services.crm.org(), place.services.crm.usage()
        self.metrics.ran(org, report.status.value, reads=used.reads, writes=used.writes)
        self.look_through(org)

    def look_through(self, org: str) -> None:
        """Count what stands and walk the audit chain."""
        self.metrics.stands(org, self.store.archive.counts(org))
        self.metrics.audited(org, is_whole=self.store.verify_audit(org).is_sound)

    def sent(self, place: Workplace, sent: Sent) -> None:
        """Count a digest."""
        delivery = sent.delivery.value if sent.delivery else "none"
        org = place.services.crm.org()
        self.metrics.digested(org, sent.audience.value, delivery)

    def missed(self, place: Workplace, untold: Sequence[Untold]) -> None:
        """Count and log whom no digest reaches; by id, for names are not logged."""
        counts = Counter(each.kind for each in untold)
        for each in untold:
            log.warning(
                "reader_not_reached",
                kind=each.kind,
                person_id=each.person_id,
                open_deals=each.open_deals,
            )
        self.metrics.missed(place.services.crm.org(), counts)


def _put_together(parts: _Parts) -> Station:
    _remember(parts)
    ledger = Ledger(
        parts.org,
        parts.store.slots,
        parts.clock,
        lambda: bool(parts.switch.signalled),
        parts.metrics,
    )
    runs = Shift(_run_duty(parts), ledger)
    shifts = [runs]
    why = why_no_way(parts.ground.settings)
    if not why:
        shifts.append(Shift(_digest_duty(parts, runs), ledger))
    pulse = Pulse(parts.clock, parts.clock.now())
    health = Health(pulse, STALE, _checks(parts, shifts), parts.metrics)
    return Station(shifts, pulse, health, why)


def _run_duty(parts: _Parts) -> RunDuty:
    return RunDuty(
        project=parts.rules.project,
        version=parts.rules.version,
        opened=parts.workplace,
        runs=lambda most: parts.store.runs(parts.org(), most),
        told=parts.ran,
    )


def _digest_duty(parts: _Parts, runs: Shift) -> DigestDuty:
    return DigestDuty(
        project=parts.rules.project,
        version=parts.rules.version,
        opened=parts.workplace,
        last_run=parts.last_run,
        is_run_owed=lambda: runs.failures > 0,
        told=parts.sent,
        missed=parts.missed,
    )


def _remember(parts: _Parts) -> None:
    """Set the gauges to what the database knows, so that a restart forgets nothing."""
    org = parts.store.pinned_org()
    if org:
        for kind, at in parts.store.slots.last_done(org).items():
            parts.metrics.done(org, kind, at)
        parts.look_through(org)


def _checks(parts: _Parts, shifts: Sequence[Shift]) -> dict[str, Callable[[], str]]:
    def database() -> str:
        parts.store.upkeep.check_tables()
        return ""

    def rules() -> str:
        parts.rules.project()
        for shift in shifts:
            if isinstance(shift.trouble, SetupError):
                raise shift.trouble
        return ""

    return {"database": database, "rules and settings": rules}


def _silent(what: str, done: int, total: int | None) -> None:
    """Ignore progress: nobody watches."""
