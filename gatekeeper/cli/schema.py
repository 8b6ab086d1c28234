"""`schema`: what editors need to complete rule files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.cli.console import note, print_json, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import SetupError, StopError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.model import Person
    from gatekeeper.pack.editor.shapes import Schema
    from gatekeeper.pack.load import Draft

app = typer.Typer(
    no_args_is_help=True,
    help="JSON Schemas of the rule files, for editors.",
    epilog=examples("gatekeeper schema export", "gatekeeper schema export --org"),
)
DEFAULT_FOLDER = "schema"


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="schema")


@app.callback()
def schema() -> None:
    """JSON Schemas of the rule files, for editors."""


@app.command(
    "export",
    epilog=examples(
        "gatekeeper schema export",
        "gatekeeper schema export --org",
        "gatekeeper schema export --out rules/schema",
    ),
)
def export(
    *,
    org: Annotated[
        bool,
        typer.Option(
            "--org",
            help="With the fields, picklist values and stages of your CRM as last read"
            " (gatekeeper fields pull), the roles and rules of the pack, and the teams"
            " of its people, who are asked for.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where; schema/ of the pack if not."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a schema for every kind of file; the header of a file names its own."""
    from gatekeeper.pack.editor.schema import editor_schemas  # noqa: PLC0415  start-up

    schemas = editor_schemas(_words_of_org() if org else None)
    if as_json:
        print_json(schemas)
        return
    folder = out or _default_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in schemas.items():
            (folder / name).write_text(written(body), encoding="utf-8")
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}."
        raise SetupError(message) from error
    say(f"Wrote {', '.join(schemas)} to {folder}.", "green")


def _words_of_org() -> Mapping[str, Schema]:
    """Return the words of the CRM as last read, and of the pack.

    Raises:
        SetupError: The CRM was never read.
    """
    from gatekeeper.bootstrap import prepare  # noqa: PLC0415  start-up time
    from gatekeeper.pack.editor.org import Org  # noqa: PLC0415
    from gatekeeper.pack.editor.words import org_words  # noqa: PLC0415

    ground = prepare()
    schema = ground.saved_schema()
    if schema is None:
        message = (
            "The CRM was not read yet, so its words are unknown: gatekeeper fields pull"
        )
        raise SetupError(message)
    draft = ground.draft()
    return org_words(Org.of(draft, schema, _people(ground, draft)))


def _people(ground: Ground, draft: Draft) -> Collection[Person]:
    """Ask the CRM for its people; nobody where it cannot be reached."""
    try:
        return ground.crm(draft.project).people().values()
    except StopError as error:
        note(f"The names of teams are left out: {error}")
        return ()


def _default_folder() -> Path:
    from gatekeeper.bootstrap import prepare  # noqa: PLC0415  start-up time
    from gatekeeper.pack.source.folder import expect_pack  # noqa: PLC0415

    rules = prepare().paths.rules_dir
    expect_pack(rules)  # a folder with schemas alone would keep `init` from its work
    return rules / DEFAULT_FOLDER


def written(body: Schema) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"
