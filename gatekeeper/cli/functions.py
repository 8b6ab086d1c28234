"""`functions`: every word a check may be made of."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.cli.console import print_json, safe, say, show_table, table
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from gatekeeper.language.reference.words import Entry


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="functions",
        epilog=examples(
            "gatekeeper functions",
            "gatekeeper functions latest",
            "gatekeeper functions --json",
            "gatekeeper functions --markdown > rules/REFERENCE.md",
        ),
    )(functions)


def functions(
    word: Annotated[
        str | None,
        typer.Argument(metavar="WORD", help="Show only what this word is part of."),
    ] = None,
    *,
    markdown: Annotated[
        bool,
        typer.Option(
            "--markdown",
            help="The whole reference as a page: words, types, names, and every key of"
            " every file.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """List every function, operator, quantifier, window and type with an example."""
    if markdown:
        _print_page()
        return
    from gatekeeper.language.reference.entries import reference  # noqa: PLC0415  start-up time
    from gatekeeper.pack.files.values import did_you_mean  # noqa: PLC0415

    found = [each for each in reference() if word is None or _has(each, word)]
    if not found:
        names = {each.name for each in reference()}
        near = did_you_mean(word or "", names) or "See: gatekeeper functions"
        message = f'Nothing is called "{word}". {near[:1].upper()}{near[1:]}'
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


def _print_page() -> None:
    from gatekeeper.pack.reference.page import reference_page  # noqa: PLC0415  start-up

    sys.stdout.write(reference_page())


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
