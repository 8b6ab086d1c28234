"""One deal as a tree: its rules, their lines, what is, what must be, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from gatekeeper.cli.console import OUTCOME_MARK, counted, out, safe, say
from gatekeeper.core.dossier import supported_text
from gatekeeper.core.model import Cover, Mode, Outcome, Standing
from gatekeeper.core.wording import plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gatekeeper.core.judge.escalation import ExplainedEscalation
    from gatekeeper.core.model import Finding, Waived
    from gatekeeper.flow.explain import ExplainedRule, Explanation

_LINE_MARK = {
    Standing.MET: ("+", "green"),
    Standing.NOT_MET: ("x", "red"),
    Standing.CANNOT_TELL: ("?", "yellow"),
    Standing.NOT_ASKED: ("-", "dim"),
}


@dataclass(frozen=True, slots=True)
class Widths:
    """How wide the columns of rules are, so that several stand below each other."""

    rule_id: int = 0
    title: int = 0

    @staticmethod
    def of(rules: Iterable[ExplainedRule]) -> Widths:
        """Return the widths that fit all of these rules."""
        shown = list(rules)
        return Widths(
            max((len(each.rule.id) for each in shown), default=0),
            max((len(plain(each.rule.title)) for each in shown), default=0),
        )


def show_explanation(explanation: Explanation) -> None:
    """Show one deal as a tree: rules, lines, what is, what must be, what to do."""
    _show_deal(explanation)
    widths = Widths.of(explanation.rules)
    for outcome in (Outcome.FAIL, Outcome.CANNOT_TELL, Outcome.PASS):
        for rule in explanation.rules:
            if rule.verdict.outcome is outcome:
                show_rule(rule, widths)
    for rule in explanation.rules:
        is_ahead = rule.verdict.readiness is not None
        if rule.verdict.outcome is Outcome.NOT_APPLICABLE and not is_ahead:
            name = f"{rule.rule.id:<{widths.rule_id}}"
            say(f"- {name}  does not apply: {rule.verdict.reason}", "dim")
            _show_upcoming(rule, 4)
    _show_ahead(explanation, widths)
    for task_note in explanation.task_notes:
        say(task_note, "yellow")


def _show_deal(explanation: Explanation) -> None:
    deal, days = explanation.deal, explanation.days_in_stage
    stay = "" if days is None else f", {counted(days, 'day')} in stage"
    say(
        f"{deal.name} ({deal.id})  {deal.pipeline} / {deal.stage_label or deal.stage}"
        f"{stay}  as of {_moment(explanation.as_of)}",
        "bold",
    )
    if explanation.is_look_back:
        say("A look back: its stage and fields are those of today.", "yellow")
    supported = supported_text(explanation.supported)
    if supported:
        say(f"The evidence supports {supported}.")
    if explanation.overlay:
        say(f"Under the overlay {explanation.overlay}.")
    if explanation.ceiling is not Mode.ENFORCE:
        say(f"The ceiling is {explanation.ceiling}: no rule goes beyond it.", "yellow")
    say(deal.url, "dim")
    say()


def _moment(moment: datetime) -> str:
    """Write a moment with the city whose clock shows it."""
    key = getattr(moment.tzinfo, "key", "")
    city = key.rpartition("/")[2].replace("_", " ") or f"{moment:%Z}"
    return f"{moment:%-d %b %Y %H:%M} {city}"


def show_rule(explained: ExplainedRule, widths: Widths | None = None) -> None:
    """Show one rule: its outcome, its lines, what to do, and what comes next."""
    out().print(_headline(explained, widths or Widths()))
    verdict = explained.verdict
    if verdict.reason and verdict.outcome is not Outcome.CANNOT_TELL:
        say(f"    {verdict.reason}", "yellow")
    if verdict.waived is not None:
        say(f"    {waived_text(verdict.waived)}", "yellow")
    is_told_above = verdict.outcome is Outcome.CANNOT_TELL and len(explained.lines) == 1
    for finding in () if is_told_above else explained.lines:
        _show_finding(finding, 4)
    violation = explained.violation
    if violation is not None and violation.rule_changed_at is not None:
        say(f"    The rule changed on {violation.rule_changed_at:%-d %b %Y}.", "dim")
    for each in explained.escalations:
        _show_escalation(each)
    if explained.fix:
        out().print(Text.assemble("    Fix: ", safe(explained.fix)))
    _show_upcoming(explained, 4)


def _show_escalation(explained: ExplainedEscalation) -> None:
    """Show what makes the failure worse, or why that cannot be told."""
    texts = " ".join(line.text for line in explained.lines)
    if explained.applies:
        entry = explained.entry
        changes = [entry.severity.value] if entry.severity else []
        changes += [f"owed by {entry.owed_by}"] if entry.owed_by else []
        changes += ["another fix"] if entry.fix_text else []
        say(f"    Escalated ({', '.join(changes)}): {texts}", "red")
    elif explained.standing is Standing.CANNOT_TELL:
        say(f"    Not escalated: {texts}", "yellow")


def _headline(explained: ExplainedRule, widths: Widths) -> Text:
    rule, verdict, violation = explained.rule, explained.verdict, explained.violation
    mark, style = OUTCOME_MARK[verdict.outcome.value]
    line = Text.assemble(
        (f"{mark} ", style),
        (f"{rule.id:<{widths.rule_id}}", "bold"),
        "  ",
        f"{plain(rule.title):<{widths.title}}",
    )
    if verdict.outcome is Outcome.CANNOT_TELL:
        line.append("  cannot tell: ", "yellow")
        line.append_text(safe(_why_untold(explained), "yellow"))
    else:
        severity = explained.terms.severity.value
        line.append(f"  {severity}, {rule.mode.value}", "dim")
    if violation is not None and violation.is_live:
        since = f"  {violation.state.value} since {violation.first_seen:%-d %b %Y}"
        line.append(since, "dim")
    return line


def _why_untold(explained: ExplainedRule) -> str:
    """Return what could not be told: the rule's own reason, else its first line's."""
    untold = [
        each.text
        for each in explained.lines
        if each.standing is Standing.CANNOT_TELL and each.text
    ]
    reason = explained.verdict.reason or next(iter(untold), "")
    bare = reason.removeprefix("Cannot tell: ").rstrip(".")
    return bare[:1].lower() + bare[1:] if bare[1:2].islower() else bare


def _show_upcoming(explained: ExplainedRule, indent: int) -> None:
    if explained.upcoming is not None:
        say(f"{' ' * indent}Next: {explained.upcoming.text}.", "cyan")


def waived_text(waived: Waived) -> str:
    """Say what a waiver means for the rule."""
    if waived.cover is Cover.CANNOT_TELL:
        return f"Cannot tell whether this waiver covers the deal. {waived.words}"
    return waived.words


def _show_finding(finding: Finding, indent: int) -> None:
    mark, style = _LINE_MARK[finding.standing]
    pad = " " * indent
    out().print(Text.assemble(pad, (f"{mark} ", style), safe(finding.sentence)))
    for detail in finding.details:
        out().print(Text.assemble(f"{pad}    ", safe(detail, "dim")))
    for part in finding.parts:
        _show_finding(part, indent + 4)


def _show_ahead(explanation: Explanation, widths: Widths) -> None:
    coming = [each for each in explanation.rules if each.verdict.readiness is not None]
    if not coming:
        return
    deal = explanation.deal
    say(f"o Not yet due (leaving {deal.stage_label or deal.stage}):")
    for each in coming:
        _show_ready(each, widths)


def _show_ready(explained: ExplainedRule, widths: Widths) -> None:
    verdict = explained.verdict
    mark, style = _LINE_MARK[verdict.readiness or Standing.NOT_ASKED]
    out().print(
        Text.assemble(
            "    ",
            (f"{mark} ", style),
            f"{explained.rule.id:<{widths.rule_id}}",
            "  ",
            safe(explained.rule.title),
        )
    )
    if verdict.waived is not None:
        say(f"        {waived_text(verdict.waived)}", "yellow")
    for finding in explained.lines:
        if finding.standing is not Standing.MET:
            _show_finding(finding, 8)
    _show_upcoming(explained, 8)
