"""The story that `demo` tells: its stage, and its chapters in order."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.bootstrap import Ground, opened
from gatekeeper.cli.console import progress_bar, say
from gatekeeper.cli.init import PROJECT_FILE, copy_default_pack
from gatekeeper.cli.shown import show_changes, show_run
from gatekeeper.cli.story_crm import fix, show_crm
from gatekeeper.cli.story_hubspot import HubSpotWorld
from gatekeeper.cli.story_mail import mail
from gatekeeper.cli.story_salesforce import SalesforceWorld
from gatekeeper.cli.story_stage import SHOWN, Stage, chapter, run
from gatekeeper.core.catalogue import BUILT_IN, CrmName
from gatekeeper.core.model import Action, Mode
from gatekeeper.errors import SetupError
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.pack.starter import fit
from gatekeeper.ports import RunKind
from gatekeeper.sandbox.clock import wall_time
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.letterbox import letterbox
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.server import SandboxServer
from gatekeeper.settings import Settings, resolve_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.cli.story_world import World

DEALS = 300
MOST_CALLS = 1_000
READERS = {"revops": "revops@example.com", "leadership": "sales-vp@example.com"}
"""Who reads how the rules do, and who of all deals."""

SENDER = "gatekeeper@gatekeeperdemo.example.com"


@contextmanager
def told(crm: str, keep: Path | None) -> Iterator[None]:
    """Tell the whole story; the CRM's pages are served until the block is left.

    Args:
        crm: `salesforce` or `hubspot`.
        keep: A folder that keeps everything, made if absent.
    """
    with _stage(CrmName(crm), keep) as stage:
        _set_up(stage)
        _plan(stage)
        _enforce(stage)
        show_run(run(stage).body)
        task = show_crm(stage)
        if task is not None:
            fix(stage, task)
        _quiet(stage)
        mail(stage, keep)
        _next(stage)
        yield


@contextmanager
def _stage(crm: CrmName, keep: Path | None) -> Iterator[Stage]:
    """Seed an org, serve it, and put a rule pack beside it."""
    with tempfile.TemporaryDirectory(prefix="gatekeeper-demo-") as temporary:
        folder = keep or Path(temporary)
        if keep is not None and keep.exists() and any(keep.iterdir()):
            message = f"{keep} is not empty; choose another folder for --keep."
            raise SetupError(message)
        chapter(
            "1. A CRM to run against",
            f"{DEALS} made-up deals, 12 reps, 3 managers; no account is needed.",
        )
        seed_org(DEALS, 1, wall_time().date(), folder / "org", crm.value)
        with _served(crm, folder / "org") as (world, url), letterbox() as box:
            copy_default_pack(folder / "rules")
            known = {**world.settings(url), "smtp_url": box.url, "mail_from": SENDER}
            ground = _ground(crm, known, folder)
            say(f"The sandbox speaks {world.name} at {url}")
            yield Stage(world, url, ground, folder, box)


@contextmanager
def _served(crm: CrmName, folder: Path) -> Iterator[tuple[World, str]]:
    if crm is CrmName.HUBSPOT:
        portal = load_portal(folder)
        # What a CRM sees in days the story asks in seconds; nobody should sit and wait
        # ten more of them for HubSpot's window to open.
        portal.settings.allowance.burst = MOST_CALLS
        with SandboxServer(portal) as server:
            yield HubSpotWorld(portal), server.url
    else:
        org = load_org(folder)
        with SandboxServer(org) as server:
            yield SalesforceWorld(org), server.url


def _ground(crm: CrmName, known: Mapping[str, str], folder: Path) -> Ground:
    """Let gatekeeper in, with the pack fitted to the CRM as `init` does it."""
    settings = Settings.model_validate(
        {"log_level": "warning", "crm": crm.value, **known}
    )
    ground = Ground(settings, resolve_paths(settings, folder.absolute()))
    if crm is not CrmName.SALESFORCE:
        path = folder / "rules" / PROJECT_FILE
        schema = ground.crm().schema(BUILT_IN)
        fitted = fit(path.read_text(encoding="utf-8"), schema)
        path.write_text(fitted.text, encoding="utf-8")
    return ground


def _set_up(stage: Stage) -> None:
    chapter(
        "2. Our fields",
        "setup-crm shows what it would create, then creates exactly that.",
    )
    crm = stage.ground.crm(stage.ground.draft().project)
    for each in crm.planned_setup():
        if each.action == "create":
            say(f"  create {each.name}: {each.detail}")
    with progress_bar(enabled=True) as progress:
        crm.set_up(progress)
    _name_readers(stage)
    _name_managers(stage)


def _name_readers(stage: Stage) -> None:
    """Write down who reads digests beside the managers."""
    entries = [f"  {audience}: {who}" for audience, who in READERS.items()]
    with (stage.folder / "rules" / "people.yaml").open("a", encoding="utf-8") as people:
        people.write("\n".join(["digests:", *entries, ""]))


def _name_managers(stage: Stage) -> None:
    """Write down who manages whom, where the CRM does not know."""
    managers = stage.world.managers
    if not managers:
        return
    entries = [f"  {who}: {{manager: {whom}}}" for who, whom in managers.items()]
    with (stage.folder / "rules" / "people.yaml").open("a", encoding="utf-8") as people:
        people.write("\n".join(["people:", *entries, ""]))
    say(
        f"{stage.world.name} knows no managers; people.yaml names those of"
        f" {len(managers)} people."
    )


def _plan(stage: Stage) -> None:
    chapter(
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
    chapter(
        "4. Raise the ceiling",
        "One line of project.yaml, a logged human act: mode_ceiling: enforce.",
    )
    project = stage.folder / "rules" / "project.yaml"
    text = project.read_text(encoding="utf-8")
    project.write_text(
        text.replace("mode_ceiling: observe", "mode_ceiling: enforce"), encoding="utf-8"
    )


def _quiet(stage: Stage) -> None:
    chapter("7. Once more", "Nothing changed, so nothing is written.")
    report = run(stage)
    api = report.body["api"]
    if isinstance(api, dict):
        say(f"{api['reads']} reads, {api['writes']} writes.", "green")


def _next(stage: Stage) -> None:
    chapter("What to look at next", f"The CRM's pages: {stage.url}")
    say(f"  {stage.url}{stage.world.list_path}   the deals, with their flags")
    say("  gatekeeper init              copies these rules into ./rules")
    say("  rules/README.md              how to write your own")
    crm = stage.ground.settings.crm or CrmName.SALESFORCE
    again = "" if crm is CrmName.SALESFORCE else f" --crm {crm.value}"
    say(f"  gatekeeper demo{again} --keep demo  keeps all files of this story")
    say("  gatekeeper doctor            looks at your own CRM, read-only")
