"""The values that flow through gatekeeper: deals, verdicts, violations, changes.

Pure, frozen values; nothing here computes more than a view of itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.core.context import Context


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency (ISO 4217)."""

    amount: Decimal
    currency: str


class Empty(Enum):
    """The CRM says there is no value."""

    EMPTY = "empty"

    def __repr__(self) -> str:
        return "EMPTY"


EMPTY = Empty.EMPTY


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The CRM did not say; `reason` completes "cannot tell: ..."."""

    reason: str


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the CRM; compared by id, shown by name."""

    id: str
    name: str
    email: str | None = None
    is_active: bool = True
    manager_id: str | None = None
    team: str | None = None


FieldValue = (
    str
    | Decimal
    | Money
    | bool
    | date
    | datetime
    | timedelta
    | frozenset[str]
    | Person
    | Empty
    | Unavailable
)
"""One value of a field. A percent is a Decimal in percentage points (20% is 20), a
multi-select a frozenset of API values, a date-time aware and in UTC."""

Row = Mapping[str, FieldValue]
"""One related record: canonical field name to value."""


@dataclass(frozen=True, slots=True)
class Deal:
    """One opportunity in our vocabulary, with its related rows.

    Attributes:
        id: The CRM's id in its longest form.
        pipeline: Name of the pipeline (a record type's or pipeline's label).
        stage: The CRM's own stage value; `Pipeline.stage_of` gives the rules' stage.
        owner_id: Id of the owner, or None where the CRM names none.
        fields: Canonical name to value; `account.industry` and `custom.X__c` are
            names too. A name that was asked for and is absent is a defect.
        related: Collection name to rows, or why they could not be read.
        stage_label: The stage as people see it in the CRM.
        flags: Our own fields as they stand on it; None where they cannot be read.
    """

    org: str
    id: str
    name: str
    pipeline: str
    stage: str
    owner_id: str | None
    url: str
    fields: Mapping[str, FieldValue]
    related: Mapping[str, tuple[Row, ...] | Unavailable] = field(default_factory=dict)
    stage_label: str = ""
    flags: Flags | None = None


# ---- what a check answers ------------------------------------------------------

Answer = bool | Empty | Unavailable
"""True, false, empty (a side has no value) or unavailable (the CRM did not say)."""


class Standing(StrEnum):
    """How one line of a rule stands."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one line stands, in a seller's words; shown, never used to decide.

    Attributes:
        line: The check as the rule's author wrote it.
        text: One sentence with what is and what must be; may speak of ages.
        lasting_text: The same without anything that changes with time alone, for
            texts that stay in the CRM.
        observed: The actual value, formatted once.
        expected: What it must be, formatted once.
        fix: What to do about it, where the line has its own.
        title: The line's own title, if it has one.
        because_empty: The line failed because a value is empty.
        details: Further lines: rows counted and not counted.
        parts: Findings of the lines inside an any, all or at_least.
    """

    line: str
    standing: Standing
    text: str
    lasting_text: str
    observed: str = ""
    expected: str = ""
    fix: str | None = None
    title: str | None = None
    because_empty: bool = False
    details: tuple[str, ...] = ()
    parts: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One compiled line of a condition.

    Attributes:
        text: The check as written, blanks folded.
        test: Decides; pure and total: it never raises for any deal.
        explain: Tells why, for a deal on which `test` has the given outcome.
        blank_passes: An empty answer counts as met (`on_blank: pass`).
        when: The line is asked only where this holds.
    """

    text: str
    test: Callable[[Deal, Context], Answer]
    explain: Callable[[Deal, Context], Finding]
    blank_passes: bool = False
    when: Condition | None = None


class Quorum(StrEnum):
    """How many of a group's lines must hold."""

    ALL = "all"
    ANY = "any"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions of which all, any or at least `count` must hold."""

    quorum: Quorum
    parts: tuple[Condition, ...]
    count: int = 0


Condition = Line | Group

Message = Callable[[Deal, "Context"], str]
"""A text with placeholders, ready to be filled for one deal."""


# ---- verdicts ----------------------------------------------------------------


class Outcome(StrEnum):
    """What a rule says of a deal; every pair gets exactly one (product D5)."""

    PASS = "pass"  # noqa: S105  (an outcome, not a password)
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule on one deal.

    Attributes:
        readiness: For a criterion that does not bind yet (the gate is ahead), how
            it stands; None where it binds or can never bind.
        findings: Per line, only where the outcome is fail or cannot_tell, or the
            readiness is not met or cannot be told.
        reason: Why it does not apply, or why it cannot be told; "" otherwise.
    """

    rule_id: str
    outcome: Outcome
    readiness: Standing | None = None
    findings: tuple[Finding, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SupportedStage:
    """The furthest stage the evidence supports (product D11, language A27, A36).

    Attributes:
        stage: Name in the rules, or None for a closed deal.
        at_least: True when a criterion could not be told: the stage may be further.
        waived: True when a waiver carried the walk over a failing criterion.
    """

    stage: str | None
    at_least: bool = False
    waived: bool = False


@dataclass(frozen=True, slots=True)
class DealVerdicts:
    """Every enabled rule of the deal's pipeline on one deal."""

    deal: Deal
    verdicts: tuple[Verdict, ...]
    supported: SupportedStage


# ---- violations --------------------------------------------------------------


class Severity(StrEnum):
    """How bad a violation is; sorts and routes, decides nothing."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for critical."""
        return tuple(Severity).index(self)


class Mode(StrEnum):
    """What a violation leads to; the effective one is the lowest that applies."""

    OBSERVE = "observe"
    WARN = "warn"
    ENFORCE = "enforce"

    @property
    def rank(self) -> int:
        """0 for observe up to 2 for enforce."""
        return tuple(Mode).index(self)


class State(StrEnum):
    """Where a violation stands (language B6)."""

    PENDING = "pending"
    OPEN = "open"
    WAIVED = "waived"
    SUPPRESSED = "suppressed"
    EXEMPT = "exempt"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """Why a violation is resolved."""

    FIXED = "fixed"
    NO_LONGER_APPLIES = "no_longer_applies"
    RULE_CHANGED = "rule_changed"
    RULE_RETIRED = "rule_retired"
    NOT_ENFORCED = "not_enforced"
    DEAL_CLOSED = "deal_closed"
    DEAL_GONE = "deal_gone"


@dataclass(frozen=True, slots=True)
class Violation:
    """A failed verdict over time; its identity is (org, pipeline, rule, deal).

    Attributes:
        first_seen: When the rule first failed for this deal, without a break longer
            than `reopen_within`.
        grace_from: When grace began to count, where that is not `first_seen` (the mode
            was raised).
        opened_at: When grace ended; None while pending.
        waiting: Why an open violation has no line in a task yet ("first run of this
            rule", "ramp", "limit ..."); "" when nothing holds it back.
        released_on: The local day its line was first allowed into a task; None for
            one that waits or is not enforced. A line without it is *new*.
        fix: What to do, filled for this deal.
        outcome: The verdict of the last run; cannot_tell keeps the state.
    """

    deal_id: str
    deal_name: str
    pipeline: str
    stage: str
    rule_id: str
    state: State
    severity: Severity
    mode: Mode
    role: str
    first_seen: datetime
    grace_from: datetime | None = None
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    resolution: Resolution | None = None
    outcome: Outcome = Outcome.FAIL
    waiting: str = ""
    released_on: date | None = None
    owner_id: str | None = None
    owner_name: str = ""
    amount: Decimal | None = None
    currency: str = ""
    logic: str = ""
    title: str = ""
    fix: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether it still stands."""
        return self.state is not State.RESOLVED


# ---- tasks, flags and changes ---------------------------------------------------


def short_hash(text: str) -> str:
    """Return 8 hex digits over the words of `text`; blanks play no part."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]


def task_key(org: str, deal_id: str, role: str, group: str, episode: int) -> str:
    """Return the key of a task (product D7); nothing in it changes with values."""
    parts = "\x1f".join([org, deal_id, role, group, str(episode)])
    digest = hashlib.sha256(parts.encode()).digest()
    return "gk1-" + base64.b32encode(digest).decode().lower()[:26]


@dataclass(frozen=True, slots=True)
class ObligationId:
    """What a deal owes one role: the identity of a task over all its episodes."""

    deal_id: str
    role: str
    group: str = ""


class TaskPart(StrEnum):
    """The parts of our task that a person may take over (product 7, human edits)."""

    OWNER = "owner"
    DUE = "due"
    SUBJECT = "subject"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class TaskText:
    """What a task says and to whom; the adapter renders `body` line by line."""

    owner_id: str
    due_on: date
    subject: str
    body: tuple[str, ...]

    def hashes(self) -> dict[TaskPart, str]:
        """Return a short hash per part, as kept in the task's reference field."""
        return {
            TaskPart.OWNER: short_hash(self.owner_id),
            TaskPart.DUE: short_hash(self.due_on.isoformat()),
            TaskPart.SUBJECT: short_hash(self.subject),
            TaskPart.BODY: short_hash(" ".join(self.body)),
        }


@dataclass(frozen=True, slots=True)
class OwnTask:
    """One of our tasks as it stands in the CRM, recognised by its key.

    Attributes:
        id: What it is for; None when somebody destroyed its reference field.
        run_number: The run that last wrote it, from its reference field.
        sealed: Our closing stamp is on it: the episode is over for good.
        written: Short hash per part of what we last wrote.
        actual: Short hash per part of what stands there now.
        rule_ids: The rules it lists, from the last line of its body.
        due_on: Its due date as it stands now.
    """

    remote_id: str
    key: str
    deal_id: str | None
    id: ObligationId | None
    episode: int
    run_number: int
    sealed: bool
    is_closed: bool
    is_deleted: bool
    created_at: datetime
    written: Mapping[TaskPart, str]
    actual: Mapping[TaskPart, str]
    rule_ids: tuple[str, ...] = ()
    due_on: date | None = None
    owner_id: str | None = None


class ObligationState(StrEnum):
    """Where one episode stands in the write protocol (promises, section 1)."""

    INTENT = "intent"
    OPEN = "open"
    RESOLVING = "resolving"
    RESOLVED = "resolved"
    CLOSED_BY_PERSON = "closed_by_person"
    ORPHANED = "orphaned"


@dataclass(frozen=True, slots=True)
class Obligation:
    """One episode of what a deal owes a role, as the store knows it.

    Attributes:
        raised: How often it was raised again after a person closed its task although
            something was still missing.
        version: Row version, for compare-and-swap; 0 for one not stored yet.
    """

    id: ObligationId
    episode: int
    key: str
    state: ObligationState
    remote_id: str | None
    opened_at: datetime
    due_on: date | None = None
    closed_at: datetime | None = None
    raised: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Flags:
    """The values our fields on a deal should have (product D10); None is empty."""

    status: str | None = None
    open_count: int | None = None
    worst_severity: str | None = None
    missing: str | None = None
    open_since: date | None = None
    supported_stage: str | None = None


class Action(StrEnum):
    """What one change does."""

    CREATE = "create"
    UPDATE = "update"
    CLOSE = "close"
    FLAG = "flag"


Scalar = str | int | None


@dataclass(frozen=True, slots=True)
class Change:
    """One write, complete in itself: JSON values only, so a stored plan is the plan.

    Attributes:
        key: The task's key, or `flag:<deal id>`.
        write: What to write in our vocabulary: for a task `owner_id due_on subject
            body` (those that change), for flags the names of `Flags`.
        hashes: Short hash per task part as it will stand after the write.
        inputs: Hash of what the plan was based on: the values its rules read and our
            artifact as seen; `apply` drops the change when it moved.
        rule_ids: The rules whose lines the task lists after the write.
        new_rule_ids: The rules whose line is new with this change (breaker, ramp).
        fills_empty: A flag write that only fills empty fields for the first time.
        reason: For people; steers nothing.
    """

    action: Action
    key: str
    deal_id: str
    deal_name: str
    id: ObligationId | None = None
    episode: int = 0
    remote_id: str | None = None
    write: Mapping[str, Scalar] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, Scalar] = field(default_factory=dict)
    inputs: str = ""
    rule_ids: tuple[str, ...] = ()
    new_rule_ids: tuple[str, ...] = ()
    person_id: str | None = None
    raised: int = 0
    fills_empty: bool = False
    reason: str = ""


class WriteStatus(StrEnum):
    """What became of one write."""

    DONE = "done"
    ADOPTED = "adopted"  # it was already there: our key says so
    REJECTED = "rejected"  # the CRM refused this record for good
    UNKNOWN = "unknown"  # no answer: it may or may not have happened
    GONE = "gone"  # the record does not exist any more
    NOT_ATTEMPTED = "not_attempted"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of one change."""

    key: str
    status: WriteStatus
    remote_id: str | None = None
    code: str = ""
    message: str = ""


class GoneReason(StrEnum):
    """What a confirmed read by id said of a deal that left the stream."""

    DELETED = "deleted"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class DealBatch:
    """One page of the pull.

    Attributes:
        deals: At most about 2,000, complete with their related rows.
        gone: Deals asked for by id that were not found, and why.
    """

    deals: tuple[Deal, ...]
    gone: Mapping[str, GoneReason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A criterion of the gate ahead that does not hold yet (readiness)."""

    rule_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is kept of one deal to plan its writes after all deals were read.

    Attributes:
        stage: The CRM's label of its stage, as people see it.
        people: Role to the id of the person who owes it, None where nobody does.
        flags: Our fields as they stand on the deal; None where the CRM has no such
            fields or does not show them.
        tasks: Our tasks on it: the open ones, and those of live episodes.
        is_enforced: Some rule in force applies to it (pass, fail or cannot tell).
        cannot_tell: A rule in force could not be told.
        is_gone: A confirmed read found it deleted; its tasks are orphaned.
        is_readable: False when it could not be read: nothing about it is decided.
        adopted: Keys of tasks the store did not know before this run.
        passed: Rules that passed, kept only where a task was adopted.
        inputs: Hash of the values its rules read and of our artifacts as seen.
    """

    org: str
    deal_id: str
    name: str
    pipeline: str
    stage: str
    url: str
    people: Mapping[str, str | None] = field(default_factory=dict)
    flags: Flags | None = None
    tasks: tuple[OwnTask, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    supported_stage: str | None = None
    is_enforced: bool = False
    cannot_tell: bool = False
    is_gone: bool = False
    is_readable: bool = True
    adopted: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    inputs: str = ""
