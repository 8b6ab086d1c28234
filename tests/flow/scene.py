"""A CRM, a database and a rule pack, and the runs that happen between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gatekeeper.core.digest.values import Digest
from gatekeeper.core.model import EMPTY, Person, State
from gatekeeper.core.pack import Limits, Needs
from gatekeeper.core.roles import People
from gatekeeper.flow.apply import apply_plan
from gatekeeper.flow.digest import roster_about
from gatekeeper.flow.explain import Explanation, explain_deal
from gatekeeper.flow.readers import digests_for
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.services import Services
from gatekeeper.flow.undo import undo_run
from gatekeeper.ports import RunKind
from tests.blank import blank_store
from tests.builders import OWNER, PIPELINE, a_deal, a_pack, a_rule
from tests.fakes.crm import ORG, FakeCrm, StoredTask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gatekeeper.core.model import Deal, Violation
    from gatekeeper.core.pack import RulePack
    from gatekeeper.flow.digest import Desk
    from gatekeeper.flow.report import RunReport
    from gatekeeper.ports import RunRow, StagedChange
    from gatekeeper.store.sql_store import SqlStore

    MakeScene = Callable[..., "Scene"]

FRIDAY = datetime(2026, 11, 20, 14, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
MANAGER = "005000000000002AAA"
NEEDS = Needs(
    frozenset(
        {"amount", "is_closed", "is_won", "close_date", "created_on", "owner.name"}
    )
)
LIVE = tuple(each.value for each in State if each is not State.RESOLVED)
UNANSWERED = (
    "Writes without an answer: 1. The next run looks them up by their keys and"
    " finishes what is not there."
)
QUIET = {
    "create": 0,
    "update": 0,
    "close": 0,
    "flag": 0,
    "withheld": 0,
    "undecided": 0,
}


def an_id(number: int) -> str:
    return f"006{number:012d}AAA"


def lacking(number: int = 1) -> Deal:
    """Build a deal in Proposal that lacks what Qualification asks for."""
    return a_deal("Proposal", deal_id=an_id(number), amount=EMPTY)


@dataclass
class ShiftedClock:
    """The machine's clock, put forward; a database dates runs by the machine's."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Scene:
    """One org, one database; every run is a line of the story."""

    file: Path
    pack: RulePack
    crm: FakeCrm = field(default_factory=FakeCrm)
    clock: ShiftedClock = field(default_factory=ShiftedClock)
    stop: str = ""
    store: SqlStore = field(init=False)

    def __post_init__(self) -> None:
        self.crm.pipelines = (PIPELINE,)
        self.crm.users |= {
            OWNER: Person(OWNER, "Ann Rep", "ann@acme.example", manager_id=MANAGER),
            MANAGER: Person(MANAGER, "Bea Boss", "bea@acme.example"),
        }
        self.open_store()

    def open_store(self) -> None:
        self.store = blank_store(self.file)

    def lose_database(self) -> None:
        self.store.close()
        for path in self.file.parent.glob(f"{self.file.name}*"):
            path.unlink()
        self.open_store()

    # ---- what the flows are asked ----

    @property
    def services(self) -> Services:
        return Services(
            self.crm,
            self.store,
            self.clock,
            lambda _what, _done, _total: None,
            lambda: self.stop,
        )

    def run(self, as_of: datetime | None = None, **order: Any) -> RunReport:
        moment = as_of or self.crm.now
        asked = RunOrder(moment, order.pop("kind", RunKind.RUN), **order)
        schema = self.crm.schema(self.pack.catalogue)
        return run_once(self.services, self.pack, schema, asked)

    def plan(self, *accepted: str) -> RunRow:
        report = self.run(kind=RunKind.PLAN, accepted=frozenset(accepted))
        row = self.store.run(report.run_id)
        assert row is not None
        return row

    def apply(self, plan: RunRow, *accepted: str) -> RunReport:
        return apply_plan(self.services, self.pack, plan, frozenset(accepted))

    def undo(self, run: RunReport, **choices: bool) -> RunReport:
        row = self.store.run(run.run_id)
        assert row is not None
        return undo_run(self.services, self.pack, row, **choices)

    def explain(
        self, name: str, rule_id: str | None = None, as_of: datetime | None = None
    ) -> Explanation:
        at = as_of or self.crm.now
        return explain_deal(self.services, self.pack, name, at, rule_id)

    def settle(self) -> RunReport:
        """Let the rules have their observed run, then bring the CRM in line."""
        self.plan()
        report = self.run()
        assert report.status.value == "done", report.messages
        return report

    def go_to(self, moment: datetime) -> None:
        self.crm.now = moment

    def wait(self, **time: int) -> None:
        self.go_to(self.crm.now + timedelta(**time))

    def project(self, **changes: Any) -> None:
        self.pack = replace(self.pack, project=replace(self.pack.project, **changes))

    def rule(self, **changes: Any) -> None:
        (rule,) = self.pack.rules
        self.pack = replace(self.pack, rules=(replace(rule, **changes),))

    def limits(self, **changes: Any) -> None:
        self.project(limits=replace(Limits(), **changes))

    # ---- what stands ----

    def violations(self, *states: str) -> list[Violation]:
        return sorted(
            self.store.violations(ORG, states or LIVE),
            key=lambda each: (each.deal_id, each.rule_id),
        )

    def violation(self) -> Violation:
        (found,) = self.violations()
        return found

    def task(self) -> StoredTask:
        (found,) = self.crm.open_tasks()
        return found

    def status(self, deal_id: str) -> str | None:
        """What our status field on the deal says."""
        flags = self.crm.deals[deal_id].flags
        return flags.status if flags else None

    def changes(self, report: RunReport) -> list[StagedChange]:
        return list(self.store.changes(report.run_id))

    def expect_quiet(self) -> None:
        """A further run must not write anything, and must not want to."""
        written = len(self.crm.requests)
        report = self.run()
        assert report.body["plan"] == QUIET
        assert len(self.crm.requests) == written


def a_scene(folder: Path, *deals: Deal, **project: Any) -> Scene:
    pack = replace(
        a_pack(a_rule(), **project),
        needs=NEEDS,
        people=People(fallback="bea@acme.example"),
    )
    scene = Scene(folder / "gatekeeper.db", pack)
    scene.crm.add(*deals)
    return scene


def count(report: RunReport, group: str, name: str) -> object:
    """Look up one count of a report."""
    counts = report.body[group]
    assert isinstance(counts, dict)
    return counts[name]


def managers_digests(desk: Desk) -> list[Digest]:
    """The digests of the managers about the last run, with an address or without."""
    made = digests_for(roster_about(desk, lambda _who: "").told, desk)
    return [each for each in made if isinstance(each, Digest)]
