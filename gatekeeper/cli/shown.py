"""Runs, plans and violations as a person reads them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from gatekeeper.cli.console import (
    SEVERITY_STYLE,
    counted,
    note,
    out,
    safe,
    say,
    show_table,
    table,
)
from gatekeeper.core.model import Action, State
from gatekeeper.ports import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import tzinfo

    from gatekeeper.core.model import Violation
    from gatekeeper.ports import StagedChange

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
_PLANNED = {
    "create": "{} to create",
    "update": "{} to update",
    "close": "{} to close",
    "flag": "{} to flag",
    "withheld": "{} withheld",
    "undecided": "{} undecided",
}
_WRITTEN = {
    "create": "{} created",
    "update": "{} updated",
    "close": "{} closed",
    "flag": "{} flagged",
    "rejected": "{} rejected by the CRM",
    "unknown": "{} of unknown outcome",
    "put_off": "{} put off",
}
EXIT_OF = {
    RunStatus.HELD: 5,
    RunStatus.PARTIAL: 4,
    RunStatus.DEFERRED: 4,
    RunStatus.STOPPED: 4,
}
"""How a command ends whose run did; 0 for all else."""
_NOUNS = {"create": "task", "update": "task", "close": "task", "flag": "deal"}


# ---- runs ----------------------------------------------------------------------------


def show_run(body: Mapping[str, object]) -> None:
    """Show a run's report: counts, plan, writes, and what waits for a person."""
    counts, api = _counts(body, "counts"), _counts(body, "api")
    say(f"Run {body['run_id']}: {body['status']}, as of {_day(body['as_of'])}", "bold")
    say(
        f"  {counted(counts['deals'], 'deal')} held against"
        f" {counted(counts['rules'], 'rule')}: {counts['pass']:,} pass,"
        f" {counts['fail']:,} fail, {counts['cannot_tell']:,} cannot tell,"
        f" {counts['not_applicable']:,} do not apply"
    )
    say(
        f"  violations: {counts['open']:,} open, {counts['pending']:,} in grace,"
        f" {counts['resolved']:,} resolved in this run"
    )
    say(f"  plan: {_listed(_counts(body, 'plan'), _PLANNED)}")
    if body["status"] not in ("planned", "replay"):
        say(f"  written: {_listed(_counts(body, 'applied'), _WRITTEN)}")
    say(
        f"  {counted(api['reads'], 'read')}, {counted(api['writes'], 'write')},"
        f" {body['duration_s']} s; uniqueness {body['strictness']}, mode ceiling"
        f" {body['mode_ceiling']}"
    )
    _show_waivers(body.get("waivers"))
    show_notes(body.get("messages"))


def _show_waivers(waivers: object) -> None:
    """Say how much of each rule is waived, and by whom."""
    if not isinstance(waivers, dict) or not waivers.get("by_rule"):
        return
    for rule_id, rate in waivers["by_rule"].items():
        share = f"{rate['waived']:,} of {counted(rate['failing'], 'failure')}"
        say(f"  waived: {rule_id}, {share}")
    for approver, count in waivers["by_approver"].items():
        say(f"  {approver} approved {counted(count, 'waived failure')}")


def show_applied(body: Mapping[str, object]) -> None:
    """Show what became of an applied plan."""
    say(f"Applied {body['plan_id']} as {body['run_id']}: {body['status']}", "bold")
    say(f"  written: {_listed(_counts(body, 'applied'), _WRITTEN)}")
    show_notes(body.get("messages"))


def written_in_words(body: Mapping[str, object]) -> str:
    """Say what a report counts as written."""
    return _listed(_counts(body, "applied"), _WRITTEN)


def _counts(body: Mapping[str, object], key: str) -> Mapping[str, int]:
    found = body.get(key)
    return found if isinstance(found, dict) else {}


def _day(text: object) -> str:
    return f"{datetime.fromisoformat(str(text)):%d %b %Y %H:%M %Z}"


def _listed(counts: Mapping[str, int], phrases: Mapping[str, str]) -> str:
    """Name what happened and leave out what did not."""
    parts = [
        phrase.format(counted(counts[key], _NOUNS[key]) if key in _NOUNS else number)
        for key, phrase in phrases.items()
        if (number := counts.get(key, 0))
    ]
    return ", ".join(parts) or "nothing"


def show_notes(messages: object) -> None:
    """Show what a run wants people to know."""
    for message in messages if isinstance(messages, (list, tuple)) else ():
        note(str(message), "yellow")


# ---- changes -------------------------------------------------------------------------


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
        shown.add_row(
            Text(mark, style),
            safe(change.deal_name),
            safe(_what(staged)),
            safe(staged.withheld or staged.message),
        )
    if shown.row_count:
        show_table(shown)
    if rest:
        words = ", ".join(f"{rest[each]:,} {_REST[each]}" for each in rest)
        say(f"  and {words} (all of them: --all or --json)", "dim")


def _what(staged: StagedChange) -> str:
    change = staged.change
    if change.action is Action.CREATE:
        return f"new task: {', '.join(change.rule_ids)}"
    if change.action is Action.CLOSE:
        return "task closes"
    kind = "task" if change.action is Action.UPDATE else "flags"
    return f"{kind}: {', '.join(sorted(change.write))}"


# ---- violations ----------------------------------------------------------------------


@dataclass(slots=True)
class _Tally:
    """What stands of one rule."""

    title: str
    severity: str
    states: Counter[State] = field(default_factory=Counter)


def show_by_rule(violations: Iterable[Violation]) -> None:
    """Count what stands by rule, in the order in which the rules come up."""
    tallies: dict[str, _Tally] = {}
    for each in violations:
        tally = _Tally(each.title, each.severity.value)
        tallies.setdefault(each.rule_id, tally).states[each.state] += 1
    shown = table("By rule", "rule", "severity", "open", "other", "title")
    for rule_id, tally in tallies.items():
        is_open = tally.states[State.OPEN]
        shown.add_row(
            safe(rule_id),
            Text(tally.severity, SEVERITY_STYLE[tally.severity]),
            str(is_open),
            str(tally.states.total() - is_open),
            safe(tally.title),
        )
    if shown.row_count:
        show_table(shown)


def show_violations(violations: Sequence[Violation], limit: int, zone: tzinfo) -> None:
    """Show what stands, deal by deal, and count the deals that are left out.

    Args:
        violations: Worst first.
        limit: Deals to show.
        zone: Where the day is told on which each was first seen.
    """
    deals: defaultdict[str, list[Violation]] = defaultdict(list)
    for each in violations:
        deals[each.deal_id].append(each)
    for deal in list(deals.values())[:limit]:
        _show_deal(deal, zone)
    if len(deals) > limit:
        more = counted(len(deals) - limit, "more deal")
        say(f"and {more} (all of them: --all, --csv or --json)", "dim")


def _show_deal(lines: Sequence[Violation], zone: tzinfo) -> None:
    first = lines[0]
    amount = "" if first.amount is None else f"{first.currency} {first.amount:,.2f}"
    about = ", ".join(filter(None, (first.stage, first.owner_name, amount.strip())))
    out().print(
        Text.assemble(
            safe(first.deal_name, "bold"), f"  {first.deal_id}  ", safe(about, "dim")
        )
    )
    for each in lines:
        _show_line(each, zone)


def _show_line(violation: Violation, zone: tzinfo) -> None:
    severity = violation.severity.value
    waiting = f" ({violation.waiting})" if violation.waiting else ""
    first_seen = violation.first_seen.astimezone(zone)
    since = f"{violation.state.value}{waiting} since {first_seen:%d %b %Y}"
    out().print(
        Text.assemble(
            f"    {violation.rule_id}  ",
            safe(violation.title),
            "  ",
            (severity, SEVERITY_STYLE[severity]),
            ", ",
            safe(since, "dim"),
        )
    )
    if violation.accepted:
        out().print(Text.assemble("        ", safe(violation.accepted, "dim")))
