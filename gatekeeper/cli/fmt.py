"""`fmt`: rule files in their canonical layout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import WallClock, prepare
from gatekeeper.cli.console import counted, note, print_json, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.core.calendar import local_date
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from gatekeeper.bootstrap import Ground
    from gatekeeper.pack.fmt.layout import Formatted

EXIT_WOULD_CHANGE = 1
EXIT_UNREADABLE = 2


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="fmt",
        epilog=examples(
            "gatekeeper fmt",
            "gatekeeper fmt rules/b2b.rules.yaml",
            "gatekeeper fmt --check",
            "gatekeeper fmt --stamp rules/new.rules.yaml",
        ),
    )(fmt)


def fmt(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES", help="Files; all of the pack if none."),
    ] = None,
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; exit 1 if something would."),
    ] = False,
    stamped: Annotated[
        bool,
        typer.Option(
            "--stamp",
            help="Also write today as effective_from into every rule without one: deals"
            " already past it are reported and left alone.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Lay out rule files one way: keys, indentation, quotes, spelling of checks."""
    ground = prepare()
    paths = _paths(ground, files or [])
    names = _collections(ground)
    day = _today(ground) if stamped else None
    formatted = {path: _format(path, names, day) for path in paths}
    for each in formatted.values():
        for problem in each.problems:
            note(problem.framed())
    changed = [path for path, each in formatted.items() if _differs(path, each)]
    for path in () if check else changed:
        path.write_bytes(formatted[path].text.encode())
    _report([path.as_posix() for path in changed], len(paths), check=check, json=json)
    if any(each.problems for each in formatted.values()):
        raise typer.Exit(EXIT_UNREADABLE)
    raise typer.Exit(EXIT_WOULD_CHANGE if check and changed else 0)


def _differs(path: Path, formatted: Formatted) -> bool:
    return not formatted.problems and formatted.text.encode() != _bytes(path)


def _format(path: Path, names: Collection[str], day: date | None) -> Formatted:
    from gatekeeper.pack.fmt.layout import format_file  # noqa: PLC0415  start-up time
    from gatekeeper.pack.fmt.stamp import stamp  # noqa: PLC0415

    label, raw = path.as_posix(), _bytes(path)
    return format_file(label, raw if day is None else stamp(label, raw, day), names)


def _today(ground: Ground) -> date:
    project = ground.draft().project
    if project is None:
        message = "project.yaml cannot be read. See: gatekeeper validate --offline"
        raise SetupError(message)
    return local_date(WallClock().now(), project.zone)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})."
        raise SetupError(message) from error


def _paths(ground: Ground, files: Sequence[Path]) -> list[Path]:
    """Return the files named, or every YAML file of the pack."""
    from gatekeeper.pack.source.folder import expect_pack  # noqa: PLC0415  start-up

    if files:
        return list(files)
    folder = ground.paths.rules_dir
    expect_pack(folder)
    return sorted(
        path
        for path in folder.rglob("*.yaml")
        if path.is_file() and not _is_hidden(path.relative_to(folder))
    )


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _collections(ground: Ground) -> frozenset[str]:
    """Return the names of collections, those of fields.yaml too where it is there."""
    from gatekeeper.core.catalogue import BUILT_IN  # noqa: PLC0415  start-up time
    from gatekeeper.pack.files.fields import read_fields  # noqa: PLC0415
    from gatekeeper.pack.source.document import read_document  # noqa: PLC0415
    from gatekeeper.pack.source.read import Reader  # noqa: PLC0415

    path = ground.paths.rules_dir / "fields.yaml"
    if not path.is_file():
        return frozenset(BUILT_IN.collections)
    root = read_document(path.name, _bytes(path)).root
    if root is None:
        return frozenset(BUILT_IN.collections)
    return frozenset(read_fields(Reader(), root).catalogue.collections)


def _report(changed: list[str], seen: int, *, check: bool, json: bool) -> None:
    if json:
        print_json({"changed": changed, "files": seen, "written": not check})
        return
    for path in changed:
        say(f"{'would change' if check else 'changed'} {path}", "yellow")
    if not changed:
        say(f"{counted(seen, 'file')} already in canonical layout.", "green")
