"""A draft and the CRM's description to the pack that runs, or every mistake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields as attributes
from dataclasses import is_dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gatekeeper.core.catalogue import SUPPORTED_STAGE
from gatekeeper.core.model import Mode
from gatekeeper.core.pack import Needs, Position, Rule, RulePack
from gatekeeper.language.scope import Scope
from gatekeeper.pack.compile import Canonical, RuleCompiler, fingerprint
from gatekeeper.pack.crm_checks import check_access, check_flags, check_types
from gatekeeper.pack.names import short_place
from gatekeeper.pack.nodes import Scalar
from gatekeeper.pack.people import needs_of
from gatekeeper.pack.problems import Problem, framed
from gatekeeper.pack.read import Reader
from gatekeeper.pack.references import check_references, scalars
from gatekeeper.pack.rule_values import Conditions, blank_word, make_rule
from gatekeeper.pack.stages import check_stages, pipelines_of, rule_pipelines

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import CrmSchema, Pipeline
    from gatekeeper.core.pack import Project
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.rules import DraftFile, DraftRule
    from gatekeeper.pack.uses import Vocabulary

ALWAYS_READ = frozenset(
    {"amount", "close_date", "is_closed", "is_won", "name", "owner.name", "stage"}
)


def build(
    draft: Draft, schema: CrmSchema | None
) -> tuple[RulePack | None, list[Problem]]:
    """Check and compile everything.

    Returns:
        The pack, None where it cannot be used, and every mistake and warning.
    """
    reader = Reader(list(draft.problems))
    project = draft.project
    check_references(reader, draft)
    if project is None:
        _compiled(reader, draft, None, {})
        return None, reader.problems
    pipelines: dict[str, Pipeline] = {}
    if schema is not None:
        pipelines = rule_pipelines(reader, project, draft.project_table, schema)
        check_types(reader, draft.fields, schema)
        project = _in_scope(reader, project, draft, pipelines)
    compiled = _compiled(reader, draft, schema, pipelines)
    if schema is not None:
        check_access(reader, draft.fields, schema, compiled)
        check_flags(reader, project, draft.project_table, schema, compiled)
    if any(problem.stops for problem in reader.problems):
        return None, reader.problems
    rules = tuple(rule for rule, _ in compiled)
    return _pack(draft, project, pipelines, rules, reader), reader.problems


def _in_scope(
    reader: Reader, project: Project, draft: Draft, pipelines: dict[str, Pipeline]
) -> Project:
    """Give the pipelines of `scope:` their names in the CRM."""
    node = draft.project_table.get("scope") if draft.project_table else None
    if node is None:
        return project
    found = pipelines_of(reader, scalars(node), pipelines, project.crm)
    return replace(project, scope=tuple(found))


def _compiled(
    reader: Reader,
    draft: Draft,
    schema: CrmSchema | None,
    pipelines: dict[str, Pipeline],
) -> list[tuple[Rule, Scalar]]:
    """Compile the rules of all files, each with the node of its id."""
    found: list[tuple[Rule, Scalar]] = []
    mapped = draft.project.stages if draft.project else {}
    stages = [one.name for each in pipelines.values() for one in each.stages]
    unmatched = frozenset(mapped) - frozenset(stages)
    for file, words in draft.files:
        own = pipelines
        if schema is not None:
            crm = draft.project.crm if draft.project else schema.crm
            own = pipelines_of(reader, file.pipelines, pipelines, crm)
            check_stages(reader, file, own, unmatched)
        scope = _scope(draft, schema, own, words)
        for rule in file.rules:
            built = _rule(reader, file, rule, scope)
            if built is not None:
                found.append(built)
    return found


def _scope(
    draft: Draft,
    schema: CrmSchema | None,
    pipelines: Mapping[str, Pipeline],
    words: Vocabulary,
) -> Scope:
    project = draft.project
    return Scope(
        draft.catalogue,
        schema,
        pipelines,
        words.params,
        words.defines,
        crm=project.crm if project else "salesforce",
        currency=project.currency if project else "USD",
    )


def _rule(
    reader: Reader, file: DraftFile, draft: DraftRule, scope: Scope
) -> tuple[Rule, Scalar] | None:
    """Compile one rule; None where it has mistakes or is disabled."""
    compiler = RuleCompiler(reader, scope)
    blank = blank_word(draft, file)
    require, require_text = compiler.condition(draft.require, blank)
    when, when_text = compiler.condition(draft.when)
    unless, unless_text = compiler.condition(draft.unless)
    fix_node, id_node = draft.table.get("fix"), draft.table.get("id")
    fix = compiler.message(fix_node) if isinstance(fix_node, Scalar) else None
    part = draft.part
    if part is None or not isinstance(id_node, Scalar) or compiler.is_broken:
        return None
    if require is None or fix is None or not part.enabled:
        return None
    if _asks_itself(reader, draft, id_node, compiler.needs):
        return None
    conditions = Conditions(require, when, unless, fix, compiler.needs)
    rule = make_rule(draft, part, file.defaults, conditions)
    position: Canonical = [
        draft.position.value,
        draft.reach.value,
        rule.stage or "",
        [*sorted(file.pipeline_names)],
        str(rule.include_lost),
    ]
    return replace(
        rule,
        pipelines=_pipelines(file, scope),
        undecided=compiler.uses_undecided,
        mode=Mode.OBSERVE if compiler.uses_undecided else rule.mode,
        logic=fingerprint([position, require_text, when_text, unless_text]),
        place=short_place(id_node),
    ), id_node


def _asks_itself(
    reader: Reader, draft: DraftRule, id_node: Scalar, needs: Needs
) -> bool:
    """Refuse a gate that asks what follows from the gates (E429, language A27)."""
    reads_support = SUPPORTED_STAGE in needs.fields
    if not reads_support or draft.position is Position.WHILE_IN:
        return False
    text = (
        f"{id_node.text} reads supported_stage(), which follows from the exit and entry"
        " criteria and cannot be part of one."
    )
    remedy = 'put the rule under "while_in" of a stage or of every stage.'
    reader.say(id_node.place, "E429", text, remedy)
    return True


def _pipelines(file: DraftFile, scope: Scope) -> tuple[str, ...]:
    """Return the pipelines by the CRM's names, or as written where it is not known."""
    named = file.pipeline_names
    return (tuple(scope.pipelines) or named) if named else ()


def _pack(
    draft: Draft,
    project: Project,
    pipelines: Mapping[str, Pipeline],
    rules: tuple[Rule, ...],
    reader: Reader,
) -> RulePack:
    needs = Needs(ALWAYS_READ) | needs_of(draft.people)
    if any(rule.effective_from for rule in rules):
        needs |= Needs(frozenset({"created_on"}))
    for rule in rules:
        needs |= rule.needs
    needs = replace(needs, fields=needs.fields - {SUPPORTED_STAGE})
    return RulePack(
        project,
        draft.people,
        draft.catalogue,
        rules,
        pipelines,
        needs,
        _pack_fingerprint(project, draft, rules),
        params=_params(draft),
        warnings=framed(reader.problems),
    )


def _params(draft: Draft) -> dict[str, Decimal | str]:
    return {
        name: spec.value
        for _, words in draft.files
        for name, spec in words.params.items()
        if isinstance(spec.value, Decimal | str)
    }


def _pack_fingerprint(project: Project, draft: Draft, rules: tuple[Rule, ...]) -> str:
    """Return the fingerprint of everything that decides what a run does."""
    without = {"require", "when", "unless", "fix", "needs", "place"}
    stated = [
        {
            each.name: _stated(getattr(rule, each.name))
            for each in attributes(rule)
            if each.name not in without
        }
        for rule in rules
    ]
    catalogue = draft.catalogue
    parts = [_stated(project), _stated(draft.people), _stated(catalogue)]
    return fingerprint([*parts, *(json.dumps(one, sort_keys=True) for one in stated)])


def _stated(value: object) -> Canonical:
    """Return a value as nested texts that are equal on every machine and day."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, ZoneInfo):
        return value.key
    if is_dataclass(value):
        names = [each.name for each in attributes(value)]
        return [[name, _stated(getattr(value, name))] for name in names]
    if isinstance(value, Mapping):
        return sorted([[str(key), _stated(inner)] for key, inner in value.items()])
    if isinstance(value, frozenset):
        return sorted(str(_stated(inner)) for inner in value)
    if isinstance(value, tuple):
        return [_stated(inner) for inner in value]
    return str(value)
