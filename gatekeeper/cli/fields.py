"""`fields`: the names rules may use, and the CRM's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import note, print_json, safe, say, show_table, table
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.core.catalogue import Catalogue, CrmField, CrmSchema, FieldSpec

app = typer.Typer(
    no_args_is_help=True,
    help="The names that rules may use.",
    epilog=examples("gatekeeper fields list", "gatekeeper fields pull"),
)

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_NAME = re.compile(r"[^a-z0-9]+")
_OURS = ("Gate_", "Gatekeeper_")


@app.command(
    "list",
    epilog=examples("gatekeeper fields list", "gatekeeper fields list --json"),
)
def list_fields(*, json: Json = False) -> None:
    """List every name a rule may use, its type and where it comes from."""
    ground = prepare()
    draft = ground.draft()
    schema = ground.saved_schema()
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
    show_table(shown)
    if schema is None:
        note("The CRM was not asked yet: gatekeeper fields pull", "dim")


@app.command(
    "pull",
    epilog=examples(
        "gatekeeper fields pull", "gatekeeper fields pull --out found.yaml"
    ),
)
def pull_fields(
    *,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write them as YAML to this file.")
    ] = None,
    json: Json = False,
) -> None:
    """Ask the CRM for its fields, and write entries for those without a name."""
    ground = prepare()
    draft = ground.draft()
    crm = ground.crm(draft.project)
    schema = crm.schema(draft.catalogue)
    store = ground.store()
    try:
        store.save_schema(crm.org(), schema)
    finally:
        store.close()
    native = crm.native_fields()
    if json:
        print_json([_native_row(each) for each in native])
        return
    entries = list(_entries(crm.name, native, draft.catalogue, schema))
    if not entries:
        note("Every field of your deals has a name: gatekeeper fields list", "green")
    elif out_file is not None:
        _write(out_file, entries)
    else:
        say("# For the deal section of fields.yaml. Take what your rules need.", "dim")
        for entry in entries:
            say(entry)


def _entries(
    crm: str, native: Iterable[CrmField], catalogue: Catalogue, schema: CrmSchema
) -> Iterator[str]:
    """Write a line of fields.yaml for each field that no name leads to yet."""
    known = {path.rpartition(".")[2] for path in _paths(catalogue, schema)}
    taken = {*catalogue.deal, *catalogue.lookups, *catalogue.collections}
    for each in native:
        bare = each.path.rpartition(".")[2]
        if not each.kinds or bare in known or bare.startswith(_OURS):
            continue
        name = _name(bare, taken)
        taken.add(name)
        yield f"  {name}: {{type: {each.kinds[0].value}, {crm}: {bare}}}"


def _paths(catalogue: Catalogue, schema: CrmSchema) -> Iterator[str]:
    """Give the CRM's name of every field of the deal that has a name."""
    for name, spec in catalogue.deal.items():
        yield from spec.paths.values()
        if name in schema.fields:
            yield schema.fields[name].path


def _name(bare: str, taken: set[str]) -> str:
    """Make a name for rules of the CRM's own: `PushCount` gives `push_count`."""
    from gatekeeper.pack.names import may_be_name  # noqa: PLC0415  reads the grammar

    words = _HUMP.sub("_", bare.removesuffix("__c")).lower()
    name = _NO_NAME.sub("_", words).strip("_")
    if not may_be_name(name):
        name = f"crm_{name}"
    while name in taken:
        name += "_too"
    return name


def _native_row(field: CrmField) -> dict[str, object]:
    return {
        "path": field.path,
        "label": field.label,
        "native_type": field.native_type,
        "type": field.kinds[0].value if field.kinds else None,
    }


def _write(path: Path, entries: Iterable[str]) -> None:
    text = "\n".join(("version: 1", "kind: fields", "deal:", *entries, ""))
    try:
        path.write_text(text, encoding="utf-8")
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
