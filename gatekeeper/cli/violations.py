"""`violations`: what stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import note, print_csv, print_json
from gatekeeper.cli.options import Json
from gatekeeper.cli.shown import show_violations
from gatekeeper.core.model import State
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from gatekeeper.core.model import Violation

COLUMNS = (
    "deal_id",
    "deal_name",
    "pipeline",
    "stage",
    "rule_id",
    "state",
    "severity",
    "mode",
    "first_seen",
    "owner",
    "owed_by",
    "amount",
    "currency",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="violations",
        epilog="Example: gatekeeper violations --state open --csv > open.csv",
    )(violations)


def violations(
    *,
    state: Annotated[
        list[State] | None,
        typer.Option(help="Only these states (repeatable); all live ones if absent."),
    ] = None,
    run: Annotated[
        str | None, typer.Option(help="Those of a replay or plan, by its id.")
    ] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    json: Json = False,
) -> None:
    """List what stands, worst first."""
    store = prepare().store()
    try:
        newest = store.runs(limit=1)
        if not newest:
            message = "Nothing has run yet. Start with: gatekeeper plan"
            raise SetupError(message)
        wanted = [each.value for each in state or _LIVE]
        found = [
            each
            for each in store.violations(store.pinned_org() or "", wanted, run)
            if rule in (None, each.rule_id)
        ]
    finally:
        store.close()
    found.sort(key=lambda each: (-each.severity.rank, each.first_seen, each.deal_id))
    if csv:
        print_csv(COLUMNS, (row(each) for each in found))
    elif json:
        print_json([row(each) for each in found])
    elif not show_violations(found, "Violations"):
        note("Nothing stands.", "green")


_LIVE = tuple(each for each in State if each is not State.RESOLVED)


def row(violation: Violation) -> dict[str, object]:
    """Return one violation in the columns of the contract (product section 6)."""
    return {
        "deal_id": violation.deal_id,
        "deal_name": violation.deal_name,
        "pipeline": violation.pipeline,
        "stage": violation.stage,
        "rule_id": violation.rule_id,
        "state": violation.state.value,
        "severity": violation.severity.value,
        "mode": violation.mode.value,
        "first_seen": violation.first_seen.isoformat(),
        "owner": violation.owner_name,
        "owed_by": violation.role,
        "amount": violation.amount,
        "currency": violation.currency,
    }
