"""A pack as values for programs: every rule with the trees of its checks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from gatekeeper.core.model import Quorum
from gatekeeper.core.pack import Reach
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.syntax import Span
from gatekeeper.pack.files.conditions import DraftCondition, DraftLine

if TYPE_CHECKING:
    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.pack.files.escalations import DraftEscalation
    from gatekeeper.pack.files.rules import DraftFile, DraftRule, DraftStage
    from gatekeeper.pack.files.uses import Vocabulary
    from gatekeeper.pack.load import Draft

AST_VERSION = 1
"""Raised when a program that reads the export would have to change."""

_NOT_LOGIC = frozenset({"span", "name_span", "operator_span", "place"})

Exported = dict[str, object]


def export_ast(draft: Draft, pack: RulePack) -> Exported:
    """Return the enabled rules with their trees, file by file."""
    compiled = {rule.id: rule for rule in pack.rules}
    return {
        "format": "gatekeeper-ast",
        "version": AST_VERSION,
        "fingerprint": pack.fingerprint,
        "files": [_file(file, words, compiled) for file, words in draft.files],
    }


def _file(file: DraftFile, words: Vocabulary, compiled: Mapping[str, Rule]) -> Exported:
    return {
        "path": file.names.source.path,
        "pipelines": list(file.pipeline_names) or ["*"],
        "suspend_when": _condition(file.suspend_when),
        "stages": [_stage(each) for each in file.stages],
        "params": {name: tree_json(spec) for name, spec in words.params.items()},
        "define": {name: tree_json(one.body) for name, one in words.defines.items()},
        "rules": [
            _rule(rule, compiled[rule.id]) for rule in file.rules if rule.id in compiled
        ],
    }


def _rule(draft: DraftRule, rule: Rule) -> Exported:
    return {
        "id": rule.id,
        "title": rule.title,
        "position": rule.position.value,
        "stage": rule.stage or rule.reach.value,
        "severity": rule.severity.value,
        "mode": rule.mode.value,
        "owed_by": rule.owed_by,
        "fix": rule.fix_text,
        "logic": rule.logic,
        "wording": rule.wording,
        "when": _condition(draft.when),
        "unless": _condition(draft.unless),
        "require": _condition(draft.require),
        "escalate": [_escalation(each) for each in draft.escalate],
    }


def _stage(stage: DraftStage) -> Exported:
    part = stage.part
    return {
        "stage": stage.word if stage.reach is Reach.STAGE else stage.reach.value,
        "path": part.path.value if part.path else None,
        "counts_as": part.counts_as.value if part.counts_as else None,
        "start_when": _condition(stage.start_when),
        "when": _condition(stage.when),
        "unless": _condition(stage.unless),
    }


def _escalation(draft: DraftEscalation) -> Exported:
    part = draft.part
    return {
        "when": _condition(draft.when),
        "severity": part.severity.value if part.severity else None,
        "owed_by": part.owed_by,
        "fix": part.fix,
    }


def _condition(condition: DraftCondition | None) -> Exported | None:
    match condition:
        case None:
            return None
        case DraftLine():
            return _line(condition)
    parts = [_condition(part) for part in condition.parts]
    if condition.quorum is Quorum.AT_LEAST:
        return {"at_least": condition.count, "of": parts}
    return {condition.quorum.value: parts}


def _line(line: DraftLine) -> Exported:
    extra: Exported = {
        "title": line.title,
        "fix": line.fix.text if line.fix else None,
        "on_blank": line.on_blank.value if line.on_blank else None,
        "when": _condition(line.when),
        "forbid": list(line.forbid) or None,
    }
    return {
        "check": canonical(line.test) if line.test is not None else line.scalar.text,
        "tree": tree_json(line.test),
        **{key: value for key, value in extra.items() if value is not None},
    }


def tree_json(part: object) -> object:
    """Return a part of a tree as JSON values; places in the text are left out.

    Numbers are texts, so that no reader rounds them.
    """
    match part:
        case None | bool() | int() | str() if not isinstance(part, Enum):
            return part
        case Enum():
            return part.value
        case Decimal():
            return f"{part:f}"
        case date():
            return part.isoformat()
        case tuple():
            return [tree_json(each) for each in part]
        case Mapping():
            return {str(key): tree_json(value) for key, value in part.items()}
    return _node(part)


def _node(part: object) -> Exported:
    if not is_dataclass(part) or isinstance(part, type | Span):
        raise TypeError(f"{type(part).__name__} is no part of a tree")
    return {
        "node": type(part).__name__,
        **{
            each.name: tree_json(getattr(part, each.name))
            for each in fields(part)
            if each.name not in _NOT_LOGIC
        },
    }
