"""`doctor`: does everything stand ready, and what to do where it does not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from gatekeeper.bootstrap import WallClock, prepare
from gatekeeper.cli.console import note, out, print_json, progress_bar, safe
from gatekeeper.cli.options import Json
from gatekeeper.core.model import Mode
from gatekeeper.errors import GatekeeperError, PackError
from gatekeeper.ports import Checkup, Health, PullRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.pack import RulePack

_MARK = {
    Health.OK: ("+", "green"),
    Health.WARN: ("!", "yellow"),
    Health.FAIL: ("x", "red"),
}
_LOOKBACK = timedelta(days=30)
EXIT_SETUP = 2
EXIT_CRM = 3


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="doctor", epilog="Example: gatekeeper doctor --json")(doctor)


def doctor(*, json: Json = False) -> None:
    """Look at settings, rules, database, login, rights, fields, limits and clock."""
    ground = prepare()
    with progress_bar(enabled=not json):
        checks = list(_checks(ground))
    if json:
        print_json(
            [
                {
                    "name": each.name,
                    "health": each.health.value,
                    "text": each.text,
                    "remedy": each.remedy,
                }
                for each in checks
            ]
        )
    else:
        for each in checks:
            mark, style = _MARK[each.health]
            out.print(
                Text.assemble((f"{mark} ", style), (each.name, "bold"), "  ")
                + safe(each.text)
            )
            if each.remedy:
                out.print(Text.assemble("    ", safe(each.remedy, "dim")))
    failed = [each for each in checks if each.health is Health.FAIL]
    if failed and not json:
        note(f"{len(failed)} of {len(checks)} checks failed.", "red")
    raise typer.Exit(_exit_code(failed))


def _exit_code(failed: list[Checkup]) -> int:
    if not failed:
        return 0
    return EXIT_CRM if failed[0].name in ("login", "database") else EXIT_SETUP


def _checks(ground: Ground) -> Iterator[Checkup]:
    """Look at one thing after the other; a failure ends what depends on it."""
    database = _tried("database", lambda: ground.store().close())
    yield database or Checkup("database", Health.OK, "opens, and its schema is current")
    draft = ground.draft()
    crm = ground.crm(draft.project)
    login = _tried("login", crm.org)
    yield login or Checkup("login", Health.OK, f"logged in to {crm.org()}")
    if login is not None:
        return
    try:
        pack = draft.compile(crm.schema(draft.catalogue))
    except PackError as error:
        yield Checkup(
            "rules",
            Health.FAIL,
            f"{len(error.messages)} mistakes",
            "See them with: gatekeeper validate",
        )
        return
    yield Checkup("rules", Health.OK, f"{len(pack.rules)} rules are right")
    yield _ceiling(pack)
    yield from (each for each in crm.examine(_request(pack)) if each.name != "login")


def _tried(name: str, call: Callable[[], object]) -> Checkup | None:
    try:
        call()
    except GatekeeperError as error:
        return Checkup(name, Health.FAIL, str(error))
    return None


def _ceiling(pack: RulePack) -> Checkup:
    ceiling = pack.project.mode_ceiling
    if ceiling is Mode.ENFORCE:
        text = "enforce: tasks and flags are written"
    else:
        text = f"{ceiling.value}: nothing is written to the CRM"
    return Checkup("mode ceiling", Health.OK, text)


def _request(pack: RulePack) -> PullRequest:
    today = WallClock().now().date()
    return PullRequest(
        pack.needs, pack.catalogue, pack.project.scope, today - _LOOKBACK
    )
