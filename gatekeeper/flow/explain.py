"""Say how one deal stands: every rule, every line, what is and what must be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.conditions import findings
from gatekeeper.core.model import Outcome, Standing, Unavailable
from gatekeeper.core.position import asked_as_of
from gatekeeper.errors import SetupError
from gatekeeper.flow.standpoints import Standpoints
from gatekeeper.flow.watch import Watch
from gatekeeper.ports import PullRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import (
        Deal,
        Finding,
        SupportedStage,
        Verdict,
        Violation,
    )
    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.flow.services import Services

_ID = re.compile(r"[0-9]+|[A-Za-z0-9]{15}|[A-Za-z0-9]{18}")
_ID_IN_LINK = re.compile(r"/([A-Za-z0-9]{18}|[A-Za-z0-9]{15})(?:/|$)")


@dataclass(frozen=True, slots=True)
class ExplainedRule:
    """One rule on the deal.

    Attributes:
        lines: Every line of the check, met ones included; empty where the rule does
            not apply.
        fix: What to do, filled for this deal; "" where nothing is missing.
        violation: What stands in the store, if anything does.
    """

    rule: Rule
    verdict: Verdict
    lines: tuple[Finding, ...] = ()
    fix: str = ""
    violation: Violation | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one deal stands.

    Attributes:
        overlay: Name of the overlay it is under, "" for none.
    """

    deal: Deal
    as_of: datetime
    supported: SupportedStage
    rules: tuple[ExplainedRule, ...]
    overlay: str = ""


def explain_deal(
    services: Services,
    pack: RulePack,
    name: str,
    as_of: datetime,
    rule_id: str | None = None,
) -> Explanation:
    """Read one deal and explain it.

    Args:
        services: The CRM and the store.
        pack: The rules.
        name: The deal's id, or the link a person copied from the CRM.
        as_of: The moment to judge by.
        rule_id: Only this rule, if given.

    Raises:
        SetupError: No such deal can be read, or no such rule exists.
    """
    if rule_id is not None and all(rule.id != rule_id for rule in pack.rules):
        message = f"There is no rule {rule_id}. See: gatekeeper rules list"
        raise SetupError(message)
    deal_id = _id_in(name)
    request = PullRequest(pack.needs, pack.catalogue, (), as_of.date())
    batch = services.crm.deals_by_id([deal_id], request)
    if not batch.deals:
        message = (
            f"The CRM shows no deal {deal_id}. It may be deleted, or the integration"
            " user may not read it; copy the id or the link from the deal's page."
        )
        raise SetupError(message)
    (deal,) = batch.deals
    deal = _with_past(deal, services, pack, as_of)
    at = Standpoints(pack, as_of, services.crm.rates()).of(deal)
    judged = at.judged(deal)
    standing = _standing(services, deal.id)
    rules = {rule.id: rule for rule in at.pack.rules}
    return Explanation(
        deal,
        as_of,
        judged.supported,
        tuple(
            explained(rules[each.rule_id], each, judged.deal, at.context, standing)
            for each in judged.verdicts
            if rule_id in (None, each.rule_id)
        ),
        at.overlay,
    )


def _with_past(deal: Deal, services: Services, pack: RulePack, as_of: datetime) -> Deal:
    """Complete a deal's history as a run would, by a look not later than today."""
    crm = services.crm
    looked_at = min(as_of, crm.server_time())
    watch = Watch(services.store, crm.org(), pack.needs.history, looked_at)
    watch.recall([deal.id])
    return watch.with_past(deal)[0]


def _id_in(name: str) -> str:
    found = _ID_IN_LINK.findall(name)
    deal_id: str = found[-1] if found else name.strip()
    if _ID.fullmatch(deal_id) is None:
        message = f"{name} is no deal: give its id or the link from its page."
        raise SetupError(message)
    return deal_id


def _standing(services: Services, deal_id: str) -> Mapping[str, Violation]:
    org = services.crm.org()
    return {
        each.rule_id: each
        for each in services.store.violations(org)
        if each.deal_id == deal_id
    }


def explained(
    rule: Rule,
    verdict: Verdict,
    deal: Deal,
    context: Context,
    standing: Mapping[str, Violation],
) -> ExplainedRule:
    """Explain one verdict line by line, with the violation that stands, if any."""
    is_asked = (
        verdict.outcome is not Outcome.NOT_APPLICABLE or verdict.readiness is not None
    )
    standpoint = asked_as_of(rule, deal, context)
    is_broken = verdict.reason.startswith("E999")
    if not is_asked or is_broken or isinstance(standpoint, Unavailable):
        return ExplainedRule(rule, verdict, violation=standing.get(rule.id))
    is_missing = verdict.outcome is Outcome.FAIL or (
        verdict.readiness is Standing.NOT_MET
    )
    return ExplainedRule(
        rule,
        verdict,
        findings(rule.require, deal, standpoint),
        rule.fix(deal, context) if is_missing else "",
        standing.get(rule.id),
    )
