"""The whole product: flow, store on SQLite, adapters with their client libraries.

Behind the libraries stands the sandbox's own state, reached without a socket. The rules
are those of the folder beside this file, compiled by the product's own language.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.pack.load import read_pack
from gatekeeper.sandbox.server import front_of
from tests.builders import NOW
from tests.simulation.stage import Stage
from tests.simulation.whole.database import memory_database
from tests.simulation.whole.salesforce.line import SalesforceLine
from tests.simulation.whole.salesforce.mirror import SalesforceMirror
from tests.simulation.whole.salesforce.office import SalesforceOffice
from tests.simulation.whole.salesforce.org import (
    COLUMNS,
    connected,
    copy_tasks,
    org_like_new,
    settle,
)
from tests.simulation.whole.worker import WholeWorker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.crm.salesforce.adapter import SalesforceCrm
    from gatekeeper.crm.salesforce.metadata.describe import WireObject
    from gatekeeper.pack.load import Draft
    from tests.simulation.stage import Ledger

    Objects = Mapping[str, WireObject | None]

RULES = Path(__file__).parent / "rules"


@cache
def _draft() -> Draft:
    return read_pack(RULES)


@cache
def _described(hidden: frozenset[str]) -> tuple[CrmSchema, Objects]:
    """Return the description of an org with some fields out of sight."""
    org = org_like_new(lambda: NOW)
    for name in hidden:
        org.hide_field("Opportunity", COLUMNS[name])
    crm = connected(front_of(org).answer, lambda: NOW, lambda _seconds: None)
    return crm.schema(_draft().catalogue), dict(crm.facts._objects)


@cache
def _whole_pack() -> RulePack:
    """Return the rules compiled against an org in which all their fields are there."""
    return _draft().compile(_described(frozenset())[0])


@dataclass(eq=False)
class WholeSimulator(Stage):
    """The stage of `whole`.

    Attributes:
        database: Its connection is the same for all stages of this process.
    """

    records: SalesforceMirror = field(init=False)

    def set_the_stage(self) -> None:
        random.seed(self.schedule.seed)  # what waits between repeats is drawn from
        self.org = replace(self.org, is_hubspot=False)
        self.all_rules = _of_seed(_whole_pack(), self.org.pack)
        self.database = memory_database()
        self.database.now = self.database_now
        self.database.stand(None)
        self.sandbox = org_like_new(lambda: self.now)
        self.sandbox.settings.page_size = self.org.page_size
        self.front = front_of(self.sandbox)
        self.records = SalesforceMirror(self.watch, False, lambda: self.now)
        self.records.org = self.sandbox
        self.records.users.update(settle(self.sandbox, self.org))
        self.records.refresh(None, ())
        copy_tasks(self.sandbox, list(self.records.deals))
        self.records.refresh(None, ())
        self.office = SalesforceOffice(self.sandbox, self.records)

    # ---- processes ----

    def process(self, name: str, command: str) -> WholeWorker:
        return WholeWorker(self, name, command)

    def line(self, worker: WholeWorker) -> SalesforceLine:
        """Return a process's line to the sandbox."""
        line = SalesforceLine(worker, self.records)
        line.org, line.front = self.sandbox, self.front.answer
        return line

    def connected(self, line: SalesforceLine) -> SalesforceCrm:
        """Return the adapter of a process."""
        return connected(line, lambda: self.now, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=round(seconds, 1))

    def described(self, crm: SalesforceCrm) -> CrmSchema:
        """Return the org's description, which one process in six reads anew."""
        if self._started % 6 == 5 and not self.is_calm:
            return crm.schema(_draft().catalogue)
        schema, objects = _described(frozenset(self.records.hidden))
        crm.facts._objects.update(objects)
        return schema

    # ---- the database ----

    def ledger(self) -> Ledger:
        return self.database.ledger()

    def copy_of_database(self) -> bytes:
        return self.database.copied()

    def stand(self, copy: object) -> None:
        self.database.stand(copy if isinstance(copy, bytes) else None)

    def set_stop(self, *, stopped: bool) -> None:
        self.database.store.set_stop(self._org_id, stopped=stopped)

    def release_all(self) -> None:
        store = self.database.store
        for each in store.quarantined(self._org_id):
            if each.is_set:
                store.release(self._org_id, each.subject)

    @property
    def _org_id(self) -> str:
        return f"sf:{self.sandbox.org_id}"

    # ---- the CRM ----

    def show_all(self) -> None:
        self.sandbox.settings.page_size = 2000
        self.office.show(0, field=True, visible=True)
        self.office.show(0, field=False, visible=True)


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
