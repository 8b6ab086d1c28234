"""`init`: a rule pack to start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import gatekeeper
from gatekeeper.cli.console import counted, note, print_json, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import SetupError, StopError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.pack.starter import Fitted

_SKIPPED = {"__pycache__"}
PROJECT_FILE = "project.yaml"


@dataclass(frozen=True, slots=True)
class Start:
    """What `init` did.

    Attributes:
        org: The CRM's name where it was asked, or "".
        why_not: Why it was not asked, where a login is set.
    """

    folder: Path
    files: int
    org: str = ""
    fitted: Fitted | None = None
    why_not: str = ""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="init",
        epilog=examples(
            "gatekeeper init",
            "gatekeeper init --offline",
            "gatekeeper init sales/rules",
        ),
    )(init)


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")] = Path("rules"),
    *,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline",
            help="Do not ask the CRM, even where a login is set: take what was read"
            " last, or the stock stages.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Write the default rule pack, fitted to your CRM's stages where a login is set.

    It is in observe mode: it writes nothing to the CRM.
    """
    count = copy_default_pack(folder)
    start = _fitted_to_crm(Start(folder, count), offline=offline)
    if json:
        print_json(_row(start))
        return
    _tell(start)


def _fitted_to_crm(start: Start, *, offline: bool) -> Start:
    """Fit the new pack to the CRM, where it can be asked."""
    from gatekeeper.bootstrap import prepare  # noqa: PLC0415  start-up time
    from gatekeeper.pack.starter import fit  # noqa: PLC0415

    ground = prepare()
    why_not = ""
    schema: CrmSchema | None = None
    try:
        if _has_login(ground) and not offline:
            schema = _read_schema(ground)
    except StopError as error:
        why_not = str(error)
    schema = schema or _saved_schema(ground)
    if schema is None:
        return replace(start, why_not=why_not)
    path = start.folder / PROJECT_FILE
    fitted = fit(path.read_text(encoding="utf-8"), schema)
    path.write_text(fitted.text, encoding="utf-8")
    if fitted.has_gates:
        _take_out(start.folder, fitted.unmatched)
    return replace(start, org=schema.org, fitted=fitted, why_not=why_not)


def _take_out(folder: Path, gates: Sequence[str]) -> None:
    """Take the gates out of the new pack that the CRM has no stage for."""
    from gatekeeper.pack.thinned import (  # noqa: PLC0415  start-up time
        LIMITS,
        RULES,
        TESTS,
        thinned,
    )

    names = (RULES, TESTS, LIMITS)
    files = {name: (folder / name).read_text(encoding="utf-8") for name in names}
    for name, text in thinned(files, gates).items():
        (folder / name).write_text(text, encoding="utf-8")


def _has_login(ground: Ground) -> bool:
    settings = ground.settings
    return (settings.salesforce_url or settings.hubspot_token) is not None


def _read_schema(ground: Ground) -> CrmSchema:
    """Ask the CRM, and keep its description for later commands."""
    from gatekeeper.core.catalogue import BUILT_IN  # noqa: PLC0415  start-up time

    crm = ground.crm()
    schema = crm.schema(BUILT_IN)
    store = ground.store()
    try:
        store.save_schema(crm.org(), schema)
    finally:
        store.close()
    return schema


def _saved_schema(ground: Ground) -> CrmSchema | None:
    """Return what was read last; no database is made to look."""
    if not ground.paths.has_database():
        return None
    store = ground.store()
    try:
        return store.saved_schema(None)
    finally:
        store.close()


def _tell(start: Start) -> None:
    say(f"Wrote {counted(start.files, 'file')} to {start.folder}.", "green")
    if start.why_not:
        note(f"The CRM could not be asked: {start.why_not}", "yellow")
    if start.fitted is None:
        say("Its stages are the stock ones of your CRM. Put the login into the")
        say("environment or into .env beside that folder:")
        say("  GATEKEEPER_SALESFORCE_URL=https://acme.my.salesforce.com")
        say("  GATEKEEPER_SALESFORCE_CLIENT_ID=the consumer key of a connected app")
        say("  GATEKEEPER_SALESFORCE_CLIENT_SECRET=its secret")
    else:
        _tell_stages(start.org, start.fitted)
    say("Then:")
    say("  gatekeeper doctor      is everything ready?")
    say("  gatekeeper validate    are the rules right for your CRM?")
    say("  gatekeeper test        do they answer as their tests say?")
    say("  gatekeeper plan        what stands today? Nothing is written.")
    say(f"How to write rules: {start.folder / 'README.md'}", "dim")


def _tell_stages(org: str, fitted: Fitted) -> None:
    say(f"Fitted to {org}; correct it in {PROJECT_FILE} where it is not what you mean:")
    for gate, names in fitted.stages.items():
        if names:
            say(f"  {gate:<15}{', '.join(names)}")
    if fitted.unmatched:
        gates = ", ".join(fitted.unmatched)
        told = (
            "their rules and their tests were left out."
            if fitted.has_gates
            else f"name one for each under stages: in {PROJECT_FILE}."
        )
        note(f"Your CRM has no stage left for {gates}: {told}", "yellow")


def _row(start: Start) -> dict[str, object]:
    fitted = start.fitted
    return {
        "folder": str(start.folder),
        "files": start.files,
        "org": start.org or None,
        "stages": fitted.stages if fitted else None,
        "unmatched": fitted.unmatched if fitted else None,
        "why_not_asked": start.why_not or None,
    }


def copy_default_pack(folder: Path) -> int:
    """Copy the pack that ships with the program; return the number of files.

    Raises:
        SetupError: The folder is not empty, or cannot be written.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            message = (
                f"{folder} is not empty; nothing was written. Choose another folder:"
                " gatekeeper init FOLDER"
            )
            raise SetupError(message)
        return _copy(_default_pack(), folder)
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}."
        raise SetupError(message) from error


def _default_pack() -> Traversable:
    """Return the pack that ships with the program.

    In the wheel it lies inside the package; in a checkout beside it.
    """
    package = resources.files(gatekeeper)
    shipped = package.joinpath("default_rules")
    if shipped.is_dir():
        return shipped
    return Path(gatekeeper.__file__).parents[1] / "rules"


def _copy(source: Traversable, target: Path) -> int:
    target.mkdir(parents=True, exist_ok=True)
    count = 0
    for entry in source.iterdir():
        if entry.name in _SKIPPED:
            continue
        if entry.is_dir():
            count += _copy(entry, target / entry.name)
        else:
            (target / entry.name).write_bytes(entry.read_bytes())
            count += 1
    return count
