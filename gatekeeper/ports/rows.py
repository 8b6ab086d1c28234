"""What a store keeps of runs, and what a run stages in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.digest.values import Moving
    from gatekeeper.core.model import (
        Change,
        Dossier,
        Obligation,
        ObligationId,
        Outcome,
        Sighted,
        Violation,
    )


class RunStatus(StrEnum):
    """How a run stands or ended."""

    RUNNING = "running"
    DONE = "done"
    PLANNED = "planned"
    HELD = "held"
    PARTIAL = "partial"
    DEFERRED = "deferred"
    STOPPED = "stopped"
    FAILED = "failed"
    REPLAY = "replay"


ENDED = (RunStatus.DONE, RunStatus.HELD, RunStatus.PARTIAL)
"""How a run ends that came to the end of its pull and of its writes."""
WITHOUT_END = (RunStatus.RUNNING, RunStatus.FAILED)
"""How a run stands that cannot say itself what it came to."""


class RunKind(StrEnum):
    """What a run is for."""

    RUN = "run"
    PLAN = "plan"
    REPLAY = "replay"
    APPLY = "apply"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One stored run.

    Attributes:
        report: The JSON object `run --json` prints (product section 6).
        logics: Rule id to logic fingerprint as it was evaluated in this run.
        revision: The git revision of the rules, "" where none is known.
    """

    id: str
    number: int
    kind: RunKind
    status: RunStatus
    as_of: datetime
    started_at: datetime
    finished_at: datetime | None
    deals: int
    pack: str
    report: Mapping[str, object] = field(default_factory=dict)
    logics: Mapping[str, str] = field(default_factory=dict)
    revision: str = ""


@dataclass(frozen=True, slots=True)
class RunOutcomes:
    """How often each rule had each outcome in one stored run or plan.

    Attributes:
        logics: Rule id to its logic fingerprint in that run.
        counts: Rule id and outcome to number of deals; those to which a rule does not
            apply are not counted.
    """

    as_of: datetime
    logics: Mapping[str, str]
    counts: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class DealHistory:
    """What the store knows of one deal before this run.

    Attributes:
        violations: The last known state of each, resolved ones included, by rule id
            (of the pipeline the deal was in when it was seen last).
        obligations: The latest episode per obligation.
    """

    violations: Mapping[str, Violation] = field(default_factory=dict)
    obligations: Mapping[ObligationId, Obligation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StagedDeal:
    """What one deal adds to a run, before any write is planned.

    Attributes:
        outcomes: Rule id to outcome, for the counts.
        violations: The new state of each violation that is live or changed.
        dossier: Kept where a write may follow: it has a live violation, one of our
            tasks, or flags that differ from what they should be.
        obligations: Those whose stored state changes without a write (closed by a
            person, orphaned).
        sightings: What the run saw anew of each watched field; None where the watch
            of a field ended.
        moving: What digests tell of it where it may close soon; None elsewhere.
    """

    deal_id: str
    stage: str
    owner_id: str | None
    outcomes: Mapping[str, Outcome]
    violations: Sequence[Violation] = ()
    dossier: Dossier | None = None
    obligations: Sequence[Obligation] = ()
    sightings: Mapping[str, Sighted | None] = field(default_factory=dict)
    moving: Moving | None = None


@dataclass(frozen=True, slots=True)
class NewLine:
    """An open violation in force whose line has not been allowed into a task yet."""

    deal_id: str
    rule_id: str
    person_id: str | None


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A rule that left the pack beside one that begins to fail on the same deals.

    Attributes:
        left: Id of the rule that is gone.
        came: Id of the other.
        deals: On how many deals the one resolves and the other begins.
    """

    left: str
    came: str
    deals: int


@dataclass(frozen=True, slots=True)
class DealFile:
    """One deal's dossier with its staged violations and known obligations."""

    dossier: Dossier
    violations: Sequence[Violation]
    obligations: Mapping[ObligationId, Obligation]


UNANSWERED = ("intent", "unknown")
"""What a `StagedChange` says where nobody knows whether it was written."""
MAY_STAND = ("done", "adopted", *UNANSWERED)
"""What it says where it was written, or may have been."""


@dataclass(frozen=True, slots=True)
class StagedChange:
    """One proposed write of a run, with its place in the plan.

    Attributes:
        withheld: Why it is not written in this run; "" where it may be.
        status: `planned`, `intent`, or a `WriteStatus` once there is a receipt.
    """

    seq: int
    change: Change
    withheld: str = ""
    status: str = "planned"
    message: str = ""


@dataclass(frozen=True, slots=True)
class RunTotals:
    """Counts over the staged rows of a run, computed by the database.

    Attributes:
        outcomes: Outcome to number of (deal, rule) pairs.
        states: State to number of violations as staged.
        actions: Action to number of proposed changes that are not withheld.
        first_fills: Of the flag changes, those that only fill empty fields.
        per_person: Person id to number of tasks to create.
        new_by_rule: Rule id to number of new lines (see `NewLine`).
        applies_by_rule: Rule id to number of deals with pass or fail.
        resolved: Violations that resolve in this run.
    """

    deals: int
    outcomes: Mapping[str, int]
    states: Mapping[str, int]
    actions: Mapping[str, int]
    first_fills: int
    per_person: Mapping[str, int]
    new_by_rule: Mapping[str, int]
    applies_by_rule: Mapping[str, int]
    resolved: int
    undecided: int
    withheld: int


PERSON_ERASED = "person_erased"
"""Stands in the report of a plan whose rows named a person that was erased since."""
