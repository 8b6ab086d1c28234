"""What may stand under a key, as JSON Schema says it. Pure tables."""

from __future__ import annotations

import calendar

from gatekeeper.pack import times, values

Schema = dict[str, object]


def ref(name: str) -> Schema:
    """Refer to a definition of the same file."""
    return {"$ref": f"#/definitions/{name}"}


def each(of: Schema, *, keys: str | None = None) -> Schema:
    """Return a mapping from names to values of one shape."""
    named: Schema = {"type": "object", "additionalProperties": of}
    return {**named, "propertyNames": {"pattern": keys}} if keys else named


def listed(of: Schema) -> Schema:
    """Return a list of values of one shape."""
    return {"type": "array", "items": of}


def either(*shapes: Schema) -> Schema:
    """Return a value of one of the shapes."""
    return {"anyOf": list(shapes)}


NAME = "^[a-z][a-z0-9_]{0,59}$"
RULE_ID: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,59}$"}
TEXT: Schema = {"type": ["string", "number", "boolean"]}
TEXTS = either(TEXT, listed(TEXT))
DATE: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"}
_BUSINESS_DAYS: Schema = {
    "type": "string",
    "pattern": "^[0-9]+ +([Bb]usiness +)?[Dd]ays?$",
    "examples": ["5 business days"],
}

BY_READER: dict[object, Schema] = {
    values.text: TEXT,
    values.texts: TEXTS,
    values.yes_no: {"enum": [True, False, "yes", "no"]},
    values.whole: either(
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": "^[0-9][0-9_]*$"},
    ),
    values.percent: either(
        {"type": "integer", "minimum": 0, "maximum": 100},
        {"type": "string", "pattern": "^[0-9]{1,3} *%$"},
    ),
    values.zone: {
        "type": "string",
        "examples": ["America/New_York", "Europe/Berlin", "UTC"],
    },
    values.currency: {"type": "string", "pattern": "^[A-Z]{3}$"},
    values.rule_id: RULE_ID,
    values.rule_ids: either(RULE_ID, listed(RULE_ID)),
    values.address: {"type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$"},
    times.day: DATE,
    times.days: listed(DATE),
    times.grace: {
        "type": "string",
        "pattern": "^[0-9]+ +([Bb]usiness +days?|[Hh]ours?|[Dd]ays?|[Ww]eeks?)$",
        "examples": ["3 business days", "0 days", "12 hours"],
    },
    times.business_days: _BUSINESS_DAYS,
    times.calendar_days: {
        "type": "string",
        "pattern": "^[0-9]+ +([Dd]ays?|[Ww]eeks?)$",
        "examples": ["30 days"],
    },
    times.ramp: {"type": "string", "pattern": "^[0-9]+ +per +business +day$"},
}
"""The reader of a value to what it takes."""

_RULES = listed(ref("rule"))
_CRM_SOURCES = ref("source")
_FIELDS = each(ref("field"), keys=NAME)

NESTED: dict[tuple[str, str], Schema] = {
    ("ProjectFile", "week_starts_on"): {
        "enum": [day.lower() for day in calendar.day_name]
    },
    ("ProjectFile", "fiscal_year_starts"): {"enum": list(calendar.month_name)[1:]},
    ("ProjectFile", "business_calendar"): ref("business_calendar"),
    ("ProjectFile", "limits"): ref("limits"),
    ("ProjectFile", "stages"): each(ref("stage_names")),
    ("PeopleFile", "roles"): each(
        either(ref("role_step"), listed(ref("role_step"))), keys=NAME
    ),
    ("FieldsFile", "deal"): _FIELDS,
    ("FieldsFile", "lookups"): each(ref("relation"), keys=NAME),
    ("FieldsFile", "collections"): each(ref("relation"), keys=NAME),
    ("FieldsFile", "groups"): each(listed(TEXT), keys=NAME),
    ("RelationPart", "salesforce"): _CRM_SOURCES,
    ("RelationPart", "hubspot"): _CRM_SOURCES,
    ("RelationPart", "fields"): _FIELDS,
    ("RulesFile", "defaults"): ref("defaults"),
    ("RulesFile", "params"): each(ref("param"), keys=NAME),
    ("RulesFile", "define"): each(ref("condition"), keys=NAME),
    ("RulesFile", "stages"): each(either(ref("stage"), {"type": "null"})),
    ("DefsFile", "params"): each(ref("param"), keys=NAME),
    ("DefsFile", "define"): each(ref("condition"), keys=NAME),
    ("StagePart", "exit"): _RULES,
    ("StagePart", "while_in"): _RULES,
    ("StagePart", "entry"): _RULES,
    ("RulePart", "require"): ref("condition"),
    ("RulePart", "when"): ref("condition"),
    ("RulePart", "unless"): ref("condition"),
    ("RulePart", "deprecated"): ref("deprecated"),
    ("LinePart", "when"): ref("condition"),
    ("ParamPart", "value"): ref("param_value"),
    ("ParamPart", "values"): each(ref("param_value")),
    ("ParamPart", "bands"): each(ref("param_value")),
    ("ParamPart", "otherwise"): ref("param_value"),
}
"""Keys whose value holds further keys, by model and field."""

_LINES = listed(ref("entry"))


def _only(key: str, value: Schema) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [key],
        "properties": {key: value},
    }


DEFINITIONS: Schema = {
    "check": {
        **TEXT,
        "description": "One line of the rule language; see: gatekeeper functions",
        "examples": ["next_step is filled", "amount >= 50k"],
    },
    "entry": either(
        ref("check"), ref("line"), ref("all_of"), ref("any_of"), ref("at_least")
    ),
    "condition": either(ref("entry"), _LINES),
    "all_of": _only("all", _LINES),
    "any_of": _only("any", {**_LINES, "minItems": 2}),
    "at_least": _only("at_least", each(_LINES, keys="^[0-9]+$")),
    "param_value": either(TEXT, listed(TEXT)),
    "role_step": either(
        {"enum": ["deal_owner", "owner_manager"]},
        _only("field", TEXT),
        _only("team_member", TEXT),
        _only("address", BY_READER[values.address]),
    ),
}
"""Shapes that no single model describes."""
