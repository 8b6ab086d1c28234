"""`audit verify`: whether the record of what was written is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import note, print_json, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.cli.stop import pinned_org

if TYPE_CHECKING:
    from gatekeeper.store.audit import AuditCheck

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(
        app,
        name="audit",
        help="The record of every write: is it whole?",
        epilog=examples("gatekeeper audit verify"),
    )


@app.callback()
def audit() -> None:
    """The record of every write: is it whole?"""


@app.command(
    epilog=examples(
        "gatekeeper audit verify", "gatekeeper audit verify --head 5f0c2e... --json"
    )
)
def verify(
    *,
    head: Annotated[
        str,
        typer.Option(
            metavar="HASH",
            help="A head that was logged or printed before; it must be in the chain.",
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Recompute every hash; an edit, a removal, another order or a cut ends with 1."""
    store = prepare().store()
    try:
        org = pinned_org(store)
        check = store.verify_audit(org, head)
    finally:
        store.close()
    print_json(_body(org, check)) if json else _show(org, head, check)
    raise typer.Exit(0 if check.is_sound else 1)


def _body(org: str, check: AuditCheck) -> dict[str, object]:
    return {
        "org": org,
        "sound": check.is_sound,
        "rows": check.walked,
        "forgotten": check.forgotten,
        "head": check.head,
        "damaged_at": check.damaged_at,
        "damage": check.damage,
        "has_head": check.has_known,
    }


def _show(org: str, asked: str, check: AuditCheck) -> None:
    if check.damaged_at is not None:
        note(
            f"The audit chain of {org} is damaged at row {check.damaged_at}:"
            f" {check.damage}. {check.rows} rows before it are sound, up to"
            f" {check.head or 'none'}.",
            "red",
        )
    elif check.has_known is False:
        note(
            f"The audit chain of {org} does not hold {asked}: it was cut and written"
            " anew, or the database is older than that head.",
            "red",
        )
    else:
        say(f"The audit chain of {org} is whole: {check.walked:,} rows.", "green")
        if check.forgotten:
            say(f"  {check.forgotten:,} older ones were forgotten with time")
        say(f"  head {check.head}")
