"""Violations gathered by deal, the ones with most at stake first. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest
from typing import TYPE_CHECKING

from gatekeeper.core.digest.values import DealLine, Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.digest.values import Amounts
    from gatekeeper.core.model import Violation

MOST_LINES = 10
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Scales:
    """Weighs amounts against each other.

    Attributes:
        rates: Per ISO code, what one unit is worth in one currency; an amount
            without a rate weighs nothing.
    """

    rates: Mapping[str, Decimal]

    def worth(self, amount: Decimal | None, currency: str) -> Decimal:
        """Return what an amount weighs; nothing where it is unknown."""
        return NOTHING if amount is None else amount * self.rates.get(currency, NOTHING)


def by_deal(violations: Iterable[Violation]) -> Mapping[str, Sequence[Violation]]:
    """Gather violations by deal id."""
    deals: defaultdict[str, list[Violation]] = defaultdict(list)
    for each in violations:
        deals[each.deal_id].append(each)
    return deals


def at_stake(deals: Mapping[str, Sequence[Violation]]) -> Amounts:
    """Sum the amounts of deals per currency, each deal once."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for violations in deals.values():
        known = next((each for each in violations if each.amount is not None), None)
        if known is not None and known.amount is not None:
            sums[known.currency] += known.amount
    return dict(sorted(sums.items()))


def section(
    violations: Sequence[Violation],
    scales: Scales,
    when: Callable[[Violation], datetime],
    most: int = MOST_LINES,
) -> Section:
    """List the deals of some violations: most money first, then the oldest.

    Args:
        violations: What the list is about.
        scales: Weighs the amounts.
        when: The moment of one that counts.
        most: How many deals are shown.
    """
    deals = by_deal(violations)

    def rank(deal_id: str) -> tuple[Decimal, datetime, str]:
        lines = deals[deal_id]
        worth = max(scales.worth(each.amount, each.currency) for each in lines)
        return -worth, min(map(when, lines)), deal_id

    shown = nsmallest(most, deals, key=rank)
    lines = tuple(_line(deals[deal_id], when) for deal_id in shown)
    return Section(len(violations), len(deals), lines)


def _line(
    violations: Sequence[Violation], when: Callable[[Violation], datetime]
) -> DealLine:
    worst = sorted(
        violations, key=lambda each: (-each.severity.rank, when(each), each.rule_id)
    )
    first = worst[0]
    return DealLine(
        deal_id=first.deal_id,
        name=first.deal_name,
        stage=first.stage,
        owner=first.owner_name,
        amount=first.amount,
        currency=first.currency,
        titles=tuple(each.title or each.rule_id for each in worst),
        fix=first.fix,
        since=min(map(when, worst)),
    )
