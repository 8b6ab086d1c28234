"""What a flow is given: the CRM, the store, the clock, and who to tell.

Plain values; bootstrap fills them.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.context import Context, rates_in
from gatekeeper.errors import StoppedError
from gatekeeper.ports import RunKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from decimal import Decimal

    from gatekeeper.core.pack import RulePack
    from gatekeeper.ports import Clock, Crm, Progress, Run, Store


UNDO_AGAIN = "What was not put back goes back when the same undo is started again."


def _runs_on() -> str:
    return ""


def _waits_not(_keep: Callable[[], None]) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Services:
    """Everything outside that a flow talks to.

    Attributes:
        stop_reason: Says why writing must stop now, or "" (kill switch, signal).
        end_reason: Says why the process is to end now, or "" (signal).
        keeping: Keeps a lease, by what it is given, while the CRM makes us wait.
    """

    crm: Crm
    store: Store
    clock: Clock
    progress: Progress
    stop_reason: Callable[[], str]
    end_reason: Callable[[], str] = _runs_on
    keeping: Callable[[Callable[[], None]], AbstractContextManager[None]] = _waits_not

    def check_end(self) -> None:
        """Raise when the process is to end: nothing more is read either.

        Raises:
            StoppedError: A signal came.
        """
        if reason := self.end_reason():
            raise StoppedError(f"Stopped: {reason}. The next run starts over.")

    def check_stop(self, run: Run) -> None:
        """Raise when a person, a file, a setting or a signal says stop.

        Raises:
            StoppedError: Nothing further may be written.
        """
        reason = self.stop_reason()
        if not reason and run.is_stopped():
            reason = "a person stopped this org (gatekeeper resume lets it go on)"
        if reason:
            raise StoppedError(f"Stopped: {reason}. {rest_of(run)}")


def rest_of(run: Run) -> str:
    """Say when that is written which a run did not come to."""
    if run.row.kind is RunKind.UNDO:
        return UNDO_AGAIN
    return "What was not written waits for the next run."


def context_for(
    pack: RulePack, as_of: datetime, rates: Mapping[str, Decimal]
) -> Context:
    """Return the standpoint of one run.

    Args:
        pack: The rules.
        as_of: When it looks.
        rates: What one unit of each currency is worth, in any one of them.
    """
    project = pack.project
    return Context(
        now=as_of,
        zone=project.zone,
        calendar=project.calendar,
        currency=project.currency,
        rates=rates_in(project.currency, rates),
        pipelines=pack.pipelines,
        placeholders=project.placeholders,
        week_starts_on=project.week_starts_on,
        fiscal_starts_in=project.fiscal_starts_in,
        fiscal=project.fiscal,
        ignore_stints_under=project.ignore_stints_under,
    )
