"""One deal as a tree: its rules, their lines, what is, what must be, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gatekeeper.cli.console import OUTCOME_MARK, out, safe, say
from gatekeeper.core.dossier import supported_text
from gatekeeper.core.model import Cover, Outcome, Standing

if TYPE_CHECKING:
    from gatekeeper.core.model import Finding, Waived
    from gatekeeper.flow.explain import ExplainedRule, Explanation

_LINE_MARK = {
    Standing.MET: ("+", "green"),
    Standing.NOT_MET: ("x", "red"),
    Standing.CANNOT_TELL: ("?", "yellow"),
    Standing.NOT_ASKED: ("-", "dim"),
}


def show_explanation(explanation: Explanation) -> None:
    """Show one deal as a tree: rules, lines, what is, what must be, what to do."""
    deal = explanation.deal
    say(
        f"{deal.name} ({deal.id})  {deal.pipeline} / {deal.stage_label or deal.stage}"
        f"  as of {explanation.as_of:%d %b %Y %H:%M %Z}",
        "bold",
    )
    supported = supported_text(explanation.supported)
    if supported:
        say(f"The evidence supports {supported}.")
    if explanation.overlay:
        say(f"Under the overlay {explanation.overlay}.")
    say(deal.url, "dim")
    say()
    order = (Outcome.FAIL, Outcome.CANNOT_TELL, Outcome.PASS)
    for outcome in order:
        for rule in explanation.rules:
            if rule.verdict.outcome is outcome:
                show_rule(rule)
    _show_ahead(explanation)
    for rule in explanation.rules:
        is_ahead = rule.verdict.readiness is not None
        if rule.verdict.outcome is Outcome.NOT_APPLICABLE and not is_ahead:
            say(f"- {rule.rule.id}  does not apply: {rule.verdict.reason}", "dim")


def show_rule(explained: ExplainedRule) -> None:
    """Show one rule: its outcome, its lines, and what to do."""
    rule, verdict = explained.rule, explained.verdict
    mark, style = OUTCOME_MARK[verdict.outcome.value]
    line = Text.assemble(
        (f"{mark} ", style),
        (rule.id, "bold"),
        "  ",
        safe(rule.title),
        (f"  {rule.severity.value}, {rule.mode.value}", "dim"),
    )
    if explained.violation is not None and explained.violation.is_live:
        since = f"  {explained.violation.state.value} since"
        line.append(f"{since} {explained.violation.first_seen:%d %b %Y}", "dim")
    out.print(line)
    if verdict.reason:
        say(f"    {verdict.reason}", "yellow")
    if verdict.waived is not None:
        say(f"    {waived_text(verdict.waived)}", "yellow")
    for finding in explained.lines:
        _show_finding(finding, 4)
    if explained.fix:
        out.print(Text.assemble("    Fix: ", safe(explained.fix)))


def waived_text(waived: Waived) -> str:
    """Say what a waiver means for the rule."""
    if waived.cover is Cover.CANNOT_TELL:
        return f"Cannot tell whether this waiver covers the deal. {waived.words}"
    return waived.words


def _show_finding(finding: Finding, indent: int) -> None:
    mark, style = _LINE_MARK[finding.standing]
    pad = " " * indent
    out.print(Text.assemble(pad, (f"{mark} ", style), safe(finding.text)))
    for detail in finding.details:
        out.print(Text.assemble(f"{pad}    ", safe(detail, "dim")))
    for part in finding.parts:
        _show_finding(part, indent + 4)


def _show_ahead(explanation: Explanation) -> None:
    coming = [each for each in explanation.rules if each.verdict.readiness is not None]
    if not coming:
        return
    say("o Not yet due, before the deal leaves this stage:")
    for each in coming:
        mark, style = _LINE_MARK[each.verdict.readiness or Standing.NOT_ASKED]
        out.print(
            Text.assemble(
                "    ",
                (f"{mark} ", style),
                safe(each.rule.id),
                "  ",
                safe(each.rule.title),
            )
        )
        if each.verdict.readiness is not Standing.MET:
            for finding in each.lines:
                if finding.standing is not Standing.MET:
                    _show_finding(finding, 8)
