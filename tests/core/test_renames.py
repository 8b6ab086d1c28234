"""A stage stays what it is when the CRM calls it otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from gatekeeper.core.catalogue import CrmSchema, Pipeline, Stage
from gatekeeper.core.renames import (
    first_name,
    name_today,
    remembering,
    said_of_rename,
)

READ_AT = datetime(2026, 11, 20, 6, tzinfo=UTC)


def a_schema(*stages: Stage) -> CrmSchema:
    pipelines = (Pipeline("Enterprise", stages),)
    return CrmSchema("salesforce", "sf:1", READ_AT, {}, {}, pipelines)


def called(schema: CrmSchema, name: str) -> Stage | None:
    (pipeline,) = schema.pipelines
    place = pipeline.position(name)
    return None if place is None else pipeline.stages[place]


PROPOSAL = Stage("Proposal", ("3",), id="01J3")
DISCOVERY = Stage("Discovery", ("2",), id="01J2")


def test_a_stage_of_the_same_id_keeps_its_former_labels():
    first = a_schema(DISCOVERY, PROPOSAL)
    second = a_schema(DISCOVERY, replace(PROPOSAL, name="Proposal Sent"))
    third = a_schema(DISCOVERY, replace(PROPOSAL, name="Quote Sent"))

    now = remembering(third, remembering(second, first))

    for name in ("Proposal", "proposal sent", "Quote Sent"):
        stage = called(now, name)
        assert stage is not None
        assert stage.id == "01J3"
    assert name_today("Proposal", now.pipelines) == "Quote Sent"
    assert name_today("quote sent", now.pipelines) is None
    assert name_today("Negotiation", now.pipelines) is None


def test_another_stage_of_the_old_label_is_the_one_that_is_meant():
    before = a_schema(DISCOVERY, PROPOSAL)
    now = remembering(
        a_schema(replace(DISCOVERY, name="Proposal"), replace(PROPOSAL, name="Quote")),
        before,
    )
    stage = called(now, "Proposal")
    assert stage is not None
    assert stage.id == "01J2"
    assert name_today("Proposal", now.pipelines) is None
    assert name_today("Discovery", now.pipelines) == "Proposal"


def test_a_stage_made_anew_is_another_one():
    before = a_schema(DISCOVERY, PROPOSAL)
    now = remembering(a_schema(DISCOVERY, Stage("Quote", ("3",), id="01J9")), before)
    assert called(now, "Proposal") is None


def test_a_label_taken_back_is_no_rename():
    first = a_schema(PROPOSAL)
    second = remembering(a_schema(replace(PROPOSAL, name="Quote")), first)
    third = remembering(a_schema(PROPOSAL), second)
    assert name_today("Proposal", third.pipelines) is None
    assert name_today("Quote", third.pipelines) == "Proposal"


def test_stages_without_an_id_remember_nothing():
    before = a_schema(replace(PROPOSAL, id=""))
    now = remembering(a_schema(replace(PROPOSAL, id="", name="Quote")), before)
    assert called(now, "Proposal") is None


def test_former_labels_are_kept_once_the_youngest_last():
    first = a_schema(PROPOSAL)
    second = remembering(a_schema(replace(PROPOSAL, name="Quote")), first)
    third = remembering(a_schema(replace(PROPOSAL, name="Quote Sent")), second)
    (pipeline,) = third.pipelines
    assert pipeline.stages == (
        replace(PROPOSAL, name="Quote Sent", former=("Proposal", "Quote")),
    )
    again = remembering(third, third)
    assert again.pipelines == third.pipelines


def test_everything_else_of_the_description_is_the_new_one():
    old, new = a_schema(PROPOSAL), a_schema(DISCOVERY, replace(PROPOSAL, name="Quote"))
    assert replace(remembering(new, old), pipelines=()) == replace(new, pipelines=())
    assert remembering(new, old).pipelines[0].stages[0] == DISCOVERY


def test_a_name_in_use_under_another_case_is_nobodys_former_one():
    taken = replace(PROPOSAL, name="Quote", former=("DISCOVERY", "Proposal"))
    (pipeline,) = remembering(a_schema(DISCOVERY, taken), a_schema()).pipelines
    assert pipeline.stages[1].former == ("Proposal",)


def test_the_first_name_of_a_stage_stays_whatever_it_is_called():
    stage = replace(PROPOSAL, name="Quote Sent", former=("Proposal", "Quote"))
    pipelines = a_schema(DISCOVERY, stage).pipelines
    for name in ("PROPOSAL", "Quote", "quote sent"):
        assert first_name(name, pipelines) == "proposal"
    assert first_name("Discovery", pipelines) == "discovery"
    assert first_name("Negotiation", pipelines) == "negotiation"


def test_a_name_is_looked_for_in_every_pipeline():
    smb = Pipeline("SMB", (replace(PROPOSAL, name="Offer", former=("Proposal",)),))
    other = Pipeline("Partner", (DISCOVERY,))
    assert name_today("Proposal", (other, smb)) == "Offer"
    assert first_name("Offer", (other, smb)) == "proposal"


def test_a_renamed_stage_is_told_with_the_remedy():
    assert said_of_rename("Proposal", "Quote", "Salesforce") == (
        'stage "Proposal" is now called "Quote" in Salesforce (same id). Nothing was'
        " lost; update the label here."
    )
