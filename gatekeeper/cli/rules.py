"""`rules`: what the pack holds."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import (
    SEVERITY_STYLE,
    print_json,
    safe,
    say,
    show_table,
    table,
)
from gatekeeper.cli.options import Json, examples, no_rule
from gatekeeper.core.pack import Reach

if TYPE_CHECKING:
    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.pack.load import Draft

app = typer.Typer(invoke_without_command=True)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(
        app,
        name="rules",
        epilog=examples("gatekeeper rules", "gatekeeper rules show qual-amount"),
    )


@app.callback()
def rules(context: typer.Context, *, json: Json = False) -> None:
    """List the rules, or show one."""
    if context.invoked_subcommand is None:
        list_rules(json=json)


@app.command("list", epilog=examples("gatekeeper rules list --json"))
def list_rules(*, json: Json = False) -> None:
    """List the rules in file order."""
    _, pack = _read()
    if json:
        print_json([_row(rule) for rule in pack.rules])
        return
    shown = table("Rules", "rule", "where", "severity", "mode", "title")
    for rule in pack.rules:
        shown.add_row(
            safe(rule.id),
            safe(_where(rule)),
            Text(rule.severity.value, SEVERITY_STYLE[rule.severity.value]),
            rule.mode.value,
            safe(rule.title),
        )
    show_table(shown)
    say(f"The mode ceiling of the project is {pack.project.mode_ceiling.value}.", "dim")


@app.command(
    "show",
    epilog=examples(
        "gatekeeper rules show qual-amount", "gatekeeper rules show qual-amount --json"
    ),
)
def show_rule(
    rule_id: Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.")],
    *,
    json: Json = False,
) -> None:
    """Show one rule: where it holds, what it asks, why, and what to do."""
    draft, pack = _read()
    found = next((rule for rule in pack.rules if rule.id == rule_id), None)
    if found is None:
        raise no_rule(rule_id)
    written = _written(draft, rule_id)
    if json:
        print_json({**_row(found), "written": "\n".join(written)})
        return
    say(f"{found.id}  {found.title}", "bold")
    say(f"  Where: {_where(found)} ({found.place})")
    say(
        f"  How: {found.severity.value}, {found.mode.value} under the ceiling"
        f" {pack.project.mode_ceiling.value}, owed by {found.owed_by}, grace"
        f" {found.grace.count} {found.grace.unit.value}"
    )
    if found.why:
        say(f"  Why: {found.why}")
    say(f"  Fix: {found.fix_text}")
    if found.maintainer:
        say(f"  Maintainer: {found.maintainer}")
    say("  As written:")
    for line in written:
        say(f"    {line}", "dim")


def _read() -> tuple[Draft, RulePack]:
    ground = prepare()
    draft = ground.draft()
    store = ground.store()
    try:
        return draft, draft.compile(store.saved_schema(None))
    finally:
        store.close()


def _written(draft: Draft, rule_id: str) -> list[str]:
    """Return the rule's own lines of its file, moved to the left margin."""
    for file, _ in draft.files:
        for rule in file.rules:
            if rule.id == rule_id:
                place = rule.table.place
                lines = file.names.source.lines[place.line - 1 :]
                return _block(lines, place.column - 1)
    return []


def _block(lines: list[str], margin: int) -> list[str]:
    """Return the lines of a mapping: the first, and what is as far in below it."""
    rest = takewhile(lambda line: not line[:margin].strip(), lines[1:])
    own = [line[margin:].rstrip() for line in (lines[0], *rest)]
    while not own[-1]:
        own.pop()
    return own


def _where(rule: Rule) -> str:
    stage = rule.stage or rule.reach.value
    if rule.reach is not Reach.STAGE:
        return f"in {stage}"
    words = {"exit": "leaving", "while_in": "while in", "entry": "entering"}
    return f"{words[rule.position.value]} {stage}"


def _row(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "title": rule.title,
        "position": rule.position.value,
        "stage": rule.stage or rule.reach.value,
        "pipelines": list(rule.pipelines),
        "severity": rule.severity.value,
        "mode": rule.mode.value,
        "owed_by": rule.owed_by,
        "why": rule.why,
        "fix": rule.fix_text,
        "maintainer": rule.maintainer,
        "place": rule.place,
        "logic": rule.logic,
    }
