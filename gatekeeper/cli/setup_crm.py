"""`setup-crm`: create our fields in the CRM, shown first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import (
    ask,
    counted,
    note,
    print_json,
    progress_bar,
    safe,
    say,
    show_table,
    table,
)
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.ports import PlannedField

DONE = "exists"

Source = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Only write our Salesforce fields and permission set there, as source"
        " files for your own deployments; nothing is called.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="setup-crm",
        epilog=examples(
            "gatekeeper setup-crm --show",
            "gatekeeper setup-crm --yes",
            "gatekeeper setup-crm --source salesforce",
        ),
    )(setup_crm)


def setup_crm(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Only show what would be done.")
    ] = False,
    source: Source = None,
    json: Json = False,
) -> None:
    """Create our fields and grant access to them; safe to repeat."""
    if source is not None:
        _write_source(source)
        return
    ground = prepare()
    draft = ground.draft()
    crm = ground.crm(draft.project)
    planned = crm.planned_setup()
    to_do = [each for each in planned if each.action != DONE]
    if json and (show or not to_do):
        print_json([_row(each) for each in planned])
        return
    if not json:
        _show(f"In {crm.org()}", planned)
    if show or not to_do:
        say("Everything is in place." if not to_do else "Nothing was done.", "green")
        return
    if not yes:
        ask(
            f"Do these {counted(len(to_do), 'thing')} in {crm.org()}?",
            "gatekeeper setup-crm --yes",
        )
    with progress_bar(enabled=not json) as progress:
        done = crm.set_up(progress)
    if json:
        print_json([_row(each) for each in done])
    else:
        say(
            f"Done: {counted(len(to_do), 'thing')}. Look again with: gatekeeper doctor",
            "green",
        )


def _write_source(folder: Path) -> None:
    """Write the package that `sf project deploy start` takes.

    Raises:
        SetupError: The folder cannot be written.
    """
    from gatekeeper.crm.salesforce.writing import source_format  # noqa: PLC0415  start-up

    files = source_format.source_files()
    try:
        for name, text in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}. Name another."
        raise SetupError(message) from error
    say(
        f"Wrote {counted(len(files), 'file')} to {folder}."
        f" Deploy with: cd {folder} && sf project deploy start",
        "green",
    )


def _show(title: str, planned: Sequence[PlannedField]) -> None:
    shown = table(title, "", "what", "detail")
    for each in planned:
        style = "dim" if each.action == DONE else "green"
        shown.add_row(Text(each.action, style), safe(each.name), safe(each.detail))
    show_table(shown)
    note("Only these are ever created; nothing of yours is changed.", "dim")


def _row(planned: PlannedField) -> dict[str, object]:
    return {
        "name": planned.name,
        "action": planned.action,
        "detail": planned.detail,
    }
