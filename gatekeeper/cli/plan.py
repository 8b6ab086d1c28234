"""`plan`, `apply` and `run`: show the writes, do the shown ones, do them all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import opened, prepare
from gatekeeper.cli.console import note, print_json, progress_bar, say
from gatekeeper.cli.options import (
    EVERYTHING,
    AsOf,
    Json,
    examples,
    moment,
    no_rule,
)
from gatekeeper.cli.shown import (
    show_applied,
    show_by_rule,
    show_changes,
    show_run,
)
from gatekeeper.core.model import Mode, Severity
from gatekeeper.errors import HeldError, SetupError
from gatekeeper.ports import RunKind, RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.bootstrap import Work
    from gatekeeper.flow.report import RunReport
    from gatekeeper.ports import RunRow, StagedChange, Store

EXIT_OF = {
    RunStatus.HELD: 5,
    RunStatus.PARTIAL: 4,
    RunStatus.DEFERRED: 4,
    RunStatus.STOPPED: 4,
}
SHOWN = 20

Ceiling = Annotated[
    Mode | None,
    typer.Option(
        "--ceiling",
        help="Plan under another mode ceiling than project.yaml's, to see what"
        " enforcing would write. Such a plan can be looked at, not applied.",
    ),
]
FailOn = Annotated[
    Severity | None,
    typer.Option(
        "--fail-on", help="End with 1 if a violation this bad or worse is open."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        name="plan",
        epilog=examples(
            "gatekeeper plan",
            "gatekeeper plan --ceiling enforce",
            "gatekeeper plan --rule qual-amount --all",
            "gatekeeper plan --out plan.json",
        ),
    )(plan)
    app.command(
        name="apply",
        epilog=examples(
            "gatekeeper apply plan.json",
            "gatekeeper apply r-20261120-0007 --accept qual-amount",
        ),
    )(apply)
    app.command(
        name="run",
        epilog=examples(
            "gatekeeper run",
            "gatekeeper run --json --fail-on critical",
            "gatekeeper run --as-of 2026-09-30",
        ),
    )(run)


def plan(
    *,
    as_of: AsOf = None,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="Write the plan's id, hash and changes to a file."),
    ] = None,
    with_values: Annotated[
        bool, typer.Option(help="Put the texts to be written into that file.")
    ] = False,
    rule: Annotated[
        str | None, typer.Option(help="Show only changes that list this rule.")
    ] = None,
    ceiling: Ceiling = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show every change, not the first twenty.")
    ] = False,
    json: Json = False,
) -> None:
    """Show every write that would happen, and store it; write nothing."""
    with (
        progress_bar(enabled=not json) as progress,
        opened(prepare(), progress, ceiling) as work,
    ):
        if rule is not None and all(each.id != rule for each in work.pack.rules):
            raise no_rule(rule)
        report = _run(work, as_of, RunKind.PLAN)
        store = work.services.store
        if out_file is not None:
            _write_plan(out_file, report, store, with_values=with_values)
        changes = _of_rule(rule, store.changes(report.run_id))
        found = list(store.violations(work.org, ["open", "pending"], report.run_id))
    if json:
        print_json({**report.body, "changes": [_line(each) for each in changes]})
    else:
        show_run(report.body)
        show_by_rule(each for each in found if rule in (None, each.rule_id))
        show_changes(changes, EVERYTHING if everything else SHOWN)
        _next_steps(report, work.pack.project.mode_ceiling, ceiling)
    raise typer.Exit(_exit_code(report))


def apply(
    target: Annotated[
        str,
        typer.Argument(metavar="PLAN", help="A plan file, a plan id or a held run."),
    ],
    *,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="Let this rule's held lines through, or let it go."),
    ] = None,
    json: Json = False,
) -> None:
    """Write exactly the stored plan; drop and list what moved since."""
    with (
        progress_bar(enabled=not json) as progress,
        opened(prepare(), progress) as work,
    ):
        from gatekeeper.flow.apply import apply_plan  # noqa: PLC0415  start-up time

        row = _stored_plan(work, target)
        report = apply_plan(work.services, work.pack, row, frozenset(accept or ()))
    print_json(report.body) if json else show_applied(report.body)
    raise typer.Exit(EXIT_OF.get(report.status, 0))


def run(*, as_of: AsOf = None, fail_on: FailOn = None, json: Json = False) -> None:
    """Judge every open deal and write what the limits allow."""
    with (
        progress_bar(enabled=not json) as progress,
        opened(prepare(), progress) as work,
    ):
        report = _run(work, as_of, RunKind.RUN)
        bad = _bad(work, report, fail_on)
    if json:
        print_json(report.body)
    else:
        show_run(report.body)
        if report.status is RunStatus.REPLAY:
            say(
                "This was a replay: nothing was written. Its violations:"
                f" gatekeeper violations --run {report.run_id}",
                "dim",
            )
    raise typer.Exit(_exit_code(report) or bad)


def _run(work: Work, as_of: str | None, kind: RunKind) -> RunReport:
    """Judge by the CRM's own clock unless another moment is asked for."""
    from gatekeeper.flow.run import RunOrder, run_once  # noqa: PLC0415  start-up time

    zone = work.pack.project.zone
    at = moment(as_of, zone, work.services.crm.server_time())
    return run_once(work.services, work.pack, work.schema, RunOrder(at, kind))


def _exit_code(report: RunReport) -> int:
    """Say how the run ended; a replay writes nothing, so nothing of it is held."""
    if report.status is RunStatus.REPLAY:
        return 0
    return EXIT_OF.get(report.status, 5 if report.body.get("held") else 0)


def _bad(work: Work, report: RunReport, fail_on: Severity | None) -> int:
    if fail_on is None:
        return 0
    run_id = report.run_id if report.status is RunStatus.REPLAY else None
    open_ones = work.services.store.violations(work.org, ["open"], run_id)
    return int(any(each.severity.rank >= fail_on.rank for each in open_ones))


def _of_rule(rule: str | None, changes: Iterable[StagedChange]) -> list[StagedChange]:
    return [each for each in changes if rule is None or rule in each.change.rule_ids]


def _next_steps(report: RunReport, ceiling: Mode, asked: Mode | None) -> None:
    note(f"Deal by deal: gatekeeper violations --run {report.run_id}", "dim")
    if ceiling is not Mode.ENFORCE:
        note(
            f"mode_ceiling is {ceiling.value}: nothing is written to the CRM. See what"
            " enforcing would do: gatekeeper plan --ceiling enforce",
            "dim",
        )
    elif asked is not None:
        note(
            "To write this, say mode_ceiling: enforce in project.yaml and plan again.",
            "dim",
        )
    elif report.status is RunStatus.PLANNED:
        note(f"Write exactly this: gatekeeper apply {report.run_id}", "dim")


# ---- plan files ----------------------------------------------------------------------


def _line(staged: StagedChange) -> dict[str, object]:
    change = staged.change
    return {
        "seq": staged.seq,
        "action": change.action.value,
        "deal_id": change.deal_id,
        "key": change.key,
        "fields": sorted(change.write),
        "rules": list(change.rule_ids),
        "withheld": staged.withheld,
    }


def _write_plan(
    path: Path, report: RunReport, store: Store, *, with_values: bool
) -> None:
    """Write ids and counts of the whole plan; values only where asked for (S29)."""
    from gatekeeper.flow.apply import plan_hash  # noqa: PLC0415  start-up time

    listed = list(store.changes(report.run_id))
    body = {
        "plan_id": report.run_id,
        "org": report.body["org"],
        "rules_fingerprint": report.body["rules_fingerprint"],
        "hash": plan_hash(listed),
        "changes": [
            {**_line(each), "values": dict(each.change.write)}
            if with_values
            else _line(each)
            for each in listed
        ],
    }
    try:
        path.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise SetupError(message) from error
    note(f"Wrote {path}.", "dim")


def _stored_plan(work: Work, target: str) -> RunRow:
    """Return the plan that a file or an id names.

    Raises:
        SetupError: There is none.
        HeldError: The file tells another plan than the one stored.
    """
    from gatekeeper.flow.apply import plan_hash  # noqa: PLC0415  start-up time

    plan_id, expected = _target(target)
    store = work.services.store
    row = store.run(plan_id)
    if row is None:
        message = f"There is no plan {plan_id}. See: gatekeeper runs"
        raise SetupError(message)
    if expected not in (None, plan_hash(store.changes(row.id))):
        message = (
            f"{target} is not the plan stored as {row.id}; nothing was written."
            " Make a new one: gatekeeper plan --out FILE"
        )
        raise HeldError(message)
    return row


def _target(target: str) -> tuple[str, str | None]:
    """Return the plan's id, and its hash where it came in a file."""
    path = Path(target)
    if not path.is_file():
        return target, None
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        return str(body["plan_id"]), str(body["hash"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{target} is not a plan file. Make one: gatekeeper plan --out FILE"
        raise SetupError(message) from error
