"""`undo`: take back what a run wrote."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import opened, prepare
from gatekeeper.cli.console import counted, note, print_json, progress_bar, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.cli.shown import EXIT_OF, show_notes, written_in_words
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="undo",
        epilog=examples(
            "gatekeeper undo latest",
            "gatekeeper undo r-20261120-0007 --json",
            "gatekeeper undo r-20261120-0007 --approve",
        ),
    )(undo)


def undo(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id, its number, or latest.")
    ],
    *,
    approve: Annotated[
        bool, typer.Option(help="Let it past the limits of a run.")
    ] = False,
    json: Json = False,
) -> None:
    """Take back what a run wrote, where it still stands as written.

    Tasks it opened are closed, texts, dates and flags get the values they had. What a
    person or a later run changed is left and listed. Later runs leave alone what was
    taken back: see gatekeeper quarantine.
    """
    with (
        progress_bar(enabled=not json) as progress,
        opened(prepare(), progress) as work,
    ):
        from gatekeeper.flow.undo import undo_run  # noqa: PLC0415  start-up time

        found = work.services.store.run(run)
        if found is None:
            message = f"There is no run {run}. See: gatekeeper runs"
            raise SetupError(message)
        report = undo_run(work.services, work.pack, found, approved=approve)
    print_json(report.body) if json else _show(report.body)
    raise typer.Exit(EXIT_OF.get(report.status, 0))


def _show(body: Mapping[str, object]) -> None:
    say(f"Undid {body['undone']} as {body['run_id']}: {body['status']}", "bold")
    say(f"  written: {written_in_words(body)}")
    listed = body["left_alone"]
    left = listed if isinstance(listed, list) else []
    if left:
        say(f"  left alone: {counted(len(left), 'write')}")
    for each in left[:SHOWN]:
        name, deal_id = each["deal_name"], each["deal_id"]
        deal = f"{name} ({deal_id})" if name else deal_id  # names are forgotten too
        note(f"{deal}, {each['what']}: {each['reason']}")
    for reason, number in Counter(each["reason"] for each in left[SHOWN:]).items():
        note(f"and {number} more: {reason}", "dim")
    show_notes(body.get("messages"))
