"""`doctor`: does everything stand ready, and what to do where it does not."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from gatekeeper.bootstrap import WallClock, prepare, reach_of, why_no_way
from gatekeeper.cli.console import counted, note, out, print_json, safe
from gatekeeper.cli.options import Json, examples
from gatekeeper.core.clocks import ahead, differ, difference
from gatekeeper.core.digest.recipients import shared_addresses
from gatekeeper.core.model import Mode
from gatekeeper.errors import CrmAuthError, GatekeeperError, PackError, SetupError
from gatekeeper.ports import Checkup, Health, PullRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sized

    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.digest.recipients import Roster
    from gatekeeper.core.pack import RulePack
    from gatekeeper.pack.load import Draft
    from gatekeeper.ports import Crm

_MARK = {
    Health.OK: ("+", "green"),
    Health.WARN: ("!", "yellow"),
    Health.FAIL: ("x", "red"),
}
_FOR_WRITING = ("task key", "flags")
_VALIDATE = "see what is wrong with: gatekeeper validate"
_LOOKBACK = timedelta(days=30)
_MOST_NAMED = 3
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
    database = _database(ground)
    yield database
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
    if database.health is not Health.FAIL:
        yield _org(ground, crm.org())
    schema = crm.schema(draft.catalogue)
    try:
        pack = draft.compile(schema)
    except PackError as error:
        yield Checkup("rules", Health.FAIL, _mistakes(len(error.messages)), _VALIDATE)
        return
    yield _rules(draft, pack, schema)
    yield _ceiling(pack)
    if draft.teams:
        yield _teams(draft, crm, schema)
    yield _digests(ground, crm, pack, schema)
    for each in crm.examine(_request(pack)):
        if each.name != "login":
            yield _weighed(each, pack)


def _database(ground: Ground) -> Checkup:
    """Say whether the database opens, and whether its clock is this machine's."""
    clock = WallClock()
    try:
        with closing(ground.store()) as store:
            asked_at = clock.now()
            apart = ahead(store.upkeep.now(), asked_at, clock.now())
    except GatekeeperError as error:
        return Checkup("database", Health.FAIL, str(error))
    if differ(apart):
        text = f"opens, but {difference('the database', apart)}"
        return Checkup("database", Health.WARN, text, "let a time server set both")
    return Checkup("database", Health.OK, "opens; its schema and its clock are right")


def _org(ground: Ground, org: str) -> Checkup:
    """Say whether the database belongs to the org of the CRM, as a run asks it."""
    with closing(ground.store()) as store:
        other = _tried("org", lambda: store.upkeep.check_org(org))
    return other or Checkup("org", Health.OK, "the database is of no other one")


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


def _teams(draft: Draft, crm: Crm, schema: CrmSchema) -> Checkup:
    """Say which teams of people.yaml and overlays nobody is in."""
    try:
        lost = draft.team_problems(schema, crm.people().values())
    except CrmAuthError as error:
        return Checkup("teams", Health.WARN, "their names are not checked", str(error))
    if not lost:
        return Checkup("teams", Health.OK, "somebody is in each that the rules name")
    text = "; ".join(
        [
            *(each.text for each in lost[:_MOST_NAMED]),
            *_more(lost, "gatekeeper validate"),
        ]
    )
    return Checkup("teams", Health.WARN, text.rstrip("."), lost[0].help or "")


def _digests(ground: Ground, crm: Crm, pack: RulePack, schema: CrmSchema) -> Checkup:
    """Say whom no digest reaches, as of the last run."""
    from gatekeeper.flow.digest import Desk, roster_about  # noqa: PLC0415  start-up time

    if why := why_no_way(ground.settings):
        return Checkup("digests", Health.WARN, "none is sent", why)
    try:
        with closing(ground.store()) as store:
            desk = Desk(store.archive, crm, pack, schema)
            roster = roster_about(desk, reach_of(ground, crm, pack))
    except GatekeeperError as error:
        return Checkup("digests", Health.WARN, "cannot be looked at", str(error))
    if not roster.told and not roster.untold:
        return Checkup("digests", Health.OK, "whom they reach shows after a run")
    return _reached(roster)


def _reached(roster: Roster) -> Checkup:
    told = counted(len(roster.told), "digest")
    said = [
        f"{each.name} {each.why} ({counted(each.open_deals, 'open deal')})"
        for each in roster.untold
    ]
    remedies = [each.remedy for each in roster.untold]
    for address, names in sorted(shared_addresses(roster).items()):
        said.append(f"{' and '.join(names)} are told of their teams at {address}")
        remedies.append("give each an address of their own in the CRM")
    if not said:
        return Checkup("digests", Health.OK, f"{told} a day, nobody is left out")
    shown = "; ".join([*said[:_MOST_NAMED], *_more(said, "gatekeeper digest")])
    text = f"{told} a day; not as they should: {shown}"
    return Checkup("digests", Health.WARN, text, remedies[0])


def _more(said: Sized, where: str) -> list[str]:
    more = len(said) - _MOST_NAMED
    return [f"and {more} more: {where}"] if more > 0 else []


def _request(pack: RulePack) -> PullRequest:
    today = WallClock().now().date()
    return PullRequest(
        pack.needs, pack.catalogue, pack.project.scope, today - _LOOKBACK
    )
