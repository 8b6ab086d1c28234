"""How records end: merged into another, or removed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from hubspot.crm.objects import ApiException as ObjectError

from gatekeeper.sandbox.hubspot.history import CALCULATED
from gatekeeper.sandbox.hubspot.merging import merge
from gatekeeper.sandbox.hubspot.stock import OWNER_ID, TOKEN
from tests.sandbox.hubspot.calls import deal, make, read

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal


def merged(portal: Portal, *ids: str) -> str:
    kind = portal.kinds["deals"]
    first, second = (portal.live(kind, each) for each in ids)
    assert first is not None
    assert second is not None
    return str(merge(portal, kind, (first, second), CALCULATED)["hs_object_id"])


def test_some_accounts_keep_the_id_of_the_first_of_merged_deals(
    portal: Portal, client: Any
):
    portal.settings.keeps_merged_id = True
    first = deal(client, dealname="First")
    second = deal(client, dealname="Second", amount="7")
    assert merged(portal, first, second) == first
    found = read(client, "deals", second, "dealname", "amount", "hs_merged_object_ids")
    assert found["hs_object_id"] == first
    assert (found["dealname"], found["amount"]) == ("First", "7")
    assert found["hs_merged_object_ids"] == second
    listed = client.crm.deals.basic_api.get_page().results
    assert [each.id for each in listed] == [first]
    # What the first said before it still said after: no new version of its name.
    past = client.crm.deals.basic_api.get_by_id(
        first, properties_with_history=["dealname"]
    ).properties_with_history["dealname"]
    assert [each.value for each in past] == ["First"]


def test_a_deal_of_three_is_found_by_every_id_it_had(portal: Portal, client: Any):
    ids = [deal(client, dealname=name) for name in "ABC"]
    last = merged(portal, merged(portal, *ids[:2]), ids[2])
    for old in ids:
        assert read(client, "deals", old)["hs_object_id"] == last
    batch = client.crm.deals.batch_api.read(
        {"inputs": [{"id": each} for each in ids], "properties": ["dealname"]}
    )
    assert [each.properties["dealname"] for each in batch.results] == ["A"]


def test_a_contact_removed_for_good_is_nowhere(portal: Portal, client: Any):
    deal_id = deal(client)
    contact = make(client, "contacts", email="Lee@Example.com")
    portal.links.add(("deals", "contacts"), deal_id, contact, [3])
    purge = client.crm.contacts.basic_api.purge
    purge({"objectId": "lee@example.com", "idProperty": "email"})
    purge({"objectId": contact})
    api = client.crm.objects.basic_api
    for archived in (False, True):
        with pytest.raises(ObjectError):
            api.get_by_id("contacts", contact, archived=archived)
    linked = client.crm.associations.v4.basic_api.get_page("deals", deal_id, "contacts")
    assert linked.results == []
    refused = requests.post(
        f"{client.config['host']}/crm/v3/objects/deals/gdpr-delete",
        json={"objectId": deal_id},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=10,
    )
    assert refused.status_code == 400
    assert read(client, "deals", deal_id)["hs_object_id"] == deal_id


def test_a_list_of_owners_begins_with_a_semicolon(client: Any):
    name = "hs_all_collaborator_owner_ids"
    found = read(client, "deals", deal(client, **{name: OWNER_ID}), name)
    assert found[name] == f";{OWNER_ID}"
