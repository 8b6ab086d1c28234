"""Turn verdicts into violations over time: first seen, grace, resolution, re-open.

Pure: what was known and what was found give what stands. Nothing resolves without a
verdict that says so, and "cannot tell" keeps every state as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.former_ids import known_as
from gatekeeper.core.grace import graced
from gatekeeper.core.judge.escalation import terms_of
from gatekeeper.core.judge.exempt import is_exempt
from gatekeeper.core.judge.remedy import remedy
from gatekeeper.core.model import (
    Mode,
    Money,
    Outcome,
    Resolution,
    State,
    Unavailable,
    Violation,
)
from gatekeeper.core.waivers import accept
from gatekeeper.core.wording import name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, DealVerdicts, Severity, Verdict
    from gatekeeper.core.pack import Rule, RulePack

FIRST_RUN = "first run of this rule"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known from earlier runs that decides how a verdict is tracked.

    Attributes:
        violations: The last known state by rule id, resolved ones included.
        seen: (rule id, logic) pairs some stored plan or run has evaluated; new lines
            of any other pair wait one run.
        adopted_rules: Rules proved open by a task the store did not know before this
            run: they do not wait, and close only on a pass.
    """

    violations: Mapping[str, Violation] = field(default_factory=dict)
    seen: Collection[tuple[str, str]] = ()
    adopted_rules: Collection[str] = ()


def track(
    judged: DealVerdicts, memory: Memory, pack: RulePack, context: Context
) -> tuple[Violation, ...]:
    """Return the new state of every violation of the deal that is live or changed.

    Args:
        judged: The verdicts of this run on one complete record.
        memory: What was known before.
        pack: The rules and the ceiling in force.
        context: The run's standpoint; `now` becomes first seen.
    """
    tracker = _Tracker(judged.deal, memory, pack, context)
    rules = {rule.id: rule for rule in pack.rules}
    known = known_as(memory.violations, pack)
    tracked: dict[str, Violation] = {}
    left: list[Violation] = []
    for verdict in judged.verdicts:
        rule = rules[verdict.rule_id]
        before = known.pop(rule.id, None)
        if before is not None and before.pipeline != judged.deal.pipeline:
            left.append(before)
            before = None
        after = tracker.next(rule, verdict, before)
        if after is not None:
            tracked[rule.id] = after
    left.extend(known.values())
    ended = (
        _resolve(before, _why_left(before, rules), context)
        for before in left
        if before.is_live
    )
    return (*ended, *_suppress(tracked, rules))


def gone(memory: Memory, context: Context) -> tuple[Violation, ...]:
    """Resolve everything of a deal that a confirmed read found deleted."""
    return tuple(
        _resolve(before, Resolution.DEAL_GONE, context)
        for before in memory.violations.values()
        if before.is_live
    )


def unreadable(memory: Memory) -> tuple[Violation, ...]:
    """Keep everything of a deal that could not be read; nothing is decided."""
    return tuple(
        replace(before, outcome=Outcome.CANNOT_TELL)
        for before in memory.violations.values()
        if before.is_live
    )


# ---- one rule ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tracker:
    """One deal's violations on their way through this run."""

    deal: Deal
    memory: Memory
    pack: RulePack
    context: Context

    def next(
        self, rule: Rule, verdict: Verdict, before: Violation | None
    ) -> Violation | None:
        """Return what becomes of one rule's violation; None where none ever was."""
        if verdict.outcome is Outcome.FAIL and not rule.is_optional:
            described = self._described(rule, verdict, before)
            in_time = graced(described, rule, self.context)
            accepted = accept(in_time, verdict.waived, before, self.context)
            return _released(accepted, rule, self.memory)
        if before is None or not before.is_live:
            return None
        is_proved = verdict.outcome is Outcome.PASS
        if verdict.outcome is Outcome.CANNOT_TELL or (
            rule.id in self.memory.adopted_rules and not is_proved
        ):
            return replace(before, outcome=verdict.outcome)
        return _resolve(before, self._resolution(rule, verdict, before), self.context)

    def _mode(self, rule: Rule) -> Mode:
        ceiling = self.pack.project.mode_ceiling
        return min(rule.mode, ceiling, key=lambda each: each.rank)

    def _begun(self, rule: Rule) -> Violation:
        return Violation(
            deal_id=self.deal.id,
            deal_name=name_of(self.deal),
            pipeline=self.deal.pipeline,
            stage=self.deal.stage_label,
            rule_id=rule.id,
            state=State.PENDING,
            severity=rule.severity,
            mode=self._mode(rule),
            role=rule.owed_by,
            first_seen=self.context.now,
        )

    def _continues(self, before: Violation) -> bool:
        """Whether a failure now is the old violation: live, or flapping (B6)."""
        if before.is_live or before.resolved_at is None:
            return True
        resolved_on = local_date(before.resolved_at, self.context.zone)
        days = self.context.calendar.between(resolved_on, self.context.today)
        return days <= self.pack.project.reopen_within

    def _described(
        self, rule: Rule, verdict: Verdict, before: Violation | None
    ) -> Violation:
        """Continue the known violation or begin a new one, as it is now.

        In one copy: there are more violations than anything else that is made anew.
        """
        continues = before is not None and self._continues(before)
        violation = before if before and continues else self._begun(rule)
        deal, mode, is_live = self.deal, self._mode(rule), violation.is_live
        is_raised = mode.rank > violation.mode.rank and violation.released_on is None
        severity, role, fix = self._terms(violation, rule, verdict)
        amount = deal.fields.get("amount")
        owner = deal.fields.get("owner.name")
        return replace(
            violation,
            mode=mode,
            grace_from=self.context.now if is_raised else violation.grace_from,
            resolved_at=None,
            resolution=None,
            opened_at=violation.opened_at if is_live else None,
            released_on=violation.released_on if is_live else None,
            deal_name=name_of(deal),
            stage=deal.stage_label,
            severity=severity,
            role=role,
            outcome=Outcome.FAIL,
            owner_id=deal.owner_id,
            owner_name=owner if isinstance(owner, str) else "",
            amount=amount.amount if isinstance(amount, Money) else None,
            currency=amount.currency if isinstance(amount, Money) else "",
            logic=rule.logic,
            rule_changed_at=self._rule_changed_at(violation, rule),
            title=rule.title,
            fix=fix,
            findings=verdict.findings,
            state=self._side_state(violation, rule),
        )

    def _rule_changed_at(self, violation: Violation, rule: Rule) -> datetime | None:
        is_changed = violation.logic not in ("", rule.logic)
        return self.context.now if is_changed else violation.rule_changed_at

    def _terms(
        self, violation: Violation, rule: Rule, verdict: Verdict
    ) -> tuple[Severity, str, str]:
        """Say how bad it is, who owes it and what to do, after `escalate` (A22).

        What cannot be told escalates nothing, and takes nothing back.
        """
        terms = terms_of(rule, verdict.escalation)
        fix = remedy(terms, verdict.findings, self.deal, self.context)
        if isinstance(verdict.escalation, Unavailable):
            return violation.severity, violation.role, violation.fix or fix
        return terms.severity, terms.owed_by, fix

    def _side_state(self, violation: Violation, rule: Rule) -> State:
        # Never where an open task of ours proves that the line is owed.
        is_proved = rule.id in self.memory.adopted_rules
        if not is_proved and is_exempt(rule, self.deal, self.context):
            return State.EXEMPT
        if violation.state in (State.EXEMPT, State.SUPPRESSED, State.RESOLVED):
            return State.PENDING
        return State.OPEN if violation.state is State.WAIVED else violation.state

    def _resolution(
        self, rule: Rule, verdict: Verdict, before: Violation
    ) -> Resolution:
        if before.logic and before.logic != rule.logic:
            return Resolution.RULE_CHANGED
        if verdict.outcome is Outcome.PASS:
            return Resolution.FIXED
        is_closed = self.deal.fields.get("is_closed") is True
        if verdict.outcome is Outcome.NOT_APPLICABLE and is_closed:
            return Resolution.DEAL_CLOSED
        return Resolution.NO_LONGER_APPLIES  # or it is optional now


def _released(violation: Violation, rule: Rule, memory: Memory) -> Violation:
    """Say whether the line may stand in a task, as far as the rule alone decides."""
    released_on, waiting = violation.released_on, ""
    if violation.mode is not Mode.ENFORCE or violation.state is not State.OPEN:
        released_on = None
    elif released_on is None and rule.id not in memory.adopted_rules:
        is_first = (rule.id, rule.logic) not in memory.seen
        waiting = FIRST_RUN if is_first else ""
    if (violation.released_on, violation.waiting) == (released_on, waiting):
        return violation
    return replace(violation, released_on=released_on, waiting=waiting)


def _resolve(before: Violation, reason: Resolution, context: Context) -> Violation:
    return replace(
        before,
        state=State.RESOLVED,
        resolution=reason,
        resolved_at=context.now,
        waiting="",
    )


# ---- several rules -----------------------------------------------------------------


def _suppress(
    tracked: Mapping[str, Violation], rules: Mapping[str, Rule]
) -> tuple[Violation, ...]:
    """Quiet a violation while one that its rule names is open on the same deal.

    One that cannot be told stays what it was (language B5, rule 5).
    """
    is_open = {rule_id for rule_id, each in tracked.items() if each.state is State.OPEN}
    return tuple(
        replace(each, state=State.SUPPRESSED, released_on=None, waiting="")
        if each.outcome is not Outcome.CANNOT_TELL
        and each.state in (State.OPEN, State.PENDING)
        and is_open.intersection(rules[rule_id].suppressed_by)
        else each
        for rule_id, each in tracked.items()
    )


def _why_left(before: Violation, rules: Mapping[str, Rule]) -> Resolution:
    if before.rule_id in rules:
        return Resolution.NO_LONGER_APPLIES
    return Resolution.RULE_RETIRED
