"""`plan`, `apply` and `run`: show the writes, do the shown ones, do them all."""

from __future__ import annotations

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
)
from gatekeeper.cli.plan_file import line_of, stored_plan, write_plan
from gatekeeper.cli.shown import (
    EXIT_OF,
    show_applied,
    show_by_rule,
    show_changes,
    show_run,
)
from gatekeeper.core.model import Mode, Severity
from gatekeeper.language.suggest import no_rule
from gatekeeper.ports import RunKind, RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.bootstrap import Work
    from gatekeeper.flow.report import RunReport
    from gatekeeper.ports import StagedChange

SHOWN = 20

Ceiling = Annotated[
    Mode | None,
    typer.Option(
        "--ceiling",
        help="Plan under another mode ceiling than project.yaml's, to see what"
        " enforcing would write. Such a plan can be looked at, not applied.",
    ),
]
Accept = Annotated[
    list[str] | None,
    typer.Option(help="Let this rule's held lines through, or let it go."),
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
            "gatekeeper plan --accept qual-amount --out plan.json",
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
    accept: Accept = None,
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
        _expect_rule(work, rule)
        report = _run(work, as_of, RunKind.PLAN, accept or ())
        store = work.services.store
        if out_file is not None:
            write_plan(out_file, report, store, with_values=with_values)
        changes = _of_rule(rule, store.changes(report.run_id))
        found = list(store.violations(work.org, ["open", "pending"], report.run_id))
    if json:
        print_json({**report.body, "changes": [line_of(each) for each in changes]})
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
    accept: Accept = None,
    json: Json = False,
) -> None:
    """Write exactly the stored plan; drop and list what moved since."""
    with (
        progress_bar(enabled=not json) as progress,
        opened(prepare(), progress) as work,
    ):
        from gatekeeper.flow.apply import apply_plan  # noqa: PLC0415  start-up time

        row = stored_plan(work, target)
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


def _run(
    work: Work, as_of: str | None, kind: RunKind, accepted: Iterable[str] = ()
) -> RunReport:
    """Judge by the CRM's own clock unless another moment is asked for."""
    from gatekeeper.flow.run import RunOrder, run_once  # noqa: PLC0415  start-up time

    zone = work.pack.project.zone
    at = moment(as_of, zone, work.services.crm.server_time())
    order = RunOrder(at, kind, frozenset(accepted))
    return run_once(work.services, work.pack, work.schema, order)


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


def _expect_rule(work: Work, rule: str | None) -> None:
    known = [each.id for each in work.pack.rules]
    if rule is not None and rule not in known:
        raise no_rule(rule, known)


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
