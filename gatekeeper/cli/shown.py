"""Runs, violations and explanations as a person reads them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from gatekeeper.cli.console import (
    OUTCOME_MARK,
    SEVERITY_STYLE,
    note,
    out,
    safe,
    say,
    table,
)
from gatekeeper.core.dossier import supported_text
from gatekeeper.core.model import Action, Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.core.model import Finding, Violation
    from gatekeeper.flow.explain import ExplainedRule, Explanation
    from gatekeeper.ports import StagedChange

_LINE_MARK = {
    Standing.MET: ("+", "green"),
    Standing.NOT_MET: ("x", "red"),
    Standing.CANNOT_TELL: ("?", "yellow"),
    Standing.NOT_ASKED: ("-", "dim"),
}
_ACTION_MARK = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.CLOSE: ("-", "cyan"),
    Action.FLAG: ("*", "blue"),
}
_REST = {
    Action.CREATE: "more tasks to create",
    Action.UPDATE: "more to update",
    Action.CLOSE: "more to close",
    Action.FLAG: "more deals to flag",
}


def show_run(body: Mapping[str, object]) -> None:
    """Show a run's report: counts, plan, writes, and what waits for a person."""
    counts, plan, applied = (
        _counts(body, key) for key in ("counts", "plan", "applied")
    )
    say(f"Run {body['run_id']}: {body['status']}, as of {body['as_of']}", "bold")
    say(
        f"  {counts['deals']} deals held against {counts['rules']} rules:"
        f" {counts['pass']} pass, {counts['fail']} fail,"
        f" {counts['cannot_tell']} cannot tell,"
        f" {counts['not_applicable']} do not apply"
    )
    say(
        f"  violations: {counts['open']} open, {counts['pending']} in grace,"
        f" {counts['resolved']} resolved in this run"
    )
    say(
        f"  plan: {plan['create']} tasks to create, {plan['update']} to update,"
        f" {plan['close']} to close, {plan['flag']} deals to flag;"
        f" {plan['withheld']} withheld, {plan['undecided']} undecided"
    )
    say(
        f"  written: {applied['create']} tasks created, {applied['update']} updated,"
        f" {applied['close']} closed, {applied['flag']} deals flagged;"
        f" {applied['rejected']} rejected, {applied['unknown']} unknown"
    )
    api = _counts(body, "api")
    say(
        f"  {api['reads']} read and {api['writes']} write calls in"
        f" {body['duration_s']} s; {body['strictness']} uniqueness;"
        f" mode ceiling {body['mode_ceiling']}"
    )
    _notes(body.get("messages"))


def show_applied(body: Mapping[str, object]) -> None:
    """Show what became of an applied plan."""
    applied = _counts(body, "applied")
    say(f"Applied {body['plan_id']} as {body['run_id']}: {body['status']}", "bold")
    say(
        f"  {applied['create']} tasks created, {applied['update']} updated,"
        f" {applied['close']} closed, {applied['flag']} deals flagged;"
        f" {applied['rejected']} rejected, {applied['unknown']} unknown"
    )
    _notes(body.get("messages"))


def _counts(body: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = body.get(key)
    return found if isinstance(found, dict) else {}


def _notes(messages: object) -> None:
    for message in messages if isinstance(messages, (list, tuple)) else ():
        note(str(message), "yellow")


def show_changes(changes: Iterable[StagedChange], limit: int) -> None:
    """Show the first writes of a plan and count the rest by kind."""
    shown = table("", "", "deal", "what", "note")
    rest: Counter[Action] = Counter()
    for number, staged in enumerate(changes):
        change = staged.change
        if number >= limit:
            rest[change.action] += 1
            continue
        mark, style = _ACTION_MARK[change.action]
        what = {
            Action.CREATE: f"new task: {', '.join(change.rule_ids)}",
            Action.UPDATE: f"task: {', '.join(sorted(change.write))}",
            Action.CLOSE: "task closes",
            Action.FLAG: f"flags: {', '.join(sorted(change.write))}",
        }[change.action]
        shown.add_row(
            Text(mark, style),
            safe(change.deal_name),
            safe(what),
            safe(staged.withheld or staged.message),
        )
    if shown.row_count:
        out.print(shown)
    if rest:
        words = ", ".join(f"{rest[each]} {_REST[each]}" for each in rest)
        say(f"  and {words} (all of them: --all or --json)", "dim")


def show_violations(violations: Iterable[Violation], title: str) -> int:
    """Show violations as a table; return how many."""
    shown = table(title, "deal", "stage", "rule", "severity", "state", "since", "owner")
    for each in violations:
        state = f"{each.state.value} ({each.waiting})" if each.waiting else each.state
        shown.add_row(
            safe(each.deal_name),
            safe(each.stage),
            safe(each.rule_id),
            Text(each.severity.value, SEVERITY_STYLE[each.severity.value]),
            safe(state),
            f"{each.first_seen:%d %b %Y}",
            safe(each.owner_name),
        )
    if shown.row_count:
        out.print(shown)
    return shown.row_count


# ---- explain ----------------------------------------------------------------------


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
    say(deal.url, "dim")
    say()
    order = (Outcome.FAIL, Outcome.CANNOT_TELL, Outcome.PASS)
    for outcome in order:
        for rule in explanation.rules:
            if rule.verdict.outcome is outcome:
                _show_rule(rule)
    _show_ahead(explanation)
    for rule in explanation.rules:
        is_ahead = rule.verdict.readiness is not None
        if rule.verdict.outcome is Outcome.NOT_APPLICABLE and not is_ahead:
            say(f"- {rule.rule.id}  does not apply: {rule.verdict.reason}", "dim")


def _show_rule(explained: ExplainedRule) -> None:
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
    for finding in explained.lines:
        _show_finding(finding, 4)
    if explained.fix:
        out.print(Text.assemble("    Fix: ", safe(explained.fix)))


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
