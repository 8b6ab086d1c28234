"""What is different about a failure that has become worse (language A22). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.conditions import standing
from gatekeeper.core.model import Standing, Unavailable

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Escalation
    from gatekeeper.core.pack import Rule

NOT_TOLD = Unavailable("whether it has become worse cannot be told")


def escalated(
    rule: Rule, deal: Deal, context: Context
) -> Escalation | Unavailable | None:
    """Return the last entry of `escalate` that is true of a deal that fails a rule.

    Args:
        rule: The rule that fails.
        deal: The deal.
        context: The run's standpoint, for a miss gets worse while time passes.

    Returns:
        Unavailable where a later entry than the last true one cannot be told.
    """
    for entry in reversed(rule.escalate):
        match standing(entry.when, deal, context):
            case Standing.MET:
                return entry
            case Standing.CANNOT_TELL:
                return NOT_TOLD
    return None
