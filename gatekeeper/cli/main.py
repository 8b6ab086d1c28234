"""The `gatekeeper` command: its commands, and what the shell sees when one ends."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import traceback
import uuid
from contextlib import suppress
from typing import Annotated

import typer

from gatekeeper import __version__
from gatekeeper.cli.console import counted, note
from gatekeeper.cli.on_demand import CommandsOnDemand
from gatekeeper.errors import GatekeeperError, PackError, StopError

log = logging.getLogger(__name__)

EXIT_BUG = 70
EXIT_INTERRUPTED = 4
OBJECTS_BEFORE_COLLECTING = 50_000
"""A rule pack is a hundred thousand objects that stay to the end of the command; to
look through them for garbage every 700 new ones takes a quarter of its time."""
NO_PLUGINS = ("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""Nothing that happens to be installed beside us sees the values we check, secrets
among them; to search for such plugins takes a tenth of the start-up time."""
EXIT_CRM = 3
INTERRUPTED = 128 + signal.SIGINT
"""What Typer ends with after Ctrl-C, as shells do."""

app = typer.Typer(
    name="gatekeeper",
    cls=CommandsOnDemand,
    help="Hold every open deal against its stage's exit criteria.",
    epilog="Start with: gatekeeper init, gatekeeper doctor, gatekeeper plan.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"gatekeeper {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda wanted: _version(wanted=wanted), is_eager=True
        ),
    ] = False,
) -> None:
    """Hold every open deal against its stage's exit criteria."""


def main() -> None:
    """Run the command line; every ending is an exit code and at most one sentence."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
    os.environ.setdefault(*NO_PLUGINS)
    code = ended_with(sys.argv[1:])
    gc.freeze()  # what is left goes with the process; nobody looks for garbage in it
    sys.exit(code)


def ended_with(arguments: list[str]) -> int:
    """Run one command and return its exit code; nothing is raised."""
    try:
        app(arguments, prog_name="gatekeeper")
    except SystemExit as ended:
        return _code(ended.code)
    except PackError as error:
        note("\n\n".join(error.messages))
        note(f"{counted(len(error.messages), 'mistake')}; nothing was run.", "bold")
        return error.exit_code
    except StopError as error:
        note(f"error: {error}", "red")
        return error.exit_code
    except GatekeeperError as error:
        note(f"error: {error}", "red")
        return EXIT_CRM
    except KeyboardInterrupt:
        return _code(INTERRUPTED)
    except Exception as error:  # noqa: BLE001  the top: a defect ends with one sentence, never with a traceback of values
        return _bug(error)
    return 0


def _code(code: object) -> int:
    """Turn Typer's ending into ours (product section 7)."""
    if code == INTERRUPTED:
        note("Stopped.", "yellow")
        return EXIT_INTERRUPTED
    return code if isinstance(code, int) else 0


def _bug(error: Exception) -> int:
    """Name the place of a defect; the trace may hold values, so it must be asked for.

    Without usable settings the standard library's log is silent; otherwise it is
    redacted.
    """
    from gatekeeper.bootstrap import prepare  # noqa: PLC0415  start-up time

    report = uuid.uuid4().hex[:8]
    last = traceback.extract_tb(error.__traceback__)[-1]
    with suppress(GatekeeperError):
        prepare().log()
    log.debug("bug %s", report, exc_info=error)
    note(
        f"E999: gatekeeper failed on its own account ({type(error).__name__} in"
        f" {last.name}, line {last.lineno}). This is a bug in gatekeeper, not in your"
        f" rules. Report id {report}; the whole trace: GATEKEEPER_LOG_LEVEL=debug.",
        "red",
    )
    return EXIT_BUG
