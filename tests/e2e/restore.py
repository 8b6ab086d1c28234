"""`python -m tests.e2e.restore`: an old backup under an org full of own tasks.

Seeds an org, notes an empty history as the backup, lets one run open a task per deal,
puts the backup back, and lets one run find all of them again. Exit code 1 where a task
is doubled or one is not adopted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from gatekeeper.sandbox.seed import seed_org
from tests.e2e.kills.grinder import LIMITS
from tests.e2e.kills.ledger import Ledger
from tests.e2e.program import PROJECT, SALESFORCE, Workspace, serving

if TYPE_CHECKING:
    from tests.e2e.program import Ended

OPEN_SHARE = 0.68
"""So many of the seeded deals are open at least."""
HOUR_S = 3600
RULES = """\
version: 1
kind: rules
pipeline: "*"
defaults: {maintainer: revops@example.com, severity: high, mode: enforce}
stages:
  every open stage:
    while_in:
      - id: open-board
        title: The board has agreed
        require: next_step contains "the board has agreed"
        fix: Ask the board.
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the run after the restore did.

    Attributes:
        tasks: Of ours, before the restore.
        known: Rows of the ledger that know their task after it.
        created: Tasks it made, which should be none.
        writes: Requests that it wrote with.
    """

    tasks: int
    known: int
    created: int
    writes: int
    is_recovery: bool
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether nothing was doubled and everything adopted."""
        return self.created == 0 and self.known == self.tasks and self.is_recovery


def measured(place: Path, tasks: int, database: str = "") -> Measured:
    """Carry it out with so many tasks or a few more.

    Args:
        place: An empty folder.
        tasks: How many.
        database: Address of one; "" for a file.
    """
    org = place / "org"
    seed_org(int(tasks / OPEN_SHARE), 1, date(2026, 11, 20), org, SALESFORCE)
    with serving(org) as sandbox:
        workspace = Workspace(place / "work", dict(sandbox.settings), HOUR_S)
        if database:
            workspace.settings["GATEKEEPER_DATABASE_URL"] = database
        workspace.write("project.yaml", f"{PROJECT}{LIMITS}  writes_per_run: 100000\n")
        workspace.write("sales.rules.yaml", RULES)
        _done(workspace.run("plan"))
        _done(workspace.run("backup", "old.backup"))
        first = _done(workspace.run("run", "--json")).body
        _done(workspace.run("restore", "old.backup"))
        began = monotonic()
        again = _done(workspace.run("run", "--json")).body
        seconds = monotonic() - began
        with closing(Ledger(database or f"sqlite:///{workspace.database}")) as ledger:
            known = ledger.tied()
    return Measured(
        tasks=first["applied"]["create"],
        known=known,
        created=again["applied"]["create"],
        writes=again["api"]["writes"],
        is_recovery=again["recovery"],
        seconds=seconds,
    )


def _done(ended: Ended) -> Ended:
    assert ended.code == 0, ended.err
    return ended


def main() -> int:
    """Measure, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.restore")
    parser.add_argument("--tasks", type=int, default=20_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="restore-") as place:
        found = measured(Path(place), asked.tasks)
    sys.stdout.write(
        f"{found.tasks:,} own tasks, an old backup restored: {found.created} made a"
        f" second time, {found.known:,} adopted, {found.writes} requests that write,"
        f" in one run of {found.seconds:.0f} s\n"
    )
    return 0 if found.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
