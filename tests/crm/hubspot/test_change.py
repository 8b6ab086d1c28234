"""A pull of 25,000 deals while people change, merge, archive and make deals."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from random import Random
from typing import TYPE_CHECKING

import orjson
import pytest

from gatekeeper.core.model import GoneReason
from gatekeeper.crm.hubspot.adapter import connect
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.ports import PullTotals
from gatekeeper.sandbox.clock import Clock, Elapsed, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.hubspot.stock import TOKEN
from gatekeeper.sandbox.server import SandboxServer
from tests.crm.hubspot.others import Others
from tests.crm.hubspot.scene import NOW, request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.core.model import Deal
    from gatekeeper.crm.hubspot.adapter import HubSpotCrm
    from gatekeeper.sandbox.hubspot.portal import Portal

DEALS = 25_000
AT_ONCE = 10_000
FIRST, STEP = 1_001, 3
PER_COMPANY = 10
PAGE = 100
LIST = "/crm/v3/objects/deals"
LINKS_READ = "/crm/v4/associations/deals/companies/batch/read"
ONE_MOMENT = "2026-11-19T03:00:00.000Z"
NEW = {"dealname": "New", "dealstage": "qualifiedtobuy"}


def id_of(number: int) -> str:
    """The id of a deal by its place in the list, from 0."""
    return str(FIRST + STEP * number)


def company_of(number: int) -> str:
    return str(900_000 + number // PER_COMPANY)


def write_portal(folder: Path, deals: int, at_once: int) -> None:
    """Write a portal of open deals, ten to a company; many changed at one moment."""
    records: dict[str, list[object]] = {
        "deals": [],
        "companies": [],
        "associations": [],
    }
    for number in range(deals):
        moment = f"2026-10-{1 + number % 28:02d}T{number % 24:02d}:00:00.000Z"
        changed = ONE_MOMENT if number < at_once else moment
        values = {
            "dealname": f"Deal {number}",
            "dealstage": "qualifiedtobuy",
            "pipeline": "default",
            "amount": str(number),
            "createdate": "2026-09-01T00:00:00.000Z",
            "hs_lastmodifieddate": changed,
        }
        records["deals"].append(_record(id_of(number), values, changed))
        records["associations"].append(
            {
                "fromObjectType": "deals",
                "fromObjectId": id_of(number),
                "toObjectType": "companies",
                "toObjectId": company_of(number),
                "associationTypes": [
                    {
                        "category": "HUBSPOT_DEFINED",
                        "typeId": 5,
                        "label": "Primary",
                    }
                ],
            }
        )
    for number in range(0, deals, PER_COMPANY):
        named = {"name": f"Company {number // PER_COMPANY}"}
        records["companies"].append(_record(company_of(number), named, ONE_MOMENT))
    for kind, rows in records.items():
        lines = b"\n".join(map(orjson.dumps, rows))
        (folder / f"{kind}.jsonl").write_bytes(lines)
    manifest = {"portal": {"has_all_properties": True}}
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest))


def _record(id_: str, values: dict[str, str], changed: str) -> dict[str, object]:
    return {
        "id": id_,
        "properties": values,
        "createdAt": values.get("createdate", changed),
        "updatedAt": changed,
        "archived": False,
    }


@dataclass
class Pulled:
    """What a pull brought: every deal in order, and who was taken back."""

    deals: list[Deal]
    gone: dict[str, GoneReason]
    totals: PullTotals
    calls: Counter[str]


@dataclass
class Busy:
    """A portal full of deals, and people in it."""

    portal: Portal
    others: Others

    @contextmanager
    def joined(self) -> Iterator[HubSpotCrm]:
        """Serve the portal and join it; waiting moves the portal's own time."""
        with SandboxServer(self.portal, observe=self.others) as server:
            crm = connect(
                Access(TOKEN, server.url),
                now=lambda: NOW,
                sleep=self.portal.elapsed.advance,
                tick=self.portal.elapsed.now,
            )
            yield crm
            crm.client.close()

    def pull(self) -> Pulled:
        asked, totals = request("amount", "account.name"), PullTotals()
        deals: list[Deal] = []
        gone: dict[str, GoneReason] = {}
        with self.joined() as crm:
            crm.schema(asked.catalogue)
            crm.people()
            before = Counter(self.portal.requests)
            for batch in crm.pull(asked, totals):
                deals += batch.deals
                gone.update(batch.gone)
        assert self.others.left() == 0
        return Pulled(deals, gone, totals, Counter(self.portal.requests) - before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("busy")
    write_portal(place, DEALS, AT_ONCE)
    return place


def open_portal(folder: Path) -> Busy:
    clock = Clock(as_of_instant("2026-11-20T14:00:00Z"))
    portal = load_portal(folder, clock, Elapsed(standing=True))
    return Busy(portal, Others(portal))


@pytest.fixture
def busy(folder: Path) -> Busy:
    return open_portal(folder)


@dataclass
class Story:
    """What people did to whom during a pull.

    Attributes:
        archived: Deals put into the bin, by the number of the page before it.
        merged: Survivor to the two deals it was made of.
    """

    archived: dict[str, int] = field(default_factory=dict)
    merged: dict[str, tuple[str, str]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)

    @property
    def former(self) -> set[str]:
        return {id_ for pair in self.merged.values() for id_ in pair}


def stir(others: Others, seed: int) -> Story:
    """Let people act after every page but the last: behind and ahead of the pull."""
    story = Story()
    chance = Random(seed)  # noqa: S311 - an example, no secret
    places = iter(chance.sample(range(DEALS), 5 * DEALS // PAGE))
    for page in range(1, DEALS // PAGE):
        ids = [id_of(next(places)) for _ in range(5)]

        def act(ids: list[str] = ids, page: int = page) -> None:
            others.archive("deals", ids[0])
            story.archived[ids[0]] = page
            survivor = others.merge("deals", ids[1], ids[2])
            story.merged[survivor] = (ids[1], ids[2])
            others.change("deals", ids[3], amount="77", dealstage="contractsent")
            story.changed.append(ids[3])
            story.made.append(others.create("deals", **NEW))

        others.after(LIST, page, act)
    return story


@dataclass
class Stirred:
    """A pull during which people did what the story tells."""

    busy: Busy
    story: Story
    pulled: Pulled


@pytest.fixture(scope="module")
def stirred(folder: Path) -> Stirred:
    busy = open_portal(folder)
    story = stir(busy.others, seed=1)
    return Stirred(busy, story, busy.pull())


@pytest.mark.promise("F24")
@pytest.mark.slow
def test_every_deal_comes_once_while_others_are_archived_merged_and_made(
    stirred: Stirred,
) -> None:
    story, pulled = stirred.story, stirred.pulled
    all_ids = {id_of(number) for number in range(DEALS)}

    assert pulled.totals.is_complete
    came = Counter(deal.id for deal in pulled.deals)
    assert set(came.values()) == {1}
    assert all_ids - story.former - story.archived.keys() <= came.keys()
    # Whatever was made, also of others, comes at the end of the list.
    assert {*story.made, *story.merged} <= came.keys()
    assert came.keys() <= {*all_ids, *story.made, *story.merged}


@pytest.mark.promise("F22")
@pytest.mark.slow
def test_a_deal_merged_during_the_pull_is_taken_back_for_its_survivor(
    stirred: Stirred,
) -> None:
    story, pulled = stirred.story, stirred.pulled

    came = {deal.id for deal in pulled.deals}
    assert came & story.former  # these came before they were merged
    assert story.former & came == pulled.gone.keys()
    assert set(pulled.gone.values()) == {GoneReason.DELETED}
    for survivor, (first, _) in story.merged.items():
        (deal,) = [deal for deal in pulled.deals if deal.id == survivor]
        place = (int(first) - FIRST) // STEP
        assert deal.name == f"Deal {place}"
        assert deal.fields["account.name"] == f"Company {place // PER_COMPANY}"


@pytest.mark.promise("F22")
@pytest.mark.slow
def test_a_deal_archived_ahead_of_the_pull_is_missing_and_known_as_gone(
    stirred: Stirred,
) -> None:
    story = stirred.story

    came = {deal.id for deal in stirred.pulled.deals}
    places = {id_: (int(id_) - FIRST) // STEP for id_ in story.archived}
    behind = {id_ for id_, page in story.archived.items() if places[id_] < page * PAGE}
    # Three deals a page may have left before the pull came to them.
    passed = PAGE + 3
    ahead = {id_ for id_, page in story.archived.items() if places[id_] > page * passed}
    assert behind <= came
    assert ahead
    assert came.isdisjoint(ahead)
    # Asked for by id, as a run does where something of ours stands on them.
    named = [*sorted(ahead)[:20], *sorted(story.former)[:20]]
    with stirred.busy.joined() as crm:
        batch = crm.deals_by_id(named, request("amount"))
    assert batch.deals == ()
    assert batch.gone == dict.fromkeys(named, GoneReason.DELETED)


@pytest.mark.slow
def test_ten_thousand_changes_of_one_moment_are_no_reason_to_leave_any_out(
    busy: Busy,
) -> None:
    pulled = busy.pull()

    assert [deal.id for deal in pulled.deals] == [id_of(n) for n in range(DEALS)]
    fewest = ceil(DEALS / 100) + ceil(DEALS / 1000) + ceil(DEALS / PER_COMPANY / 100)
    assert sum(pulled.calls.values()) <= fewest * 1.05


@pytest.mark.slow
def test_a_company_merged_between_association_and_record_is_no_missing_company(
    busy: Busy,
) -> None:
    one, other = company_of(2_000), company_of(2_010)
    busy.others.after(LINKS_READ, 3, lambda: busy.others.merge("companies", one, other))

    pulled = busy.pull()

    names = {
        deal.fields["account.name"] for deal in pulled.deals[2_000 : 2_000 + 2 * 10]
    }
    assert names == {"Company 200"}
