"""A HubSpot portal as the world of a simulation."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from gatekeeper.crm.hubspot.due import DueTimes
from gatekeeper.sandbox.server import front_of
from tests.builders import NOW
from tests.simulation.whole.hubspot.line import HubSpotLine
from tests.simulation.whole.hubspot.mirror import HubSpotMirror
from tests.simulation.whole.hubspot.office import HubSpotOffice
from tests.simulation.whole.hubspot.portal import (
    COLUMNS,
    Hand,
    connected,
    copy_tasks,
    make_deal,
    portal_like_new,
    settle,
)
from tests.simulation.whole.world import PLENTY, draft

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from datetime import datetime

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.crm.hubspot.adapter import HubSpotCrm
    from gatekeeper.crm.hubspot.metadata.properties import Properties
    from gatekeeper.ports import Crm
    from tests.simulation.invariants import Watch
    from tests.simulation.org import OrgPlan
    from tests.simulation.whole.line import Line, Steps

    Kinds = Mapping[str, Properties | None]


class HubSpotWorld:
    """Implements `world.World`."""

    def __init__(
        self, plan: OrgPlan, watch: Watch, now: Callable[[], datetime]
    ) -> None:
        self.portal, self.rules, self._now = portal_like_new(now), _rules(), now
        self.id = f"hs:{self.portal.settings.portal_id}"
        self._front, hand = front_of(self.portal), Hand(self.portal)
        self.records = HubSpotMirror(watch, True, now)
        self.records.portal, self.records.id = self.portal, self.id
        self.records.dues = DueTimes(ZoneInfo(self.portal.settings.time_zone))
        self.records.users.update(settle(self.portal, plan.users))
        for deal in plan.deals.values():
            make_deal(hand, deal)
        self.records.refresh(None, ())
        copy_tasks(hand, list(self.records.deals))
        self.records.refresh(None, ())
        self.office = HubSpotOffice(self.portal, self.records, hand)

    def line(self, steps: Steps, poisoned: Callable[[], Container[str]]) -> HubSpotLine:
        line = HubSpotLine(steps, self.records, self.office, poisoned)
        line.portal, line.front = self.portal, self._front.answer
        return line

    def become_another(self) -> None:
        self.portal.settings.portal_id = 7_770_777
        self.id = f"hs:{self.portal.settings.portal_id}"

    def connected(self, line: Line, sleep: Callable[[float], None]) -> Crm:
        return connected(line, self._now, sleep)

    def described(self, crm: Crm) -> CrmSchema:
        schema, kinds = _described(frozenset(self.records.hidden))
        cast("HubSpotCrm", crm).portal._kinds.update(kinds)
        return schema

    def allow(self, calls: int) -> None:
        self.portal.settings.allowance.daily = calls  # begins anew at midnight there

    def calm(self) -> None:
        self.allow(PLENTY)
        self.office.show(0, field=True, visible=True)


@cache
def _described(hidden: frozenset[str]) -> tuple[CrmSchema, Kinds]:
    """Return the description of a portal without some properties."""
    portal = portal_like_new(lambda: NOW)
    for name in hidden:
        del portal.kinds["deals"].properties[COLUMNS[name]]
    crm = connected(front_of(portal).answer, lambda: NOW, lambda _seconds: None)
    return crm.schema(draft("hubspot").catalogue), dict(crm.portal._kinds)


@cache
def _rules() -> RulePack:
    """Return the rules compiled against a portal in which all they ask is there."""
    return draft("hubspot").compile(_described(frozenset())[0])
