"""What a plan may do: breakers per rule, limits over the whole, the ramp.

Pure: counts in, verdicts on the plan out. A limit only ever takes away.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.core.model import Change, Dossier, Violation
    from gatekeeper.core.pack import Limits

FLOOR = 20
"""No percentage limit is ever stricter than this many."""


def share(percent: int, of: int) -> int:
    """Return a percentage of a count, never below the floor."""
    return max(FLOOR, of * percent // 100)


@dataclass(frozen=True, slots=True)
class Breaker:
    """A rule that would open more violations at once than it may (E901)."""

    rule_id: str
    new: int
    allowed: int
    percent: int

    @property
    def message(self) -> str:
        """The sentence of E901 with its remedy."""
        return (
            f"E901: {self.rule_id} would open {self.new} violations (limit"
            f" {self.allowed}, {self.percent}% of deals). Held: its new lines were"
            f" not written.\n  help: look with: gatekeeper plan --rule"
            f" {self.rule_id}; then: gatekeeper apply PLAN --accept {self.rule_id}"
        )


def breakers(
    new_by_rule: Mapping[str, int],
    applies_by_rule: Mapping[str, int],
    limits: Limits,
    accepted: Iterable[str] = (),
) -> tuple[Breaker, ...]:
    """Find the rules whose new lines must wait."""
    let_through = frozenset(accepted)
    tripped: list[Breaker] = []
    for rule_id, new in sorted(new_by_rule.items()):
        applies = applies_by_rule.get(rule_id, 0)
        allowed = min(
            limits.new_violations_per_rule,
            share(limits.new_violations_percent, applies),
        )
        if new > allowed and rule_id not in let_through:
            percent = round(100 * new / applies) if applies else 100
            tripped.append(Breaker(rule_id, new, allowed, percent))
    return tuple(tripped)


RETIRED_UNASKED = 10
"""How many violations a rule may leave behind without a person's word (language B6)."""


@dataclass(frozen=True, slots=True)
class Retirement:
    """A rule that left the pack, and how many violations it would leave behind."""

    rule_id: str
    violations: int

    @property
    def message(self) -> str:
        """One sentence with its remedy."""
        return (
            f"{self.rule_id} left the rules and {self.violations} of its violations"
            f" would close (unasked at most {RETIRED_UNASKED}). Nothing was written;"
            " look at the plan, then: gatekeeper apply PLAN --accept"
            f" {self.rule_id}. If it got another id, write formerly: [{self.rule_id}]"
        )


def retirements(
    closing_by_rule: Mapping[str, int], accepted: Iterable[str] = ()
) -> tuple[Retirement, ...]:
    """Find the rules that may not leave without a person's word."""
    let_go = frozenset(accepted)
    return tuple(
        Retirement(rule_id, count)
        for rule_id, count in sorted(closing_by_rule.items())
        if count > RETIRED_UNASKED and rule_id not in let_go
    )


@dataclass(frozen=True, slots=True)
class Hold:
    """A limit the whole plan passes: nothing of it is written."""

    limit: str
    value: int
    allowed: int
    who: str = ""

    @property
    def message(self) -> str:
        """One sentence with its remedy."""
        whose = f" for {self.who}" if self.who else ""
        return (
            f"{self.limit}: the plan has {self.value}{whose}, allowed are"
            f" {self.allowed}. Nothing was written; look at the plan, then apply it,"
            f" raise limits.{self.limit} in project.yaml, or set limits.ramp."
        )


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """What a plan would write.

    Attributes:
        first_fills: Flag changes that only fill empty fields.
        resolved: Violations that resolve, or did in a held run and leave their task
            only now.
        tasks_by_person: Tasks to create, by the person who owes them.
        opened_today: Tasks already created today, by person.
    """

    deals: int
    creates: int
    updates: int
    closes: int
    flags: int
    first_fills: int
    resolved: int
    tasks_by_person: Mapping[str, int]
    opened_today: Mapping[str, int]


def resolved_before(
    changes: Iterable[Change],
    dossier: Dossier,
    violations: Iterable[Violation],
    present_ids: Mapping[str, str],
) -> int:
    """Count what a held run resolved and what leaves its task only by these changes.

    Args:
        changes: The writes planned for one deal.
        dossier: The deal, with its tasks as they stand.
        violations: Those that are live, and those that resolve in this run.
        present_ids: Former rule id to present id.
    """
    listed = {task.remote_id: task.rule_ids for task in dossier.tasks}
    gone = {
        present_ids.get(rule_id, rule_id)
        for change in changes
        if change.action is Action.CLOSE or "body" in change.write
        for rule_id in _leaving(change, listed.get(change.remote_id or "", ()))
    }
    return len(gone.difference(each.rule_id for each in violations))


def _leaving(change: Change, listed: Iterable[str]) -> Iterable[str]:
    if change.action is Action.CLOSE:
        return listed
    return set(listed).difference(change.rule_ids)


def holds(counts: PlanCounts, limits: Limits) -> tuple[Hold, ...]:
    """Return every limit the plan passes; empty means it may be written."""
    tasks_allowed = max(
        FLOOR,
        min(limits.tasks_per_run, share(limits.tasks_percent, counts.deals)),
    )
    others = counts.creates + counts.updates + counts.closes
    changed_flags = counts.flags - counts.first_fills
    checks = [
        ("tasks_per_run", counts.creates, tasks_allowed),
        (
            "flag_changes_percent",
            changed_flags,
            share(limits.flag_changes_percent, counts.deals),
        ),
        (
            # A task may also close for what nobody resolved: a waiver, a copy.
            "resolves_percent",
            max(counts.resolved, counts.closes),
            share(limits.resolves_percent, counts.deals),
        ),
        ("writes_per_run", others + changed_flags, limits.writes_per_run),
    ]
    held = [Hold(*each) for each in checks if each[1] > each[2]]
    return (*held, *_person_holds(counts, limits))


def _person_holds(counts: PlanCounts, limits: Limits) -> Iterable[Hold]:
    per_day = Counter(counts.opened_today) + Counter(counts.tasks_by_person)
    for person, tasks in sorted(counts.tasks_by_person.items()):
        if tasks > limits.tasks_per_person_per_run:
            yield Hold(
                "tasks_per_person_per_run",
                tasks,
                limits.tasks_per_person_per_run,
                person,
            )
        elif per_day[person] > limits.tasks_per_person_per_day:
            yield Hold(
                "tasks_per_person_per_day",
                per_day[person],
                limits.tasks_per_person_per_day,
                person,
            )


def first_fills_allowed(counts: PlanCounts, limits: Limits) -> int:
    """Return how many first flags fit beside the rest; the others wait a run."""
    others = counts.creates + counts.updates + counts.closes
    changed_flags = counts.flags - counts.first_fills
    return max(0, limits.writes_per_run - others - changed_flags)
