"""The installed command and a sandbox to point it at, both processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.server import SandboxServer, export_lines
from tests.e2e.people import HubSpotPeople, SalesforcePeople
from tests.hubspot_contract import held_to_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.wire import Observer
    from tests.e2e.people import People, SeenTask

COMMAND = Path(sys.executable).with_name("gatekeeper")
LONGEST_S = 120
SALESFORCE, HUBSPOT = "salesforce", "hubspot"
WRITING = (
    *("collections", "create", "update", "upsert", "composite", "delete"),
    *("batch_create", "batch_update", "batch_upsert", "batch_archive", "associate"),
)
PEOPLE_OF: dict[str, Callable[[str], People]] = {
    SALESFORCE: SalesforcePeople,
    HUBSPOT: HubSpotPeople,
}

PROJECT = """\
version: 1
kind: project
crm: salesforce
timezone: UTC
business_calendar: {country: US}
currency: USD
mode_ceiling: enforce
"""
PEOPLE = "version: 1\nkind: people\nfallback: alice.abbott@gatekeeperdemo.example.com\n"
FIELDS = "version: 1\nkind: fields\n"
RULES = """\
version: 1
kind: rules
pipeline: "*"
defaults: {maintainer: revops@example.com, severity: high, mode: enforce}
stages:
  every open stage:
    while_in:
      - id: open-amount
        title: The deal has an amount
        require: amount > 0
        fix: Enter the amount.
      - id: open-next-step
        title: The next step is written down
        require: next_step is filled
        fix: Write down the next step.
"""


@dataclass(frozen=True)
class Ended:
    """A command that came to its end."""

    code: int
    out: str
    err: str

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.out)
        return body

    @property
    def sentence(self) -> str:
        """What a person is told, with the log lines taken away."""
        lines = [line for line in self.err.splitlines() if not line.startswith("{")]
        return "\n".join(lines).strip()


@dataclass
class Workspace:
    """A folder with a rule pack, a database and settings: where the command runs."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    longest_s: float = LONGEST_S

    def __post_init__(self) -> None:
        (self.folder / "rules").mkdir(parents=True)
        crm = self.settings.get("GATEKEEPER_CRM", SALESFORCE)
        self.write("project.yaml", PROJECT.replace(SALESFORCE, crm))
        self.write("people.yaml", PEOPLE)
        self.write("fields.yaml", FIELDS)
        self.write("sales.rules.yaml", RULES)

    @property
    def database(self) -> Path:
        return self.folder / "gatekeeper.db"

    def write(self, name: str, text: str) -> None:
        (self.folder / "rules" / name).write_text(text, encoding="utf-8")

    def forget(self) -> None:
        """Lose the database, with everything that belongs to it."""
        for path in self.folder.glob("gatekeeper.db*"):
            path.unlink()

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603
            [COMMAND, *arguments],
            cwd=self.folder,
            env=_environment() | self.settings | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **settings: str) -> Ended:
        """Run a command to its end; a traceback is never an ending."""
        with self.start(*arguments, **settings) as process:
            out, err = process.communicate(timeout=self.longest_s)
        assert "Traceback" not in err, err
        assert "E999" not in err, err
        return Ended(process.returncode, out, err)


@dataclass
class Sandbox:
    """A sandbox process, its side door, and the people who use the CRM."""

    url: str
    settings: dict[str, str]
    lines: list[str]
    people: People

    def side(self, method: str, name: str, **body: object) -> dict[str, Any]:
        reply = requests.request(
            method, f"{self.url}/__sandbox__/{name}", json=body, timeout=10
        )
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    def order(self, *faults: str) -> None:
        self.side("POST", "faults", faults=list(faults))

    def calm(self) -> None:
        self.side("DELETE", "faults")

    def go_to(self, day: str) -> None:
        self.side("POST", "clock", as_of=day)

    def settle(self) -> None:
        """Let what comes late arrive, such as a search index."""
        if isinstance(self.people, HubSpotPeople):
            self.side("POST", "settle", seconds=60)

    def requests(self) -> dict[str, int]:
        counts: dict[str, int] = self.side("GET", "requests")["requests"]
        return counts

    def writes(self) -> int:
        counts = self.requests()
        return sum(counts.get(route, 0) for route in WRITING)

    def tasks(self) -> list[SeenTask]:
        """Our tasks, deleted ones included."""
        return self.people.tasks()

    def open_tasks(self) -> list[SeenTask]:
        return [task for task in self.tasks() if not task.is_closed]

    def open_deals(self) -> set[str]:
        return self.people.open_deals()

    def deals_without(self, *fields: str) -> set[str]:
        """Open deals with one of these fields empty, as the CRM itself says."""
        return self.people.open_deals(*fields)

    def expect_one_task_per_deal(self, deals: set[str]) -> None:
        """Hold the CRM to its promise: these deals have one task each, no other."""
        tasks = self.open_tasks()
        assert sorted(task.deal_id for task in tasks) == sorted(deals)
        keys = [task.key for task in self.tasks()]
        assert len(keys) == len(set(keys))


@contextmanager
def serving(
    data: Path, *options: str, with_fields: bool = True, as_of: str = "2026-11-20"
) -> Iterator[Sandbox]:
    """Serve a folder in a process of its own, until the block is left."""
    with subprocess.Popen(  # noqa: S603
        [COMMAND, "sandbox", "serve", "--data", data, "--as-of", as_of, *options],
        env=_environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            lines = _until_ready(process)
            with _entered(lines, with_fields=with_fields) as sandbox:
                yield sandbox
        finally:
            process.terminate()


@contextmanager
def serving_here(
    data: Path,
    crm: str = SALESFORCE,
    as_of: str = "2026-11-20",
    observe: Observer | None = None,
) -> Iterator[Sandbox]:
    """Serve a folder from a thread, which starts faster than a process."""
    clock = Clock(as_of_instant(as_of))
    with ExitStack() as stack:
        if crm == HUBSPOT:
            portal = load_portal(data, clock)
            org: Org | Portal = portal
            server = stack.enter_context(held_to_contract(portal, observe))
        else:
            org = load_org(data, clock)
            server = stack.enter_context(SandboxServer(org, observe=observe))
        lines = export_lines(org, server.url)
        yield stack.enter_context(_entered(lines, with_fields=True))


@contextmanager
def _entered(lines: list[str], *, with_fields: bool) -> Iterator[Sandbox]:
    settings = dict(
        line.removeprefix("export ").split("=", 1)
        for line in lines
        if line.startswith("export ")
    )
    crm = settings["GATEKEEPER_CRM"]
    url = settings[f"GATEKEEPER_{crm.upper()}_URL"]
    with closing(PEOPLE_OF[crm](url)) as people:
        if with_fields:
            people.create_our_fields()
        yield Sandbox(url, settings, lines, people)


def wait_for(
    process: subprocess.Popen[str], sandbox: Sandbox, route: str, calls: int = 1
) -> None:
    """Wait until a running command has made so many calls of one route."""
    while sandbox.requests().get(route, 0) < calls:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
            raise AssertionError(process.communicate())


def _until_ready(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if lines[-1] == "ready":
            return lines
    raise AssertionError(f"the sandbox ended before it was ready: {lines}")


def _environment() -> dict[str, str]:
    """What a machine gives a command, without settings of ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GATEKEEPER_")
    }
    return kept | {"COLUMNS": "200", "TERM": "dumb"}
