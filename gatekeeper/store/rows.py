"""Our values as rows of the tables, and rows as our values; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    Action,
    Obligation,
    ObligationId,
    ObligationState,
    Outcome,
    Severity,
)
from gatekeeper.ports import RunKind, RunRow, RunStatus, StagedChange
from gatekeeper.store.codec import (
    change_from,
    text_of,
    texts_from,
    tree_from,
    violation_from,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Row

    from gatekeeper.core.model import Change, Violation

    AnyRow = Row[*tuple[object, ...]]

UNFINISHED = (
    ObligationState.INTENT,
    ObligationState.OPEN,
    ObligationState.RESOLVING,
)
LEAST_URGENT = len(Severity)
PLANNED = "planned"

LETTERS = {
    Outcome.PASS: "p",
    Outcome.FAIL: "f",
    Outcome.NOT_APPLICABLE: "n",
    Outcome.CANNOT_TELL: "c",
}
OUTCOMES = {letter: outcome for outcome, letter in LETTERS.items()}
NO_VERDICT = "."


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows these are: one run of one org.

    Attributes:
        rules: Rule ids in the order in which a deal's outcomes are written.
    """

    org: str
    run: int
    rules: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """The key columns of every row of the run."""
        return (self.org, self.run)

    def owned(self, **values: object) -> dict[str, object]:
        """Return a row of this run."""
        return {"org": self.org, "run": self.run, **values}


def urgency_of(severity: Severity) -> int:
    """Return 0 for critical up to 3 for low: ascending is worst first."""
    return Severity.CRITICAL.rank - severity.rank


def outcome_letters(outcomes: Mapping[str, Outcome], rules: Sequence[str]) -> str:
    """Write a deal's outcomes as one letter per rule of the pack.

    Raises:
        ValueError: An outcome belongs to no rule of the pack.
    """
    letters = [
        LETTERS[outcomes[rule]] if rule in outcomes else NO_VERDICT for rule in rules
    ]
    if len(letters) - letters.count(NO_VERDICT) != len(outcomes):
        strange = sorted(outcomes.keys() - set(rules))
        raise ValueError(f"outcomes of rules that are not in the pack: {strange}")
    return "".join(letters)


def violation_row(violation: Violation) -> dict[str, object]:
    """Return the columns of a violation; what a run may set stays out of the text."""
    return {
        "deal_id": violation.deal_id,
        "rule_id": violation.rule_id,
        "pipeline": violation.pipeline,
        "state": violation.state.value,
        "mode": violation.mode.value,
        "urgency": urgency_of(violation.severity),
        "first_seen": violation.first_seen,
        "waiting": violation.waiting,
        "released_on": violation.released_on,
        "payload": text_of(_unmarked(violation)),
    }


def _unmarked(violation: Violation) -> Violation:
    if not violation.waiting and violation.released_on is None:
        return violation
    return replace(violation, waiting="", released_on=None)


def violation_of(row: AnyRow) -> Violation:
    """Return the violation of a row."""
    violation = violation_from(row.payload)
    if not row.waiting and row.released_on is None:
        return violation
    return replace(violation, waiting=row.waiting, released_on=row.released_on)


def episode_row(obligation: Obligation) -> dict[str, object]:
    """Return the columns of an obligation, but for who wrote it."""
    return {
        "deal_id": obligation.id.deal_id,
        "role": obligation.id.role,
        "group": obligation.id.group,
        "episode": obligation.episode,
        "key": obligation.key,
        "state": obligation.state.value,
        "remote_id": obligation.remote_id,
        "opened_at": obligation.opened_at,
        "due_on": obligation.due_on,
        "closed_at": obligation.closed_at,
        "raised": obligation.raised,
        "version": obligation.version,
    }


def obligation_of(row: AnyRow, version: int | None = None) -> Obligation:
    """Return the obligation of a row; open without an id reads as an intent.

    Args:
        row: A row of a table with the columns of an episode.
        version: The version to carry instead of the row's own.
    """
    state = ObligationState(row.state)
    if state is ObligationState.OPEN and row.remote_id is None:
        state = ObligationState.INTENT
    return Obligation(
        id=ObligationId(row.deal_id, row.role, row.group),
        episode=row.episode,
        key=row.key,
        state=state,
        remote_id=row.remote_id,
        opened_at=row.opened_at,
        due_on=row.due_on,
        closed_at=row.closed_at,
        raised=row.raised,
        version=row.version if version is None else version,
    )


def change_row(change: Change, seq: int, urgency: int) -> dict[str, object]:
    """Return the columns of a proposed change; flags are written after tasks."""
    return {
        "seq": seq,
        "action": change.action.value,
        "key": change.key,
        "deal_id": change.deal_id,
        "person_id": change.person_id,
        "turn": 1 if change.action is Action.FLAG else 0,
        "urgency": urgency,
        "fills_empty": change.fills_empty,
        "withheld": "",
        "status": PLANNED,
        "payload": text_of(change),
    }


def change_of(row: AnyRow) -> StagedChange:
    """Return the staged change of a row."""
    return StagedChange(
        seq=row.seq,
        change=change_from(row.payload),
        withheld=row.withheld,
        status=row.status,
        message=row.message,
    )


def run_of(row: AnyRow) -> RunRow:
    """Return the run of a row."""
    return RunRow(
        id=row.id,
        number=row.number,
        kind=RunKind(row.kind),
        status=RunStatus(row.status),
        as_of=row.as_of,
        started_at=row.started_at,
        finished_at=row.finished_at,
        deals=row.deals,
        pack=row.pack,
        report=tree_from(row.report),
        logics=texts_from(row.logics),
        revision=row.revision,
    )
