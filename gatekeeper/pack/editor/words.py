"""The words of one org and one pack, for the schemas that editors read. Pure.

Stages, pipelines, fields, picklist values, roles and rules stand in the place of "any
text", so that an editor completes them and marks one that is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Access, Kind
from gatekeeper.core.pack import Reach
from gatekeeper.pack.editor.org import Org, example_checks, stages_of
from gatekeeper.pack.editor.shapes import (
    ADDRESS,
    DATE,
    MOMENT,
    NOTHING,
    TEXT,
    Schema,
    closed,
    either,
    listed,
    offered,
    one_or_more,
    ref,
)
from gatekeeper.pack.editor.values import HISTORY
from gatekeeper.pack.files.people import BUILT_IN_ROLES

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import FieldSpec, RelationSpec
    from gatekeeper.pack.load import Draft


def org_words(org: Org) -> dict[str, Schema]:
    """Return the definitions that this org narrows, by name."""
    catalogue = org.draft.catalogue
    pipelines = [*(one.name for one in org.pipelines), "*"]
    stages = org.stages()
    rules = _rules(org.draft)
    relations = [*catalogue.lookups, *catalogue.collections]
    names = [*org.readable(), *relations]
    reaches = [each.value for each in Reach if each is not Reach.STAGE]
    stage = either(ref("stage"), NOTHING)
    return {
        "check": {
            **TEXT,
            "description": "One line of the rule language; see: gatekeeper functions",
            "examples": list(example_checks(org)),
        },
        "stages": closed(dict.fromkeys([*stages, *reaches], stage)),
        "stage_name": offered(stages, TEXT),
        "crm_stage": {"enum": stages_of(org.schema.pipelines)},
        "pipeline_name": {"enum": pipelines},
        "field_name": offered(names, TEXT),
        "crm_field": _crm_field(org),
        "role": {"enum": [*BUILT_IN_ROLES, *org.draft.people.roles]},
        "team": offered(org.teams, TEXT) if org.teams else TEXT,
        "team_role": _offered_choices(org, "team_members.role"),
        "rule_name": {"enum": rules},
        "overlay_rules": closed(dict.fromkeys(rules, ref("overlay_rule"))),
        "overlay_params": closed(dict.fromkeys(_params(org), ref("param_value"))),
        "picklists": _picklists(org),
        "deal": _deal(org),
    }


def _rules(draft: Draft) -> list[str]:
    """Return the ids of the pack, those that rules had before included."""
    parts = [rule.part for rule in draft.rules if rule.part is not None]
    ids = [part.id for part in parts]
    return [*ids, *(old for part in parts for old in part.formerly)]


def _params(org: Org) -> list[str]:
    names = (name for _, words in org.draft.files for name in words.params)
    return list(dict.fromkeys(names))


def _offered_choices(org: Org, name: str) -> Schema:
    words = org.choices(name)
    return offered(words, TEXT) if words else TEXT


def _crm_field(org: Org) -> Schema:
    """Offer the deal's own fields of the CRM; a path over a relation is text too."""
    readable = [
        name
        for name, found in org.schema.by_path.items()
        if found.access in (Access.READ, Access.WRITE)
    ]
    return offered(sorted(readable), TEXT) if readable else TEXT


def _picklists(org: Org) -> Schema:
    listed_texts = listed(TEXT)
    names = [name for name, spec in org.readable().items() if spec.kind in _PICKLISTS]
    return {
        "type": "object",
        "additionalProperties": listed_texts,
        "properties": dict.fromkeys(names, listed_texts),
    }


# ---- deals of tests ----------------------------------------------------------------


def _deal(org: Org) -> Schema:
    """Describe a deal of a test: every field of the org with what it may hold."""
    catalogue = org.draft.catalogue
    properties: dict[str, Schema] = {
        name: {**_value(org, name, spec), "description": f"{org.says(name, spec)}."}
        for name, spec in org.readable().items()
    }
    properties |= dict.fromkeys(catalogue.lookups, ref("value"))
    for name, spec in catalogue.collections.items():
        properties[name] = either(listed(_row(org, spec)), NOTHING)
    return {
        **closed({**properties, "history": HISTORY}),
        "patternProperties": {"^custom\\.": ref("value")},
    }


def _row(org: Org, collection: RelationSpec) -> Schema:
    if not collection.fields:
        return {"type": "object"}
    return closed(
        {
            name: _value(org, f"{collection.name}.{name}", spec)
            for name, spec in collection.fields.items()
        }
    )


def _value(org: Org, name: str, spec: FieldSpec) -> Schema:
    """Return what a test may write for a field; nothing at all is empty."""
    if spec.kind is Kind.STAGE:
        return either(offered(org.stages(), TEXT), NOTHING)
    choices = org.choices(name)
    if choices and spec.kind in _PICKLISTS:
        known = org.schema.fields[name]
        one: Schema = {"enum": choices}
        one = one if known.restricted else offered(choices, TEXT)
        is_single = spec.kind is Kind.PICKLIST
        return either(one if is_single else one_or_more(one), NOTHING)
    return either(_BY_KIND.get(spec.kind, TEXT), NOTHING)


_PICKLISTS = (Kind.PICKLIST, Kind.MULTI_PICKLIST)
_NUMBER: Schema = {"type": ["number", "string"]}
_BY_KIND: dict[Kind, Schema] = {
    Kind.MULTI_PICKLIST: one_or_more(TEXT),
    Kind.YES_NO: {"enum": [True, False, "yes", "no"]},
    Kind.DATE: DATE,
    Kind.DATETIME: MOMENT,
    Kind.USER: either(ADDRESS, {"type": "object", "required": ["email"]}),
    Kind.NUMBER: _NUMBER,
    Kind.MONEY: _NUMBER,
    Kind.PERCENT: _NUMBER,
}
