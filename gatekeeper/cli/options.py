"""Options that several commands share, and what they mean."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON value instead of a table.")
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Judge by this day or moment (2026-11-20, 2026-11-20T09:00). A day means"
        " its end in the project's time zone; more than a day from the CRM's own clock"
        " it is a replay, which writes nothing.",
    ),
]

_OF_SANDBOX = ("aiosmtpd", "jinja2", "lark", "starlette", "uvicorn")

END_OF_DAY = time(23, 59, 59)
EVERYTHING = sys.maxsize
"""How much a list shows when all of it is asked for."""


@contextmanager
def sandbox_extra() -> Iterator[None]:
    """Say how to install what only the sandbox needs, where it is missing.

    Raises:
        SetupError: A library of the extra is absent.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_SANDBOX:
            raise
        message = "The sandbox is an extra: pip install 'crm-gatekeeper[sandbox]'"
        raise SetupError(message) from error


def examples(*commands: str) -> str:
    """Return what stands under a command's help: each example on a line of its own."""
    return "\n\n".join(("Examples:" if commands[1:] else "Example:", *commands))


def moment(text: str | None, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the aware moment that `--as-of` means; `now` where it is absent.

    Raises:
        SetupError: The text is no day or moment.
    """
    if text is None:
        return now
    try:
        if len(text) == len("2026-11-20"):
            return datetime.combine(date.fromisoformat(text), END_OF_DAY, zone)
        found = datetime.fromisoformat(text)
    except ValueError:
        message = f'--as-of "{text}" is no day; write 2026-11-20 or 2026-11-20T09:00.'
        raise SetupError(message) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)
