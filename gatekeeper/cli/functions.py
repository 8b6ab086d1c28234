"""`functions`: every word a check may be made of."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.cli.console import print_json, safe, say, show_table, table
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from gatekeeper.language.reference import Entry


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="functions",
        epilog=examples(
            "gatekeeper functions",
            "gatekeeper functions latest",
            "gatekeeper functions --json",
        ),
    )(functions)


def functions(
    word: Annotated[
        str | None,
        typer.Argument(metavar="WORD", help="Show only what this word is part of."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """List every function, operator and quantifier with an example."""
    from gatekeeper.language.reference import reference  # noqa: PLC0415  start-up time

    found = [each for each in reference() if word is None or _has(each, word)]
    if not found:
        message = f'Nothing is called "{word}". See: gatekeeper functions'
        raise SetupError(message)
    if json:
        print_json([_row(each) for each in found])
        return
    for group, entries in groupby(found, key=lambda each: each.group):
        shown = table(group.value.capitalize(), "written", "means", "example")
        for each in entries:
            shown.add_row(
                safe(each.signature), safe(each.meaning), safe(each.example, "cyan")
            )
        show_table(shown)
        say()


def _has(entry: Entry, word: str) -> bool:
    return word.casefold() in f"{entry.name} {entry.signature}".casefold()


def _row(entry: Entry) -> dict[str, str]:
    return {
        "group": entry.group.value,
        "name": entry.name,
        "signature": entry.signature,
        "meaning": entry.meaning,
        "example": entry.example,
    }
