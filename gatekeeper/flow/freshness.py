"""Whether the deals of a stored plan still are as they were when it was made."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.dossier import inputs_of
from gatekeeper.core.model import Action, GoneReason, Resolution, State
from gatekeeper.flow.survey import CHUNK_BY_ID

if TYPE_CHECKING:
    from gatekeeper.flow.ledger import Ledger
    from gatekeeper.flow.services import Services
    from gatekeeper.flow.survey import Survey
    from gatekeeper.ports import RunRow


@dataclass(slots=True)
class Freshness:
    """Which deals of a plan still are as they were.

    Attributes:
        left_alone: Changes of what was set aside since the plan was made.
    """

    changes: int
    read: frozenset[str]
    stale: dict[str, str] = field(default_factory=dict)
    stale_changes: int = 0
    left_alone: int = 0


def compared(services: Services, survey: Survey, plan: RunRow) -> Freshness:
    """Read the plan's deals again and compare what the plan was based on.

    A deal on which a later run went on is stale as well: the plan says nothing of the
    lines which that run let in, or took out.
    """
    moved = services.store.moved_since(services.crm.org(), plan.number)
    expected: dict[str, tuple[str, str]] = {}
    counts: Counter[str] = Counter()
    closes: defaultdict[str, set[str]] = defaultdict(set)
    for staged in services.store.changes(plan.id):
        change = staged.change
        expected[change.deal_id] = change.inputs, change.deal_name
        counts[change.deal_id] += 1
        if change.action is Action.CLOSE:
            closes[change.deal_id].add(change.key)
    ids = sorted(expected)
    fresh = Freshness(counts.total(), frozenset(ids))
    for start in range(0, len(ids), CHUNK_BY_ID):
        chunk = ids[start : start + CHUNK_BY_ID]
        batch = services.crm.deals_by_id(chunk, survey.request())
        actual = {
            deal.id: inputs_of(deal, survey.ledger.tasks.get(deal.id, ()))
            for deal in batch.deals
        }
        for deal_id in chunk:
            inputs, name = expected[deal_id]
            if _was_gone(inputs):
                open_now = _open_keys(survey.ledger, deal_id)
                is_gone = batch.gone.get(deal_id) is GoneReason.DELETED
                is_fresh = is_gone and closes[deal_id] <= open_now
            else:
                is_fresh = actual.get(deal_id) == inputs
            if deal_id in moved or not is_fresh:
                fresh.stale[deal_id] = name
                fresh.stale_changes += counts[deal_id]
    return fresh


def _open_keys(ledger: Ledger, deal_id: str) -> set[str]:
    """Return the keys of the open tasks made for a deal, on it or on none."""
    tasks = (*ledger.tasks.get(deal_id, ()), *ledger.loose.get(deal_id, ()))
    return {task.key for task in tasks}


def resolved_without_a_read(
    services: Services, plan: RunRow, fresh: Freshness
) -> set[str]:
    """Return the deals on which the plan saw something done and that were not read now.

    Nothing was to be written on them, so the next run says what became of them. That
    a rule has left the pack needs no look at any deal.
    """
    done = services.store.violations(
        services.crm.org(), [State.RESOLVED.value], run_id=plan.id
    )
    return {
        each.deal_id
        for each in done
        if each.deal_id not in fresh.read
        and each.resolution is not Resolution.RULE_RETIRED
    }


def _was_gone(inputs: str) -> bool:
    """Whether the plan was made for a deal that had been deleted."""
    return not inputs
