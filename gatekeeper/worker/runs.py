"""Runs on a schedule: however many were missed, one run does the work of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from gatekeeper.core.notices import NoticeKind
from gatekeeper.errors import DeferredError, StoppedError
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.ports import Job, RunKind, RunStatus
from gatekeeper.worker.duty import Appointment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from gatekeeper.core.pack import Project
    from gatekeeper.core.slots import Due
    from gatekeeper.flow.report import RunReport
    from gatekeeper.ports import RunRow
    from gatekeeper.worker.duty import Claim, Ended, Opening, Workplace

log = structlog.get_logger(__name__)

RUN = "run"
CAME_TO_AN_END = (RunStatus.DONE, RunStatus.HELD, RunStatus.PARTIAL)
"""A held run waits for a person and a partial one for the next night: to repeat them at
once would change nothing."""
SKEW = timedelta(minutes=5)
"""By how much the CRM's clock, which a run judges by, may be behind ours."""
LOOKED_BACK = 20
"""How many runs may have been made since a claim that was never closed."""


@dataclass(frozen=True, slots=True)
class RunDuty:
    """Implements `Duty`: judge every deal and write what the limits allow.

    Attributes:
        project: The project as its file says now; raises where it has mistakes.
        version: Changes with the files of the pack.
        opened: Opens rules, CRM and database for one run.
        runs: The latest runs of the database, newest first.
        told: Called with the report of each run.
    """

    project: Callable[[], Project]
    version: Callable[[], object]
    opened: Opening
    runs: Callable[[int], Sequence[RunRow]]
    told: Callable[[Workplace, RunReport], None]
    kind: str = RUN

    def edition(self) -> object:
        """Return what changes with the files of the pack."""
        return self.version()

    def appointments(self) -> Sequence[Appointment]:
        """Return one job per time of the day."""
        project = self.project()
        times = project.schedule.run.schedules(project.zone, project.calendar)
        return [Appointment(Job(RUN, f"{each.at:%H:%M}"), each) for each in times]

    def waits(self, due: Due, now: datetime) -> bool:
        """Say no: a run waits for nothing."""
        return False

    def perform(self, claims: Sequence[Claim]) -> Iterator[Ended]:
        """Run once for all of them, unless a run since then came to its end."""
        done = (row.id for row in self.runs(LOOKED_BACK) if _serves(row, claims))
        run_id = next(done, None) or self._run()
        for claim in claims:
            yield claim, run_id

    def _run(self) -> str:
        with self.opened() as place:
            order = RunOrder(place.services.crm.server_time(), RunKind.RUN)
            report = run_once(place.services, place.pack, place.schema, order)
            self.told(place, report)
            place.services.check_end()
        if report.status is RunStatus.DEFERRED:
            raise DeferredError(_last_word(report))
        if report.status not in (*CAME_TO_AN_END, RunStatus.STOPPED):
            raise StoppedError(f"Run {report.run_id} ended as {report.status.value}.")
        return report.run_id


def _serves(row: RunRow, claims: Sequence[Claim]) -> bool:
    """Whether a run came to its end that was begun for these claims, or after them."""
    is_run = row.kind is RunKind.RUN and row.status in CAME_TO_AN_END
    return is_run and all(
        row.started_at >= claim.since and row.as_of >= claim.due.slot.due_at - SKEW
        for claim in claims
    )


def _last_word(report: RunReport) -> str:
    stopped = [
        each.sentence for each in report.notices if each.kind is NoticeKind.STOPPED
    ]
    return (stopped or [f"Run {report.run_id} was deferred by the CRM's limits."])[-1]
