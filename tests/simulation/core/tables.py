"""What the store in memory holds: plain dictionaries, copied whole for a backup."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action, Mode, State
from gatekeeper.core.quarantine import (
    Cause,
    Quarantine,
    Written,
    after_receipt,
    subject_of,
)
from gatekeeper.ports import NewLine
from gatekeeper.store.rows import urgency_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.model import (
        Obligation,
        Outcome,
        Receipt,
        Sighted,
        Violation,
    )
    from gatekeeper.ports import RunRow, StagedChange, StagedDeal
    from tests.simulation.invariants import Episode, Place


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One obligation as it stands, and who wrote it.

    Attributes:
        person_id: For whom its task was created by us, on `created_on`.
    """

    obligation: Obligation
    fence: int
    person_id: str | None = None
    created_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One violation as it stands, and the run that changed it last."""

    violation: Violation
    run: int


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """Who may write, until when, by the clock of the database."""

    fence: int
    holder: str
    granted_at: datetime
    renewed_at: datetime
    expires_at: datetime


@dataclass
class Staged:
    """The rows of one run before, and for a while after, its commit."""

    deals: dict[str, StagedDeal] = field(default_factory=dict)
    violations: dict[Place, Violation] = field(default_factory=dict)
    obligations: dict[Episode, Obligation] = field(default_factory=dict)
    adopted: dict[Episode, Obligation] = field(default_factory=dict)
    proved: dict[Place, Violation] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)

    def copied(self) -> Staged:
        return Staged(
            dict(self.deals),
            dict(self.violations),
            dict(self.obligations),
            dict(self.adopted),
            dict(self.proved),
            set(self.undecided),
        )

    def forget(self, deal_id: str) -> None:
        """Take back what was staged of a deal."""
        if self.deals.pop(deal_id, None) is None:
            return
        for place in [each for each in self.violations if each[0] == deal_id]:
            del self.violations[place]
        for episode in [each for each in self.obligations if each[0] == deal_id]:
            del self.obligations[episode]

    def keep(self, deal: StagedDeal) -> None:
        self.deals[deal.deal_id] = deal
        for violation in deal.violations:
            self.violations[place_of(violation)] = violation
        for obligation in deal.obligations:
            self.obligations[episode_of(obligation)] = obligation

    def new_lines(self) -> Iterator[tuple[Violation, NewLine]]:
        """Yield the new lines, worst severity first, then oldest first."""
        new = [each for each in self.violations.values() if is_new(each)]
        new.sort(key=_urgent_first)
        for each in new:
            dossier = self.deals[each.deal_id].dossier
            person = dossier.people.get(each.role) if dossier else None
            yield each, NewLine(each.deal_id, each.rule_id, person)

    def mark(self, lines: Iterable[NewLine], waiting: str, on: date | None) -> None:
        """Set `waiting` and `released_on` of the open staged lines."""
        wanted = {(line.deal_id, line.rule_id) for line in lines}
        for place, each in self.violations.items():
            if place[:2] in wanted and each.state is State.OPEN:
                self.violations[place] = replace(each, waiting=waiting, released_on=on)


@dataclass
class Tables:
    """Everything of one database; `copied` is a backup.

    Attributes:
        org: The org it is pinned to.
        quarantine: By subject what is left alone, or on its way there.
        flags: By deal what we last wrote into its flags.
        audit: (run, event, key) of every intent and receipt, only ever appended to.
    """

    org: str | None = None
    lease: LeaseRow | None = None
    runs: dict[int, RunRow] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    looked_at: datetime | None = None
    sightings: dict[str, dict[str, Sighted]] = field(default_factory=dict)
    violations: dict[Place, Standing] = field(default_factory=dict)
    obligations: dict[Episode, LedgerRow] = field(default_factory=dict)
    stops: set[str] = field(default_factory=set)
    schemas: dict[str, CrmSchema] = field(default_factory=dict)
    staged: dict[int, Staged] = field(default_factory=dict)
    changes: dict[int, dict[int, StagedChange]] = field(default_factory=dict)
    outcomes: dict[int, Mapping[tuple[str, str], int]] = field(default_factory=dict)
    quarantine: dict[str, Quarantine] = field(default_factory=dict)
    flags: dict[str, Written] = field(default_factory=dict)
    audit: list[tuple[int, str, str]] = field(default_factory=list)

    def copied(self) -> Tables:
        """Return a backup: values are frozen, so only the containers are copied."""
        backup = copy(self)
        for name in _COPIED:
            setattr(backup, name, dict(getattr(self, name)))
        backup.seen, backup.stops = set(self.seen), set(self.stops)
        backup.sightings = {
            deal: dict(fields) for deal, fields in self.sightings.items()
        }
        backup.staged = {run: each.copied() for run, each in self.staged.items()}
        backup.changes = {run: dict(each) for run, each in self.changes.items()}
        backup.audit = list(self.audit)
        return backup

    def count_receipts(
        self, staged: Sequence[StagedChange], receipts: Sequence[Receipt]
    ) -> None:
        """Count refusals, and end wars of edits."""
        known = {**self.quarantine}
        for each, receipt in zip(staged, receipts, strict=True):
            change, subject = each.change, subject_of(each.change)
            counted = after_receipt(known.get(subject), change, receipt)
            if change.action is Action.FLAG:
                now = self.flags.get(change.deal_id, Written()).after(change, receipt)
                self.flags[change.deal_id] = now
                counted = now.war(change) or counted
            self.quarantine.pop(subject, None)
            if counted is not None:
                self.quarantine[subject] = counted

    def release(self, subjects: Iterable[str]) -> None:
        """Free what is left alone; counts begin anew."""
        for subject in subjects:
            freed = self.quarantine.pop(subject)
            if freed.cause is Cause.EDITED:
                self.flags.pop(freed.deal_id, None)


_COPIED = (
    *("runs", "violations", "obligations", "schemas", "outcomes"),
    *("quarantine", "flags"),
)


def place_of(violation: Violation) -> Place:
    return (violation.deal_id, violation.rule_id, violation.pipeline)


def episode_of(obligation: Obligation) -> Episode:
    who = obligation.id
    return (who.deal_id, who.role, who.group, obligation.episode)


def is_new(violation: Violation) -> bool:
    """Whether it is a line no task has been allowed to carry yet."""
    return (
        violation.state is State.OPEN
        and violation.mode is Mode.ENFORCE
        and violation.released_on is None
        and not violation.waiting
    )


def _urgent_first(violation: Violation) -> tuple[object, ...]:
    return (
        urgency_of(violation.severity),
        violation.first_seen,
        violation.deal_id,
        violation.rule_id,
    )


def outcomes_by_name(
    deals: Iterable[StagedDeal],
) -> dict[tuple[str, Outcome], int]:
    """Count the (rule, outcome) pairs of some deals."""
    counts: dict[tuple[str, Outcome], int] = {}
    for deal in deals:
        for pair in deal.outcomes.items():
            counts[pair] = counts.get(pair, 0) + 1
    return counts
