"""`fields`: the names rules may use, and the CRM's own."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import (
    counted,
    note,
    print_json,
    progress_bar,
    safe,
    say,
    show_table,
    table,
)
from gatekeeper.cli.options import Json, examples
from gatekeeper.core.catalogue import Access
from gatekeeper.core.wording import visible
from gatekeeper.errors import SetupError
from gatekeeper.language.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.catalogue import Catalogue, CrmField, CrmSchema, FieldSpec

app = typer.Typer(
    no_args_is_help=True,
    help="The names that rules may use.",
    epilog=examples("gatekeeper fields list", "gatekeeper fields pull"),
)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="fields")


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_NAME = re.compile(r"[^a-z0-9]+")
FEW = 6
"""Values of a picklist that one line shows."""
WIDTH = 64
"""Columns before the comment of an entry."""


@app.command(
    "list",
    epilog=examples(
        "gatekeeper fields list",
        "gatekeeper fields list contacts",
        "gatekeeper fields list lead_source --json",
    ),
)
def list_fields(
    word: Annotated[
        str | None,
        typer.Argument(metavar="WORD", help="Only names with this in them."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """List every name a rule may use: type, place in the CRM, values of picklists."""
    ground = prepare()
    draft = ground.draft()
    store = ground.store()
    try:
        schema = store.saved_schema(None)
    finally:
        store.close()
    rows = [
        _row(name, spec, schema)
        for name, spec in _names(draft.catalogue)
        if word is None or word.casefold() in name
    ]
    if not rows:
        near = closest(word or "", [name for name, _ in _names(draft.catalogue)])
        advice = f"did you mean {near[0]}?" if near else "see: gatekeeper fields list"
        message = f'No name holds "{word}"; {advice}'
        raise SetupError(message)
    if json:
        print_json(rows)
        return
    columns = ("name", "type", "in the CRM", "access", "values")
    shown = table("Fields", *columns)
    for row in rows:
        cells = (row["name"], row["type"], row["crm"], row["access"], _few(row))
        shown.add_row(*map(safe, cells))
    show_table(shown)
    if schema is None:
        note("The CRM was not asked yet: gatekeeper fields pull", "dim")


def _row(name: str, spec: FieldSpec, schema: CrmSchema | None) -> dict[str, object]:
    found = schema.fields.get(name) if schema else None
    why_not = schema.missing_fields.get(name) if schema else None
    choices = found.choices if found else spec.choices
    unknown = (why_not, Access.ABSENT.value) if why_not else ("built in", "not asked")
    return {
        "name": name,
        "type": spec.kind.value,
        "crm": found.path if found else next(iter(spec.paths.values()), unknown[0]),
        "label": found.label if found else None,
        "access": found.access.value if found else unknown[1],
        "tracked": found.tracked if found else None,
        "values": [one.label for one in choices if one.active],
    }


def _few(row: dict[str, object]) -> str:
    """Return the first values of a picklist, and how many more there are."""
    values = row["values"]
    if not isinstance(values, list) or len(values) <= FEW:
        return ", ".join(values) if isinstance(values, list) else ""
    return f"{', '.join(values[:FEW])} and {len(values) - FEW} more"


@app.command(
    "pull",
    epilog=examples(
        "gatekeeper fields pull",
        "gatekeeper fields pull --out found.yaml",
        "gatekeeper fields pull --all",
    ),
)
def pull_fields(
    *,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write them as YAML to this file.")
    ] = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="What the CRM keeps for itself too, such as stamps."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Ask the CRM for its fields, and write entries for those without a name.

    What it says is kept: later commands need not ask again.
    """
    ground = prepare()
    catalogue = ground.draft().catalogue
    with progress_bar(enabled=not json) as progress:
        progress("reading the CRM's fields", 0, None)
        schema, native = _asked(ground)
    if json:
        print_json([_native_row(each) for each in native])
        return
    wanted = [each for each in native if everything or _is_theirs(each)]
    entries = list(_entries(schema.crm, wanted, catalogue, schema))
    told = f"Read {counted(len(native), 'field')} of the deals of {schema.org}."
    note(f"{told} All names: gatekeeper fields list", "dim")
    if not entries:
        note("Each of them that people fill has a name.", "green")
    elif out_file is not None:
        _write(out_file, entries)
    else:
        say("# For the deal section of fields.yaml. Take what your rules need.", "dim")
        for entry in entries:
            say(entry)


def _asked(ground: Ground) -> tuple[CrmSchema, Sequence[CrmField]]:
    """Ask the CRM for its description and its own fields; the first is kept."""
    draft = ground.draft()
    crm = ground.crm(draft.project)
    schema = crm.schema(draft.catalogue)
    schema = replace(schema, guards=crm.guards(schema))
    store = ground.store()
    try:
        store.save_schema(crm.org(), schema)
    finally:
        store.close()
    return schema, crm.native_fields()


def _is_theirs(field: CrmField) -> bool:
    """Whether people made or fill a field; the rest is the CRM's bookkeeping."""
    return field.is_custom or field.access is Access.WRITE


def _entries(
    crm: str, native: Iterable[CrmField], catalogue: Catalogue, schema: CrmSchema
) -> Iterator[str]:
    """Write a line of fields.yaml for each field that no name leads to yet."""
    known = {path.rpartition(".")[2] for path in _paths(catalogue, schema)}
    known |= {flag.path.rpartition(".")[2] for flag in schema.flags.values()}
    taken = {*catalogue.deal, *catalogue.lookups, *catalogue.collections}
    for each in native:
        bare = each.path.rpartition(".")[2]
        if not each.kinds or bare in known:
            continue
        name = _name(bare, taken)
        taken.add(name)
        entry = f"{name}: {{type: {each.kinds[0].value}, {crm}: {bare}}}"
        yield f"  {entry:<{WIDTH}} # {_about(each)}"


def _about(field: CrmField) -> str:
    """Return the label a person knows the field by, and a picklist's values."""
    values = [one.label for one in field.choices if one.active]
    more = ", ..." if len(values) > FEW else ""
    listed = f": {', '.join(values[:FEW])}{more}" if values else ""
    return visible(f"{field.label}{listed}").replace("\n", " ")


def _paths(catalogue: Catalogue, schema: CrmSchema) -> Iterator[str]:
    """Give the CRM's name of every field of the deal that has a name."""
    for name, spec in catalogue.deal.items():
        yield from spec.paths.values()
        if name in schema.fields:
            yield schema.fields[name].path


def _name(bare: str, taken: set[str]) -> str:
    """Make a name for rules of the CRM's own: `PushCount` gives `push_count`."""
    from gatekeeper.pack.files.names import may_be_name  # noqa: PLC0415  reads the grammar

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
        "access": field.access.value,
        "values": [one.label for one in field.choices if one.active],
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
