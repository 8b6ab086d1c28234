"""`fields`: the names rules may use, and the CRM's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import note, out, print_json, safe, say, table
from gatekeeper.cli.options import Json
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.catalogue import Catalogue, CrmField, CrmSchema, FieldSpec

app = typer.Typer(no_args_is_help=True, help="The names that rules may use.")


@app.command("list", epilog="Example: gatekeeper fields list")
def list_fields(*, json: Json = False) -> None:
    """List every name a rule may use, its type and where it comes from."""
    ground = prepare()
    draft = ground.draft()
    store = ground.store()
    try:
        schema = store.saved_schema(None)
    finally:
        store.close()
    rows = [
        {
            "name": name,
            "type": spec.kind.value,
            "crm": _path(name, spec, schema),
            "access": _access(name, schema),
        }
        for name, spec in _names(draft.catalogue)
    ]
    if json:
        print_json(rows)
        return
    shown = table("Fields", "name", "type", "in the CRM", "access")
    for row in rows:
        shown.add_row(*(safe(row[key]) for key in ("name", "type", "crm", "access")))
    out.print(shown)
    if schema is None:
        note("The CRM was not asked yet: gatekeeper fields pull", "dim")


@app.command("pull", epilog="Example: gatekeeper fields pull --out found.yaml")
def pull_fields(
    *,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write them as YAML to this file.")
    ] = None,
    json: Json = False,
) -> None:
    """Ask the CRM for its fields, and offer those that have no name yet."""
    ground = prepare()
    draft = ground.draft()
    crm = ground.crm(draft.project)
    store = ground.store()
    try:
        store.save_schema(crm.org(), crm.schema(draft.catalogue))
    finally:
        store.close()
    native = crm.native_fields()
    if json:
        print_json([_native_row(each) for each in native])
        return
    known = {
        path for _, spec in _names(draft.catalogue) for path in spec.paths.values()
    }
    text = "\n".join(_entry(crm.name, each) for each in native if _is_new(each, known))
    if out_file is None:
        say("# Entries for the deal section of fields.yaml:", "dim")
        typer.echo(text)
    else:
        _write(out_file, text)


def _native_row(field: CrmField) -> dict[str, object]:
    return {
        "path": field.path,
        "label": field.label,
        "native_type": field.native_type,
        "type": field.kinds[0].value if field.kinds else None,
    }


def _write(path: Path, entries: str) -> None:
    try:
        path.write_text(f"deal:\n{entries}\n", encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise SetupError(message) from error
    note(f"Wrote {path}.", "dim")


def _names(catalogue: Catalogue) -> Iterator[tuple[str, FieldSpec]]:
    yield from catalogue.deal.items()
    for relations in (catalogue.lookups, catalogue.collections):
        for relation in relations.values():
            for name, spec in relation.fields.items():
                yield f"{relation.name}.{name}", spec


def _path(name: str, spec: FieldSpec, schema: CrmSchema | None) -> str:
    found = schema.fields.get(name) if schema else None
    return found.path if found else next(iter(spec.paths.values()), "built in")


def _access(name: str, schema: CrmSchema | None) -> str:
    found = schema.fields.get(name) if schema else None
    return found.access.value if found else "not asked"


def _is_new(field: CrmField, known: set[str]) -> bool:
    return bool(field.kinds) and field.path.rpartition(".")[2] not in known


def _entry(crm: str, field: CrmField) -> str:
    """Write one line of fields.yaml with a canonical name made of the CRM's own."""
    path = field.path.rpartition(".")[2]
    bare = path.removesuffix("__c")
    name = "".join(
        f"_{each.lower()}" if each.isupper() and before.islower() else each.lower()
        for before, each in zip(" " + bare, bare, strict=False)
    )
    return f"  {name}: {{type: {field.kinds[0].value}, {crm}: {path}}}"
