"""`lint`: what is legal in the rule pack and seldom meant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper import __version__
from gatekeeper.bootstrap import moved_by_us, opened, prepare
from gatekeeper.cli.console import counted, note, print_json, progress_bar, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import SetupError
from gatekeeper.pack.lint.codes import BY_CODE

if TYPE_CHECKING:
    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.experience import Experience
    from gatekeeper.pack.lint.past import PastFindings
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.problems import Problem

EXIT_FOUND = 1
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Form(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="lint",
        epilog=examples(
            "gatekeeper lint",
            "gatekeeper lint --with-data",
            "gatekeeper lint --ignore W301 --ignore W401",
            "gatekeeper lint --format sarif > lint.sarif",
        ),
    )(lint)


def lint(
    *,
    with_data: Annotated[
        bool,
        typer.Option(
            "--with-data",
            help="Also ask what past runs and the deals of a year tell: rules that"
            " never or nearly always fail, conditions on empty fields, graces nobody"
            " sees the end of, numbers for undecided limits. Reads the CRM.",
        ),
    ] = False,
    form: Annotated[
        Form, typer.Option("--format", help="text, json, or sarif for code review.")
    ] = Form.TEXT,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="CODE", help="Leave out a code; repeatable."),
    ] = None,
    json: Json = False,
) -> None:
    """Warn of contradictions, duplicates and traps; exit 1 where there are any."""
    from gatekeeper.pack.lint.findings import shown  # noqa: PLC0415  start-up time

    codes = _codes(ignore or [])
    ground = prepare()
    form = Form.JSON if json else form
    if with_data:
        looked = _with_data(ground, is_watched=form is Form.TEXT)
    else:
        looked = _alone(ground)
    found = shown(looked.problems, codes)
    for line in looked.notes:
        note(line)
    match form:
        case Form.JSON:
            print_json([_row(each) for each in found])
        case Form.SARIF:
            print_json(sarif(found))
        case Form.TEXT:
            _show(found, looked.rules)
    raise typer.Exit(EXIT_FOUND if found else 0)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found, in how many rules, and what to say of the search."""

    problems: list[Problem]
    rules: int
    notes: tuple[str, ...] = ()


def _alone(ground: Ground) -> _Looked:
    """Look at the pack, and the CRM's description as last read."""
    from gatekeeper.pack.lint.findings import Lint  # noqa: PLC0415  start-up time
    from gatekeeper.pack.lint.untested import rules_named_in_tests  # noqa: PLC0415

    draft, schema = ground.draft(), ground.saved_schema()
    pack = draft.compile(schema)
    tested = rules_named_in_tests(ground.paths.rules_dir)
    problems = Lint.of(draft, pack, schema, moved_by_us()).findings(tested)
    return _Looked(problems, len(pack.rules), _passed_over(draft, schema))


def _passed_over(draft: Draft, schema: CrmSchema | None) -> tuple[str, ...]:
    """Say that there are mistakes which stop no run, and what names them."""
    left = [each for each in draft.built(schema).problems if not each.is_warning]
    if not left:
        return ()
    some = counted(len(left), "mistake")
    return (f"{some} that no run is stopped by, too. See: gatekeeper validate",)


def _with_data(ground: Ground, *, is_watched: bool) -> _Looked:
    """Look at the runs and the deals too."""
    from gatekeeper.core.calendar import local_date  # noqa: PLC0415  start-up time
    from gatekeeper.flow.experience import look_back  # noqa: PLC0415
    from gatekeeper.pack.lint.findings import Lint  # noqa: PLC0415
    from gatekeeper.pack.lint.limits import (  # noqa: PLC0415
        open_limits,
        probes_of,
        proposals,
    )
    from gatekeeper.pack.lint.past import past_findings  # noqa: PLC0415
    from gatekeeper.pack.lint.untested import rules_named_in_tests  # noqa: PLC0415

    with (
        progress_bar(enabled=is_watched) as progress,
        opened(ground, progress) as work,
    ):
        lens = Lint.of(work.draft, work.pack, work.schema, moved_by_us())
        limits = open_limits(lens.facts)
        seen = look_back(work.services, work.pack, probes_of(limits))
        today = local_date(work.services.crm.server_time(), work.pack.project.zone)
    past = past_findings(work.pack, lens.facts, seen, today)
    tested = rules_named_in_tests(ground.paths.rules_dir)
    problems = [*lens.findings(tested), *past.problems, *proposals(limits, seen)]
    return _Looked(problems, len(work.pack.rules), _said(seen, past))


def _said(seen: Experience, past: PastFindings) -> tuple[str, ...]:
    """Say how much was looked at, and of what there was too little."""
    lines = [
        f"Looked at {counted(seen.runs, 'stored run')} of the last 90 days and at"
        f" {counted(seen.deals, 'deal')} of the last year, {seen.won:,} of them won.",
        *seen.problems,
    ]
    if past.too_little:
        listed = ", ".join(f"{what} ({n:,})" for what, n in past.too_little.items())
        lines.append(f"Too little to tell: {listed}.")
    return tuple(lines)


def _codes(written: list[str]) -> frozenset[str]:
    """Read the codes to leave out, `W301,W401` included.

    Raises:
        SetupError: One is no code of a warning.
    """
    codes = {code.strip().upper() for each in written for code in each.split(",")}
    for code in sorted(codes):
        if code not in BY_CODE:
            message = (
                f'--ignore "{code}" is no code of a warning; write for example W301.'
            )
            raise SetupError(message)
    return frozenset(codes)


def _show(found: list[Problem], rules: int) -> None:
    for problem in found:
        for line in problem.framed().split("\n"):
            say(line)
        say()
    if found:
        note(f"{counted(len(found), 'warning')} in {counted(rules, 'rule')}.", "yellow")
    else:
        say(f"{counted(rules, 'rule')}, no warnings.", "green")


def _row(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.place.path,
        "line": problem.place.line,
        "column": problem.place.column,
        "code": problem.code,
        "text": problem.text,
        "help": problem.help,
    }


def sarif(found: list[Problem]) -> dict[str, object]:
    """Return the findings as a SARIF 2.1.0 log."""
    codes = sorted({problem.code for problem in found})
    driver = {
        "name": "gatekeeper",
        "version": __version__,
        "rules": [_sarif_rule(code) for code in codes],
    }
    findings = [_sarif_finding(problem) for problem in found]
    run = {
        "tool": {"driver": driver},
        "results": findings,
        "columnKind": "unicodeCodePoints",
    }
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _sarif_rule(code: str) -> dict[str, object]:
    known = BY_CODE[code]
    return {
        "id": code,
        "shortDescription": {"text": known.meaning},
        "help": {"text": known.remedy},
    }


def _sarif_finding(problem: Problem) -> dict[str, object]:
    place = problem.place
    region = {
        "startLine": place.line,
        "startColumn": place.column,
        "endColumn": place.column + place.width,
    }
    remedy = f" help: {problem.help}" if problem.help else ""
    return {
        "ruleId": problem.code,
        "level": "warning",
        "message": {"text": problem.text + remedy},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": place.path},
                    "region": region,
                }
            }
        ],
    }
