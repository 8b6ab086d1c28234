"""`worker`: every night's runs and digests, from one process."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from gatekeeper.bootstrap import prepare
from gatekeeper.cli.console import note, print_json, safe, show_table, table
from gatekeeper.cli.options import Json, examples
from gatekeeper.errors import StopError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gatekeeper.bootstrap.worker import Station
    from gatekeeper.worker.forecast import Coming
    from gatekeeper.worker.shift import Shift

EXIT_CRM, EXIT_UNFINISHED = 3, 4
EXIT_ORDER = (2, 3, 5, 4)
OFF = "off"

log = structlog.get_logger(__name__)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="worker",
        epilog=examples(
            "gatekeeper worker",
            "gatekeeper worker --next",
            "gatekeeper worker --once",
        ),
    )(worker)


def worker(
    *,
    coming: Annotated[
        bool, typer.Option("--next", help="Show what is due next, and do nothing.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due now, then end.")
    ] = False,
    json: Json = False,
) -> None:
    """Make runs and send digests when they are due, until a signal ends it."""
    from gatekeeper.bootstrap.worker import station  # noqa: PLC0415  start-up time

    ground = prepare(is_service=True)
    switch = ground.switch()
    switch.listen()
    with station(ground, switch) as ready:
        if coming:
            _show(_coming(ready.shifts), json=json)
            return
        if ready.why_no_digests:
            log.warning("no_digests", reason=ready.why_no_digests)
        if once:
            raise typer.Exit(_done_once(ready.shifts))
        in_time = _serve(ready, ground.settings.health_address, switch.end_reason)
        cut_short = any(shift.trouble for shift in ready.shifts)
    log.info("worker_ended", reason=switch.end_reason(), in_time=in_time)
    if not in_time:
        # The thread of the abandoned work would keep the process.
        sys.stderr.flush()
        os._exit(EXIT_UNFINISHED)
    raise typer.Exit(EXIT_UNFINISHED if cut_short else 0)


def _serve(ready: Station, address: str, end_reason: Callable[[], str]) -> bool:
    """Work until a signal comes; return whether the work stopped in time."""
    from gatekeeper.worker.listening import serving  # noqa: PLC0415  start-up time
    from gatekeeper.worker.scheduler import work  # noqa: PLC0415

    host, _, port = address.rpartition(":")
    pages = nullcontext() if address == OFF else serving(ready.health, host, int(port))
    with pages as listening:
        log.info(
            "worker_started",
            health=f"{host}:{listening}" if listening else OFF,
            kinds=[shift.duty.kind for shift in ready.shifts],
        )
        return work(ready.shifts, ready.pulse, lambda: bool(end_reason()))


def _done_once(shifts: Sequence[Shift]) -> int:
    """Do what is due now; say what could not be done, and return the exit code."""
    codes = []
    tried = [shift.tick() for shift in shifts]
    if not any(tried):
        note("Nothing is due now. When it will be: gatekeeper worker --next")
    for shift in shifts:
        if shift.trouble is not None:
            note(f"{shift.duty.kind}: {shift.trouble}", "red")
            codes.append(_code_of(shift.trouble))
        elif shift.failures:
            codes.append(EXIT_UNFINISHED)
    return next((code for code in EXIT_ORDER if code in codes), 0)


def _code_of(trouble: Exception) -> int:
    return trouble.exit_code if isinstance(trouble, StopError) else EXIT_CRM


def _coming(shifts: Iterable[Shift]) -> list[Coming]:
    from gatekeeper.worker.forecast import forecast  # noqa: PLC0415  start-up time

    return [each for shift in shifts for each in forecast(shift)]


def _show(coming: Sequence[Coming], *, json: bool) -> None:
    if json:
        print_json(coming)
        return
    shown = table("Due next", "what", "for", "when", "last")
    for each in coming:
        when = "never" if each.at is None else f"{each.at:%a %d %b %Y %H:%M %Z}"
        shown.add_row(
            f"{each.kind} {each.subject}" if each.kind == "run" else each.kind,
            safe(each.who) or "everybody",
            f"now (since {when})" if each.is_due else when,
            each.last.isoformat() if each.last else "",
        )
    show_table(shown)
