"""The demo org in HubSpot's shape tells the story of the Salesforce one."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.seed_hubspot_deal import STAGE_IDS
from gatekeeper.sandbox.server import SandboxServer
from tests.hubspot_contract import BUNDLE, Recorder
from tests.sandbox.hubspot.conftest import connect

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.sandbox.hubspot.portal import Portal

DAY = date(2026, 11, 20)
SIZE = 120


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("orgs")
    for crm in ("salesforce", "hubspot"):
        seed_org(SIZE, 7, DAY, root / crm, crm)
    return root / "salesforce", root / "hubspot"


@pytest.fixture(scope="module")
def portal(folders: tuple[Path, Path]) -> Portal:
    return load_portal(folders[1], Clock(as_of_instant("2026-11-20")))


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    packed = (folder / f"{name}.jsonl.gz").read_bytes()
    return [orjson.loads(line) for line in gzip.decompress(packed).splitlines()]


def test_the_same_seed_gives_the_same_bytes(folders: tuple[Path, Path], tmp_path: Path):
    seed_org(SIZE, 7, DAY, tmp_path, "hubspot")
    for path in folders[1].iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_deals_are_the_same_in_both_crms(folders: tuple[Path, Path]):
    there = {
        row["Name"]: (STAGE_IDS[row["StageName"]], row["Amount"], row["CloseDate"])
        for row in rows(folders[0], "Opportunity")
    }
    here = {}
    for row in rows(folders[1], "deals"):
        deal = row["properties"]
        amount = None if deal["amount"] is None else float(deal["amount"])
        here[deal["dealname"]] = (deal["dealstage"], amount, deal["closedate"][:10])
    assert here == there


def test_every_activity_is_there_once(folders: tuple[Path, Path]):
    salesforce, hubspot = folders
    kinds = Counter(row["TaskSubtype"] for row in rows(salesforce, "Task"))
    assert len(rows(hubspot, "calls")) == kinds["Call"]
    assert len(rows(hubspot, "emails")) == kinds["Email"]
    assert len(rows(hubspot, "tasks")) == kinds["Task"]
    assert len(rows(hubspot, "meetings")) == len(rows(salesforce, "Event"))


def test_a_file_of_a_deal_is_attached_to_a_note_on_it(
    folders: tuple[Path, Path], portal: Portal
):
    names = {row["Id"]: row["Name"] for row in rows(folders[0], "Opportunity")}
    links = rows(folders[0], "ContentDocumentLink")
    there = Counter(names[row["LinkedEntityId"]] for row in links)
    deals = portal.state.tables["deals"]
    here: Counter[str] = Counter()
    for row in portal.state.tables["notes"].in_order():
        assert str(row["hs_attachment_ids"]).isdecimal()
        for deal in portal.links.of(("notes", "deals"), row_id(row)):
            here[str((deals.get(deal) or {})["dealname"])] += 1
    assert here == there
    assert here


def test_a_contact_role_is_a_label(folders: tuple[Path, Path], portal: Portal):
    roles = Counter(row["Role"] for row in rows(folders[0], "OpportunityContactRole"))
    pair = ("deals", "contacts")
    held: Counter[str | None] = Counter()
    for deal in portal.state.tables["deals"].ids():
        for type_ids in portal.links.of(pair, deal).values():
            held.update(portal.links.types(pair)[each].label for each in type_ids)
    del held[None]
    assert held == roles


def test_people_are_in_the_team_of_their_manager(portal: Portal):
    teams = Counter(owner.teams[0].name for owner in portal.owners.values())
    # The head, three managers in her team, twelve reps and one who left in theirs.
    assert sorted(teams.values()) == [4, 4, 4, 5]
    assert sum(owner.archived for owner in portal.owners.values()) == 1


def test_the_portal_has_all_properties_and_its_roll_ups(portal: Portal):
    deals = portal.kinds["deals"]
    assert deals.shown("hs_priority") is not None
    rows_ = portal.state.tables["deals"].in_order()
    with_contacts = [
        row for row in rows_ if portal.links.of(("deals", "contacts"), row_id(row))
    ]
    assert with_contacts
    for row in with_contacts:
        links = portal.links.of(("deals", "contacts"), row_id(row))
        assert row["num_associated_contacts"] == str(len(links))
    assert any(row["notes_last_contacted"] for row in rows_)


def row_id(row: Any) -> str:
    return str(row["hs_object_id"])


def test_the_stage_a_deal_is_in_is_the_one_it_entered_last(portal: Portal):
    for row in portal.state.tables["deals"].in_order():
        entered = row[f"hs_v2_date_entered_{row['dealstage']}"]
        assert entered == row["hs_v2_date_entered_current_stage"]
        past = portal.history.shown(portal.kinds["deals"], row, "dealstage")
        assert (past[0].value, past[0].at) == (row["dealstage"], entered)


@pytest.mark.trap("H11")
def test_the_seeded_portal_answers_within_the_contract(portal: Portal):
    if not BUNDLE.exists():
        pytest.skip("HubSpot's published specification is not on this machine")
    recorder = Recorder()
    with SandboxServer(portal, observe=recorder) as server:
        client = connect(server.url)
        for kind in portal.kinds:
            api = client.crm.objects.basic_api
            assert api.get_page(kind, limit=100) is not None
        client.crm.deals.basic_api.get_page(
            limit=50, properties_with_history=["dealstage", "amount", "hs_next_step"]
        )
        client.crm.owners.owners_api.get_page(archived=True)
        client.crm.pipelines.pipelines_api.get_all("deals")
        client.crm.associations.v4.schema.definitions_api.get_all("deals", "contacts")
    assert recorder.violations() == []
