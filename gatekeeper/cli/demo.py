"""`demo`: the whole job against a sandbox CRM on this machine, told as a story."""

from __future__ import annotations

import json
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import Ground, opened
from gatekeeper.cli.console import note, out, progress_bar, say
from gatekeeper.cli.init import copy_default_pack
from gatekeeper.cli.shown import show_changes, show_explanation, show_run
from gatekeeper.core.model import Action, Mode
from gatekeeper.errors import SetupError
from gatekeeper.flow.explain import explain_deal
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.log import set_up_logging
from gatekeeper.ports import RunKind
from gatekeeper.settings import Settings, resolve_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.flow.report import RunReport
    from gatekeeper.sandbox.salesforce.org import Org

DEALS = 300
SHOWN = 8
REP_WRITES = {
    "open-next-step": ("NextStep", "Send the order form to Ms Okafor by Thursday noon"),
    "open-close-date": ("CloseDate", "+30"),
}
"""What a rep writes on the deal to settle a rule of the default pack."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="demo", epilog="Example: gatekeeper demo --keep demo")(demo)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays."""

    org: Org
    url: str
    ground: Ground
    folder: Path


def demo(
    *,
    keep: Annotated[
        Path | None,
        typer.Option(help="Keep the org, the rules and the database in this folder."),
    ] = None,
    wait: Annotated[
        bool | None,
        typer.Option(
            "--wait/--no-wait",
            help="Keep the CRM's pages open at the end; on a terminal by default.",
        ),
    ] = None,
) -> None:
    """Run the whole job against a sandbox CRM: plan, tasks, flags, a fix, quiet."""
    set_up_logging(level="warning")
    with _stage(keep) as stage:
        _set_up(stage)
        _plan(stage)
        _enforce(stage)
        first = _run(stage)
        show_run(first.body)
        task = _show_crm(stage)
        if task is not None:
            _fix(stage, task)
        _quiet(stage)
        _next(stage)
        if wait if wait is not None else sys.stdin.isatty():
            note("The CRM's pages stay open until you press Enter.", "bold")
            sys.stdin.readline()


# ---- the stage -----------------------------------------------------------------------


@contextmanager
def _stage(keep: Path | None) -> Iterator[Stage]:
    """Seed an org, serve it, and put a rule pack beside it."""
    from gatekeeper.sandbox.clock import wall_time  # noqa: PLC0415  the sandbox is an extra: other commands start without it
    from gatekeeper.sandbox.salesforce.importing import load_org  # noqa: PLC0415
    from gatekeeper.sandbox.seed import seed_org  # noqa: PLC0415
    from gatekeeper.sandbox.server import SandboxServer  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="gatekeeper-demo-") as temporary:
        folder = keep or Path(temporary)
        if keep is not None and keep.exists() and any(keep.iterdir()):
            message = f"{keep} is not empty; choose another folder for --keep."
            raise SetupError(message)
        _chapter(
            "1. A CRM to run against",
            f"{DEALS} made-up deals, 12 reps, 3 managers; no account is needed.",
        )
        seed_org(DEALS, 1, wall_time().date(), folder / "org")
        org = load_org(folder / "org")
        with SandboxServer(org) as server:
            copy_default_pack(folder / "rules")
            ground = _ground(org, server.url, folder)
            say(f"The sandbox speaks Salesforce at {server.url}")
            yield Stage(org, server.url, ground, folder)


def _ground(org: Org, url: str, folder: Path) -> Ground:
    app = next(iter(org.logins.apps.values()))
    settings = Settings.model_validate(
        {
            "salesforce_url": url,
            "salesforce_client_id": app.client_id,
            "salesforce_client_secret": app.client_secret,
        }
    )
    return Ground(settings, resolve_paths(settings, folder.absolute()))


def _chapter(title: str, text: str) -> None:
    say()
    out.rule(f"[bold cyan]{title}", align="left", style="cyan")
    say(text, "dim")


# ---- the chapters --------------------------------------------------------------------


def _set_up(stage: Stage) -> None:
    _chapter(
        "2. Our fields",
        "setup-crm shows what it would create, then creates exactly that.",
    )
    crm = stage.ground.crm(stage.ground.draft().project)
    for each in crm.planned_setup():
        if each.action == "create":
            say(f"  create {each.name}: {each.detail}")
    with progress_bar(enabled=True) as progress:
        crm.set_up(progress)


def _plan(stage: Stage) -> None:
    _chapter(
        "3. Plan: what would be written",
        "A fresh install has mode_ceiling observe and writes nothing. This shows what"
        " enforcing would do.",
    )
    with (
        progress_bar(enabled=True) as progress,
        opened(stage.ground, progress, Mode.ENFORCE) as work,
    ):
        now = work.services.crm.server_time()
        order = RunOrder(now, RunKind.PLAN)
        report = run_once(work.services, work.pack, work.schema, order)
        changes = list(work.services.store.changes(report.run_id))
    show_run(report.body)
    tasks = [each for each in changes if each.change.action is Action.CREATE]
    show_changes(tasks, SHOWN)


def _enforce(stage: Stage) -> None:
    _chapter(
        "4. Raise the ceiling",
        "One line of project.yaml, a logged human act: mode_ceiling: enforce.",
    )
    project = stage.folder / "rules" / "project.yaml"
    text = project.read_text(encoding="utf-8")
    project.write_text(
        text.replace("mode_ceiling: observe", "mode_ceiling: enforce"), encoding="utf-8"
    )


def _run(stage: Stage) -> RunReport:
    with (
        progress_bar(enabled=True) as progress,
        opened(stage.ground, progress) as work,
    ):
        order = RunOrder(work.services.crm.server_time(), RunKind.RUN)
        return run_once(work.services, work.pack, work.schema, order)


def _show_crm(stage: Stage) -> Mapping[str, object] | None:
    """Show the tasks as they stand in the CRM; return one a rep can finish now."""
    _chapter("5. In the CRM", "One task per deal, and flags for list views.")
    tasks = _own_tasks(stage)
    for task in tasks[:SHOWN]:
        owner = stage.org.find("User", str(task["OwnerId"])) or {}
        say(f"  {task['Subject']}")
        say(
            f"      {owner.get('Name')}, due {task['ActivityDate']}"
            f"  {stage.url}/lightning/r/Task/{task['Id']}/view",
            "dim",
        )
    say(f"  {len(tasks)} tasks in all, {_flagged(stage)} deals flagged")
    fixable = _fixable(tasks)
    if fixable is None:
        return None
    deal = stage.org.find("Opportunity", str(fixable["WhatId"])) or {}
    say()
    say(f"{fixable['Subject']}", "bold")
    for line in str(fixable["Description"]).split("\n"):
        say(f"    {line}")
    say()
    say(
        f"On its deal: {deal.get('Gate_Status__c')},"
        f" {int(float(str(deal.get('Gate_Open_Count__c') or 0)))} missing, the evidence"
        " supports"
        f" {deal.get('Gate_Supported_Stage__c')}, the CRM says"
        f" {deal.get('StageName')}."
    )
    say(f"{stage.url}/lightning/r/Opportunity/{fixable['WhatId']}/view", "dim")
    return fixable


def _own_tasks(stage: Stage) -> list[Mapping[str, object]]:
    return [
        row
        for row in stage.org.rows("Task", include_deleted=False)
        if row.get("Gatekeeper_Key__c") and not row.get("IsClosed")
    ]


def _flagged(stage: Stage) -> int:
    deals = stage.org.rows("Opportunity", include_deleted=False)
    return sum(bool(row.get("Gate_Status__c")) for row in deals)


def _fixable(tasks: list[Mapping[str, object]]) -> Mapping[str, object] | None:
    """Find a task that asks only for what filling Next Step settles."""
    return next((task for task in tasks if _rules_of(task) <= REP_WRITES.keys()), None)


def _rules_of(task: Mapping[str, object]) -> set[str]:
    return set(str(task["Description"]).rpartition("Rules: ")[2].split(", "))


def _fix(stage: Stage, task: Mapping[str, object]) -> None:
    deal_id = str(task["WhatId"])
    _chapter(
        "6. A rep does the work",
        "The rep fills what is missing on the deal, in the CRM. The next run sees it.",
    )
    written = dict(REP_WRITES[rule_id] for rule_id in _rules_of(task))
    if "CloseDate" in written:
        month_on = stage.org.now().date() + timedelta(days=30)
        written["CloseDate"] = month_on.isoformat()
    for name, value in written.items():
        say(f"  {name} = {value}")
    _as_rep(stage, f"sobjects/Opportunity/{deal_id}", written)
    report = _run(stage)
    after = stage.org.find("Task", str(task["Id"])) or {}
    deal = stage.org.find("Opportunity", deal_id) or {}
    applied = report.body["applied"]
    if isinstance(applied, dict):
        say(f"Written: {applied['close']} task closed, {applied['flag']} deal flagged.")
    say(
        f'The task "{after.get("Subject")}" is now {after.get("Status")}; the deal is'
        f" {deal.get('Gate_Status__c')}.",
        "green",
    )
    with opened(stage.ground, _silent) as work:
        now = work.services.crm.server_time()
        show_explanation(explain_deal(work.services, work.pack, deal_id, now))


def _silent(what: str, done: int, total: int | None) -> None:
    """Ignore progress."""


def _as_rep(stage: Stage, path: str, body: Mapping[str, object]) -> None:
    """Change a record over the CRM's own API, as another program would."""
    from gatekeeper.sandbox.salesforce.stock import INTEGRATION_USER  # noqa: PLC0415

    session = stage.org.logins.open(INTEGRATION_USER)
    request = urllib.request.Request(  # noqa: S310  the sandbox's own loopback address
        f"{stage.url}/services/data/v59.0/{path}",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {session.token}",
            "Content-Type": "application/json",
        },
        method="PATCH",
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310  as above
        pass


def _quiet(stage: Stage) -> None:
    _chapter("7. Once more", "Nothing changed, so nothing is written.")
    report = _run(stage)
    api = report.body["api"]
    if isinstance(api, dict):
        say(f"{api['reads']} reads, {api['writes']} writes.", "green")


def _next(stage: Stage) -> None:
    _chapter("What to look at next", f"The CRM's pages: {stage.url}")
    say(f"  {stage.url}/lightning/o/Opportunity/list   the deals, with their flags")
    say("  gatekeeper init              copies these rules into ./rules")
    say("  rules/README.md              how to write your own")
    say("  gatekeeper demo --keep demo  keeps all files of this story")
    say("  gatekeeper doctor            looks at your own CRM, read-only")
