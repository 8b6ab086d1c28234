"""`violations`: what stands."""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import note, print_csv, print_json, say
from gatekeeper.cli.options import EVERYTHING, Json, examples
from gatekeeper.cli.people import one_called
from gatekeeper.cli.shown import show_by_rule, show_violations
from gatekeeper.core.digest.teams import team_of
from gatekeeper.core.model import State
from gatekeeper.core.people import Directory
from gatekeeper.errors import SetupError
from gatekeeper.language.suggest import no_rule
from gatekeeper.ports import RunStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.model import Violation
    from gatekeeper.ports import RunRow
    from gatekeeper.store.sql_store import SqlStore

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
SHOWN = 20
_LIVE = tuple(each for each in State if each is not State.RESOLVED)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="violations",
        epilog=examples(
            "gatekeeper violations",
            "gatekeeper violations --rule qual-amount --all",
            "gatekeeper violations --manager bea@acme.example --all",
            "gatekeeper violations --state open --csv > open.csv",
            "gatekeeper violations --run latest",
        ),
    )(violations)


def violations(
    *,
    state: Annotated[
        list[State] | None,
        typer.Option(help="Only these states (repeatable); all live ones if absent."),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(help="What that plan or replay found; its id, number or latest."),
    ] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    manager: Annotated[
        str | None, typer.Option(metavar="WHO", help="Only that person's team.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=f"Every deal, not the first {SHOWN}.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    json: Json = False,
) -> None:
    """List what stands, worst first."""
    ground = prepare()
    team = None if manager is None else _team(ground, manager)
    with closing(ground.store()) as store:
        newest = _newest(store, run, rule)
        wanted = [each.value for each in state or _LIVE]
        chosen = None if run is None else newest.id
        is_whole = run is None or _is_whole(store, newest)
        found = [
            each
            for each in store.violations(store.pinned_org() or "", wanted, chosen)
            if rule in (None, each.rule_id) and (team is None or each.owner_id in team)
        ]
    if csv or json:
        _print(found, as_csv=csv)
    elif found:
        show_violations(found, EVERYTHING if everything else SHOWN, _zone(ground))
        say()
        show_by_rule(found)
    elif is_whole:
        _say_none(newest, run)


def _print(found: Sequence[Violation], *, as_csv: bool) -> None:
    """Print rows for a spreadsheet or a script."""
    if as_csv:
        print_csv(COLUMNS, (row(each) for each in found))
    else:
        print_json([row(each) for each in found])


def _team(ground: Ground, who: str) -> frozenset[str]:
    """Ask the CRM and people.yaml who is below somebody, that person included.

    Raises:
        SetupError: Nobody is called that, or several are.
    """
    draft = ground.draft()
    crm = ground.crm(draft.project, draft.people)
    directory = Directory(crm.people(), draft.people)
    person = one_called(who, directory.everybody(), "gatekeeper digest")
    return team_of(person.id, directory)


def _zone(ground: Ground) -> tzinfo:
    """Return where tasks and digests tell days; UTC where no pack says."""
    with suppress(SetupError):
        if project := ground.draft().project:
            return project.zone
    return UTC


def _newest(store: SqlStore, run: str | None, rule: str | None) -> RunRow:
    """Return the run asked for, or the last one.

    Raises:
        SetupError: There is none, or it knew no such rule.
    """
    row = _found(store, run)
    if rule is not None and rule not in row.logics:
        raise no_rule(rule, row.logics)
    return row


def _found(store: SqlStore, run: str | None) -> RunRow:
    if run is not None and run != "latest":
        row = store.run(run)
        if row is None:
            message = f"There is no run {run}. See: gatekeeper runs"
            raise SetupError(message)
        return row
    rows = store.runs(limit=1)
    if not rows:
        message = "Nothing has run yet. Start with: gatekeeper plan"
        raise SetupError(message)
    return rows[0]


def _is_whole(store: SqlStore, row: RunRow) -> bool:
    """Whether all that a run found is there; say so where it is not."""
    if row.status is RunStatus.RUNNING:
        note(f"{row.id} has not ended: this is what it has found so far.", "yellow")
        return False
    org = store.pinned_org() or ""
    if row.deals and store.archive.deals(org, row.number) is None:
        note(
            f"What {row.id} found is not kept any more, only how much it was. See:"
            f" gatekeeper runs show {row.id}",
            "yellow",
        )
        return False
    return True


def _say_none(newest: RunRow, run: str | None) -> None:
    """Say that nothing stands; a plan tracks nothing, so name where its finds are."""
    if run is None and newest.kind.value != "run":
        note(
            "Nothing stands: the latest was a plan or replay, and only a run keeps"
            f" track. What {newest.id} found: gatekeeper violations --run latest"
        )
    else:
        note("Nothing stands.", "green")


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
        "waiver": violation.waiver if violation.accepted else "",
        "accepted": violation.accepted,
        "waived_until": _day(violation.accepted_until),
        "rule_changed_on": _day(violation.rule_changed_at),
    }


def _day(moment: date | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
