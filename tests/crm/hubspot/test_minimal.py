"""What leaves HubSpot is what rules name and a fixed list, and no body (S23)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from gatekeeper.core.catalogue import BUILT_IN
from tests.crm.hubspot.scene import request

if TYPE_CHECKING:
    from tests.crm.hubspot.scene import Scene

BODIES = {
    *("hs_email_text", "hs_email_html", "hs_note_body", "hs_call_body"),
    *("hs_meeting_body", "hs_internal_meeting_notes", "hs_task_body"),
    *("hs_body_preview", "hs_body_preview_html", "hs_call_transcript"),
}
FIXED = {
    *("dealname", "dealstage", "pipeline", "hubspot_owner_id", "closedate", "amount"),
    *("deal_currency_code", "hs_is_closed", "hs_is_closed_won"),
    *("hs_object_id", "hs_merged_object_ids", "createdate"),
}


def asked_of(scene: Scene, kind: str) -> set[str]:
    """The properties that requests for records of a kind named."""
    asked: set[str] = set()
    for each, _ in scene.recorder.exchanges:
        if f"/objects/{kind}" not in each.raw_path:
            continue
        for listed in parse_qs(each.query).get("properties", []):
            asked |= set(listed.split(","))
        if each.raw_path.endswith(("/batch/read", "/search")):
            body = json.loads(each.body)
            asked |= {*body.get("properties", ())}
            asked |= {*body.get("propertiesWithHistory", ())}
    return asked


@pytest.mark.promise("S23")
def test_of_a_deal_the_fields_of_rules_are_read_and_a_fixed_list(scene: Scene) -> None:
    scene.deal()
    scene.recorder.exchanges.clear()

    scene.pulled(request("next_step"))

    assert asked_of(scene, "deals") >= {"dealname", "hs_next_step"}
    of_ours = {each for each in asked_of(scene, "deals") if "gatekeeper" in each}
    assert asked_of(scene, "deals") - of_ours - {"hs_next_step"} <= FIXED
    assert asked_of(scene, "contacts") == set()
    assert asked_of(scene, "companies") == set()


@pytest.mark.promise("S23")
def test_no_body_of_a_mail_a_note_a_call_or_a_meeting_is_ever_asked_for(
    scene: Scene,
) -> None:
    deal = scene.deal()
    for kind, type_id in (("emails", 210), ("notes", 214), ("calls", 206)):
        made = scene.make(kind, hs_timestamp="2026-11-01T10:00:00Z")
        scene.link("deals", deal, kind, made, type_id - 1)
    scene.recorder.exchanges.clear()
    every = {name: set(rows.fields) for name, rows in BUILT_IN.collections.items()}

    scene.pulled(request(*BUILT_IN.deal, rows=every))

    kinds = ("deals", "contacts", "emails", "notes", "calls", "meetings", "tasks")
    asked = {each for kind in kinds for each in asked_of(scene, kind)}
    assert {"hs_email_direction", "hs_timestamp"} <= asked
    assert not asked & BODIES
