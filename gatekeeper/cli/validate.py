"""`validate`: is the rule pack right, by itself and against the CRM?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import WallClock, prepare
from gatekeeper.cli.console import counted, note, print_json, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import CrmAuthError, SetupError
from gatekeeper.pack.source.problems import cut_short, framed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.model import Person
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.problems import Problem
    from gatekeeper.ports import Crm

EXIT_MISTAKES = 2


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="validate",
        epilog=examples(
            "gatekeeper validate",
            "gatekeeper validate --offline",
            "gatekeeper validate --json",
        ),
    )(validate)


def validate(
    *,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline", help="Use the saved description of the CRM instead of asking."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Check YAML, structure, expressions and types, and every name in the CRM."""
    ground = prepare()
    draft = ground.draft()
    schema: CrmSchema | None = None
    people: Iterable[Person] | None = None
    if draft.project is not None:
        schema, people = _described(ground, draft, offline=offline)
    problems = draft.findings(schema, WallClock().now(), people)
    mistakes = [each for each in problems if not each.is_warning]
    if json:
        print_json(
            [
                {
                    "file": each.place.path,
                    "line": each.place.line,
                    "column": each.place.column,
                    "code": each.code,
                    "text": each.text,
                    "help": each.help,
                    "warning": each.is_warning,
                }
                for each in problems
            ]
        )
        for text in cut_short(problems):
            note(text)
    else:
        for text in framed(problems):
            _say_frame(text)
        _sum_up(draft, schema, problems)
    raise typer.Exit(EXIT_MISTAKES if mistakes else 0)


def _described(
    ground: Ground, draft: Draft, *, offline: bool
) -> tuple[CrmSchema | None, Iterable[Person] | None]:
    """Return what the CRM says of itself, and its people where teams are named."""
    if offline:
        return ground.saved_schema(), None
    store = ground.store()
    try:
        crm = ground.crm(draft.project)
        schema = store.save_schema(crm.org(), crm.schema(draft.catalogue))
        people = _people(crm) if draft.teams else None
    except SetupError as error:
        message = f"{error} To check without the CRM: gatekeeper validate --offline"
        raise SetupError(message) from error
    finally:
        store.close()
    return schema, people


def _people(crm: Crm) -> Iterable[Person] | None:
    """Return who the CRM knows; None, said aloud, where that may not be read."""
    try:
        return crm.people().values()
    except CrmAuthError as error:
        note(f"Names of teams are not checked: {error}", "yellow")
        return None


def _say_frame(text: str) -> None:
    """Print a framed message; its lines keep their blanks, so the caret its place."""
    for line in text.split("\n"):
        say(line)
    say()


def _sum_up(
    draft: Draft, schema: CrmSchema | None, problems: Sequence[Problem]
) -> None:
    warnings = sum(each.is_warning for each in problems)
    mistakes = len(problems) - warnings
    against = f"against {schema.org}" if schema is not None else "without a CRM"
    tail = f"{counted(warnings, 'warning')}, checked {against}."
    if mistakes:
        least = "at least " if cut_short(problems) else ""
        note(f"{least}{counted(mistakes, 'mistake')}, {tail}", "red")
        return
    rules = sum(len(file.rules) for file, _ in draft.files)
    say(f"{counted(rules, 'rule')} checked, no mistakes, {tail}", "green")
