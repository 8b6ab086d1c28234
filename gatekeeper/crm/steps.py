"""The steps of a set-up: what is planned, and what carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.errors import CrmAuthError
from gatekeeper.ports import PlannedField

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatekeeper.errors import Transient
    from gatekeeper.ports import Progress


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a CRM needs.

    Attributes:
        do: Makes it; None where there is nothing to do.
    """

    plan: PlannedField
    do: Callable[[], object] | None


def exists(name: str, detail: str) -> Step:
    """Return the step of what is there."""
    return Step(PlannedField(name, "exists", detail), None)


def carry_out(steps: Sequence[Step], progress: Progress) -> tuple[PlannedField, ...]:
    """Make what is missing, one after the other, and return what was done."""
    for number, step in enumerate(steps):
        progress(step.plan.name, number, len(steps))
        if step.do is not None:
            step.do()
    progress("set-up", len(steps), len(steps))
    return tuple(step.plan for step in steps)


def stopped(error: Transient) -> CrmAuthError:
    """Say that a set-up may go on where it was."""
    return CrmAuthError(f"The set-up stopped: {error}. Run gatekeeper setup-crm again.")
