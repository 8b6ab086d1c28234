"""`python -m tests.e2e.kills`: kill and pause the installed command, and count.

Exit code 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from math import inf
from pathlib import Path
from random import Random
from time import monotonic
from typing import TYPE_CHECKING

from gatekeeper.sandbox.seed import seed_org
from tests import postgres
from tests.e2e.kills.grinder import Grinder
from tests.e2e.kills.ledger import Ledger
from tests.e2e.people import SalesforcePeople
from tests.e2e.program import SALESFORCE, Workspace, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.kills.grinder import Tally

PROMISES = (
    *("duplicates", "lost", "wrong closes", "foreign writes", "orphans"),
    *("writes without intent", "wrong flags", "unquiet runs", "broken chains"),
)
DATABASES = ("sqlite", "postgres")
DEALS = 25
SETTLED_EVERY = 16


@contextmanager
def grinding(place: Path, database: str, seed: int) -> Iterator[Grinder]:
    """Build an org, a sandbox process, a database and a workspace."""
    folder = place / "org"
    seed_org(DEALS, 1, date(2026, 11, 20), folder, SALESFORCE)
    with ExitStack() as stack:
        sandbox = stack.enter_context(serving(folder))
        assert isinstance(sandbox.people, SalesforcePeople)
        workspace = Workspace(place / "work", dict(sandbox.settings))
        url = f"sqlite:///{workspace.database}"
        if database == "postgres":
            # Not below pytest's own folder, which the next pytest closes to the
            # server's user.
            own = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
            server = stack.enter_context(
                postgres.serving(Path(stack.enter_context(own)))
            )
            url = workspace.settings["GATEKEEPER_DATABASE_URL"] = server.fresh()
        ledger = stack.enter_context(closing(Ledger(url)))
        draw = Random(seed)  # noqa: S311  (no secret depends on it)
        grinder = Grinder(workspace, sandbox, sandbox.people.client, ledger, draw)
        grinder.settle_in()
        yield grinder


def grind(
    grinder: Grinder, kills: int, pauses: int, *, longest_s: float = inf
) -> Tally:
    """Kill and pause so often, and look at what settled every few rounds."""
    tally = grinder.tally
    began = monotonic()
    while tally.kills < kills or tally.pauses < pauses:
        if monotonic() - began > longest_s:
            break
        left = max(kills - tally.kills, 0), max(pauses - tally.pauses, 0)
        if grinder.draw.randrange(sum(left)) < left[0]:
            grinder.kill()
        else:
            grinder.pause()
        if grinder.rounds % SETTLED_EVERY == 0:
            grinder.settle()
            tell(f"{(monotonic() - began) / 60:6.1f} min  {summary(tally)}")
    grinder.settle()
    return tally


def summary(tally: Tally) -> str:
    """Return what was done and what was found in one line."""
    counts = ", ".join(
        f"{what} {sum(each.what == what for _, each in tally.found)}"
        for what in PROMISES
    )
    return f"kills {tally.kills}, pauses {tally.pauses}: {counts}"


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Carry out what was asked for, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.kills")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--pauses", type=int, default=100)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=inf, help="stop after")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="kills-") as place,
        grinding(Path(place), asked.database, asked.seed) as grinder,
    ):
        tally = grind(grinder, asked.kills, asked.pauses, longest_s=60 * asked.minutes)
    for at, finding in tally.found:
        tell(f"round {at}: {finding.what}: {finding.on}")
    places = ", ".join(f"{place} {n}" for place, n in sorted(tally.places.items()))
    tell(f"ended while {places}; with open intents {tally.with_intents};")
    tell(f"overtaken while paused {tally.overtaken}; looked at whole {tally.settled}")
    tell(f"{asked.database}, seed {asked.seed}: {summary(tally)}")
    return 1 if tally.found else 0


if __name__ == "__main__":
    sys.exit(main())
