"""`test`: what the rules say of deals whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import WallClock, prepare
from gatekeeper.cli.console import print_json, progress_bar, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import PackError, SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.context import Context
    from gatekeeper.core.pack import RulePack
    from gatekeeper.pack.testing.coverage import Coverage
    from gatekeeper.pack.testing.mutation.survivors import Mutation
    from gatekeeper.pack.testing.suites import Suite
    from gatekeeper.pack.testing.verdicts import CaseReport

EXIT_FAILED = 1
PACK_FILE = "project.yaml"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="test",
        epilog=examples(
            "gatekeeper test",
            "gatekeeper test rules/tests/b2b.test.yaml --coverage --min 90",
            "gatekeeper test --mutate",
            "gatekeeper test --junit report.xml",
            "gatekeeper test --new qual-amount > rules/tests/qual-amount.test.yaml",
        ),
    )(hold_tests)


@dataclass(frozen=True, slots=True)
class Held:
    """The suites and how their cases ended."""

    suites: tuple[Suite, ...]
    reports: Mapping[str, tuple[CaseReport, ...]]

    @property
    def failed(self) -> bool:
        """Whether any case failed."""
        return any(
            report.failures for reports in self.reports.values() for report in reports
        )


Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[PATHS]...", help="Test files or folders; all of the pack."
    ),
]
WithCoverage = Annotated[
    bool, typer.Option("--coverage", help="Say what no case has seen yet.")
]
WithChanges = Annotated[
    bool,
    typer.Option(
        "--mutate",
        help="Change one thing of the rules at a time; say what no test notices.",
    ),
]
Least = Annotated[
    int | None,
    typer.Option(
        "--min",
        min=0,
        max=100,
        help="Fail under this coverage, or share of changes noticed, in %.",
    ),
]
New = Annotated[
    str | None, typer.Option(metavar="RULE", help="Print a test file to begin with.")
]
Junit = Annotated[Path | None, typer.Option(help="Write a JUnit report there.")]


def hold_tests(
    paths: Paths = None,
    *,
    coverage: WithCoverage = False,
    mutate: WithChanges = False,
    least: Least = None,
    new: New = None,
    junit: Junit = None,
    json: Json = False,
) -> None:
    """Hold the rules against deals whose answer is known; no CRM is needed."""
    ground = prepare()
    if new is not None:
        say_skeleton(ground, new)
        return
    held = _hold(ground, paths or [])
    is_covered = coverage or (least is not None and not mutate)
    covered = _covered(held) if is_covered else None
    mutation = _mutated(held, json=json) if mutate and not held.failed else None
    if junit is not None:
        from gatekeeper.cli.junit import write_junit  # noqa: PLC0415

        write_junit(junit, held.reports)
    _show(held, covered, mutation, json=json)
    if mutate and mutation is None and not json:
        say("No rule was changed: a case that fails anyway notices nothing.")
    is_bad = held.failed or _is_short(covered, mutation, least)
    raise typer.Exit(EXIT_FAILED if is_bad else 0)


def _is_short(
    covered: Coverage | None, mutation: Mutation | None, least: int | None
) -> bool:
    """Whether less is seen or noticed than asked for.

    Without a bound every change that nothing notices counts.
    """
    if covered is not None and covered.percent < (least or 0):
        return True
    if mutation is None:
        return False
    if least is None:
        return mutation.noticed < mutation.made
    return mutation.percent < least


def _show(
    held: Held, covered: Coverage | None, mutation: Mutation | None, *, json: bool
) -> None:
    from gatekeeper.cli.mutated import body_of_mutation, show_mutation  # noqa: PLC0415
    from gatekeeper.cli.tested import body_of, show_coverage, show_reports  # noqa: PLC0415

    if json:
        body = body_of(held.reports, covered)
        if mutation is not None:
            body["mutation"] = body_of_mutation(mutation)
        print_json(body)
        return
    show_reports(held)
    if covered is not None:
        show_coverage(covered)
    if mutation is not None:
        show_mutation(mutation)


# ---- judging -------------------------------------------------------------------------


def _hold(ground: Ground, paths: list[Path]) -> Held:
    """Judge every case of the test files that are meant.

    Raises:
        PackError: The pack or a test file has mistakes; no case was judged.
        SetupError: There is nothing to test.
    """
    from gatekeeper.pack.load import read_pack  # noqa: PLC0415
    from gatekeeper.pack.source.problems import framed  # noqa: PLC0415
    from gatekeeper.pack.testing.panel import Panel  # noqa: PLC0415
    from gatekeeper.pack.testing.suites import files_of, read_suites  # noqa: PLC0415
    from gatekeeper.pack.testing.verdicts import hold_all  # noqa: PLC0415

    crm = ground.settings.crm
    suites: list[Suite] = []
    mistakes: list[str] = []
    for folder, files in _by_pack(ground, paths).items():
        draft = read_pack(folder, crm=crm.value if crm else None)
        found, problems = read_suites(
            folder, files or files_of(folder), draft, ground.saved_schema()
        )
        mistakes.extend(framed(one for one in problems if one.stops))
        suites.extend(found)
    if mistakes:
        raise PackError(mistakes)
    if not suites:
        message = (
            "There is no test file. Begin one with: gatekeeper test --new RULE >"
            " rules/tests/RULE.test.yaml"
        )
        raise SetupError(message)
    reports = {
        suite.path: hold_all(suite.cases, Panel(suite.pack, _standpoint))
        for suite in suites
    }
    return Held(tuple(suites), reports)


def _standpoint(pack: RulePack, at: datetime) -> Context:
    from gatekeeper.flow.services import context_for  # noqa: PLC0415

    return context_for(pack, at, {pack.project.currency: Decimal(1)})


def _by_pack(ground: Ground, paths: list[Path]) -> dict[Path, list[Path]]:
    """Return the test files that are meant, by the folder of their pack.

    Raises:
        SetupError: A path does not exist.
    """
    if not paths:
        return {ground.paths.rules_dir: []}
    found: dict[Path, list[Path]] = {}
    for path in paths:
        if not path.exists():
            message = f"There is no file {path}."
            raise SetupError(message)
        files = sorted(path.rglob("*.test.yaml")) if path.is_dir() else [path]
        pack = _pack_of(path.absolute()) or ground.paths.rules_dir
        found.setdefault(pack, []).extend(files)
    return {pack: files for pack, files in found.items() if files}


def _pack_of(path: Path) -> Path | None:
    holders = (path, *path.parents)
    return next((at for at in holders if (at / PACK_FILE).is_file()), None)


def _covered(held: Held) -> Coverage:
    from gatekeeper.pack.testing.coverage import Coverage  # noqa: PLC0415
    from gatekeeper.pack.testing.limits import cover_limits  # noqa: PLC0415

    coverage = Coverage()
    for suite in held.suites:
        looks = [look for each in held.reports[suite.path] for look in each.looks]
        coverage.add(suite.pack, looks)
        cover_limits(coverage, suite, looks)
    return coverage


def _mutated(held: Held, *, json: bool) -> Mutation:
    from gatekeeper.pack.testing.mutation.survivors import mutate  # noqa: PLC0415

    tested = [(suite, held.reports[suite.path]) for suite in held.suites]
    with progress_bar(enabled=not json) as progress:
        return mutate(tested, _standpoint, progress)


def say_skeleton(ground: Ground, rule_id: str) -> None:
    """Print a test file for one rule, its answers left to fill in."""
    from gatekeeper.pack.testing.skeleton import skeleton  # noqa: PLC0415

    draft = ground.draft()
    pack = draft.compile(None)
    today = WallClock().now().astimezone(pack.project.zone).date()
    for line in skeleton(draft, pack, rule_id, today).splitlines():
        say(line)
