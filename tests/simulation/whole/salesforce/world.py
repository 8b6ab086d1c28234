"""A Salesforce org as the world of a simulation."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from gatekeeper.sandbox.server import front_of
from gatekeeper.sandbox.state import Row
from tests.builders import NOW
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
from tests.simulation.whole.world import PLENTY, draft

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from datetime import datetime

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.crm.salesforce.adapter import SalesforceCrm
    from gatekeeper.crm.salesforce.metadata.describe import WireObject
    from gatekeeper.ports import Crm
    from tests.simulation.invariants import Watch
    from tests.simulation.org import OrgPlan
    from tests.simulation.whole.line import Line, Steps

    Objects = Mapping[str, WireObject | None]


class SalesforceWorld:
    """Implements `world.World`."""

    def __init__(
        self, plan: OrgPlan, watch: Watch, now: Callable[[], datetime]
    ) -> None:
        self.org, self.rules, self._now = org_like_new(now), _rules(), now
        self.id = f"sf:{self.org.org_id}"
        self.org.settings.page_size = plan.page_size
        self._front = front_of(self.org)
        self.records = SalesforceMirror(watch, False, now)
        self.records.org = self.org
        self.records.users.update(settle(self.org, plan))
        self.records.refresh(None, ())
        copy_tasks(self.org, list(self.records.deals))
        self.records.refresh(None, ())
        self.office = SalesforceOffice(self.org, self.records)

    def line(
        self, steps: Steps, poisoned: Callable[[], Container[str]]
    ) -> SalesforceLine:
        line = SalesforceLine(steps, self.records, self.office, poisoned)
        line.org, line.front = self.org, self._front.answer
        return line

    def become_another(self) -> None:
        row = self.org.state.tables["Organization"].get(self.org.org_id)
        self.org.remove("Organization", self.org.org_id)
        self.org.org_id = "00D000000000777EAA"
        self.org.put("Organization", Row(row or {}, Id=self.org.org_id))
        self.id = f"sf:{self.org.org_id}"

    def connected(self, line: Line, sleep: Callable[[float], None]) -> Crm:
        return connected(line, self._now, sleep)

    def described(self, crm: Crm) -> CrmSchema:
        schema, objects = _described(frozenset(self.records.hidden))
        cast("SalesforceCrm", crm).facts._objects.update(objects)
        return schema

    def allow(self, calls: int) -> None:
        self.org.settings.daily_calls, self.org.settings.calls_used = calls, 0

    def calm(self) -> None:
        self.allow(PLENTY)
        self.org.settings.page_size = 2000
        self.office.show(0, field=True, visible=True)
        self.office.show(0, field=False, visible=True)


@cache
def _described(hidden: frozenset[str]) -> tuple[CrmSchema, Objects]:
    """Return the description of an org with some fields out of sight."""
    org = org_like_new(lambda: NOW)
    for name in hidden:
        org.hide_field("Opportunity", COLUMNS[name])
    crm = connected(front_of(org).answer, lambda: NOW, lambda _seconds: None)
    return crm.schema(draft("salesforce").catalogue), dict(crm.facts._objects)


@cache
def _rules() -> RulePack:
    """Return the rules compiled against an org in which all their fields are there."""
    return draft("salesforce").compile(_described(frozenset())[0])
