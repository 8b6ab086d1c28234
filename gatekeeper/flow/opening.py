"""Open a run, and say in one line of the log how it ended, whatever its end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from gatekeeper.ports import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gatekeeper.core.pack import RulePack
    from gatekeeper.flow.services import Services
    from gatekeeper.ports import Run, RunKind, RunRow

log = structlog.get_logger(__name__)

COUNTED = ("complete", "counts", "plan", "applied", "undone", "plan_id", "duration_s")
"""What the line takes from the report, where the run came far enough to write one."""


@contextmanager
def opened_run(
    services: Services, kind: RunKind, as_of: datetime, pack: RulePack
) -> Iterator[Run]:
    """Open a run of the org; its one line is logged when it is over.

    Raises:
        LeaseHeldError: Another run is under way; none was opened and none is told.
    """
    run: Run | None = None
    try:
        org = services.crm.org()
        with (
            services.store.open_run(org, kind, as_of, pack) as run,
            services.keeping(run.keep_lease),
        ):
            yield run
    finally:
        if run is not None:
            usage = services.crm.usage()
            api = {"reads": usage.reads, "writes": usage.writes}
            log.info("run_finished", **summary(run.row), api=api)


def summary(row: RunRow) -> dict[str, object]:
    """Return what one line says of a run; counts only, and no value of any deal."""
    # One whose end could not be stored stays open there until the next run.
    is_lost = row.status is RunStatus.RUNNING
    duration = (row.finished_at or row.started_at) - row.started_at
    return {
        "run_id": row.id,
        "kind": row.kind.value,
        "status": (RunStatus.FAILED if is_lost else row.status).value,
        "deals": row.deals,
        "duration_s": duration.total_seconds(),
        **{name: row.report[name] for name in COUNTED if name in row.report},
    }
