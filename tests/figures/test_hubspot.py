"""Public data sets in their HubSpot form, deal for deal as calculated independently."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import pytest

from gatekeeper.bootstrap import WallClock
from gatekeeper.crm.hubspot.adapter import connect
from gatekeeper.crm.hubspot.wire.client import Access
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.services import Services
from gatekeeper.pack.load import read_pack
from gatekeeper.ports import RunKind
from gatekeeper.sandbox.clock import Clock, Elapsed, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.hubspot.stock import TOKEN
from gatekeeper.sandbox.server import SandboxServer
from gatekeeper.store.sql_store import SqlStore
from tests.figures.public_orgs import (
    PACKS,
    DataSet,
    Judged,
    expected_criteria,
    expected_failing,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.sandbox.hubspot.portal import Portal

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Floor:
    """The fewest calls that read a data set.

    Attributes:
        deals: In the portal, all of them kept: the lookback takes in every closed one.
        associations: Kinds of association that the rules need.
        related: Records of each kind that hang on a deal.
    """

    deals: int
    associations: int
    related: tuple[int, ...]

    def calls(self) -> int:
        reads = sum(ceil(count / 100) for count in self.related)
        return (
            ceil(self.deals / 100) + self.associations * ceil(self.deals / 1000) + reads
        )


READING = ("list", "associations", "batch_read")
CASES = {
    # 85 companies, all of them of some deal
    "maven": (
        DataSet("maven_crm", "maven_hubspot", "2017-12-31", ()),
        Floor(8_800, 1, (85,)),
    ),
    # contacts, meetings, tasks, and the calls, mails and notes that nobody logged; the
    # records that hang on a deal, counted in the folder's associations
    "leadforge": (
        DataSet("leadforge_intermediate", "leadforge", "2024-04-30", ()),
        Floor(4_442, 6, (2_759, 28_322, 28_131)),
    ),
}


@pytest.fixture(scope="module", params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> tuple[DataSet, Floor]:
    return CASES[request.param]


@pytest.fixture(scope="module")
def judged(
    shared_data: Path,
    case: tuple[DataSet, Floor],
    tmp_path_factory: pytest.TempPathFactory,
) -> Judged:
    chosen, _ = case
    folder = tmp_path_factory.mktemp(chosen.name)
    elapsed = Elapsed(standing=True)
    clock = Clock(as_of_instant(chosen.as_of))
    portal = load_portal(shared_data / "hubspot" / chosen.name, clock, elapsed)
    store = SqlStore(f"sqlite:///{folder / 'gatekeeper.db'}")
    try:
        return judge(portal, hubspot_pack(chosen.pack, folder), store)
    finally:
        store.close()


def hubspot_pack(name: str, folder: Path) -> Path:
    """Return the pack with HubSpot named as its CRM, and nothing else changed."""
    pack = shutil.copytree(PACKS / name, folder / "rules")
    project = pack / "project.yaml"
    text = project.read_text(encoding="utf-8")
    project.write_text(
        text.replace("crm: salesforce", "crm: hubspot"), encoding="utf-8"
    )
    return pack


def judge(portal: Portal, folder: Path, store: SqlStore) -> Judged:
    with SandboxServer(portal) as server:
        crm = connect(
            Access(TOKEN, server.url),
            now=WallClock().now,
            sleep=portal.elapsed.advance,
            tick=portal.elapsed.now,
        )
        crm.set_up(lambda _what, _done, _total: None)
        before = Counter(portal.requests)
        draft = read_pack(folder)
        schema = crm.schema(draft.catalogue)
        services = Services(
            crm, store, WallClock(), lambda _what, _done, _total: None, lambda: ""
        )
        order = RunOrder(crm.server_time(), RunKind.RUN)
        report = run_once(services, draft.compile(schema), schema, order)
        requests = Counter(portal.requests) - before
        crm.client.close()
    violations = store.violations(crm.org(), ("pending", "open"))
    return Judged(report, tuple(violations), requests)


def test_every_criterion_fails_for_exactly_the_expected_deals(
    shared_data: Path, case: tuple[DataSet, Floor], judged: Judged
) -> None:
    chosen, _ = case

    assert judged.failing() == expected_failing(shared_data, chosen, "hubspot_id")
    assert judged.report.body["complete"] is True


def test_every_deal_in_scope_was_judged_and_none_beyond(
    shared_data: Path, case: tuple[DataSet, Floor], judged: Judged
) -> None:
    criteria = expected_criteria(shared_data, case[0])
    counts = judged.counts()

    assert counts["rules"] == len(criteria)
    assert counts["pass"] == sum(each["compliant"] for each in criteria)
    assert counts["fail"] == sum(each["violations"] for each in criteria)
    assert counts["cannot_tell"] == 0


def test_reading_takes_at_most_five_percent_more_than_the_fewest_calls(
    case: tuple[DataSet, Floor], judged: Judged
) -> None:
    calls = sum(judged.requests.get(route, 0) for route in READING)

    assert calls <= case[1].calls() * 1.05
    # Who it is, its definitions, its people, and one search for our own tasks.
    assert judged.requests["search"] == 1
    assert sum(judged.requests.values()) - calls <= 20
