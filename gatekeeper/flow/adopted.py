"""What our own tasks in the CRM prove of lines that the store does not know.

Pure. So a store that was lost goes on from what stands in the CRM.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.former_ids import present_ids
from gatekeeper.core.model import Mode, Outcome, Severity, State, Violation
from gatekeeper.core.wording import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
    from datetime import date

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, OwnTask, Verdict
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.track import Memory


def proofs(
    tasks: Iterable[OwnTask], verdicts: Iterable[Verdict]
) -> tuple[OwnTask, ...]:
    """Return some adopted tasks with the lines that they prove.

    An open task proves all it lists. Of one that a person closed only what still
    fails counts: it was left undone; what holds by now was done, and is no news.
    """
    failed = {each.rule_id for each in verdicts if each.outcome is Outcome.FAIL}
    return tuple(_unfinished(task, failed) for task in tasks)


def _unfinished(task: OwnTask, failed: Set[str]) -> OwnTask:
    if not (task.is_closed or task.is_deleted):
        return task
    return replace(
        task, rule_ids=tuple(each for each in task.rule_ids if each in failed)
    )


def unproved(
    tasks: Sequence[OwnTask],
    known: Mapping[str, Violation],
    verdicts: Iterable[Verdict],
    pack: RulePack,
) -> Iterator[OwnTask]:
    """Yield open tasks with the rules they list of which the store knows nothing.

    Their deal could not be read when they were adopted. What passes needs no proof.
    """
    if not tasks:  # as on most deals
        return
    renamed = present_ids(pack)
    needless = {each.rule_id for each in verdicts if each.outcome is Outcome.PASS}
    needless |= known.keys()
    for task in tasks:
        strange = tuple(
            each
            for each in task.rule_ids
            if each not in known and renamed.get(each, each) not in needless
        )
        if strange:
            yield replace(task, rule_ids=strange)


def with_adopted(
    memory: Memory,
    deal: Deal,
    tasks: Sequence[OwnTask],
    pack: RulePack,
    context: Context,
) -> Memory:
    """Add the lines that a deal's adopted tasks prove to what the store knows."""
    if not tasks:
        return memory
    violations = dict(memory.violations)
    rule_ids: set[str] = set()
    renamed = present_ids(pack)
    for task in tasks:
        opened_on = local_date(task.created_at, context.zone)
        for rule_id in (renamed.get(each, each) for each in task.rule_ids):
            rule_ids.add(rule_id)
            standing = violations.get(rule_id)
            if standing is None or not standing.is_live:
                proved = _proved(deal, rule_id, task, opened_on)
                violations[rule_id] = _as_ruled(proved, pack)
    return replace(memory, violations=violations, adopted_rules=rule_ids)


def _proved(deal: Deal, rule_id: str, task: OwnTask, opened_on: date) -> Violation:
    return Violation(
        deal_id=deal.id,
        deal_name=name_of(deal),
        pipeline=deal.pipeline,
        stage=deal.stage_label,
        rule_id=rule_id,
        state=State.OPEN,
        severity=Severity.MEDIUM,
        mode=Mode.ENFORCE,
        role=task.id.role if task.id else "deal_owner",
        first_seen=task.created_at,
        opened_at=task.created_at,
        released_on=opened_on,
        owner_id=deal.owner_id,
    )


def _as_ruled(violation: Violation, pack: RulePack) -> Violation:
    """Take over what the rule says, where the pack still has it."""
    rule = next((each for each in pack.rules if each.id == violation.rule_id), None)
    if rule is None:
        return violation
    return replace(violation, severity=rule.severity, title=rule.title)


def passed(verdicts: Iterable[Verdict], pack: RulePack) -> tuple[str, ...]:
    """Return the rules that passed, under their former ids as well."""
    met = {each.rule_id for each in verdicts if each.outcome is Outcome.PASS}
    former = {old for rule in pack.rules if rule.id in met for old in rule.formerly}
    return tuple(sorted(met | former))
