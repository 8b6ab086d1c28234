"""Folders of records become portals; what they lack the portal does not have."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.loader import LoadError
from gatekeeper.sandbox.server import SandboxServer
from tests.hubspot_contract import BUNDLE, Recorder
from tests.sandbox.hubspot.conftest import AS_OF, connect
from tests.shared_data import SHARED

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = SHARED / "data" / "hubspot"
DEAL = {
    "id": "20",
    "properties": {
        "dealname": "Acme",
        "dealstage": "proposal",
        "pipeline": "default",
        "amount": "5",
        "closedate": None,
        "source_key": "S1",
    },
    "propertiesWithHistory": {
        "dealstage": [
            {
                "value": "proposal",
                "timestamp": "2026-10-01T00:00:00.000Z",
                "sourceType": "IMPORT",
            }
        ]
    },
    "createdAt": "2026-09-01T00:00:00.000Z",
    "updatedAt": None,
    "archived": False,
}
PIPELINE = {
    "id": "default",
    "label": "Sales",
    "displayOrder": 0,
    "stages": [
        {
            "id": "proposal",
            "label": "Proposal",
            "displayOrder": 0,
            "metadata": {"isClosed": "false", "probability": None},
        }
    ],
}
CONTACT = {
    "id": "7",
    "properties": {"lastname": "Lee", "email": None},
    "createdAt": None,
    "archived": False,
}
LINK = {
    "fromObjectType": "deals",
    "fromObjectId": "20",
    "toObjectType": "contacts",
    "toObjectId": "7",
    "associationTypes": [
        {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None},
        {"category": "USER_DEFINED", "typeId": 901, "label": "Decision maker"},
    ],
}


def write(folder: Path, **files: list[dict[str, Any]]) -> Path:
    for name, records in files.items():
        lines = b"\n".join(map(orjson.dumps, records))
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines))
    return folder


def test_a_loaded_portal_has_the_folders_properties_and_no_others(tmp_path: Path):
    portal = load_portal(write(tmp_path, deals=[DEAL], pipelines=[PIPELINE]))
    deals = portal.kinds["deals"]
    assert deals.shown("closedate") is not None
    assert deals.shown("source_key") is not None
    assert deals.shown("hs_next_step") is None
    assert deals.shown("notes_last_contacted") is None
    row = portal.find(deals, "20")
    assert row is not None
    assert (row["amount"], row["closedate"]) == ("5", None)
    shown = portal.history.shown(deals, row, "dealstage")
    assert [(each.value, each.at) for each in shown] == [
        ("proposal", "2026-10-01T00:00:00.000Z")
    ]
    assert portal.history.shown(deals, row, "amount") == []


def test_a_folder_without_pipelines_gets_hubspots_own(tmp_path: Path):
    portal = load_portal(write(tmp_path, deals=[DEAL]))
    assert "contractsent" in portal.pipelines["deals"]["default"].stages


def test_loaded_links_lead_both_ways_and_own_labels_go_by_their_names(tmp_path: Path):
    portal = load_portal(
        write(tmp_path, deals=[DEAL], contacts=[CONTACT], associations=[LINK])
    )
    there = portal.links.of(("deals", "contacts"), "20")["7"]
    back = portal.links.of(("contacts", "deals"), "7")["20"]
    label = portal.links.labelled(("deals", "contacts"), "Decision maker")
    assert label is not None
    assert there == {3, label.id}
    assert back == {4, label.back}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"leads": [DEAL]},
            "HubSpot has no object 'leads'; a folder for it has files named calls,",
        ),
        ({"deals": [{**DEAL, "id": "d1"}]}, "deals: the id 'd1' is no number"),
        ({"deals": [DEAL, DEAL]}, "deals: an id occurs twice"),
        ({"deals": [{"id": "1"}]}, "deals: the record 1 has no properties"),
        (
            {"associations": [{**LINK, "toObjectType": "leads"}]},
            "associations: there is no object 'leads'",
        ),
        (
            {
                "associations": [
                    {**LINK, "fromObjectType": "tasks", "toObjectType": "0-27"}
                ]
            },
            "associations: tasks cannot be joined with tasks",
        ),
    ],
)
def test_a_folder_that_makes_no_sense_says_where(
    tmp_path: Path, files: dict[str, list[dict[str, Any]]], message: str
):
    with pytest.raises(LoadError) as caught:
        load_portal(write(tmp_path, **files))
    assert message in str(caught.value)


# Counted in the files' own manifests and by hand from the first lines.
PUBLIC = [
    ("maven_crm", 8_800, 41),
    ("leadforge_intermediate", 4_442, 10),
    ("simple_crm_activities", 500, 0),
]


@pytest.mark.trap("H11")
@pytest.mark.parametrize(("name", "deals", "owners"), PUBLIC)
def test_public_data_are_listed_whole_and_under_contract(
    name: str, deals: int, owners: int
):
    if not FOLDER.exists():
        pytest.skip("the public data sets are not on this machine")
    portal = load_portal(FOLDER / name, Clock(as_of_instant(AS_OF)))
    recorder = Recorder()
    seen: set[str] = set()
    with SandboxServer(portal, observe=recorder) as server:
        client = connect(server.url)
        after = None
        while True:
            page = client.crm.deals.basic_api.get_page(limit=100, after=after)
            seen.update(record.id for record in page.results)
            if page.paging is None:
                break
            after = page.paging.next.after
        assert len(client.crm.owners.owners_api.get_page().results) == owners
        client.crm.pipelines.pipelines_api.get_all("deals")
        client.crm.properties.core_api.get_all("deals")
    assert len(seen) == deals
    if BUNDLE.exists():
        del recorder.exchanges[3:-3]  # every page is like the first ones
        assert recorder.violations() == []
