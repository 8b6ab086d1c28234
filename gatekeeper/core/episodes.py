"""Episodes of what a deal owes a role: which task is wanted, and when one comes back.

Pure. A task that a person closed although something is missing rests for
`reopen_after` business days and comes back as the next episode, at most
`reopen_times`; a line that opened since is no part of what was closed, so it raises the
next episode at once. Once nothing is owed any more the matter is laid to rest: what
fails later begins with a clean count. With a task per rule a renamed rule goes on in
the task it has under its former id (`formerly`): keys never change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import ObligationId, ObligationState, State
from gatekeeper.core.pack import Grouping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Obligation, Violation
    from gatekeeper.core.pack import RulePack

_UNDER_WAY = (
    ObligationState.INTENT,
    ObligationState.OPEN,
    ObligationState.CLOSED_BY_PERSON,
)
_MAY_COME_BACK = (State.OPEN, State.PENDING, State.SUPPRESSED)


@dataclass(frozen=True, slots=True)
class Episode:
    """One task that should stand open.

    Attributes:
        raised: How often it was raised again after a person closed it.
    """

    number: int
    raised: int = 0


def latest_episodes(
    known: Mapping[ObligationId, Obligation], learned: Iterable[Obligation]
) -> dict[ObligationId, Obligation]:
    """Return the latest episode of each obligation, as far as a run has learned.

    An earlier one may still be on its way out, as where a closing had no answer.

    Args:
        known: The latest of each before.
        learned: Episodes as they are found now, in any order.
    """
    latest = dict(known)
    for each in learned:
        before = latest.get(each.id)
        if before is None or before.episode <= each.episode:
            latest[each.id] = each
    return latest


def each_episode(obligations: Iterable[Obligation]) -> tuple[Obligation, ...]:
    """Return each episode once, as it is told last."""
    return tuple({(each.id, each.episode): each for each in obligations}.values())


def obligation_of(
    line: Violation, known: Mapping[ObligationId, Obligation], pack: RulePack
) -> ObligationId:
    """Return what a violation is a line of.

    Args:
        line: The violation, under the present id of its rule.
        known: The latest episode of each obligation of its deal.
        pack: For the grouping, and the former ids of its rule.
    """
    if pack.project.grouping is Grouping.DEAL:
        return ObligationId(line.deal_id, line.role)
    former = (rule.formerly for rule in pack.rules if rule.id == line.rule_id)
    ids = [
        ObligationId(line.deal_id, line.role, group)
        for group in (line.rule_id, *next(former, ()))
    ]
    under_way = (each for each in ids if each in known and _goes_on(known[each]))
    return next(under_way, ids[0])


def _goes_on(obligation: Obligation) -> bool:
    return obligation.state in _UNDER_WAY


def wanted_episode(
    latest: Obligation | None,
    lines: Sequence[Violation],
    pack: RulePack,
    context: Context,
) -> Episode | None:
    """Choose the episode whose task is wanted; None while a person's closing rests.

    Args:
        latest: The latest episode known.
        lines: What is owed now.
        pack: For how long a closing is respected.
        context: Today and the business calendar.
    """
    if latest is None:
        return Episode(1)
    if latest.state in (ObligationState.INTENT, ObligationState.OPEN):
        return Episode(latest.episode, latest.raised)
    if latest.state is not ObligationState.CLOSED_BY_PERSON:
        return Episode(latest.episode + 1)
    if any(_is_newer(line, latest, context) for line in lines):
        return Episode(latest.episode + 1, latest.raised)
    back_on = comes_back_on(latest, pack, context)
    if back_on is None or context.today < back_on:
        return None
    return Episode(latest.episode + 1, latest.raised + 1)


def _is_newer(line: Violation, closed: Obligation, context: Context) -> bool:
    """Whether the line came up after a person closed the task."""
    if closed.closed_at is None or line.opened_at is None:
        return False
    closed_on = local_date(closed.closed_at, context.zone)
    was_let_in_later = line.released_on is not None and line.released_on > closed_on
    return was_let_in_later or line.opened_at > closed.closed_at


def comes_back_on(latest: Obligation, pack: RulePack, context: Context) -> date | None:
    """Return when a task that a person closed is raised again; None for never."""
    project = pack.project
    if latest.closed_at is None or latest.raised >= project.reopen_times:
        return None
    day = local_date(latest.closed_at, context.zone)
    return context.calendar.add(context.calendar.roll_back(day), project.reopen_after)


def laid_to_rest(
    obligations: Mapping[ObligationId, Obligation],
    violations: Iterable[Violation],
    pack: RulePack,
) -> Iterator[Obligation]:
    """Yield what a person closed and of which nothing is missing any more.

    Args:
        obligations: The latest episode of each, as known.
        violations: All live ones of the deal.
        pack: How violations become tasks.
    """
    owed = {
        obligation_of(each, obligations, pack)
        for each in violations
        if each.state in _MAY_COME_BACK
    }
    for obligation_id, latest in obligations.items():
        is_closed = latest.state is ObligationState.CLOSED_BY_PERSON
        if is_closed and obligation_id not in owed:
            yield replace(latest, state=ObligationState.RESOLVED)
