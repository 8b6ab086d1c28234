"""Failed verdicts over time. Pure, frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from gatekeeper.core.model.verdicts import Finding, Outcome


class Severity(StrEnum):
    """How bad a violation is; sorts and routes, decides nothing."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for critical."""
        return _SEVERITY_RANKS[self]


_SEVERITY_RANKS = {each: rank for rank, each in enumerate(Severity)}


class Mode(StrEnum):
    """What a violation leads to; the effective one is the lowest that applies."""

    OBSERVE = "observe"
    WARN = "warn"
    ENFORCE = "enforce"

    @property
    def rank(self) -> int:
        """0 for observe up to 2 for enforce."""
        return _MODE_RANKS[self]


_MODE_RANKS = {each: rank for rank, each in enumerate(Mode)}


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
        rule_changed_at: When a run first judged it by another logic of its rule; None
            where it was judged by one logic only.
        waiver: The waiver that accepts it, or accepted it last.
        accepted: Until when, why and by whom, in the waiver's words; "" where none
            accepts it now.
        accepted_until: The last day on which a waiver accepts it; None where none does.
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
    waiver: str = ""
    accepted: str = ""
    accepted_until: date | None = None
    rule_changed_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether it still stands."""
        return self.state is not State.RESOLVED
