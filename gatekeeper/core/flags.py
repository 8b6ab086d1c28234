"""What our fields on a deal should say (product D10).

Pure. They follow the same released lines as the deal's task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import Flags, Mode, Outcome, State
from gatekeeper.core.wording import missing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Dossier, Violation


def flags_of(
    dossier: Dossier,
    violations: Sequence[Violation],
    lines: Sequence[Violation],
    context: Context,
) -> Flags:
    """Write the flags; all None where no rule in force applies.

    Args:
        dossier: The deal as read.
        violations: All live ones and those resolved in this run.
        lines: Of these the released ones, the worst first.
        context: For local dates.
    """
    enforced = [
        each for each in violations if each.is_live and each.mode is Mode.ENFORCE
    ]
    if not (dossier.is_enforced or enforced):
        return Flags()
    opened = [each.opened_at or each.first_seen for each in lines]
    return Flags(
        status=_status(dossier, enforced, lines),
        open_count=len(lines),
        worst_severity=lines[0].severity.value if lines else None,
        missing=missing_of(lines) if lines else None,
        open_since=local_date(min(opened), context.zone) if opened else None,
        supported_stage=dossier.supported_stage,
    )


def _status(
    dossier: Dossier, enforced: Sequence[Violation], lines: Sequence[Violation]
) -> str:
    """Open, Pending, Waived, Cannot tell, Clear: the first that applies."""
    if lines:
        return "Open"
    if any(each.state in (State.PENDING, State.OPEN) for each in enforced):
        return "Pending"
    if any(each.state is State.WAIVED for each in enforced):
        return "Waived"
    if dossier.cannot_tell or any(
        each.outcome is Outcome.CANNOT_TELL for each in enforced
    ):
        return "Cannot tell"
    return "Clear"
