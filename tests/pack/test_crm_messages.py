"""A pack held against the CRM's own description: each message whole (E5xx)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatekeeper.core.catalogue import Access, Kind, Pipeline
from gatekeeper.core.judge.evaluate import judge
from gatekeeper.core.model import EMPTY, Outcome, Person
from gatekeeper.errors import PackError
from gatekeeper.pack.source.problems import framed
from tests.builders import a_context, a_deal
from tests.pack.crm_schemas import (
    COMMERCIAL,
    ENTERPRISE,
    FIELDS,
    READ_AT,
    a_schema,
    crm_field,
    with_access,
)
from tests.pack.packs import PROJECT, RULES, a_draft, rule, text

FIELDS_FILE = """\
version: 1
kind: fields
deal:
  next_step: {type: text, salesforce: Next__c, hubspot: hs_next_step}
  discount: {type: percent, salesforce: Discount__c}
"""


def found(base, schema, **files) -> str:
    return "\n".join(framed(a_draft(base, **files).findings(schema)))


def test_a_pack_that_fits_the_org_has_no_findings(tmp_path):
    assert found(tmp_path, a_schema()) == ""


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_the_supported_stage_is_no_field_that_a_crm_could_lack(tmp_path, crm):
    rules = RULES.replace("exit:", "while_in:").replace(
        "next_step is filled", 'supported_stage() on or after "Discovery"'
    )
    project = PROJECT.replace("salesforce", crm)
    assert found(tmp_path, a_schema(crm=crm), project=project, e_rules=rules) == ""


def test_a_field_that_does_not_exist_is_named_with_the_org(tmp_path):
    schema = a_schema(fields=with_access("next_step", Access.ABSENT))
    assert found(tmp_path, schema, fields=FIELDS_FILE) == text(
        """
        rules/fields.yaml:4:3: error E501: next_step maps to Salesforce field Next__c, which does not exist in org 00D000000000001EAA (schema read 20 Nov 2026 06:00).
            4 |   next_step: {type: text, salesforce: Next__c, hubspot: hs_next_step}
              |   ^^^^^^^^^
        """  # noqa: E501
    )


def test_a_refused_pack_names_the_fields_that_do_not_exist_too(tmp_path):
    """By themselves they stop nothing; beside what does, they are told at once."""
    schema = a_schema(fields=with_access("next_step", Access.ABSENT))
    broken = rule("id: ent-b", "title: T", "require: amonut > 5", "fix: F")
    draft = a_draft(tmp_path, fields=FIELDS_FILE, b_rules=broken)
    with pytest.raises(PackError) as refused:
        draft.compile(schema)
    assert [message.split()[2] for message in refused.value.messages] == [
        "E401:",
        "E501:",
    ]


def test_a_property_that_does_not_exist_is_named_with_the_portal(tmp_path):
    schema = a_schema(
        crm="hubspot",
        org="hs:1234567",
        fields=with_access("next_step", Access.ABSENT),
    )
    project = PROJECT.replace("salesforce", "hubspot")
    assert found(tmp_path, schema, project=project, fields=FIELDS_FILE) == text(
        """
        rules/fields.yaml:4:3: error E501: next_step maps to HubSpot property hs_next_step, which does not exist in portal 1234567 (schema read 20 Nov 2026 06:00).
            4 |   next_step: {type: text, salesforce: Next__c, hubspot: hs_next_step}
              |   ^^^^^^^^^
        """  # noqa: E501
    )


def test_a_field_without_a_mapping_is_named_where_it_is_used(tmp_path):
    rest = {name: field for name, field in FIELDS.items() if name != "next_step"}
    assert found(tmp_path, a_schema(fields=rest)) == text(
        """
        rules/e.rules.yaml:7:13: error E501: next_step maps to no Salesforce field.
            7 |       - id: ent-next-step
              |             ^^^^^^^^^^^^^
          help: give next_step its Salesforce name in fields.yaml.
        """
    )


NOWHERE = {
    "owner.manager": "HubSpot knows no manager of an owner",
    "files.name": "HubSpot shows attachments without their names",
}


@pytest.mark.parametrize(
    ("asked", "name", "why"),
    [
        ("owner.manager is filled", "owner.manager", NOWHERE["owner.manager"]),
        ('some files where name = "x"', "files.name", NOWHERE["files.name"]),
        (
            'some account.files where name = "x"',
            "account.files.name",
            NOWHERE["files.name"],
        ),
    ],
)
def test_what_a_crm_does_not_have_is_told_with_its_reason(tmp_path, asked, name, why):
    schema = a_schema(crm="hubspot", org="hs:1234567", missing_fields=NOWHERE)
    project = PROJECT.replace("salesforce", "hubspot")
    asking = rule("id: ent-managed", "title: T", f"require: {asked}", "fix: F")
    assert found(tmp_path, schema, project=project, e_rules=asking) == text(
        f"""
        rules/e.rules.yaml:7:13: error E501: {name} cannot be asked: {why}.
            7 |       - id: ent-managed
              |             ^^^^^^^^^^^
          help: leave it out.
        """
    )


def test_a_name_of_their_own_mapped_to_a_property_is_asked_for_like_any(tmp_path):
    mapped = (
        "version: 1\nkind: fields\ncollections:\n  files:\n    fields:\n"
        "      name: {type: text, hubspot: hs_label}\n"
    )
    schema = a_schema(crm="hubspot", org="hs:1234567", missing_fields=NOWHERE)
    project = PROJECT.replace("salesforce", "hubspot")
    asking = rule(
        "id: ent-a", "title: T", 'require: some files where name = "x"', "fix: F"
    )
    said = found(tmp_path, schema, project=project, fields=mapped, e_rules=asking)
    assert "files.name maps to HubSpot property hs_label, which does not exist" in said


def test_rows_that_cannot_be_read_are_named_with_the_reason(tmp_path):
    schema = a_schema(missing_collections={"quotes": "the org has no quotes"})
    asking = rule("id: ent-a", "title: T", "require: some quotes", "fix: F")
    assert found(tmp_path, schema, e_rules=asking) == text(
        """
        rules/e.rules.yaml:7:13: error E501: the rows of quotes cannot be read: the org has no quotes.
            7 |       - id: ent-a
              |             ^^^^^
          help: grant read access, or take out what asks about quotes.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "named",
    [{}, {"files.name": Access.ABSENT}, {"files.name": Access.NONE}],
    ids=["no mapping", "absent", "not readable"],
)
def test_what_only_names_a_row_to_people_is_no_need_of_the_rule(tmp_path, named):
    fields = {
        name: crm_field("ContentDocument.Title", "text", Kind.TEXT, access=access)
        for name, access in named.items()
    }
    schema = a_schema(fields={**FIELDS, **fields})
    asking = rule("id: ent-a", "title: T", "require: some files", "fix: F")

    assert found(tmp_path, schema, e_rules=asking) == ""


def test_the_name_of_a_row_is_a_need_where_the_rule_asks_for_it(tmp_path):
    asking = rule(
        "id: ent-a", "title: T", 'require: some files where name = "x"', "fix: F"
    )

    assert "error E501: files.name maps to no Salesforce field." in found(
        tmp_path, a_schema(), e_rules=asking
    )


def test_fields_of_rows_that_cannot_be_read_are_not_named_again(tmp_path):
    schema = a_schema(missing_collections={"quotes": "the org has no quotes"})
    asking = rule(
        "id: ent-a", "title: T", 'require: some quotes where status = "x"', "fix: F"
    )
    assert found(tmp_path, schema, e_rules=asking).count("error E501") == 1


def test_a_scope_that_names_no_pipeline_is_a_mistake(tmp_path):
    project = PROJECT + "scope: [Enterprise, Comercial]\n"
    lines = found(tmp_path, a_schema(), project=project).splitlines()
    assert lines[0] == (
        'rules/project.yaml:5:21: error E503: there is no pipeline "Comercial" in'
        " Salesforce."
    )


def test_a_stage_that_no_pipeline_has_gets_a_suggestion(tmp_path):
    broken = RULES.replace("Discovery:", "Discovry:")
    assert found(tmp_path, a_schema(), e_rules=broken) == text(
        """
        rules/e.rules.yaml:5:3: error E503: pipeline Enterprise has no stage "Discovry".
            5 |   Discovry:
              |   ^^^^^^^^
          help: did you mean "Discovery"? Stages in order: Needs Analysis, Value Proposition, Discovery, Proposal, Closed Won, Closed Lost
        """  # noqa: E501
    )


def test_a_stage_needs_to_be_in_one_of_the_pipelines_only(tmp_path):
    both = RULES.replace("pipeline: Enterprise", "pipeline: [Enterprise, Commercial]")
    schema = a_schema(ENTERPRISE, COMMERCIAL)
    assert found(tmp_path, schema, e_rules=both) == ""
    neither = both.replace("Discovery:", "Zzz:")
    assert found(tmp_path, schema, e_rules=neither).splitlines()[0] == (
        "rules/e.rules.yaml:5:3: error E503: none of the pipelines Enterprise,"
        ' Commercial has a stage "Zzz".'
    )


def test_a_pipeline_that_is_not_there_gets_a_suggestion(tmp_path):
    broken = RULES.replace("pipeline: Enterprise", "pipeline: Enterprize")
    assert found(tmp_path, a_schema(), e_rules=broken) == text(
        """
        rules/e.rules.yaml:3:11: error E503: there is no pipeline "Enterprize" in Salesforce.
            3 | pipeline: Enterprize
              |           ^^^^^^^^^^
          help: did you mean "Enterprise"? Pipelines: Enterprise
        """  # noqa: E501
    )


def test_a_type_the_crm_contradicts_is_a_mistake(tmp_path):
    discount = crm_field("Opportunity.Discount__c", "text", Kind.TEXT)
    schema = a_schema(fields={**FIELDS, "discount": discount})
    assert found(tmp_path, schema, fields=FIELDS_FILE) == text(
        """
        rules/fields.yaml:5:3: error E505: discount is declared percent, but Salesforce Discount__c is text.
            5 |   discount: {type: percent, salesforce: Discount__c}
              |   ^^^^^^^^
        """  # noqa: E501
    )


@pytest.mark.parametrize("tracked", [False, True, None])
def test_a_declared_history_that_the_crm_does_not_keep_is_a_mistake(tmp_path, tracked):
    field = crm_field("Opportunity.Discount__c", "percent", Kind.PERCENT)
    schema = a_schema(fields={**FIELDS, "discount": replace(field, tracked=tracked)})
    declared = FIELDS_FILE.replace("Discount__c}", "Discount__c, history: true}")
    said = text(
        """
        rules/fields.yaml:5:3: error E508: discount is declared with a history, but field tracking is off for Discount__c.
            5 |   discount: {type: percent, salesforce: Discount__c, history: true}
              |   ^^^^^^^^
          help: switch on field history tracking; answers become possible from that day on.
        """  # noqa: E501
    )
    assert found(tmp_path, schema, fields=declared) == (
        said if tracked is False else ""
    )
    assert found(tmp_path, schema, fields=FIELDS_FILE) == ""


def test_a_hidden_field_names_the_rule_that_reads_it(tmp_path):
    schema = a_schema(fields=with_access("next_step", Access.NONE))
    assert found(tmp_path, schema) == text(
        """
        rules/e.rules.yaml:7:13: error E506: the integration user may not read Opportunity.NextStep, used by ent-next-step (e.rules.yaml:7).
            7 |       - id: ent-next-step
              |             ^^^^^^^^^^^^^
          help: grant read access in the permission set, or disable the rule.
        """  # noqa: E501
    )


ENFORCED = {
    "project": PROJECT + "mode_ceiling: enforce\n",
    "people": "version: 1\nkind: people\nfallback: revops@example.com\n",
    "e_rules": RULES + "        mode: enforce\n",
}


def test_enforcing_needs_write_access_to_the_flags(tmp_path):
    flag = crm_field("Opportunity.Gate_Status__c", "text", access=Access.READ)
    schema = a_schema(flags={"status": flag})
    assert found(tmp_path, schema, **ENFORCED) == text(
        """
        rules/project.yaml:5:15: error E507: mode enforce needs write access to Opportunity.Gate_Status__c.
            5 | mode_ceiling: enforce
              |               ^^^^^^^
        """  # noqa: E501
    )


WAIVERS = """\
version: 1
kind: waivers
waivers:
  - id: w-1
    rule: ent-next-step
    deals_where: lead_source = "Partner"
    max_deals: 5
    reason: Partner deals wait for the portal.
    requested_by: ana@example.com
    approved_by: ops@example.com
    approved_on: 2026-11-03
    expires: 2026-12-31
"""


def test_a_hidden_field_that_only_a_waiver_reads_names_the_waiver(tmp_path):
    hidden = crm_field("Opportunity.LeadSource", "text", access=Access.NONE)
    schema = a_schema(fields={**FIELDS, "lead_source": hidden})
    assert found(tmp_path, schema, w_waivers=WAIVERS) == text(
        """
        rules/w.waivers.yaml:5:11: error E506: the integration user may not read Opportunity.LeadSource, used by waiver w-1 (w.waivers.yaml:5).
            5 |     rule: ent-next-step
              |           ^^^^^^^^^^^^^
          help: grant read access in the permission set, or take the waiver out.
        """  # noqa: E501
    )


def test_a_rule_that_only_an_overlay_enforces_needs_the_flags_too(tmp_path):
    flag = crm_field("Opportunity.Gate_Status__c", "text", access=Access.READ)
    raised = {
        **ENFORCED,
        "e_rules": RULES,
        "emea_overlay": "version: 1\nkind: overlay\nfor: {team: [EMEA]}\n"
        "rules:\n  ent-next-step: {mode: enforce}\n",
    }
    said = found(tmp_path, a_schema(flags={"status": flag}), **raised)
    assert "error E507: mode enforce needs write access to" in said


def test_flags_may_stay_read_only_while_nothing_is_enforced(tmp_path):
    flag = crm_field("Opportunity.Gate_Status__c", "text", access=Access.READ)
    assert found(tmp_path, a_schema(flags={"status": flag})) == ""


def test_an_old_description_is_a_finding(tmp_path):
    draft = a_draft(tmp_path)
    old = draft.findings(a_schema(), READ_AT + timedelta(days=41))
    assert "\n".join(framed(old)) == text(
        """
        rules/project.yaml:3:1: error E509: the saved CRM schema is 41 days old (limit 14).
            3 | crm: salesforce
              | ^^^
          help: gatekeeper fields pull
        """  # noqa: E501
    )
    assert draft.findings(a_schema(), READ_AT + timedelta(days=14)) == []


@pytest.mark.parametrize("access", [Access.ABSENT, Access.NONE])
def test_what_the_crm_hides_stops_no_run_and_is_said(tmp_path, access):
    schema = a_schema(fields=with_access("next_step", access))
    pack = a_draft(tmp_path).compile(schema)
    assert [rule.id for rule in pack.rules] == ["ent-next-step"]
    (said,) = pack.remarks
    assert said.is_mistake
    assert "next_step" in said.text or "NextStep" in said.text


def test_a_mistake_in_the_pack_stops_it(tmp_path):
    broken = RULES.replace("Discovery:", "Discovry:")
    with pytest.raises(PackError) as refused:
        a_draft(tmp_path, e_rules=broken).compile(a_schema())
    assert len(refused.value.messages) == 1
    assert refused.value.exit_code == 2


# ---- stages: of project.yaml ---------------------------------------------------


def mapped(names: str) -> str:
    return PROJECT + f"stages:\n  Discovery: {{salesforce: {names}}}\n"


WITHOUT_DISCOVERY = a_schema(
    type(ENTERPRISE)(
        "Enterprise",
        tuple(stage for stage in ENTERPRISE.stages if stage.name != "Discovery"),
    )
)


def test_a_stage_of_the_rules_may_be_several_of_the_crm(tmp_path):
    project = mapped("[Needs Analysis, value proposition]")
    pack = a_draft(tmp_path, project=project).compile(WITHOUT_DISCOVERY)
    stages = pack.pipelines["Enterprise"].stages
    assert [stage.name for stage in stages] == [
        "Discovery",
        "Proposal",
        "Closed Won",
        "Closed Lost",
    ]
    assert stages[0].values == ("Needs Analysis", "Value Proposition")


def test_stages_that_are_joined_follow_each_other(tmp_path):
    project = mapped("[Needs Analysis, Proposal]")
    assert found(tmp_path, WITHOUT_DISCOVERY, project=project) == text(
        """
        rules/project.yaml:6:3: error E510: stage Discovery joins stages of the CRM that do not follow each other.
            6 |   Discovery: {salesforce: [Needs Analysis, Proposal]}
              |   ^^^^^^^^^
          help: a stage of the rules is one stage of the CRM or several in a row.
        """  # noqa: E501
    )


def test_a_stage_of_the_crm_that_the_rules_join_to_others_is_named_so(tmp_path):
    project = mapped("[Needs Analysis, Value Proposition]")
    asking = rule(
        "id: ent-a", "title: T", 'require: stage after "needs analysis"', "fix: F"
    )
    stages = "Discovery, Proposal, Closed Won, Closed Lost"
    assert found(tmp_path, WITHOUT_DISCOVERY, project=project, e_rules=asking) == text(
        f"""
        rules/e.rules.yaml:9:30: error E503: pipeline Enterprise has no stage "needs analysis".
            9 |         require: stage after "needs analysis"
              |                              ^^^^^^^^^^^^^^^^
          help: project.yaml has it under "Discovery": write "Discovery". Stages in order: {stages}
        """  # noqa: E501
    )
    placed = RULES.replace("Discovery:", "Value Proposition:")
    assert found(tmp_path, WITHOUT_DISCOVERY, project=project, e_rules=placed) == text(
        f"""
        rules/e.rules.yaml:5:3: error E503: pipeline Enterprise has no stage "Value Proposition".
            5 |   Value Proposition:
              |   ^^^^^^^^^^^^^^^^^
          help: project.yaml has it under "Discovery": write "Discovery". Stages in order: {stages}
        """  # noqa: E501
    )


def test_a_mapped_stage_must_be_there(tmp_path):
    project = mapped("Needs Analisys")
    lines = found(tmp_path, WITHOUT_DISCOVERY, project=project).splitlines()
    assert lines[0] == (
        "rules/project.yaml:6:27: error E503: pipeline Enterprise has no stage"
        ' "Needs Analisys".'
    )


def test_open_and_closed_stages_are_not_joined(tmp_path):
    project = mapped("[Proposal, Closed Won]")
    assert found(tmp_path, WITHOUT_DISCOVERY, project=project) == text(
        """
        rules/project.yaml:6:3: error E510: stage Discovery joins open and closed stages of the CRM.
            6 |   Discovery: {salesforce: [Proposal, Closed Won]}
              |   ^^^^^^^^^
        """  # noqa: E501
    )


def test_a_stage_of_the_crm_belongs_to_one_stage_of_the_rules(tmp_path):
    project = mapped("Needs Analysis") + "  Proposal: {salesforce: Needs Analysis}\n"
    assert found(tmp_path, WITHOUT_DISCOVERY, project=project) == text(
        """
        rules/project.yaml:7:26: error E510: "Needs Analysis" is named under Discovery and under Proposal; a stage of the CRM belongs to one.
            7 |   Proposal: {salesforce: Needs Analysis}
              |                          ^^^^^^^^^^^^^^
        """  # noqa: E501
    )


def test_a_stage_of_a_shared_entry_that_this_crm_lacks_is_a_warning(tmp_path):
    project = mapped("[Needs Analysis, Qualifying]")
    assert found(tmp_path, WITHOUT_DISCOVERY, project=project) == text(
        """
        rules/project.yaml:6:44: warning W512: Enterprise has no stage "Qualifying"; the other stages of its entry are there.
            6 |   Discovery: {salesforce: [Needs Analysis, Qualifying]}
              |                                            ^^^^^^^^^^
          help: correct the name, or take it out if your CRM does not have it.
        """  # noqa: E501
    )


# ---- stages that are called otherwise now --------------------------------------


def relabelled(old: str, new: str) -> Pipeline:
    """Return the pipeline with a stage under another label."""
    return Pipeline(
        "Enterprise",
        tuple(
            replace(stage, name=new, former=(old,)) if stage.name == old else stage
            for stage in ENTERPRISE.stages
        ),
    )


def test_a_stage_by_its_old_label_is_found_and_its_new_one_named(tmp_path):
    schema = a_schema(relabelled("Discovery", "Needs Agreed"))
    assert found(tmp_path, schema) == text(
        """
        rules/e.rules.yaml:5:3: warning E504: stage "Discovery" is now called "Needs Agreed" in Salesforce (same id). Nothing was lost; update the label here.
            5 |   Discovery:
              |   ^^^^^^^^^
        """  # noqa: E501
    )


def test_a_check_may_use_the_old_label_too(tmp_path):
    schema = a_schema(relabelled("Proposal", "Proposal Sent"))
    asking = rule("id: ent-a", "title: T", 'require: stage before "Proposal"', "fix: F")
    assert found(tmp_path, schema, e_rules=asking) == text(
        """
        rules/e.rules.yaml:9:31: warning E504: stage "Proposal" is now called "Proposal Sent" in Salesforce (same id). Nothing was lost; update the label here.
            9 |         require: stage before "Proposal"
              |                               ^^^^^^^^^^
        """  # noqa: E501
    )


def test_an_entry_of_the_map_of_stages_may_use_the_old_label_too(tmp_path):
    schema = a_schema(relabelled("Value Proposition", "Value Agreed"))
    project = PROJECT + "stages:\n  Value: {salesforce: Value Proposition}\n"
    assert found(tmp_path, replace_values(schema), project=project) == text(
        """
        rules/project.yaml:6:23: warning E504: stage "Value Proposition" is now called "Value Agreed" in Salesforce (same id). Nothing was lost; update the label here.
            6 |   Value: {salesforce: Value Proposition}
              |                       ^^^^^^^^^^^^^^^^^
        """  # noqa: E501
    )


def replace_values(schema):
    """Return a schema whose stages are known by their labels of today alone."""
    stages = tuple(
        replace(stage, values=(stage.name,)) for stage in schema.pipelines[0].stages
    )
    return replace(schema, pipelines=(Pipeline("Enterprise", stages),))


def test_a_rule_under_the_old_label_binds_the_deals_of_that_stage(tmp_path):
    schema = a_schema(relabelled("Discovery", "Needs Agreed"))
    pack = a_draft(tmp_path).compile(schema)
    deal = replace(a_deal("Proposal", next_step=EMPTY), pipeline="Enterprise")
    (verdict,) = judge(deal, pack, a_context(pipelines=pack.pipelines)).verdicts
    assert verdict.outcome is Outcome.FAIL


def test_two_files_that_say_different_things_of_a_stage_are_named(tmp_path):
    one = RULES.replace("exit:", "path: optional\n    exit:")
    other = rule("id: ent-b", "title: T", "require: amount > 5", "fix: F")
    other = other.replace("exit:", "path: side\n    exit:")
    assert found(tmp_path, a_schema(), e_rules=one, f_rules=other) == text(
        """
        rules/f.rules.yaml:5:3: error E221: stage "Discovery" is another one in rules/e.rules.yaml:5.
            5 |   Discovery:
              |   ^^^^^^^^^
          help: write path and counts_as of a stage in one file.
        """  # noqa: E501
    )


def test_a_stage_without_rules_must_be_there_too(tmp_path):
    aside = RULES + "  Legal hold:\n    path: side\n"
    assert found(tmp_path, a_schema(), e_rules=aside).splitlines()[0] == (
        'rules/e.rules.yaml:11:3: error E503: pipeline Enterprise has no stage "Legal'
        ' hold".'
    )


TEAMS = """\
version: 1
kind: people
roles: {}
teams:
  west: {manager: li.wei@example.com}
  Eats: {manager: bo.lund@example.com}
"""
LOST_OVERLAY = """\
version: 1
kind: overlay
for: {team: [West, Nordics]}
rules:
  ent-next-step: {mode: warn}
"""


def test_a_team_that_nobody_is_in_is_named_with_the_nearest(tmp_path):
    draft = a_draft(tmp_path, people=TEAMS, north_overlay=LOST_OVERLAY)
    people = [
        Person("1", "Ann", team="West"),
        Person("2", "Bo", team="East", is_active=False),
        Person("3", "Cy"),
    ]

    assert "\n".join(framed(draft.findings(a_schema(), None, people))) == text(
        """
        rules/north.overlay.yaml:3:20: warning W513: nobody in Salesforce is in the team "Nordics".
            3 | for: {team: [West, Nordics]}
              |                    ^^^^^^^
          help: teams in Salesforce: East, West.
        rules/people.yaml:6:3: warning W513: nobody in Salesforce is in the team "Eats".
            6 |   Eats: {manager: bo.lund@example.com}
              |   ^^^^
          help: did you mean "East"?
        """  # noqa: E501
    )


def test_where_nobody_is_in_any_team_that_is_the_remedy(tmp_path):
    draft = a_draft(tmp_path, people=TEAMS.replace("  Eats", "  # Eats"))

    (problem,) = draft.findings(a_schema(), None, [Person("1", "Ann")])

    assert problem.help == (
        "put people into teams in Salesforce, or name each manager under people:."
    )
    assert draft.findings(a_schema()) == []
