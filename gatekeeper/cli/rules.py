"""`rules`: what the pack holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import SEVERITY_STYLE, out, print_json, safe, say, table
from gatekeeper.cli.options import Json
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from gatekeeper.core.pack import Rule, RulePack

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="rules", help="List the rules, or show one.")


@app.command("list", epilog="Example: gatekeeper rules list")
def list_rules(*, json: Json = False) -> None:
    """List the rules in file order."""
    pack = _pack()
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
    out.print(shown)


@app.command("show", epilog="Example: gatekeeper rules show ent-qual-amount")
def show_rule(
    rule_id: Annotated[str, typer.Argument(metavar="RULE")], *, json: Json = False
) -> None:
    """Show one rule: what it asks, why, and what to do."""
    found = next((rule for rule in _pack().rules if rule.id == rule_id), None)
    if found is None:
        message = f"There is no rule {rule_id}. See: gatekeeper rules list"
        raise SetupError(message)
    if json:
        print_json(_row(found))
        return
    say(f"{found.id}  {found.title}", "bold")
    say(f"  {_where(found)}; {found.severity.value}, {found.mode.value}; {found.place}")
    if found.why:
        say(f"  Why: {found.why}")
    say(f"  Fix: {found.fix_text}")
    if found.maintainer:
        say(f"  Maintainer: {found.maintainer}", "dim")


def _pack() -> RulePack:
    ground = prepare()
    draft = ground.draft()
    store = ground.store()
    try:
        return draft.compile(store.saved_schema(None))
    finally:
        store.close()


def _where(rule: Rule) -> str:
    return f"{rule.position.value} of {rule.stage or rule.reach.value}"


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
