"""Pipelines and stages: read, renamed, replaced, deleted from under their deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from hubspot.crm.deals import ApiException as DealError
from hubspot.crm.objects import ApiException as ObjectError
from hubspot.crm.pipelines import ApiException as PipelineError

from gatekeeper.sandbox.hubspot.stock import TOKEN
from tests.sandbox.hubspot.calls import change, deal, read, refusal

if TYPE_CHECKING:
    from gatekeeper.sandbox.server import SandboxServer


def test_stages_say_in_texts_whether_they_close_a_deal(client: Any):
    pipeline = client.crm.pipelines.pipelines_api.get_all("deals").results[0]
    assert (pipeline.id, pipeline.label) == ("default", "Sales Pipeline")
    metadata = {stage.id: stage.metadata for stage in pipeline.stages}
    assert next(iter(metadata)) == "appointmentscheduled"
    assert metadata["appointmentscheduled"] == {
        "isClosed": "false",
        "probability": "0.2",
    }
    assert metadata["closedwon"] == {"isClosed": "true", "probability": "1.0"}
    assert metadata["closedlost"] == {"isClosed": "true", "probability": "0.0"}


@pytest.mark.trap("H10j")
def test_a_stage_is_renamed_but_keeps_its_id_and_the_audit_says_so(
    server: SandboxServer, client: Any
):
    api = client.crm.pipelines.pipeline_stages_api
    api.update("deals", "default", "contractsent", {"label": "Paper out"})
    assert api.get_by_id("deals", "default", "contractsent").label == "Paper out"
    path = "/crm/v3/pipelines/deals/default/stages/contractsent/audit"
    audit = requests.get(
        server.url + path, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10
    )
    assert [entry["action"] for entry in audit.json()["results"]] == ["UPDATE"]


def test_a_stage_in_use_is_not_deleted_and_a_deleted_one_takes_no_deal(client: Any):
    api = client.crm.pipelines.pipeline_stages_api
    deal(client, dealstage="contractsent")
    with pytest.raises(PipelineError) as caught:
        api.archive("deals", "default", "contractsent")
    assert caught.value.status == 400
    api.archive("deals", "default", "qualifiedtobuy")
    with pytest.raises(DealError) as refused:
        deal(client)
    assert refusal(refused)["errors"][0]["code"] == "INVALID_OPTION"


REPLACEMENT = {
    "label": "New business",
    "displayOrder": 0,
    "stages": [
        {"label": "Talk", "displayOrder": 0, "metadata": {"probability": "0.5"}},
        {"label": "Won", "displayOrder": 1, "metadata": {"probability": "1.0"}},
    ],
}


def test_a_replaced_pipeline_leaves_its_deals_in_stages_that_are_gone(client: Any):
    deal_id = deal(client, dealstage="contractsent")
    api = client.crm.pipelines.pipelines_api
    with pytest.raises(PipelineError) as caught:
        api.replace(
            "deals", "default", REPLACEMENT, validate_references_before_delete=True
        )
    assert refusal(caught)["subCategory"] == "PipelineError.STAGE_ID_IN_USE"
    replaced = api.replace("deals", "default", REPLACEMENT)
    assert (replaced.id, replaced.label) == ("default", "New business")
    assert [stage.label for stage in replaced.stages] == ["Talk", "Won"]
    assert all(stage.id.isdecimal() for stage in replaced.stages)
    assert read(client, "deals", deal_id, "dealstage")["dealstage"] == "contractsent"
    change(client, "deals", deal_id, dealname="Still writable")
    with pytest.raises(ObjectError):
        change(client, "deals", deal_id, dealstage="contractsent")


def test_a_replacement_that_makes_no_sense_changes_nothing(client: Any):
    api = client.crm.pipelines.pipelines_api
    stage = {"label": "Talk", "displayOrder": 0, "metadata": {"probability": "0.5"}}
    with pytest.raises(PipelineError):
        api.replace("deals", "default", {**REPLACEMENT, "stages": [stage, stage]})
    assert api.get_by_id("deals", "default").label == "Sales Pipeline"
    assert len(api.get_by_id("deals", "default").stages) == 7


def test_a_pipeline_is_archived_from_under_its_deals(client: Any):
    api = client.crm.pipelines.pipelines_api
    made = api.create("deals", {**REPLACEMENT, "displayOrder": 1})
    deal_id = deal(client, pipeline=made.id, dealstage=made.stages[0].id)
    with pytest.raises(PipelineError):
        api.archive("deals", made.id, validate_references_before_delete=True)
    api.archive("deals", made.id)
    assert [each.id for each in api.get_all("deals").results] == ["default"]
    assert read(client, "deals", deal_id, "pipeline")["pipeline"] == made.id


def test_two_stages_of_one_name_are_refused(client: Any):
    api = client.crm.pipelines.pipeline_stages_api
    with pytest.raises(PipelineError):
        api.update("deals", "default", "contractsent", {"label": "Closed Won"})
    stage = {"label": "Paper", "displayOrder": 4, "metadata": {"probability": "0.9"}}
    kept = api.replace("deals", "default", "contractsent", stage)
    assert (kept.id, kept.label) == ("contractsent", "Paper")
    with pytest.raises(PipelineError) as caught:
        api.replace("deals", "default", "contractsent", {"label": "No weight"})
    assert caught.value.status == 400


def test_a_new_stage_gets_a_number_and_dates_of_its_own(client: Any):
    made = client.crm.pipelines.pipeline_stages_api.create(
        "deals",
        "default",
        {"label": "Legal", "displayOrder": 9, "metadata": {"probability": "0.95"}},
    )
    assert made.id.isdecimal()
    name = f"hs_v2_date_entered_{made.id}"
    assert client.crm.properties.core_api.get_by_name("deals", name).type == "datetime"
