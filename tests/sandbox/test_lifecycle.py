from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.salesforce.lifecycle import purge

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from tests.sandbox.client import Client

ALL = "SELECT Id FROM Opportunity"


@pytest.mark.trap("S7d")
def test_a_late_record_is_nowhere_until_it_appears_with_its_old_stamp(
    client: Client, org: Org
):
    late, prompt = client.deal(), client.deal()
    start = org.now()
    org.late.hold_back(late, start + timedelta(minutes=5))
    assert [row["Id"] for row in client.query(ALL)] == [prompt]
    assert client.query(f"{ALL} WHERE Id = '{late}'") == []
    assert client.api("GET", f"/sobjects/Opportunity/{late}").status_code == 404
    org.clock.set(start + timedelta(minutes=5))
    assert len(client.query(ALL)) == 2
    assert client.get("Opportunity", late)["SystemModstamp"] == (
        "2026-11-20T10:00:00.000+0000"
    )


@pytest.mark.trap("S8")
def test_the_bin_is_emptied_after_fifteen_days(client: Client, org: Org):
    client.api("DELETE", f"/sobjects/Opportunity/{client.deal()}")
    start = org.now()
    org.clock.set(start + timedelta(days=14))
    assert purge(org) == 0
    org.clock.set(start + timedelta(days=15))
    # The deal and the history row that died with it.
    assert purge(org) == 2
    client.log_in()
    assert client.query(ALL, everything=True) == []


def test_an_admin_may_empty_the_bin_at_once(client: Client):
    client.api("DELETE", f"/sobjects/Opportunity/{client.deal()}")
    door = f"{client.url}/__sandbox__/purge"
    assert client.session.post(door, json={"everything": True}).json() == {"purged": 2}
    assert client.query(ALL, everything=True) == []
