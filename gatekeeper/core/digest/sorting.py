"""One team's violations, each put where it belongs. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.digest.values import Criterion
from gatekeeper.core.model import Mode, Resolution, State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gatekeeper.core.model import Violation


def opened(violation: Violation) -> datetime:
    """Return when its grace ended."""
    return violation.opened_at or violation.first_seen


def resolved(violation: Violation) -> datetime:
    """Return when it was resolved; one that stands sorts by when it was opened."""
    return violation.resolved_at or opened(violation)


@dataclass(slots=True)
class Sorted:
    """A team's violations by what they are to its manager.

    All but `observed` are of rules in force (warn or enforce). What a person is not
    told of, exempt and suppressed, is nowhere.

    Attributes:
        since: The digest before; None for the first one, when nothing is new.
        new: Of the open ones, those opened since.
        open_before: Open at the digest before, resolved or not by now.
        fixed: Open once and fixed since.
    """

    since: datetime | None
    open: list[Violation] = field(default_factory=list)
    observed: list[Violation] = field(default_factory=list)
    waived: list[Violation] = field(default_factory=list)
    pending: list[Violation] = field(default_factory=list)
    new: list[Violation] = field(default_factory=list)
    open_before: list[Violation] = field(default_factory=list)
    fixed: list[Violation] = field(default_factory=list)

    @classmethod
    def of(cls, violations: Iterable[Violation], since: datetime | None) -> Sorted:
        """Put each violation where it belongs."""
        found = cls(since)
        for each in violations:
            if each.mode is not Mode.OBSERVE:
                found._add(each)
            elif each.state is State.OPEN:
                found.observed.append(each)
        return found

    def criteria(self) -> tuple[Criterion, ...]:
        """Count by rule: those in force first, the most failed first."""
        made = [
            *_counted(self.open, self.new, self.fixed, is_observed=False),
            *_counted(self.observed, (), (), is_observed=True),
        ]
        return tuple(
            sorted(made, key=lambda each: (each.is_observed, -each.count, each.rule_id))
        )

    def _add(self, violation: Violation) -> None:
        match violation.state:
            case State.OPEN:
                self.open.append(violation)
                is_new = self.since is not None and opened(violation) > self.since
                (self.new if is_new else self.open_before).append(violation)
            case State.WAIVED:
                self.waived.append(violation)
            case State.PENDING:
                self.pending.append(violation)
            case State.RESOLVED:
                self._add_resolved(violation)

    def _add_resolved(self, violation: Violation) -> None:
        """Keep what was open at the digest before, or came and went since."""
        if self.since is None or violation.opened_at is None:
            return
        if resolved(violation) <= self.since:
            return
        if violation.opened_at <= self.since:
            self.open_before.append(violation)
        if violation.resolution is Resolution.FIXED:
            self.fixed.append(violation)


def _counted(
    standing: Iterable[Violation],
    new: Iterable[Violation],
    fixed: Iterable[Violation],
    *,
    is_observed: bool,
) -> list[Criterion]:
    titles: dict[str, str] = {}
    counts: dict[str, list[int]] = {}
    for place, violations in enumerate((standing, new, fixed)):
        for each in violations:
            titles.setdefault(each.rule_id, each.title or each.rule_id)
            counts.setdefault(each.rule_id, [0, 0, 0])[place] += 1
    return [
        Criterion(rule_id, titles[rule_id], is_observed, *numbers)
        for rule_id, numbers in counts.items()
    ]
