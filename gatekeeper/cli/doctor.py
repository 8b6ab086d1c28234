"""`doctor`: does everything stand ready, and what to do where it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from gatekeeper.bootstrap import WallClock, prepare
from gatekeeper.cli.console import counted, note, out, print_json, safe
from gatekeeper.cli.options import Json, examples
from gatekeeper.core.model import Mode
from gatekeeper.errors import GatekeeperError, PackError, SetupError
from gatekeeper.ports import Checkup, Health, PullRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.pack.load import Draft

_MARK = {
    Health.OK: ("+", "green"),
    Health.WARN: ("!", "yellow"),
    Health.FAIL: ("x", "red"),
}
_FOR_WRITING = ("task key", "flags")
_VALIDATE = "see what is wrong with: gatekeeper validate"
_LOOKBACK = timedelta(days=30)
EXIT_SETUP = 2
EXIT_CRM = 3


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="doctor", epilog=examples("gatekeeper doctor", "gatekeeper doctor --json")
    )(doctor)


def doctor(*, json: Json = False) -> None:
    """Look at rules, database, login, rights, fields, limits and clock; read-only."""
    checks: list[Checkup] = []
    for each in _checks(prepare()):
        checks.append(each)
        if not json:
            _show(each)
    if json:
        print_json([_row(each) for each in checks])
    failed = [each for each in checks if each.health is Health.FAIL]
    if failed and not json:
        note(f"{len(failed)} of {counted(len(checks), 'check')} failed.", "red")
    raise typer.Exit(_exit_code(failed))


def _show(checkup: Checkup) -> None:
    mark, style = _MARK[checkup.health]
    out().print(
        Text.assemble((f"{mark} ", style), (checkup.name, "bold"), "  ")
        + safe(checkup.text)
    )
    if checkup.remedy:
        out().print(Text.assemble("    ", safe(checkup.remedy, "dim")))


def _row(checkup: Checkup) -> dict[str, object]:
    return {
        "name": checkup.name,
        "health": checkup.health.value,
        "text": checkup.text,
        "remedy": checkup.remedy,
    }


def _exit_code(failed: list[Checkup]) -> int:
    if not failed:
        return 0
    return EXIT_CRM if failed[0].name in ("login", "database") else EXIT_SETUP


def _checks(ground: Ground) -> Iterator[Checkup]:
    """Look at one thing after the other; a failure ends what depends on it."""
    database = _tried("database", lambda: ground.store().close())
    yield database or Checkup("database", Health.OK, "opens, and its schema is current")
    draft = ground.draft()
    try:
        crm = ground.crm(draft.project)
    except SetupError as error:
        yield Checkup("settings", Health.FAIL, str(error))
        return
    login = _tried("login", crm.org)
    yield login or Checkup("login", Health.OK, f"logged in to {crm.org()}")
    if login is not None:
        return
    schema = crm.schema(draft.catalogue)
    try:
        pack = draft.compile(schema)
    except PackError as error:
        yield Checkup("rules", Health.FAIL, _mistakes(len(error.messages)), _VALIDATE)
        return
    yield _rules(draft, pack, schema)
    yield _ceiling(pack)
    for each in crm.examine(_request(pack)):
        if each.name != "login":
            yield _weighed(each, pack)


def _rules(draft: Draft, pack: RulePack, schema: CrmSchema) -> Checkup:
    """Say what is wrong with rules that can run; what is meant is "cannot tell"."""
    found = draft.findings(schema, WallClock().now())
    mistakes = sum(not each.is_warning for each in found)
    text = f"{counted(len(pack.rules), 'rule')} checked, {_mistakes(mistakes)}"
    if not mistakes:
        return Checkup("rules", Health.OK, text)
    return Checkup("rules", Health.FAIL, text, _VALIDATE)


def _mistakes(number: int) -> str:
    return counted(number, "mistake") if number else "no mistakes"


def _weighed(checkup: Checkup, pack: RulePack) -> Checkup:
    """Only warn of what writing needs while the ceiling forbids writing."""
    is_writing = pack.project.mode_ceiling is Mode.ENFORCE
    if is_writing or checkup.name not in _FOR_WRITING or checkup.health is Health.OK:
        return checkup
    remedy = f"before mode_ceiling: enforce, {checkup.remedy}"
    return replace(checkup, health=Health.WARN, remedy=remedy)


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
