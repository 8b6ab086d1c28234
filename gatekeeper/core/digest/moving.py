"""Which deals are about to move, and what their gate still asks of them. Pure.

The warning before the gate (language A10): a deal that is expected to close soon is
held against the exit criteria of the stage it is in, though none of them binds yet.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.digest.values import Moving
from gatekeeper.core.model import Mode, Money, Outcome, Standing, State
from gatekeeper.core.wording import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.core.model import DealVerdicts, Verdict, Violation
    from gatekeeper.core.pack import RulePack

SOON = timedelta(days=14)
_MISSING = frozenset({State.OPEN, State.PENDING})


def titles_in_force(pack: RulePack) -> Mapping[str, str]:
    """Return the titles of the rules by which people are asked, by id."""
    if pack.project.mode_ceiling is Mode.OBSERVE:
        return {}
    return {rule.id: rule.title for rule in pack.rules if rule.mode is not Mode.OBSERVE}


def moving_of(
    judged: DealVerdicts,
    violations: Iterable[Violation],
    titles: Mapping[str, str],
    today: date,
) -> Moving | None:
    """Return what is to be told of a deal that may close soon; None of any other.

    Args:
        judged: The deal and its verdicts.
        violations: Of the deal, resolved ones among them.
        titles: Of the rules in force; without one nothing is asked, so nothing told.
        today: Where the deal is.
    """
    deal = judged.deal
    close_on = deal.fields.get("close_date")
    if not titles or isinstance(close_on, datetime) or not isinstance(close_on, date):
        return None
    if (
        not today <= close_on <= today + SOON
        or deal.fields.get("is_closed") is not False
    ):
        return None
    amount, owner = deal.fields.get("amount"), deal.fields.get("owner.name")
    money = amount if isinstance(amount, Money) else None
    asked = [each for each in judged.verdicts if each.rule_id in titles]
    missing = (*_standing(violations, titles), *_ahead(asked, titles))
    return Moving(
        deal_id=deal.id,
        name=name_of(deal),
        stage=deal.stage_label or deal.stage,
        owner_id=deal.owner_id,
        owner=owner if isinstance(owner, str) else "",
        amount=money.amount if money else None,
        currency=money.currency if money else "",
        close_on=close_on,
        missing=tuple(dict.fromkeys(missing)),
        untold=sum(map(_is_untold, asked)),
    )


def _standing(
    violations: Iterable[Violation], titles: Mapping[str, str]
) -> Iterator[str]:
    """Give what gates behind it still lack, worst first."""
    standing = [
        each for each in violations if each.state in _MISSING and each.rule_id in titles
    ]
    for each in sorted(standing, key=lambda v: (-v.severity.rank, v.rule_id)):
        yield titles[each.rule_id]


def _ahead(asked: Iterable[Verdict], titles: Mapping[str, str]) -> Iterator[str]:
    """Give what the gate ahead lacks, but for what a waiver accepts."""
    for each in asked:
        is_waived = each.waived is not None and each.waived.applies
        if each.readiness is Standing.NOT_MET and not is_waived:
            yield titles[each.rule_id]


def _is_untold(verdict: Verdict) -> bool:
    return Standing.CANNOT_TELL is verdict.readiness or (
        verdict.outcome is Outcome.CANNOT_TELL and not verdict.is_suspended
    )
