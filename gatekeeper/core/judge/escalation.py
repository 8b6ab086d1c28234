"""What is different about a failure that has become worse (language A22). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.judge.conditions import findings, standing
from gatekeeper.core.model import Escalation, Outcome, Standing, Unavailable

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Finding, Message, Severity, Verdict
    from gatekeeper.core.pack import Rule

NOT_TOLD = Unavailable("whether it has become worse cannot be told")


@dataclass(frozen=True, slots=True)
class Terms:
    """How bad a failure is, who owes it and what to do.

    Attributes:
        has_other_fix: The fix is that of an escalation, not the rule's own.
    """

    severity: Severity
    owed_by: str
    fix: Message
    has_other_fix: bool = False


@dataclass(frozen=True, slots=True)
class ExplainedEscalation:
    """One entry of `escalate` on a deal that fails the rule.

    Attributes:
        applies: It is the entry that counts.
        lines: Every line of its condition.
    """

    entry: Escalation
    standing: Standing
    applies: bool
    lines: tuple[Finding, ...]


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


def terms_of(rule: Rule, escalation: Escalation | Unavailable | None) -> Terms:
    """Return the rule's own terms, with what an escalation replaces."""
    if not isinstance(escalation, Escalation):
        return Terms(rule.severity, rule.owed_by, rule.fix)
    return Terms(
        escalation.severity or rule.severity,
        escalation.owed_by or rule.owed_by,
        escalation.fix or rule.fix,
        escalation.fix is not None,
    )


def explain_escalations(
    rule: Rule, verdict: Verdict, deal: Deal, context: Context
) -> tuple[ExplainedEscalation, ...]:
    """Explain every entry, in the order written; none where the rule does not fail."""
    if verdict.outcome is not Outcome.FAIL:
        return ()
    return tuple(
        ExplainedEscalation(
            entry,
            standing(entry.when, deal, context),
            entry is verdict.escalation,
            findings(entry.when, deal, context),
        )
        for entry in rule.escalate
    )
