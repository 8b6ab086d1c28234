"""Deals as the CRM holds them, in our vocabulary. Pure, frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, final

from gatekeeper.core.model.history import NO_HISTORY, History

if TYPE_CHECKING:
    from gatekeeper.core.history.past import Past
    from gatekeeper.core.model.artifacts import TaskHint


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


@final
@dataclass(frozen=True, slots=True)
class Unavailable:
    """The CRM did not say; `reason` completes "cannot tell: ...".

    Attributes:
        at_least: A count that is known in part is no smaller than this, which may
            already decide a comparison.
        is_there: There is a value, only not which is known: it is filled.
    """

    reason: str
    at_least: Decimal | None = None
    is_there: bool = field(default=False, repr=False)  # plans are hashed over the repr


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


@lru_cache(maxsize=4096)
def whole(number: int) -> Decimal:
    """Return a whole number as the value of a field it is; the usual ones made once."""
    return Decimal(number)


Row = dict[str, FieldValue]
"""Values by canonical name: a related record's, or a deal's own. Filled once, by the
room that read it, and plain since the checks of a pack ask it hundreds of times."""

Related = dict[str, tuple[Row, ...] | Unavailable]
"""Collection name to rows, or why they could not be read."""


@dataclass(frozen=True, slots=True)
class Flags:
    """The values our fields on a deal should have (product D10); None is empty."""

    status: str | None = None
    open_count: int | None = None
    worst_severity: str | None = None
    missing: str | None = None
    open_since: date | None = None
    supported_stage: str | None = None


class Memo:
    """What was worked out of a deal last; it says nothing that the deal does not.

    Attributes:
        past: Kept by `core.history.past`, which names its standpoint.
    """

    __slots__ = ("past",)

    def __init__(self) -> None:
        self.past: Past | None = None


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
        history: Its past, as far as it was asked for.
        memo: What was worked out of it, kept while it is looked at.
    """

    org: str
    id: str
    name: str
    pipeline: str
    stage: str
    owner_id: str | None
    url: str
    fields: Row
    related: Related = field(default_factory=dict)
    stage_label: str = ""
    flags: Flags | None = None
    history: History = NO_HISTORY
    memo: Memo = field(default_factory=Memo, init=False, repr=False, compare=False)


class GoneReason(StrEnum):
    """What a confirmed read by id said of a deal that left the stream."""

    DELETED = "deleted"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class DealBatch:
    """One page of the pull.

    Attributes:
        deals: At most about 3,000, complete with their related rows.
        gone: Deals asked for by id that were not found, and why.
        hints: The tasks that the deals name as ours, where the CRM has them say so.
    """

    deals: tuple[Deal, ...]
    gone: Mapping[str, GoneReason] = field(default_factory=dict)
    hints: tuple[TaskHint, ...] = ()
