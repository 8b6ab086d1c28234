"""`explain`: how one deal stands, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import opened, prepare
from gatekeeper.cli.console import print_json, progress_bar
from gatekeeper.cli.explained import show_explanation
from gatekeeper.cli.options import AsOf, Json, examples, moment
from gatekeeper.core.dossier import supported_text
from gatekeeper.flow.explain import explain_deal

if TYPE_CHECKING:
    from gatekeeper.core.judge.escalation import ExplainedEscalation
    from gatekeeper.core.judge.outlook import Upcoming
    from gatekeeper.core.model import Finding
    from gatekeeper.flow.explain import ExplainedRule, Explanation


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="explain",
        epilog=examples(
            "gatekeeper explain 006Hs00001ABCdEFGH",
            "gatekeeper explain 006Hs00001ABCdEFGH --rule qual-amount --as-of"
            " 2026-11-20",
            "gatekeeper explain"
            " https://acme.my.salesforce.com/lightning/r/Opportunity/006Hs00001ABCdEFGH"
            "/view",
        ),
    )(explain)


def explain(
    deal: Annotated[
        str,
        typer.Argument(metavar="DEAL", help="The deal's id, or the link to it."),
    ],
    *,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Say how one deal stands: every rule, every line, what is and what must be."""
    with (
        progress_bar(enabled=not json) as progress,
        opened(prepare(), progress) as work,
    ):
        at = moment(as_of, work.pack.project.zone, work.services.crm.server_time())
        at = at.astimezone(work.pack.project.zone)
        explanation = explain_deal(work.services, work.pack, deal, at, rule)
    if json:
        print_json(_body(explanation))
    else:
        show_explanation(explanation)


def _body(explanation: Explanation) -> dict[str, object]:
    deal = explanation.deal
    return {
        "deal": {
            "id": deal.id,
            "name": deal.name,
            "pipeline": deal.pipeline,
            "stage": deal.stage_label or deal.stage,
            "owner_id": deal.owner_id,
            "url": deal.url,
        },
        "as_of": explanation.as_of.isoformat(),
        "is_look_back": explanation.is_look_back,
        "days_in_stage": explanation.days_in_stage,
        "overlay": explanation.overlay,
        "mode_ceiling": explanation.ceiling.value,
        "supported_stage": supported_text(explanation.supported),
        "rules": [_rule(each) for each in explanation.rules],
        "tasks": list(explanation.task_notes),
    }


def _rule(explained: ExplainedRule) -> dict[str, object]:
    rule, verdict = explained.rule, explained.verdict
    violation = explained.violation
    return {
        "rule_id": rule.id,
        "title": rule.title,
        "severity": explained.terms.severity.value,
        "owed_by": explained.terms.owed_by,
        "mode": rule.mode.value,
        "outcome": verdict.outcome.value,
        "readiness": verdict.readiness.value if verdict.readiness else None,
        "reason": verdict.reason,
        "lines": [_line(each) for each in explained.lines],
        "fix": explained.fix,
        "suspended": verdict.is_suspended,
        "escalate": [_escalation(each) for each in explained.escalations],
        "waiver": None
        if verdict.waived is None
        else {
            "id": verdict.waived.waiver_id,
            "cover": verdict.waived.cover.value,
            "words": verdict.waived.words,
            "until": verdict.waived.until.isoformat() if verdict.waived.until else None,
        },
        "state": violation.state.value if violation else None,
        "first_seen": violation.first_seen.isoformat() if violation else None,
        "rule_changed_at": violation.rule_changed_at.isoformat()
        if violation and violation.rule_changed_at
        else None,
        "next": _upcoming(explained.upcoming),
    }


def _upcoming(upcoming: Upcoming | None) -> dict[str, object] | None:
    if upcoming is None:
        return None
    return {
        "on": upcoming.on.isoformat(),
        "text": upcoming.text,
        "outcome": upcoming.outcome.value,
        "state": upcoming.state.value if upcoming.state else None,
    }


def _escalation(explained: ExplainedEscalation) -> dict[str, object]:
    entry = explained.entry
    return {
        "standing": explained.standing.value,
        "applies": explained.applies,
        "lines": [_line(each) for each in explained.lines],
        "severity": entry.severity.value if entry.severity else None,
        "owed_by": entry.owed_by,
        "fix": entry.fix_text or None,
    }


def _line(finding: Finding) -> dict[str, object]:
    return {
        "line": finding.line,
        "title": finding.title,
        "standing": finding.standing.value,
        "text": finding.text,
        "actual": finding.observed,
        "expected": finding.expected,
        "because_empty": finding.because_empty,
        "fix": finding.fix,
        "details": list(finding.details),
        "parts": [_line(each) for each in finding.parts],
    }
