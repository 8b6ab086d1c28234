"""What every pack can name without a mapping, as the language describes it."""

from __future__ import annotations

import pytest

from gatekeeper.core.catalogue import BUILT_IN, CrmName

TOOK_PART = {
    "contact_roles": "multi_picklist",
    "owner": "user",
    "created_at": "datetime",
    "modified_at": "datetime",
}


def kinds(specs):
    return {name: spec.kind.value for name, spec in specs.items()}


def test_the_fields_of_a_deal_are_always_there():
    assert kinds(BUILT_IN.deal) == {
        "id": "reference",
        "name": "text",
        "stage": "stage",
        "pipeline": "text",
        "owner": "user",
        "account": "reference",
        "created_on": "date",
        "created_at": "datetime",
        "created_by": "user",
        "close_date": "date",
        "amount": "money",
        "is_closed": "yes_no",
        "is_won": "yes_no",
        "type": "picklist",
        "lead_source": "picklist",
        "next_step": "text",
        "probability": "percent",
        "forecast_category": "picklist",
    }


def test_owner_and_account_are_one_hop_away():
    assert {name: kinds(each.fields) for name, each in BUILT_IN.lookups.items()} == {
        "owner": {
            "name": "text",
            "email": "email",
            "is_active": "yes_no",
            "manager": "user",
            "team": "text",
        },
        "account": {"name": "text"},
    }


@pytest.mark.parametrize(
    ("collection", "fields"),
    [
        (
            "contacts",
            {
                "name": "text",
                "email": "email",
                "title": "text",
                "role": "picklist",
                "is_primary": "yes_no",
                "last_met_at": "datetime",
                "last_heard_at": "datetime",
            },
        ),
        (
            "meetings",
            {
                "subject": "text",
                "start": "datetime",
                "end": "datetime",
                "outcome": "picklist",
                "completed": "yes_no",
                **TOOK_PART,
            },
        ),
        (
            "calls",
            {
                "subject": "text",
                "at": "datetime",
                "direction": "picklist",
                "outcome": "picklist",
                **TOOK_PART,
            },
        ),
        (
            "emails",
            {
                "subject": "text",
                "at": "datetime",
                "direction": "picklist",
                "from_role": "picklist",
                **TOOK_PART,
            },
        ),
        (
            "tasks",
            {
                "subject": "text",
                "due_on": "date",
                "status": "picklist",
                "is_closed": "yes_no",
                **TOOK_PART,
            },
        ),
        ("notes", {"title": "text", "created_at": "datetime", "owner": "user"}),
        ("files", {"name": "text", "kind": "text", "added_at": "datetime"}),
        (
            "line_items",
            {
                "product": "text",
                "quantity": "number",
                "unit_price": "money",
                "total": "money",
            },
        ),
        (
            "quotes",
            {
                "name": "text",
                "status": "picklist",
                "expires_on": "date",
                "total": "money",
            },
        ),
        ("team_members", {"name": "text", "role": "picklist", "user": "user"}),
        (
            "activities",
            {"kind": "picklist", "at": "datetime", "subject": "text", **TOOK_PART},
        ),
        ("siblings", {}),
    ],
)
def test_the_rows_of_a_deal_have_their_natural_fields(collection, fields):
    assert kinds(BUILT_IN.collections[collection].fields) == fields


def test_every_name_is_filed_under_itself_and_nothing_else_is_there():
    relations = {**BUILT_IN.lookups, **BUILT_IN.collections}
    for name, relation in relations.items():
        assert relation.name == name
        for own, spec in relation.fields.items():
            assert (spec.name, spec.place, spec.paths) == (own, "", {})
    assert list(BUILT_IN.collections) == [
        "contacts",
        "meetings",
        "calls",
        "emails",
        "tasks",
        "notes",
        "files",
        "line_items",
        "quotes",
        "team_members",
        "activities",
        "siblings",
    ]
    assert BUILT_IN.groups == {}


@pytest.mark.parametrize(
    ("written", "said"), [("salesforce", "Salesforce"), ("hubspot", "HubSpot")]
)
def test_a_crm_is_written_in_small_letters_and_said_as_its_maker_does(written, said):
    assert CrmName(written).label == said
