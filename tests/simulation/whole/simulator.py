"""The whole product: flow, store on SQLite, adapters with their client libraries.

Behind the libraries stands the sandbox's own state, reached without a socket. The rules
are those of the folder beside this file, compiled by the product's own language.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.simulation.broken import Broken
from tests.simulation.invariants import Watch
from tests.simulation.org import lacks
from tests.simulation.schedule import WHOLE
from tests.simulation.stage import Stage
from tests.simulation.whole.age import aged
from tests.simulation.whole.audit import expect_audited
from tests.simulation.whole.database import memory_database
from tests.simulation.whole.hubspot.world import HubSpotWorld
from tests.simulation.whole.salesforce.world import SalesforceWorld
from tests.simulation.whole.worker import WholeWorker
from tests.simulation.whole.world import PLENTY, broken, draft

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.ports import Crm
    from tests.simulation.stage import Ledger
    from tests.simulation.whole.mirror import Mirror
    from tests.simulation.whole.world import World


@dataclass(eq=False)
class WholeSimulator(Stage):
    """The stage of `whole`.

    Attributes:
        world: The CRM.
        poisoned: Deals of which it takes no write, until somebody mends it.
        has_broken_rules: The next process finds a mistake in them.
        database: Its connection is the same for all stages of this process.
    """

    name = WHOLE

    records: Mirror = field(init=False)
    world: World = field(init=False)
    poisoned: set[str] = field(default_factory=set)
    _elsewhere: World | None = None
    has_broken_rules: bool = False
    _goes_astray: bool = False

    def set_the_stage(self) -> None:
        random.seed(self.schedule.seed)  # what waits between repeats is drawn from
        self.database = memory_database()
        self.database.now = self.database_now
        self.database.stand(None)
        self.world = self._made(self.watch)
        draw = random.Random(f"calls {self.schedule.seed}")  # noqa: S311
        self._calls_a_day = draw.choice((PLENTY, PLENTY, PLENTY, PLENTY, 60, 200))
        self.begin_day()
        self.records, self.office = self.world.records, self.world.office
        self.all_rules = _of_seed(self.world.rules, self.org.pack)

    def _made(self, watch: Watch) -> World:
        made = HubSpotWorld if self.org.is_hubspot else SalesforceWorld
        return made(self.org, watch, lambda: self.now)

    # ---- what befalls here alone ----

    def befalls_here(self, kind: str, number: int) -> bool:
        deals = self.office.deals()
        match kind:
            case "another org":
                self._goes_astray = True
            case "poison" if deals:
                self.poisoned |= (
                    {deals[number % len(deals)]} if number % 3 else {*deals}
                )
            case "cure":
                self.poisoned.clear()
            case "upgrade":
                self._upgrade(number)
            case "tamper":
                expect_audited(self.database, self.world.id, number)
            case "broken rules":
                self.has_broken_rules = True
            case _:
                return kind == "poison"
        return True

    def _upgrade(self, number: int) -> None:
        """Bring the database of an older version forward, after a crash on the way."""
        before = self.ledger()
        grown_old = aged(self.database, number)
        self.tell("from revision", grown_old)
        stands = self.ledger()
        if (stands.rows.keys(), stands.lines) != (before.rows.keys(), before.lines):
            raise Broken("W10", f"the ledger is another one since revision {grown_old}")
        self.stands_anew()
        self.watch.swapped(stands.rows, stands.lines, stands.fence)

    def next_world(self) -> World:
        """Return the CRM that the settings of the next process point at."""
        is_pinned = self.database.store.pinned_org() is not None
        if not (self._goes_astray and is_pinned):
            return self.world
        self._goes_astray = False
        if self._elsewhere is None:
            self._elsewhere = self._made(
                Watch(lacks, self.database_now, lambda _: None)
            )
            self._elsewhere.become_another()
        return self._elsewhere

    # ---- processes ----

    def process(self, name: str, command: str) -> WholeWorker:
        return WholeWorker(self, name, command)

    def sleep(self, seconds: float) -> None:
        """Let a process wait."""
        self.now += timedelta(seconds=round(seconds, 1))

    def described(self, crm: Crm) -> CrmSchema:
        """Return the CRM's description, which one process in six reads anew.

        Raises:
            PackError: There is a mistake in the rules.
        """
        if self.has_broken_rules:
            self.has_broken_rules = False
            broken().compile(None)
        if self._started % 6 == 5 and not self.is_calm:
            return crm.schema(draft(crm.name).catalogue)
        return self.world.described(crm)

    # ---- the database ----

    def ledger(self) -> Ledger:
        return self.database.ledger()

    def copy_of_database(self) -> bytes:
        return self.database.copied()

    def stand(self, copy: object) -> None:
        self.database.stand(copy if isinstance(copy, bytes) else None)

    def set_stop(self, *, stopped: bool) -> None:
        store = self.database.store
        store.set_stop(store.pinned_org() or self.world.id, stopped=stopped)

    def release_all(self) -> None:
        store = self.database.store
        for each in store.quarantined(self.world.id):
            if each.is_set:
                store.release(self.world.id, each.subject)

    # ---- the CRM ----

    def begin_day(self) -> None:
        self.world.allow(self._calls_a_day)

    def show_all(self) -> None:
        self.world.calm()
        self.poisoned.clear()
        self._goes_astray = self.has_broken_rules = False


def _of_seed(whole: RulePack, drawn: RulePack) -> RulePack:
    """Return the compiled rules with what a seed has drawn of modes and limits."""
    modes = {rule.id: rule.mode for rule in drawn.rules}
    project = replace(
        whole.project,
        limits=drawn.project.limits,
        grouping=drawn.project.grouping,
        reopen_after=drawn.project.reopen_after,
        reopen_times=drawn.project.reopen_times,
        reopen_within=drawn.project.reopen_within,
    )
    rules = tuple(replace(rule, mode=modes[rule.id]) for rule in whole.rules)
    return replace(whole, project=project, rules=rules)
