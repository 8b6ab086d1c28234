"""`person export` and `person erase`: one person's rows, shown or taken out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import ask, counted, note, print_json, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.cli.stop import pinned_org
from gatekeeper.pack.mentions import mentions

if TYPE_CHECKING:
    from collections.abc import Mapping

app = typer.Typer(no_args_is_help=True)
Who = Annotated[
    str,
    typer.Argument(
        metavar="WHO", help="A person's id in the CRM, full name, or address."
    ),
]


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(
        app,
        name="person",
        help="What is kept of one person: show it, or take it out.",
        epilog=examples(
            "gatekeeper person export ann@acme.example",
            'gatekeeper person erase "Ann Rep"',
        ),
    )


@app.callback()
def person() -> None:
    """What is kept of one person: show it, or take it out."""


@app.command(epilog=examples("gatekeeper person export ann@acme.example > ann.json"))
def export(who: Who) -> None:
    """Print every row that knows a person, as JSON."""
    store = prepare().store()
    try:
        org = pinned_org(store)
        rows = store.upkeep.export_person(org, who)
    finally:
        store.close()
    print_json({"org": org, "who": who, "rows": rows})


@app.command(epilog=examples('gatekeeper person erase "Ann Rep"'))
def erase(
    who: Who,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it without asking, as scripts do.")
    ] = False,
    json: Json = False,
) -> None:
    """Take a person out of every row; the audit chain names nobody and stays valid."""
    ground = prepare()
    store = ground.store()
    try:
        org = pinned_org(store)
        if sys.stdin.isatty() and not yes:
            rows = sum(map(len, store.upkeep.export_person(org, who).values()))
            ask(
                f"Take {who} out of {counted(rows, 'row')}? Nothing brings that back.",
                f'gatekeeper person erase "{who}" --yes',
            )
        changed = store.upkeep.erase_person(org, who)
    finally:
        store.close()
    named_at = list(mentions(ground.paths.rules_dir, who))
    if json:
        print_json({"org": org, "rows": changed, "rules": named_at})
        return
    _show(changed)
    if named_at:
        note(
            f"The rules still name this person: {', '.join(named_at)}. Take that out"
            " and commit; older commits keep it.",
            "yellow",
        )


def _show(changed: Mapping[str, int]) -> None:
    if not changed:
        say("No row knows this person.")
        return
    say(f"Erased from {sum(changed.values()):,} rows:", "bold")
    for table, number in changed.items():
        say(f"  {table}: {number:,}")
    note(
        "Plans that named this person cannot be applied any more: plan again."
        " While the CRM shows this person as the owner of deals, runs read the id anew."
        " Backups made before still hold the rows.",
        "dim",
    )
