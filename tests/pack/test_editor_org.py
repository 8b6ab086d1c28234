"""The schemas of one org: its own words are offered, and others are marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft7Validator

from gatekeeper.core.catalogue import Access, Choice, CrmField, CrmSchema, Kind
from gatekeeper.core.model import Person
from gatekeeper.pack.editor.org import Org, example_checks
from gatekeeper.pack.editor.schema import editor_schemas
from gatekeeper.pack.editor.shapes import TEXT
from gatekeeper.pack.editor.words import org_words
from gatekeeper.pack.load import read_pack
from tests.pack.crm_schemas import COMMERCIAL, ENTERPRISE, FIELDS, a_schema, crm_field

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
version: 1
kind: project
crm: salesforce
timezone: UTC
stages:
  Qualification: {salesforce: [Needs Analysis, Value Proposition]}
"""
RULES = """\
version: 1
kind: rules
pipeline: Enterprise
params: {least: {type: money, value: 50k}}
stages:
  Qualification:
    exit:
      - id: qual-amount
        title: An amount
        require: amount >= $least
        fix: Enter it.
        owed_by: deal_desk
        formerly: old-amount
        maintainer: r@example.com
"""
PEOPLE = """\
version: 1
kind: people
roles: {deal_desk: [{address: desk@example.com}]}
"""


def picklist(path: str, *values: str, restricted: bool = True) -> CrmField:
    choices = (*(Choice(one, one) for one in values), Choice("Gone", "Gone", False))
    kinds = (Kind.PICKLIST, Kind.TEXT)
    return CrmField(path, path, "picklist", kinds, Access.READ, choices, restricted)


@pytest.fixture
def schema() -> CrmSchema:
    fields = {
        **FIELDS,
        "lead_source": picklist("Opportunity.LeadSource", "Web", 'A "big" fair'),
        "type": picklist("Opportunity.Type", "New", "Renewal", restricted=False),
        "contacts.role": picklist("OpportunityContactRole.Role", "Champion", "User"),
        "team_members.role": picklist("OpportunityTeamMember.TeamMemberRole", "SE"),
        "probability": crm_field(
            "Opportunity.Probability", "percent", Kind.PERCENT, access=Access.NONE
        ),
    }
    by_path = {"Security__c": crm_field("Opportunity.Security__c", "text", Kind.TEXT)}
    missing = {"quotes": "this org has no quotes"}
    return a_schema(
        ENTERPRISE,
        COMMERCIAL,
        fields=fields,
        by_path=by_path,
        missing_collections=missing,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    for name, text in {
        "project.yaml": PROJECT,
        "a.rules.yaml": RULES,
        "people.yaml": PEOPLE,
    }.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def org(folder: Path, schema: CrmSchema) -> Org:
    return Org.of(read_pack(folder), schema)


@pytest.fixture
def is_right(org: Org):
    schemas = editor_schemas(org_words(org))

    def check(name: str, value: object):
        Draft7Validator.check_schema(schemas[name])
        return Draft7Validator(schemas[name]).is_valid(value)

    return check


def rules(stage: str = "Qualification", pipeline: str = "Enterprise", **keys: object):
    rule = {"id": "a", "title": "T", "require": "some files", "fix": "F.", **keys}
    return {
        "version": 1,
        "kind": "rules",
        "pipeline": pipeline,
        "stages": {stage: {"exit": [rule]}},
    }


def test_stages_pipelines_and_roles_are_those_of_the_org(is_right):
    assert is_right("rules.json", rules())
    assert is_right("rules.json", rules("every open stage", "*"))
    assert is_right("rules.json", rules(owed_by="deal_desk"))
    assert is_right("rules.json", rules(suppressed_by="old-amount"))

    assert not is_right("rules.json", rules("Needs Analysis")), "named Qualification"
    assert not is_right("rules.json", rules(pipeline="Enterprize"))
    assert not is_right("rules.json", rules(owed_by="desk"))
    assert not is_right("rules.json", rules(suppressed_by="qual-amonut"))


def test_the_project_names_stages_as_the_crm_does(is_right):
    def project(stage: str):
        stages = {"Qualification": {"salesforce": [stage]}}
        whole = {"version": 1, "kind": "project", "timezone": "UTC"}
        return {**whole, "stages": stages}

    assert is_right("project.json", project("Value Proposition"))
    assert not is_right("project.json", project("Qualification"))


def test_overlays_and_waivers_name_rules_and_params_that_are_there(is_right):
    overlay = {"version": 1, "kind": "overlay", "for": {"pipeline": "Commercial"}}
    mode = {"mode": "warn"}

    assert is_right("overlay.json", {**overlay, "rules": {"qual-amount": mode}})
    assert is_right("overlay.json", {**overlay, "params": {"least": "40k"}})
    assert not is_right("overlay.json", {**overlay, "rules": {"qual-amonut": mode}})
    assert not is_right("overlay.json", {**overlay, "params": {"most": "40k"}})
    assert not is_right("overlay.json", {**overlay, "for": {"pipeline": "SMB"}})


def test_deals_of_tests_hold_what_the_org_holds(is_right):
    def test_of(**deal: object):
        deals = {"d": {"stage": "Qualification", **deal}}
        return {"version": 1, "kind": "test", "deals": deals}

    assert is_right("test.json", test_of(lead_source="Web", amount=5, type="Other"))
    assert is_right("test.json", test_of(contacts=[{"role": "Champion"}]))
    assert is_right("test.json", test_of(lead_source=None, account={"name": "Acme"}))
    assert is_right("test.json", test_of(**{"custom.Security__c": "ok"}))
    assert is_right("test.json", test_of(history={"2026-08-03": {"amount": 5}}))

    assert not is_right("test.json", test_of(lead_source="Webb"))
    assert not is_right("test.json", test_of(lead_source="Gone")), "no longer active"
    assert not is_right("test.json", test_of(contacts=[{"role": "Champ"}]))
    assert not is_right("test.json", test_of(contacts=[{"rolle": "Champion"}]))
    assert not is_right("test.json", test_of(amonut=5))
    assert not is_right("test.json", test_of(probability="5%")), "may not be read"


def test_fields_of_the_crm_are_offered_by_their_own_names(org):
    words = org_words(org)

    assert words["crm_field"] == {"anyOf": [{"enum": ["Security__c"]}, TEXT]}
    assert words["team_role"] == {"anyOf": [{"enum": ["SE"]}, TEXT]}
    deal = words["deal"]["properties"]
    assert isinstance(deal, dict)
    assert deal["amount"]["description"] == "money; Salesforce Opportunity.Amount."


def test_the_teams_of_those_who_work_now_are_offered(org):
    people = [
        Person("1", "Ana", team="EMEA"),
        Person("2", "Bo", team="AMER"),
        Person("3", "Cy", team="EMEA"),
        Person("4", "Di", team="Gone", is_active=False),
        Person("5", "Eve"),
    ]

    told = org_words(Org.of(org.draft, org.schema, people))

    assert told["team"] == {"anyOf": [{"enum": ["AMER", "EMEA"]}, TEXT]}
    assert org_words(org)["team"] == TEXT


def test_a_check_is_offered_for_each_field_of_the_org(org):
    offered = list(example_checks(org))

    assert "amount >= 50k" in offered
    assert 'lead_source in ["Web", \'A "big" fair\']' in offered
    assert 'some contacts where role in ["Champion", "User"]' in offered
    assert not [one for one in offered if re.match("probability|some quotes", one)]


def test_every_check_that_is_offered_is_right(folder, org, schema):
    checks = list(example_checks(org))
    quoted = "".join(
        "          - '{}'\n".format(one.replace("'", "''")) for one in checks
    )
    text = RULES.replace(
        "        require: amount >= $least\n", "        require:\n" + quoted
    )
    (folder / "a.rules.yaml").write_text(text, encoding="utf-8")

    found = [one for one in read_pack(folder).findings(schema) if one.stops]

    assert 'stage after "Qualification"' in checks
    assert found == []
