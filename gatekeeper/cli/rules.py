"""`rules`: what the pack holds."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import (
    SEVERITY_STYLE,
    note,
    print_json,
    safe,
    say,
    show_table,
    table,
)
from gatekeeper.cli.options import Json, examples
from gatekeeper.core.pack import Reach
from gatekeeper.language.suggest import no_rule

if TYPE_CHECKING:
    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.pack.load import Draft

app = typer.Typer(invoke_without_command=True)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(
        app,
        name="rules",
        epilog=examples(
            "gatekeeper rules",
            "gatekeeper rules show qual-amount",
            "gatekeeper rules diff ../last-quarter/rules",
        ),
    )


@app.callback()
def rules(context: typer.Context, *, json: Json = False) -> None:
    """List the rules of the pack; show, compare or export them."""
    if context.invoked_subcommand is None:
        list_rules(json=json)


@app.command(
    "list",
    epilog=examples("gatekeeper rules list", "gatekeeper rules list --json"),
)
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
    rule_id: Annotated[
        str, typer.Argument(metavar="RULE", help="The rule's id, or one it had.")
    ],
    *,
    json: Json = False,
) -> None:
    """Show one rule: where it holds, what it asks, why, and what to do."""
    from gatekeeper.pack.written import (  # noqa: PLC0415  start-up time
        meanings,
        under_overlays,
        written,
    )

    draft, pack = _read()
    found = _named(rule_id, draft, pack)
    rule_id = found.id
    lines, names = written(draft, rule_id), meanings(draft, rule_id)
    overlays = under_overlays(draft, rule_id)
    if json:
        texts = {"written": "\n".join(lines), "names": names, "overlays": overlays}
        print_json({**_row(found), **texts})
        return
    _say_rule(found, pack)
    say("  As written:")
    for line in lines:
        say(f"    {line}", "dim")
    if names:
        say("  Its names:")
    for name, meaning in names.items():
        say(f"    {name} = {meaning}", "dim")
    for name, changes in overlays.items():
        say(f"  Under the overlay {name}:")
        for change in changes:
            say(f"    {change}", "dim")


def _named(name: str, draft: Draft, pack: RulePack) -> Rule:
    """Return the rule of an id that it has or had.

    Raises:
        SetupError: There is none.
    """
    present = draft.rule_ids.get(name, name)
    found = next((rule for rule in pack.rules if rule.id == present), None)
    if found is None:
        raise no_rule(name, (rule.id for rule in pack.rules))
    if name != present:
        note(f"{name} is called {present} now.")
    return found


def _say_rule(rule: Rule, pack: RulePack) -> None:
    say(f"{rule.id}  {rule.title}", "bold")
    say(f"  Where: {_where(rule)} ({rule.place})")
    say(
        f"  How: {rule.severity.value}, {rule.mode.value} under the ceiling"
        f" {pack.project.mode_ceiling.value}, owed by {rule.owed_by}, grace"
        f" {rule.grace.count} {rule.grace.unit.value}"
    )
    if rule.why:
        say(f"  Why: {rule.why}")
    say(f"  Fix: {rule.fix_text}")
    if rule.maintainer:
        say(f"  Maintainer: {rule.maintainer}")


class Format(StrEnum):
    """Forms of `rules export`."""

    AST = "ast"


@app.command(
    "export",
    epilog=examples(
        "gatekeeper rules export --format ast",
        "gatekeeper rules export --format ast > rules.json",
    ),
)
def export_rules(
    *,
    form: Annotated[
        Format, typer.Option("--format", help="ast: the trees of all checks, as JSON.")
    ] = Format.AST,
) -> None:
    """Print every rule with the trees of its checks, for programs."""
    from gatekeeper.pack.export import export_ast  # noqa: PLC0415  start-up time

    draft, pack = _read()
    match form:
        case Format.AST:
            print_json(export_ast(draft, pack))


@app.command(
    "diff",
    epilog=examples(
        "gatekeeper rules diff ../last-quarter/rules",
        "gatekeeper rules diff ../last-quarter/rules --json",
    ),
)
def diff_rules(
    old: Annotated[Path, typer.Argument(metavar="OLD_FOLDER", help="The older pack.")],
    *,
    json: Json = False,
) -> None:
    """Say which rules, overlays and settings differ from those of an older pack.

    A rule counts as changed where it is another for all; what is other for some deals
    alone stands with their overlay.
    """
    from gatekeeper.cli.differing import differing  # noqa: PLC0415  start-up time
    from gatekeeper.pack.load import read_pack  # noqa: PLC0415

    before, after = read_pack(old), prepare().draft()
    rows = differing(before, after)
    if json:
        print_json(rows)
        return
    for row in rows:
        name = row.get("rule") or row.get("overlay") or row.get("place")
        say(f"{row['difference']:<17} {name}  {row['detail']}".rstrip(), "bold")
        for line in row["lines"]:
            say(f"    {line}", "red" if line.startswith("-") else "green")
    if not rows:
        say("Nothing differs.", "green")


def _read() -> tuple[Draft, RulePack]:
    ground = prepare()
    draft = ground.draft()
    return draft, draft.compile(ground.saved_schema())


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
