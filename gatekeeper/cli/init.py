"""`init`: a rule pack to start from."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import gatekeeper
from gatekeeper.cli.console import counted, print_json, say
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_SKIPPED = {"__pycache__"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="init", epilog=examples("gatekeeper init", "gatekeeper init sales/rules")
    )(init)


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")] = Path("rules"),
    *,
    json: Json = False,
) -> None:
    """Copy the default rule pack, in observe mode: it writes nothing to the CRM."""
    count = copy_default_pack(folder)
    if json:
        print_json({"folder": str(folder), "files": count})
        return
    say(f"Wrote {counted(count, 'file')} to {folder}.", "green")
    say("Put the login into the environment or into .env beside that folder:")
    say("  GATEKEEPER_SALESFORCE_URL=https://acme.my.salesforce.com")
    say("  GATEKEEPER_SALESFORCE_CLIENT_ID=the consumer key of a connected app")
    say("  GATEKEEPER_SALESFORCE_CLIENT_SECRET=its secret")
    say("Then:")
    say("  gatekeeper doctor      is everything ready?")
    say("  gatekeeper validate    are the rules right for your CRM?")
    say("  gatekeeper plan        what stands today? Nothing is written.")
    say(f"How to write rules: {folder / 'README.md'}", "dim")


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
