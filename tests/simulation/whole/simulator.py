"""The whole product: flow, store on SQLite, adapters with their client libraries.

Behind the libraries stands the sandbox's own state, reached without a socket. The rules
are those of the folder beside this file, compiled by the product's own language.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.simulation.stage import Stage
from tests.simulation.whole.database import memory_database
from tests.simulation.whole.hubspot.world import HubSpotWorld
from tests.simulation.whole.salesforce.world import SalesforceWorld
from tests.simulation.whole.worker import WholeWorker
from tests.simulation.whole.world import draft

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
        database: Its connection is the same for all stages of this process.
    """

    records: Mirror = field(init=False)
    world: World = field(init=False)

    def set_the_stage(self) -> None:
        random.seed(self.schedule.seed)  # what waits between repeats is drawn from
        self.database = memory_database()
        self.database.now = self.database_now
        self.database.stand(None)
        made = HubSpotWorld if self.org.is_hubspot else SalesforceWorld
        self.world = made(self.org, self.watch, lambda: self.now)
        self.records, self.office = self.world.records, self.world.office
        self.all_rules = _of_seed(self.world.rules, self.org.pack)

    # ---- processes ----

    def process(self, name: str, command: str) -> WholeWorker:
        return WholeWorker(self, name, command)

    def sleep(self, seconds: float) -> None:
        """Let a process wait."""
        self.now += timedelta(seconds=round(seconds, 1))

    def described(self, crm: Crm) -> CrmSchema:
        """Return the CRM's description, which one process in six reads anew."""
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
        self.database.store.set_stop(self.world.id, stopped=stopped)

    def release_all(self) -> None:
        store = self.database.store
        for each in store.quarantined(self.world.id):
            if each.is_set:
                store.release(self.world.id, each.subject)

    # ---- the CRM ----

    def show_all(self) -> None:
        self.world.calm()


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
