"""Storms of 429: no call before its window opens, no run that fails, none left undone.

Waiting moves the portal's own time, so a storm of minutes takes a moment.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.crm.hubspot.adapter import connect
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.errors import DeferredError
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.services import Services
from gatekeeper.pack.load import read_pack
from gatekeeper.ports import RunKind, RunStatus
from gatekeeper.sandbox.clock import Clock, Elapsed, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.hubspot.rates import Lane
from gatekeeper.sandbox.hubspot.stock import TOKEN
from gatekeeper.sandbox.server import SandboxServer
from gatekeeper.store.sql_store import SqlStore
from tests.e2e.program import HUBSPOT, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.crm.hubspot.adapter import HubSpotCrm
    from gatekeeper.sandbox.hubspot.portal import Portal

pytestmark = pytest.mark.slow

READING = ("list", "batch_read", "search", "owners", "pipelines", "properties")
WRITING = ("batch_upsert", "associate", "associations", "batch_update")
BEFORE_MIDNIGHT = "2026-11-21T04:30:00Z"
"""Half past eleven in the evening of 20 November in New York."""
GOOD_ENDS = {RunStatus.DONE, RunStatus.PARTIAL, RunStatus.DEFERRED}


class PortalClock:
    """The machine's clock as the portal's."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def now(self) -> datetime:
        return self._portal.now()


@dataclass
class Nights:
    """A portal of sixty deals, a database and rules; a run a night."""

    portal: Portal
    url: str
    store: SqlStore
    rules: Path

    @contextmanager
    def joined(self) -> Iterator[HubSpotCrm]:
        """Join the portal as a process that knows nothing of earlier calls."""
        access = Access(TOKEN, self.url)
        clock, elapsed = PortalClock(self.portal), self.portal.elapsed
        crm = connect(access, now=clock.now, sleep=elapsed.advance, tick=elapsed.now)
        with closing(crm.client):
            yield crm

    def run(self, kind: RunKind = RunKind.RUN) -> RunStatus:
        """Run once; a run that was put off before it began is deferred too."""
        with self.joined() as crm:
            clock = PortalClock(self.portal)
            services = Services(
                crm, self.store, clock, lambda _what, _done, _total: None, lambda: ""
            )
            try:
                draft = read_pack(self.rules)
                schema = crm.schema(draft.catalogue)
                order = RunOrder(crm.server_time(), kind)
                report = run_once(services, draft.compile(schema), schema, order)
            except DeferredError:
                return RunStatus.DEFERRED
        return report.status

    def order(self, *faults: str) -> None:
        with self.portal.lock:
            for fault in faults:
                self.portal.faults.add(fault)

    def calm(self) -> None:
        with self.portal.lock:
            self.portal.faults.clear()

    def next_night(self) -> None:
        self.portal.clock.set(self.portal.now() + timedelta(days=1))
        self.portal.elapsed.advance(86_400)

    def expect_done(self) -> None:
        """Hold the portal to one task of ours per deal that owes something."""
        owing: list[str] = []
        tied: list[str] = []
        rows = self.portal.state.tables
        for deal in rows["deals"].in_order():
            lacks = not (deal["amount"] and deal["hs_next_step"])
            if lacks and deal["hs_is_closed"] == "false":
                owing.append(str(deal["hs_object_id"]))
        for task in rows["tasks"].in_order():
            if str(task["gatekeeper_key"] or "").startswith("gk1-"):
                id_ = str(task["hs_object_id"])
                tied += self.portal.links.of(("tasks", "deals"), id_)
        assert sorted(tied) == sorted(owing)
        assert owing


@pytest.fixture
def nights(folders: dict[str, Path], tmp_path: Path) -> Iterator[Nights]:
    clock = Clock(as_of_instant(BEFORE_MIDNIGHT))
    portal = load_portal(folders[HUBSPOT], clock, Elapsed(standing=True))
    rules = Workspace(tmp_path / "work", {"GATEKEEPER_CRM": HUBSPOT}).folder / "rules"
    with (
        SandboxServer(portal) as server,
        closing(SqlStore(f"sqlite:///{tmp_path / 'gatekeeper.db'}")) as store,
    ):
        served = Nights(portal, server.url, store, rules)
        with served.joined() as crm:
            crm.set_up(lambda _what, _done, _total: None)
        assert served.run(RunKind.PLAN) is RunStatus.PLANNED
        yield served
        assert portal.rates.early == {}
        ends = {row.status for row in store.runs()}
        assert ends <= {RunStatus.PLANNED, *GOOD_ENDS}


@pytest.mark.promise("F10")
@pytest.mark.parametrize("fault", ["429burst", "429search"])
@pytest.mark.parametrize("route", [*READING, *WRITING])
def test_a_passing_storm_is_waited_out_within_the_run(
    nights: Nights, route: str, fault: str
) -> None:
    began = nights.portal.elapsed.now()
    nights.order(f"{route}:{fault}:3")

    assert nights.run() is RunStatus.DONE

    window_s = 10 if fault == "429burst" else 1
    assert nights.portal.elapsed.now() - began >= 3 * window_s
    nights.expect_done()


@pytest.mark.promise("F10")
@pytest.mark.parametrize("fault", ["429burst", "429search"])
@pytest.mark.parametrize("route", [*READING, *WRITING, "any"])
def test_a_lasting_storm_defers_the_run_and_the_next_one_finishes(
    nights: Nights, route: str, fault: str
) -> None:
    nights.order(f"{route}:{fault}")
    assert nights.run() in {RunStatus.PARTIAL, RunStatus.DEFERRED}
    nights.portal.elapsed.advance(600)
    assert nights.run() in {RunStatus.PARTIAL, RunStatus.DEFERRED}
    nights.portal.elapsed.advance(600)
    nights.calm()

    assert nights.run() is RunStatus.DONE
    nights.expect_done()


@pytest.mark.promise("F10")
@pytest.mark.parametrize("route", [*READING, *WRITING, "any"])
def test_a_used_up_day_ends_the_run_and_the_next_day_finishes_it(
    nights: Nights, route: str
) -> None:
    nights.order(f"{route}:429daily:1")
    before = sum(nights.portal.requests.values())

    assert nights.run() in {RunStatus.PARTIAL, RunStatus.DEFERRED}

    assert nights.portal.rates.early == {}  # nothing was sent after the refusal
    assert sum(nights.portal.requests.values()) > before
    # Midnight in New York is half an hour off, in UTC it was hours ago.
    nights.portal.clock.set(as_of_instant("2026-11-21T05:00:00Z"))
    nights.portal.elapsed.advance(1_800)
    assert nights.run() is RunStatus.DONE
    nights.expect_done()


@pytest.mark.promise("F10")
def test_a_narrow_portal_is_read_and_written_at_its_own_pace(nights: Nights) -> None:
    allowance = nights.portal.settings.allowance
    allowance.burst, allowance.association_burst = 6, 4
    allowance.search_per_second = 5

    assert nights.run() is RunStatus.DONE

    nights.expect_done()


@pytest.mark.promise("F10")
def test_wherever_in_a_run_the_day_is_used_up_the_next_days_finish_it(
    nights: Nights,
) -> None:
    ends = []
    for calls in range(1, 40):
        nights.order(f"any:429daily:1:after={calls}")
        ends.append(nights.run())
        nights.calm()
        nights.next_night()
        if ends[-1] is RunStatus.DONE:
            break

    assert set(ends[:-1]) <= {RunStatus.PARTIAL, RunStatus.DEFERRED}
    assert ends[-1] is RunStatus.DONE
    assert len(ends) > 10
    nights.expect_done()


@pytest.mark.promise("F10")
def test_a_run_ends_before_the_day_is_used_up_and_leaves_the_rest_to_others(
    nights: Nights,
) -> None:
    rates, allowance = nights.portal.rates, nights.portal.settings.allowance
    with nights.portal.lock:
        for _ in range(400):
            rates.spend("another app", Lane.ORDINARY)
            nights.portal.elapsed.advance(1)
    # Reading takes the day's calls from just below four fifths to above.
    allowance.daily = rates.used_today() * 5 // 4 + 6

    assert nights.run() is RunStatus.DEFERRED

    assert rates.used_today() < allowance.daily  # nothing was refused
    (latest, *_) = nights.store.runs()
    assert latest.status is RunStatus.DEFERRED
    assert "leaves the rest to the others" in str(latest.report["messages"])
    nights.next_night()
    allowance.daily = 625_000
    assert nights.run() is RunStatus.DONE
    nights.expect_done()
