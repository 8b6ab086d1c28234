"""JSON Schemas (draft-07) of the files of a pack, for completion in editors. Pure.

Made from the same models that read the files: a key the models do not have is no key
here, and a word of a closed set is offered as it is read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gatekeeper.pack.editor.defaults import default_of, readers_of
from gatekeeper.pack.editor.shapes import BY_READER, TEXT, Schema, closed, titled
from gatekeeper.pack.editor.snippets import OF_FILES, OF_PARTS
from gatekeeper.pack.editor.texts import DESCRIPTIONS, EXAMPLES, TITLES
from gatekeeper.pack.editor.values import DEFINITIONS, NESTED, REQUIRED, TOGETHER
from gatekeeper.pack.files import rule_schema, schedule_schema, schema
from gatekeeper.pack.source.folder import FileKind
from gatekeeper.pack.testing import schema as test_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

DRAFT = "http://json-schema.org/draft-07/schema#"

FILES: dict[FileKind, type[schema.Part]] = {
    FileKind.PROJECT: schema.ProjectFile,
    FileKind.FIELDS: schema.FieldsFile,
    FileKind.PEOPLE: schema.PeopleFile,
    FileKind.RULES: rule_schema.RulesFile,
    FileKind.DEFS: rule_schema.DefsFile,
    FileKind.OVERLAY: schema.OverlayFile,
    FileKind.WAIVERS: schema.WaiversFile,
    FileKind.TEST: test_schema.FilePart,
}

PARTS: dict[str, type[schema.Part]] = {
    "rule": rule_schema.RulePart,
    "line": rule_schema.LinePart,
    "stage": rule_schema.StagePart,
    "defaults": rule_schema.Defaults,
    "deprecated": rule_schema.Deprecated,
    "param": rule_schema.ParamPart,
    "limits": schema.Limits,
    "business_calendar": schema.BusinessCalendar,
    "schedule": schedule_schema.Schedule,
    "run_times": schedule_schema.RunTimes,
    "digest_times": schedule_schema.DigestTimes,
    "stage_names": schema.StageNames,
    "field": schema.FieldPart,
    "relation": schema.RelationPart,
    "source": schema.Source,
    "person": schema.PersonPart,
    "team_manager": schema.TeamPart,
    "absence": schema.AbsencePart,
    "digest_readers": schema.ReadersPart,
    "overlay_for": rule_schema.OverlayFor,
    "overlay_rule": rule_schema.OverlayRule,
    "policy": schema.PolicyPart,
    "waiver": schema.WaiverPart,
    "pipeline": test_schema.PipelinePart,
    "case": test_schema.CasePart,
    "waiver_of_case": test_schema.CaseWaiver,
    "over": test_schema.OverPart,
    "expect": test_schema.ExpectPart,
}
"""Parts of files that a model describes, by the name of their definition."""


def editor_schemas(words: Mapping[str, Schema] | None = None) -> dict[str, Schema]:
    """Return a schema for every kind of file, by the name of its file.

    Args:
        words: Definitions in place of those that any org shares; see `editor_org`.
    """
    known: dict[str, Schema] = {**DEFINITIONS, **(words or {})}
    for name, model in PARTS.items():
        known[name] = titled(TITLES[name], _part(model))
        if name in OF_PARTS:
            known[name]["defaultSnippets"] = OF_PARTS[name]
    return {
        f"{kind.word}.json": _file(kind, model, known) for kind, model in FILES.items()
    }


def _file(
    kind: FileKind, model: type[schema.Part], known: Mapping[str, Schema]
) -> Schema:
    part = _part(model)
    part["properties"] = {
        **_properties(model),
        "version": {"const": 1, "description": DESCRIPTIONS["version"]},
        "kind": {"const": kind.word, "description": DESCRIPTIONS["kind"]},
    }
    whole: Schema = {
        "$schema": DRAFT,
        "title": f"gatekeeper: a file of kind {kind.word}",
        **part,
        "defaultSnippets": [OF_FILES[kind]],
    }
    return {**whole, "definitions": _used(whole, known)}


def _used(whole: Schema, known: Mapping[str, Schema]) -> Schema:
    """Return the definitions that a schema refers to, directly or not."""
    used: set[str] = set()
    waiting: list[object] = [whole]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in used:
                used.add(name)
                waiting.append(known[name])
    return {name: known[name] for name in sorted(used)}


def _references(part: object) -> set[str]:
    if isinstance(part, dict):
        own = part.get("$ref")
        found = {str(own).rpartition("/")[2]} if own else set[str]()
        return found.union(*map(_references, part.values()))
    if isinstance(part, list):
        return set[str]().union(*map(_references, part))
    return set()


def _part(model: type[schema.Part]) -> Schema:
    required = [
        each.alias or name
        for name, each in model.model_fields.items()
        if each.is_required()
    ]
    required += REQUIRED.get(model.__name__, ())
    return {
        **closed(_properties(model), required),
        **TOGETHER.get(model.__name__, {}),
    }


def _properties(model: type[schema.Part]) -> dict[str, Schema]:
    return {
        each.alias or name: _described(model, name, each.alias or name)
        for name, each in model.model_fields.items()
    }


def _described(model: type[schema.Part], name: str, key: str) -> Schema:
    """Add what an editor says of a key: of this model's key, else of any so named."""
    shape = _value(model, name)
    described: Schema = dict(shape)
    own = f"{model.__name__}.{key}"
    if own in DESCRIPTIONS or key in DESCRIPTIONS:
        described["description"] = DESCRIPTIONS.get(own) or DESCRIPTIONS[key]
    if own in EXAMPLES or key in EXAMPLES:
        described["examples"] = list(EXAMPLES.get(own) or EXAMPLES[key])
    default = default_of(model.model_fields[name], shape)
    if default is not None:
        described["default"] = default
    # Beside "$ref" draft-07 reads nothing, so the reference moves inside.
    reference = described.pop("$ref", None)
    if reference is not None:
        described["allOf"] = [{"$ref": reference}]
    return described


def _value(model: type[schema.Part], name: str) -> Schema:
    nested = NESTED.get((model.__name__, name))
    if nested is not None:
        return nested
    field = model.model_fields[name]
    for reader in readers_of(field):
        if reader in BY_READER:
            return BY_READER[reader]
    words = _words(field.annotation)
    return {"enum": [word.value for word in words]} if words else TEXT


def _words(annotation: object) -> list[StrEnum]:
    """Return the words of a closed set; none where it is another type."""
    for each in (annotation, *getattr(annotation, "__args__", ())):
        plain = getattr(each, "__origin__", each)
        if isinstance(plain, type) and issubclass(plain, StrEnum):
            return list(plain)
    return []
