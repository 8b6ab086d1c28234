"""What a portal says of itself, in the words of rules."""

from __future__ import annotations

import pytest

from gatekeeper.core.catalogue import (
    BUILT_IN,
    Access,
    Catalogue,
    FieldSpec,
    Kind,
    RelationSpec,
)
from gatekeeper.crm.hubspot.metadata.pipelines import read_pipelines
from gatekeeper.crm.hubspot.metadata.properties import read_properties
from gatekeeper.errors import CrmAuthError
from gatekeeper.ports import Health, PullTotals
from tests.crm.hubspot.scene import Scene, request


def stage(id_: str, label: str, order: int, closed: str, probability: str | None):
    return {
        "id": id_,
        "label": label,
        "displayOrder": order,
        "metadata": {"isClosed": closed, "probability": probability},
    }


def test_stages_stand_in_their_order_open_then_won_then_lost() -> None:
    rows = [
        {
            "id": "7",
            "label": "Renewals",
            "displayOrder": 1,
            "stages": [
                stage("l", "Lost", 0, "true", "0.0"),
                stage("w", "Won", 1, "true", "1.0"),
                stage("b", "Second", 3, "false", "0.5"),
                stage("a", "First", 2, "false", None),
            ],
        },
        {"id": "old", "label": "Old", "displayOrder": 0, "archived": True},
    ]

    read = read_pipelines(rows)

    (pipeline,) = read.pipelines
    assert [each.name for each in pipeline.stages] == ["First", "Second", "Won", "Lost"]
    assert [each.values for each in pipeline.stages] == [("a",), ("b",), ("w",), ("l",)]
    assert [each.is_won for each in pipeline.stages] == [False, False, True, False]
    assert read.ids_of(("renewals",)) == {"7"}
    assert read.label_of("b") == "Second"
    assert read.label_of("gone") == "gone"


def test_a_definition_says_what_a_property_may_be_declared_as() -> None:
    rows: list[dict[str, object]] = [
        {"name": "discount", "type": "number", "numberDisplayHint": "percentage"},
        {"name": "tags", "type": "enumeration", "fieldType": "checkbox"},
        {"name": "boss", "type": "enumeration", "referencedObjectType": "OWNER"},
        {
            "name": "stage_of_life",
            "type": "enumeration",
            "fieldType": "select",
            "options": [
                {"value": "b", "label": "B", "displayOrder": 2},
                {"value": "a", "label": "A", "displayOrder": 1, "hidden": True},
            ],
        },
        {
            "name": "made",
            "type": "datetime",
            "modificationMetadata": {"readOnlyValue": True},
        },
    ]

    found = read_properties(rows)

    assert found["discount"].kinds()[0] is Kind.PERCENT
    assert found["tags"].kinds()[0] is Kind.MULTI_PICKLIST
    assert found["boss"].kinds()[0] is Kind.USER
    choices = found["stage_of_life"].choices
    assert [(each.value, each.active) for each in choices] == [
        ("a", False),
        ("b", True),
    ]
    assert found["made"].is_read_only


@pytest.mark.trap("H4b")
@pytest.mark.promise("F25")
def test_a_property_the_portal_lacks_is_absent_and_never_asked_for(
    scene: Scene,
) -> None:
    spec = FieldSpec("discount", Kind.PERCENT, {"hubspot": "discount_pct"})
    catalogue = Catalogue(
        {**BUILT_IN.deal, "discount": spec}, BUILT_IN.lookups, BUILT_IN.collections
    )

    described = scene.crm.schema(catalogue).fields["discount"]

    assert described.access is Access.ABSENT
    scene.deal()
    deal = scene.pulled(request("discount", catalogue=catalogue))["Acme"]
    assert "no property deals.discount_pct" in str(deal.fields["discount"])


def test_names_mapped_to_salesforce_alone_lead_nowhere(scene: Scene) -> None:
    spec = FieldSpec("risk", Kind.TEXT, {"salesforce": "Risk__c"})
    cases = RelationSpec("cases", {"status": spec}, {"salesforce": {"object": "Case"}})
    catalogue = Catalogue(
        {**BUILT_IN.deal, "risk": spec},
        BUILT_IN.lookups,
        {**BUILT_IN.collections, "cases": cases},
    )

    schema = scene.crm.schema(catalogue)

    assert "risk" not in schema.fields
    assert schema.missing_collections["cases"] == (
        "cases is mapped to no HubSpot object in fields.yaml"
    )


def test_what_the_token_may_not_read_is_named_with_its_scope(scene: Scene) -> None:
    crm = scene.join_with("crm.objects.contacts.read", "crm.schemas.contacts.read")

    schema = crm.schema(BUILT_IN)

    assert "crm.schemas.companies.read" in schema.missing_collections["account.notes"]
    assert schema.fields["account.name"].access is Access.NONE


def test_everybody_who_ever_owned_something_is_known(scene: Scene) -> None:
    people = scene.crm.people()

    assert people["6166860"].name == "Alex Admin"
    assert people["6166860"].team == "Sales"
    assert people["6166860"].is_active


def test_setting_up_shows_first_and_changes_nothing_twice(bare: Scene) -> None:
    before = bare.crm.planned_setup()
    assert {each.action for each in before} == {"exists", "create", "try"}
    assert not bare.crm.schema(BUILT_IN).flags

    bare.crm.set_up(lambda _what, _done, _total: None)

    after = bare.crm.planned_setup()
    assert {each.action for each in after} == {"exists"}
    writes = bare.crm.usage().writes
    bare.crm.set_up(lambda _what, _done, _total: None)
    assert bare.crm.usage().writes == writes
    assert bare.crm.schema(BUILT_IN).strict


def test_what_somebody_else_sets_up_meanwhile_will_do(bare: Scene) -> None:
    other = bare.join()

    def meanwhile(what: str, done: int, total: int | None) -> None:
        if done == 1:
            other.set_up(lambda _what, _done, _total: None)

    bare.crm.set_up(meanwhile)

    refused = [reply for _, reply in bare.recorder.exchanges if reply.status == 409]
    assert len(refused) > 1
    assert {each.action for each in bare.crm.planned_setup()} == {"exists"}
    assert bare.crm.schema(BUILT_IN).strict


def test_the_try_of_the_key_leaves_one_closed_task(scene: Scene) -> None:
    tasks = scene.people.crm.objects.basic_api.get_page(
        "tasks", properties=["gatekeeper_key", "hs_task_status"]
    ).results

    assert [each.properties["gatekeeper_key"] for each in tasks] == ["gk1-probe"]
    assert [each.properties["hs_task_status"] for each in tasks] == ["COMPLETED"]


@pytest.mark.parametrize(
    ("kind", "name"), [("deals", "gatekeeper_missing"), ("tasks", "gatekeeper_key")]
)
def test_an_archived_property_keeps_its_name_and_setting_up_says_so(
    scene: Scene, kind: str, name: str
) -> None:
    scene.people.crm.properties.core_api.archive(kind, name)
    crm = scene.join()

    with pytest.raises(CrmAuthError) as caught:
        crm.set_up(lambda _what, _done, _total: None)

    assert str(caught.value) == (
        f"HubSpot keeps an archived property {kind}.{name}, so the name is taken."
        " Restore it under Settings > Properties > Archived properties and run"
        " gatekeeper setup-crm again."
    )


def test_without_unique_task_properties_it_is_best_effort(bare: Scene) -> None:
    bare.portal.settings.unique_tasks = False

    bare.crm.set_up(lambda _what, _done, _total: None)

    assert not bare.crm.schema(BUILT_IN).strict
    assert {each.action for each in bare.crm.planned_setup()} == {"exists"}
    key = {each.name: each for each in bare.crm.examine(request())}["task key"]
    assert key.health is Health.WARN
    assert key.text.startswith("best effort")


def test_doctor_says_what_a_healthy_portal_has(scene: Scene) -> None:
    found = {
        each.name: each
        for each in scene.crm.examine(request("amount", history={"stage"}))
    }

    assert found["task key"].text == "strict: HubSpot enforces one task per key"
    assert "of 625,000 calls" in found["api calls"].text
    assert "from the creation of a deal on" in found["history"].text
    assert {name for name, each in found.items() if each.health is not Health.OK} == {
        "excess scopes"
    }
    assert "crm.objects.companies.write" in found["excess scopes"].text


@pytest.mark.promise("S04")
def test_doctor_names_missing_scopes_and_properties(bare: Scene) -> None:
    crm = bare.join_with()

    found = {each.name: each for each in crm.examine(request())}

    assert "crm.objects.contacts.read" in found["scopes"].text
    assert found["scopes"].health is Health.FAIL
    assert "gatekeeper_status" in found["flags"].text
    assert found["task key"].health is Health.FAIL


@pytest.mark.promise("S04")
@pytest.mark.parametrize(
    "rows", ["account.notes", "line_items", "quotes", "emails", "meetings", "contacts"]
)
def test_a_token_with_the_scopes_that_doctor_names_reads_what_rules_ask_for(
    scene: Scene, rows: str
) -> None:
    asked = request("amount", "account.name", rows={rows: set()})
    found = {each.name: each for each in scene.join_with().examine(asked)}
    lacking = found["scopes"].text.removeprefix("the token lacks ").split(", ")

    crm = scene.join_with(*lacking)

    told = {each.name: each.health for each in crm.examine(asked)}
    assert set(told.values()) == {Health.OK}
    scene.deal()
    (batch,) = crm.pull(asked, PullTotals())
    assert batch.deals[0].related[rows] == ()


@pytest.mark.promise("S04")
def test_a_scope_that_nothing_needs_is_too_much(scene: Scene) -> None:
    crm = scene.join_with("conversations.read", "crm.objects.tasks.read")

    found = {each.name: each for each in crm.examine(request())}

    assert found["excess scopes"].text == (
        "the token also has conversations.read, which gatekeeper never uses"
    )


def test_doctor_says_how_far_back_each_pipeline_is_known(scene: Scene) -> None:
    deals = scene.portal.kinds["deals"].properties
    del deals["hs_v2_date_entered_qualifiedtobuy"]
    scene.crm.portal.forget()

    asked = request("amount", history={"stage", "amount"})
    told = [each for each in scene.crm.examine(asked) if each.name == "history"]

    assert [(each.health, each.text) for each in told] == [
        (
            Health.WARN,
            "Sales Pipeline: HubSpot does not date Qualified To Buy; of deals that were"
            " there the last 20 values of the stage are known",
        ),
        (Health.OK, "amount: known back to the last 20 values of each deal"),
    ]


def test_a_refused_token_is_all_that_doctor_says(bare: Scene) -> None:
    (only,) = bare.join("pat-nobody").examine(request())

    assert (only.name, only.health) == ("login", Health.FAIL)
    assert "GATEKEEPER_HUBSPOT_TOKEN" in only.text


def test_what_hubspot_has_no_property_for_is_told_with_the_reason(scene: Scene) -> None:
    spec = FieldSpec("kind", Kind.TEXT, {"hubspot": "hs_kind_of_file"})
    files = BUILT_IN.collections["files"]
    catalogue = Catalogue(
        BUILT_IN.deal,
        BUILT_IN.lookups,
        {
            **BUILT_IN.collections,
            "files": RelationSpec("files", {**files.fields, "kind": spec}),
        },
    )

    missing = scene.crm.schema(catalogue).missing_fields

    assert missing == {
        "owner.manager": "HubSpot knows no manager of an owner; people.yaml names who"
        " is asked where owed_by says owner_manager",
        "team_members.role": "HubSpot gives the collaborators of a deal no roles;"
        " people.yaml names who is asked by address",
        "files.name": "HubSpot shows what is attached to activities without its name",
    }
