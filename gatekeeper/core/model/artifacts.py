"""What we put into the CRM: tasks, flags, and the writes that change them.

Pure, frozen values and the two hashes they are compared by.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from gatekeeper.core.model.values import Flags


def short_hash(text: str) -> str:
    """Return 8 hex digits over the words of `text`; blanks play no part."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]


def alike(one: object, other: object) -> bool:
    """Compare values; texts by their words, since a CRM may fold line ends."""
    if isinstance(one, str) and isinstance(other, str):
        return short_hash(one) == short_hash(other)
    return one == other


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

    @property
    def column(self) -> str:
        """Under which name a change writes it."""
        return _COLUMN[self]


_COLUMN = {
    TaskPart.OWNER: "owner_id",
    TaskPart.DUE: "due_on",
    TaskPart.SUBJECT: "subject",
    TaskPart.BODY: "body",
}


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
        is_loose: It is open and hangs on no deal: unfinished, or a person took it off.
        is_moved: Its record names another deal than it was made for, or none.
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
    is_loose: bool = False
    is_moved: bool = False


@dataclass(frozen=True, slots=True)
class TaskHint:
    """What a deal's own property says of a task on it: only a read of it decides.

    Attributes:
        remote_id: The task it names.
    """

    id: ObligationId
    episode: int
    remote_id: str

    def key(self, org: str) -> str:
        """Return the key that the named task must have."""
        who = self.id
        return task_key(org, who.deal_id, who.role, who.group, self.episode)


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
        person_id: Whose task it is after a create or an update.
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
    NOT_ATTEMPTED = "not_attempted"  # its request did not leave, or was turned away
    LOCKED = "locked"  # somebody else holds the record: nothing was done


LIMITED = "LIMITED"
"""Code of a receipt: the CRM takes no more calls for now, whatever they are for."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of one change."""

    key: str
    status: WriteStatus
    remote_id: str | None = None
    code: str = ""
    message: str = ""


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
        instead: Role to why that person is asked and nobody of the role.
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
        overlay: Name of the overlay it is under, "" for none.
        addresses: Role to that person's address in lower case, "" for none.
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
    overlay: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
