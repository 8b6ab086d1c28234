"""`sandbox`: a CRM to run against, on this machine."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from gatekeeper.cli.console import note, print_json, say
from gatekeeper.cli.options import Json, examples, sandbox_extra
from gatekeeper.errors import CrmUnreachableError, SetupError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.salesforce.org import Org

app = typer.Typer(
    no_args_is_help=True,
    help="A CRM to run against: it refuses what the real one refuses.",
    epilog=examples(
        "gatekeeper sandbox seed --out org", "gatekeeper sandbox serve --data org"
    ),
)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="sandbox")


class Dialect(StrEnum):
    """The CRMs whose sandbox may be asked for."""

    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"


Seed = Annotated[int, typer.Option(help="Another number gives another org.")]


@app.command(
    "serve",
    epilog=examples(
        "gatekeeper sandbox serve --data org",
        "gatekeeper sandbox serve --data org --port 8080 --as-of 2026-11-20",
        "gatekeeper sandbox serve --data org --fault collections:reset_after:1",
        "gatekeeper sandbox serve --crm hubspot --data portal",
    ),
)
def serve(
    *,
    folder: Annotated[
        Path, typer.Option("--data", help="A folder that `sandbox seed` wrote.")
    ],
    crm: Annotated[
        Dialect, typer.Option(help="The dialect it speaks.")
    ] = Dialect.SALESFORCE,
    port: Annotated[int, typer.Option(help="0 takes any free one.")] = 0,
    as_of: Annotated[
        str | None,
        typer.Option(help="Stop its clock: a day means 23:59:59 UTC of that day."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="ROUTE:KIND[:COUNT][:after=N], for example query:401:1."),
    ] = None,
) -> None:
    """Serve a folder of records until stopped; prints how to point gatekeeper at it."""
    with sandbox_extra():
        from gatekeeper.sandbox.server import serve as serve_org  # noqa: PLC0415  other commands start without it

    org = _loaded(crm, folder, as_of, fault or ())
    try:
        serve_org(org, port=port, announce=_announce)
    except OSError as error:
        message = (
            f"Port {port} cannot be used: {error.strerror}. Choose another --port."
        )
        raise SetupError(message) from error


def _loaded(
    crm: Dialect, folder: Path, as_of: str | None, faults: Iterable[str]
) -> Org | Portal:
    """Load a folder of records, stop the clock, order the faults.

    Raises:
        SetupError: One of them is not what it should be.
    """
    from gatekeeper.sandbox.clock import Clock, as_of_instant  # noqa: PLC0415
    from gatekeeper.sandbox.faults import FaultSpecError  # noqa: PLC0415
    from gatekeeper.sandbox.hubspot.importing import load_portal  # noqa: PLC0415
    from gatekeeper.sandbox.loader import LoadError  # noqa: PLC0415
    from gatekeeper.sandbox.salesforce.importing import load_org  # noqa: PLC0415

    try:
        instant = as_of_instant(as_of) if as_of else None
    except ValueError:
        message = f'--as-of "{as_of}" is no day; write 2026-11-20.'
        raise SetupError(message) from None
    try:
        load = load_portal if crm is Dialect.HUBSPOT else load_org
        org = load(folder, Clock(instant))
        for spec in faults:
            org.faults.add(spec)
    except (LoadError, FaultSpecError, ValueError) as error:
        raise SetupError(str(error)) from error
    return org


def _announce(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@app.command(
    "seed",
    epilog=examples(
        "gatekeeper sandbox seed --out org",
        "gatekeeper sandbox seed --size 20000 --seed 7 --as-of 2026-11-20 --out big",
        "gatekeeper sandbox seed --crm hubspot --out portal",
    ),
)
def seed(
    *,
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    size: Annotated[int, typer.Option(min=1, help="How many deals.")] = 300,
    seed: Seed = 1,
    as_of: Annotated[
        str | None, typer.Option(help="The day the org is looked at; today if absent.")
    ] = None,
    crm: Annotated[
        Dialect, typer.Option(help="Whose records; the story is the same.")
    ] = Dialect.SALESFORCE,
    json: Json = False,
) -> None:
    """Write a demo org: deals in five stages, people, meetings, planted gaps."""
    from gatekeeper.sandbox.clock import wall_time  # noqa: PLC0415
    from gatekeeper.sandbox.seed import seed_org  # noqa: PLC0415

    try:
        day = date.fromisoformat(as_of) if as_of else wall_time().date()
    except ValueError:
        message = f'--as-of "{as_of}" is no day; write 2026-11-20.'
        raise SetupError(message) from None
    try:
        manifest = seed_org(size, seed, day, out, crm.value)
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror}."
        raise SetupError(message) from error
    if json:
        print_json(manifest)
        return
    counts = manifest["counts"]
    say(f"Wrote {out}:", "green")
    for name, count in counts.items() if isinstance(counts, dict) else ():
        say(f"  {count:>8,} {name}")
    dialect = "" if crm is Dialect.SALESFORCE else f"--crm {crm.value} "
    note(f"Serve it: gatekeeper sandbox serve {dialect}--data {out}", "dim")


@app.command(
    "fault",
    epilog=examples("gatekeeper sandbox fault http://127.0.0.1:8080 query:503html:2"),
)
def fault(
    url: Annotated[str, typer.Argument(help="Where the sandbox serves.")],
    spec: Annotated[list[str], typer.Argument(help="ROUTE:KIND[:COUNT][:after=N]")],
) -> None:
    """Order faults of a sandbox that is serving."""
    import urllib.error  # noqa: PLC0415  with the parser of certificates it costs start-up time
    import urllib.request  # noqa: PLC0415

    body = orjson.dumps({"faults": spec})
    request = urllib.request.Request(  # noqa: S310  the address is checked below
        f"{url.rstrip('/')}/__sandbox__/faults",
        data=body,
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    if request.type != "http" or request.host.split(":")[0] != "127.0.0.1":
        message = "A sandbox serves on http://127.0.0.1 only."
        raise SetupError(message)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310  loopback http, checked above
            say(f"Ordered: {', '.join(spec)} ({reply.status})", "green")
    except urllib.error.HTTPError as error:
        raise SetupError(error.read().decode(errors="replace")) from error
    except OSError as error:
        message = f"No sandbox answers at {url}."
        raise CrmUnreachableError(message) from error
