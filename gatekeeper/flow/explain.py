"""Say how one deal stands: every rule, every line, what is and what must be."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.episodes import comes_back_on, obligation_of
from gatekeeper.core.former_ids import known_as
from gatekeeper.core.history import stages as stage_history
from gatekeeper.core.judge.conditions import findings
from gatekeeper.core.judge.escalation import explain_escalations, terms_of
from gatekeeper.core.judge.outlook import upcoming
from gatekeeper.core.judge.position import asked_as_of
from gatekeeper.core.judge.remedy import remedy
from gatekeeper.core.model import (
    STAGE,
    Mode,
    ObligationState,
    Outcome,
    Standing,
    Unavailable,
)
from gatekeeper.core.pack import Needs
from gatekeeper.errors import SetupError
from gatekeeper.flow.standpoints import Standpoints
from gatekeeper.flow.watch import Watch
from gatekeeper.language.suggest import no_rule
from gatekeeper.ports import DealHistory, PullRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime, tzinfo

    from gatekeeper.core.context import Context
    from gatekeeper.core.judge.escalation import ExplainedEscalation, Terms
    from gatekeeper.core.judge.outlook import Upcoming
    from gatekeeper.core.model import (
        Deal,
        Finding,
        SupportedStage,
        Verdict,
        Violation,
    )
    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.flow.services import Services
    from gatekeeper.flow.standpoints import Standpoint

_ID = re.compile(r"[0-9]+|[A-Za-z0-9]{15}|[A-Za-z0-9]{18}")
_ID_IN_LINK = re.compile(r"/([A-Za-z0-9]{18}|[A-Za-z0-9]{15})(?:/|$)")


@dataclass(frozen=True, slots=True)
class ExplainedRule:
    """One rule on the deal.

    Attributes:
        lines: Every line of the check, met ones included; empty where the rule does
            not apply.
        fix: What to do, filled for this deal; "" where nothing is missing.
        violation: What stands, if anything does; by the clock of the project.
        upcoming: What changes next if nobody does anything; None where nothing does
            within the horizon.
        escalations: What is asked once it fails, in the order written.
    """

    rule: Rule
    verdict: Verdict
    lines: tuple[Finding, ...] = ()
    fix: str = ""
    violation: Violation | None = None
    upcoming: Upcoming | None = None
    escalations: tuple[ExplainedEscalation, ...] = ()

    @property
    def terms(self) -> Terms:
        """How bad it is, who owes it and what to do, after `escalate`."""
        return terms_of(self.rule, self.verdict.escalation)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one deal stands.

    Attributes:
        overlay: Name of the overlay it is under, "" for none.
        ceiling: The mode that no rule goes beyond.
        days_in_stage: None where its stage history does not tell.
        task_notes: What became of its tasks, in sentences.
        is_look_back: It is judged as of a day before the CRM's today, by the stage and
            the fields of today.
    """

    deal: Deal
    as_of: datetime
    supported: SupportedStage
    rules: tuple[ExplainedRule, ...]
    overlay: str = ""
    ceiling: Mode = Mode.ENFORCE
    days_in_stage: int | None = None
    task_notes: tuple[str, ...] = ()
    is_look_back: bool = False


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
    rule_ids = [rule.id for rule in pack.rules]
    if rule_id is not None and rule_id not in rule_ids:
        raise no_rule(rule_id, rule_ids)
    deal = _read(services, pack, _id_in(name), as_of)
    at = Standpoints(pack, as_of, services.crm.rates()).of(deal)
    (judged,) = at.judged([deal])
    known = services.store.history(deal.org, [deal.id]).get(deal.id, DealHistory())
    violations = {
        rule: each
        for rule, each in known.violations.items()
        if each.first_seen <= as_of
    }
    standing = known_as(violations, at.pack)
    ahead = upcoming(deal, at.pack, at.context, violations) if not at.unclear else {}
    rules = {rule.id: rule for rule in at.pack.rules}
    explanations = (
        explained(rules[each.rule_id], each, judged.deal, at.context, standing)
        for each in judged.verdicts
        if rule_id in (None, each.rule_id)
    )
    return Explanation(
        deal,
        as_of,
        judged.supported,
        tuple(replace(each, upcoming=ahead.get(each.rule.id)) for each in explanations),
        at.overlay,
        at.pack.project.mode_ceiling,
        _days_in_stage(deal, at.context),
        tuple(_closed_by_hand(known, standing, at)),
        at.context.today < local_date(services.crm.server_time(), at.context.zone),
    )


def _closed_by_hand(
    known: DealHistory, standing: Mapping[str, Violation], at: Standpoint
) -> Iterator[str]:
    """Say which task a person closed without fixing, and when it comes back."""
    owed = {
        obligation_of(each, known.obligations, at.pack) for each in standing.values()
    }
    for obligation_id, latest in known.obligations.items():
        is_closed = latest.state is ObligationState.CLOSED_BY_PERSON
        if not is_closed or latest.closed_at is None or obligation_id not in owed:
            continue
        closed_on = local_date(latest.closed_at, at.context.zone)
        back_on = comes_back_on(latest, at.pack, at.context)
        returns = f"comes back on {_day(back_on)}" if back_on else "does not come back"
        yield (
            f"The task of {obligation_id.role} was closed by hand, without fixing what"
            f" is missing, by {_day(closed_on)}; it {returns}."
        )


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"


def _known(services: Services, deal_id: str) -> DealHistory:
    known = services.store.history(services.crm.org(), [deal_id])
    return known.get(deal_id, DealHistory())


def _read(services: Services, pack: RulePack, deal_id: str, as_of: datetime) -> Deal:
    """Read the deal with its stages, whether or not a rule asks for them.

    Raises:
        SetupError: No such deal can be read.
    """
    needs = pack.needs | Needs(history=frozenset({STAGE}))
    request = PullRequest(needs, pack.catalogue, (), as_of.date())
    batch = services.crm.deals_by_id([deal_id], request)
    if not batch.deals:
        message = (
            f"The CRM shows no deal {deal_id}. It may be deleted, or the integration"
            " user may not read it; copy the id or the link from the deal's page."
        )
        raise SetupError(message)
    (deal,) = batch.deals
    return _with_past(deal, services, pack, as_of)


def _days_in_stage(deal: Deal, context: Context) -> int | None:
    days = stage_history.days_in_stage(deal, context, None)
    return int(days) if isinstance(days, Decimal) else None


def _with_past(deal: Deal, services: Services, pack: RulePack, as_of: datetime) -> Deal:
    """Complete a deal's history as a run would, by a look not later than today."""
    crm = services.crm
    looked_at = min(as_of, crm.server_time())
    watch = Watch(services.store, crm.org(), pack, looked_at, frozenset({STAGE}))
    watch.recall([deal.id])
    return watch.with_past(deal)[0]


def _id_in(name: str) -> str:
    found = _ID_IN_LINK.findall(name)
    deal_id: str = found[-1] if found else name.strip()
    if _ID.fullmatch(deal_id) is None:
        message = f"{name} is no deal: give its id or the link from its page."
        raise SetupError(message)
    return deal_id


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
    violation = _by_local_clock(standing.get(rule.id), context.zone)
    standpoint = asked_as_of(rule, deal, context)
    is_broken = verdict.reason.startswith("E999") or verdict.is_suspended
    if not is_asked or is_broken or isinstance(standpoint, Unavailable):
        return ExplainedRule(rule, verdict, violation=violation)
    is_missing = verdict.outcome is Outcome.FAIL or (
        verdict.readiness is Standing.NOT_MET
    )
    lines = findings(rule.require, deal, standpoint)
    terms = terms_of(rule, verdict.escalation)
    return ExplainedRule(
        rule,
        verdict,
        lines,
        remedy(terms, lines, deal, context) if is_missing else "",
        violation,
        escalations=explain_escalations(rule, verdict, deal, context),
    )


def _by_local_clock(violation: Violation | None, zone: tzinfo) -> Violation | None:
    """Put the moments that people are shown as days into the project's zone."""
    if violation is None:
        return None
    changed_at = violation.rule_changed_at
    return replace(
        violation,
        first_seen=violation.first_seen.astimezone(zone),
        rule_changed_at=changed_at.astimezone(zone) if changed_at else None,
    )
