"""Old deals that a new rule leaves alone (language A13).

Pure. Grandfathering changes what is done, never the outcome.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from gatekeeper.core.history import gates as gate_history
from gatekeeper.core.history.legs import position_of
from gatekeeper.core.model import Unavailable
from gatekeeper.core.pack import Position, Reach

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal
    from gatekeeper.core.pack import Rule


def is_exempt(rule: Rule, deal: Deal, context: Context) -> bool:
    """Whether the rule leaves a deal alone that was there before it took effect."""
    if rule.effective_from is None:
        return False
    if context.today < rule.effective_from:
        return True
    if rule.includes_existing:
        return False
    was_past = _was_past_on(rule, deal, context, rule.effective_from)
    if was_past is not None:
        return was_past
    created = deal.fields.get("created_on")
    return isinstance(created, date) and created < rule.effective_from


def _was_past_on(rule: Rule, deal: Deal, context: Context, day: date) -> bool | None:
    """Whether the deal was past a gate when a day began.

    Returns:
        None for a rule that guards no gate, and where the history does not tell.
    """
    if rule.reach is not Reach.STAGE or rule.position is Position.WHILE_IN:
        return None
    at = position_of(rule.stage or "", deal, context)
    if at is None:
        return None
    first = at + 1 if rule.position is Position.EXIT else at
    began = datetime.combine(day, time(), tzinfo=context.zone)
    stood = gate_history.stood_from(deal, context, began, first)
    return None if isinstance(stood, Unavailable) else stood
