"""What may stand under keys that hold further keys, as JSON Schema says it. Pure.

Words that only one org knows (its stages, fields, rules) are definitions of their own:
`editor_org` puts the org's words in their place.
"""

from __future__ import annotations

import calendar

from gatekeeper.core.model import Severity, State
from gatekeeper.pack.editor.shapes import (
    ADDRESS,
    DAY_PATTERN,
    MOMENT,
    MOMENT_PATTERN,
    NAME,
    NOTHING,
    RULE_ID,
    RULE_ID_PATTERN,
    TEXT,
    Schema,
    closed,
    each,
    either,
    listed,
    one_or_more,
    ref,
    titled,
)
from gatekeeper.pack.files.waivers import EVERYTHING
from gatekeeper.pack.testing.expect import NoViolation

_RULES = listed(ref("rule"))
_FIELDS = each(ref("field"), keys=NAME)
_STAGE_NAMES = one_or_more(ref("stage_name"))
_RULE_NAMES = one_or_more(ref("rule_name"))
_PEOPLE = one_or_more(ADDRESS)

NESTED: dict[tuple[str, str], Schema] = {
    ("ProjectFile", "week_starts_on"): {
        "enum": [day.lower() for day in calendar.day_name]
    },
    ("ProjectFile", "fiscal_year_starts"): {"enum": list(calendar.month_name)[1:]},
    ("ProjectFile", "business_calendar"): ref("business_calendar"),
    ("ProjectFile", "limits"): ref("limits"),
    ("ProjectFile", "schedule"): ref("schedule"),
    ("Schedule", "run"): ref("run_times"),
    ("Schedule", "digest"): ref("digest_times"),
    ("ProjectFile", "scope"): one_or_more(ref("pipeline_name")),
    ("ProjectFile", "stages"): each(ref("stage_names")),
    ("StageNames", "salesforce"): one_or_more(ref("crm_stage")),
    ("StageNames", "hubspot"): one_or_more(ref("crm_stage")),
    ("PeopleFile", "roles"): each(one_or_more(ref("role_step")), keys=NAME),
    ("PeopleFile", "people"): each(ref("person")),
    ("PeopleFile", "teams"): each(ref("team_manager")),
    ("PeopleFile", "digests"): ref("digest_readers"),
    ("ReadersPart", "revops"): one_or_more(ADDRESS),
    ("ReadersPart", "leadership"): one_or_more(ADDRESS),
    ("PersonPart", "absent"): listed(ref("absence")),
    ("PersonPart", "calendar"): ref("business_calendar"),
    ("FieldsFile", "deal"): _FIELDS,
    ("FieldsFile", "lookups"): each(ref("relation"), keys=NAME),
    ("FieldsFile", "collections"): each(ref("relation"), keys=NAME),
    ("FieldsFile", "groups"): each(listed(ref("field_name")), keys=NAME),
    ("FieldPart", "salesforce"): ref("crm_field"),
    ("FieldPart", "hubspot"): ref("crm_field"),
    ("RelationPart", "salesforce"): ref("source"),
    ("RelationPart", "hubspot"): ref("source"),
    ("RelationPart", "fields"): _FIELDS,
    ("RulesFile", "pipeline"): one_or_more(ref("pipeline_name")),
    ("RulesFile", "defaults"): ref("defaults"),
    ("RulesFile", "params"): each(ref("param"), keys=NAME),
    ("RulesFile", "define"): each(ref("condition"), keys=NAME),
    ("RulesFile", "stages"): ref("stages"),
    ("DefsFile", "params"): each(ref("param"), keys=NAME),
    ("DefsFile", "define"): each(ref("condition"), keys=NAME),
    ("RulesFile", "suspend_when"): ref("condition"),
    ("StagePart", "start_when"): ref("condition"),
    ("StagePart", "when"): ref("condition"),
    ("StagePart", "unless"): ref("condition"),
    ("StagePart", "exit"): _RULES,
    ("StagePart", "while_in"): _RULES,
    ("StagePart", "entry"): _RULES,
    ("Defaults", "owed_by"): ref("role"),
    ("RulePart", "owed_by"): ref("role"),
    ("RulePart", "require"): ref("condition"),
    ("RulePart", "when"): ref("condition"),
    ("RulePart", "unless"): ref("condition"),
    ("RulePart", "escalate"): listed(ref("escalation")),
    ("RulePart", "deprecated"): ref("deprecated"),
    ("RulePart", "suppressed_by"): _RULE_NAMES,
    ("LinePart", "check"): ref("check"),
    ("LinePart", "when"): ref("condition"),
    ("ParamPart", "by"): ref("field_name"),
    ("ParamPart", "value"): ref("param_value"),
    ("ParamPart", "values"): each(ref("param_value")),
    ("ParamPart", "bands"): each(ref("param_value")),
    ("ParamPart", "otherwise"): ref("param_value"),
    ("OverlayFile", "matches"): ref("overlay_for"),
    ("OverlayFile", "business_calendar"): ref("business_calendar"),
    ("OverlayFile", "params"): ref("overlay_params"),
    ("OverlayFile", "rules"): ref("overlay_rules"),
    ("OverlayFor", "team"): one_or_more(ref("team")),
    ("OverlayFor", "pipeline"): one_or_more(ref("pipeline_name")),
    ("OverlayRule", "owed_by"): ref("role"),
    ("WaiversFile", "policy"): ref("policy"),
    ("WaiversFile", "waivers"): listed(ref("waiver")),
    ("PolicyPart", "approvers"): {
        **each(_PEOPLE),
        "propertyNames": {"enum": [*Severity, EVERYTHING]},
    },
    ("WaiverPart", "rule"): _RULE_NAMES,
    ("WaiverPart", "deals_where"): ref("condition"),
    ("WaiverPart", "ends_early_when"): ref("condition"),
    ("WaiverPart", "approved_logic"): each(TEXT),
    ("CaseWaiver", "rule"): _RULE_NAMES,
    ("CaseWaiver", "deals_where"): ref("condition"),
    ("CaseWaiver", "ends_early_when"): ref("condition"),
    ("CaseWaiver", "approved_logic"): each(TEXT),
    ("FilePart", "as_of"): MOMENT,
    ("FilePart", "pipelines"): each(ref("pipeline")),
    ("FilePart", "picklists"): ref("picklists"),
    ("FilePart", "deals"): each(ref("deal")),
    ("FilePart", "cases"): listed(ref("case")),
    ("PipelinePart", "open"): _STAGE_NAMES,
    ("PipelinePart", "won"): _STAGE_NAMES,
    ("PipelinePart", "lost"): _STAGE_NAMES,
    ("CasePart", "as_of"): MOMENT,
    ("CasePart", "change"): ref("deal"),
    ("CasePart", "hidden"): one_or_more(ref("field_name")),
    ("CasePart", "over"): ref("over"),
    ("CasePart", "waivers"): listed(ref("waiver_of_case")),
    ("CasePart", "expect"): ref("expect"),
    ("ExpectPart", "violations"): _RULE_NAMES,
    ("ExpectPart", "fails"): _RULE_NAMES,
    ("ExpectPart", "passes"): _RULE_NAMES,
    ("ExpectPart", "not_applicable"): _RULE_NAMES,
    ("ExpectPart", "cannot_tell"): _RULE_NAMES,
    ("ExpectPart", "waived"): _RULE_NAMES,
    ("ExpectPart", "because"): each(TEXT),
    ("ExpectPart", "severity"): each({"enum": list(Severity)}),
    ("ExpectPart", "owed_by"): each(ref("role")),
    ("ExpectPart", "timeline"): each(
        each({"enum": [*State, *NoViolation]}), keys=DAY_PATTERN
    ),
}
"""Keys whose value holds further keys or an org's words, by model and field."""

REQUIRED = {"WaiverPart": ("expires",), "CaseWaiver": ("expires",)}
"""Keys that must be there although the model reads the part without them, for a
message of its own."""

TOGETHER: dict[str, Schema] = {
    "WaiverPart": {
        "oneOf": [{"required": ["deals"]}, {"required": ["deals_where", "max_deals"]}]
    },
    "ParamPart": {
        "oneOf": [
            {"required": ["value"]},
            {"required": ["by", "values"]},
            {"required": ["by", "from"]},
        ]
    },
    "OverlayRule": {
        "if": {
            "required": ["enabled"],
            "properties": {"enabled": {"enum": [False, "no"]}},
        },
        "then": {"required": ["reason", "until"]},
    },
    "OverlayFor": {"minProperties": 1},
    "ExpectPart": {"minProperties": 1},
}
"""Which keys of a part go together, by model."""

_LINES = listed(ref("entry"))


def _only(key: str, value: Schema) -> Schema:
    return closed({key: value}, [key])


def _said(shape: Schema, text: str) -> Schema:
    # Beside "$ref" draft-07 reads nothing, so the reference moves inside.
    own = {"allOf": [shape]} if "$ref" in shape else shape
    return {**own, "description": text}


HISTORY = _said(
    each(ref("entry_of_history"), keys=MOMENT_PATTERN),
    "Day or moment to what changed then, the oldest first.",
)

DEFINITIONS: dict[str, Schema] = {
    "check": {
        **TEXT,
        "title": "check",
        "description": "One line of the rule language; see: gatekeeper functions",
        "examples": ["next_step is filled", "amount >= 50k"],
    },
    "entry": titled(
        "check, check with keys, `all`, `any` or `at_least`",
        either(
            ref("check"), ref("line"), ref("all_of"), ref("any_of"), ref("at_least")
        ),
    ),
    "condition": titled(
        "check, or several: a list, `all`, `any`, `at_least`",
        either(ref("entry"), _LINES),
    ),
    "all_of": _only("all", _LINES),
    "any_of": _only("any", {**_LINES, "minItems": 2}),
    "at_least": _only("at_least", each(_LINES, keys="^[0-9]+$")),
    "param_value": titled("value, or a list of values", one_or_more(TEXT)),
    "role_step": titled(
        "`deal_owner`, `owner_manager`, `field:`, `team_member:` or `address:`",
        either(
            {"enum": ["deal_owner", "owner_manager"]},
            _only("field", ref("field_name")),
            _only("team_member", ref("team_role")),
            _only("address", ADDRESS),
        ),
    ),
    "escalation": titled(
        "`when`, and any of `severity`, `owed_by`, `fix`",
        closed(
            {
                "when": _said(ref("condition"), "Looked at only when the rule fails."),
                "severity": _said({"enum": list(Severity)}, "How bad it is then."),
                "owed_by": _said(ref("role"), "Who owes it then."),
                "fix": _said(TEXT, "What to do then."),
            },
            ["when"],
        ),
    ),
    "deal": titled(
        "fields, rows and `history` of a deal",
        {**each(ref("value")), "properties": {"history": HISTORY}},
    ),
    "entry_of_history": {
        **each(ref("value")),
        "properties": {"by": _said(either(ADDRESS, {"type": "object"}), "Who did it.")},
    },
    "value": either(
        TEXT, NOTHING, {"type": "object"}, listed(either(TEXT, {"type": "object"}))
    ),
    # What follows is narrower where an org is known.
    "stages": titled("stage to its criteria", each(either(ref("stage"), NOTHING))),
    "overlay_rules": titled(
        "rule id to what is different",
        each(ref("overlay_rule"), keys=RULE_ID_PATTERN),
    ),
    "overlay_params": titled(
        "name to another value", each(ref("param_value"), keys=NAME)
    ),
    "picklists": titled("field to its values in order", each(listed(TEXT))),
    "stage_name": titled("stage", TEXT),
    "crm_stage": titled("stage of the CRM", TEXT),
    "pipeline_name": titled("pipeline", TEXT),
    "field_name": titled("field", TEXT),
    "crm_field": titled("name in the CRM", TEXT),
    "team": titled("team", TEXT),
    "team_role": titled("role in the deal team", TEXT),
    "role": {**TEXT, "title": "role", "examples": ["deal_owner", "owner_manager"]},
    "rule_name": RULE_ID,
}
"""Shapes that no single model describes."""
