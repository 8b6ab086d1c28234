"""A draft and the CRM's description to the pack that runs, or every mistake."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import starmap
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE
from gatekeeper.core.model import STAGE, Mode
from gatekeeper.core.pack import Needs, Position, Reach, Rule, RulePack
from gatekeeper.language.scope import Scope
from gatekeeper.pack.compile import Canonical, RuleCompiler, fingerprint
from gatekeeper.pack.crm_checks import Use, check_access, check_flags, check_types
from gatekeeper.pack.fingerprints import pack_fingerprint, stated_waivers
from gatekeeper.pack.names import short_place
from gatekeeper.pack.nodes import Scalar
from gatekeeper.pack.overlays import check_overlays
from gatekeeper.pack.people import BUILT_IN_ROLES, needs_of
from gatekeeper.pack.problems import Problem, framed
from gatekeeper.pack.read import Reader
from gatekeeper.pack.references import check_references, scalars
from gatekeeper.pack.rule_values import Conditions, blank_word, make_rule
from gatekeeper.pack.stages import check_stages, pipelines_of, rule_pipelines
from gatekeeper.pack.uses import Vocabulary
from gatekeeper.pack.variants import Variants
from gatekeeper.pack.waiver_checks import check_waivers, present_names, waiver_book

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.core.catalogue import CrmSchema, Pipeline
    from gatekeeper.core.pack import Project
    from gatekeeper.core.waivers import WaiverBook
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.rules import DraftFile, DraftRule

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
    check_waivers(reader, draft)
    roles = [*BUILT_IN_ROLES, *draft.people.roles]
    check_overlays(reader, draft.overlays, present_names(draft.rules), roles)
    if project is None:
        _compiled(reader, _scoped(reader, draft, None, {}))
        return None, reader.problems
    pipelines: dict[str, Pipeline] = {}
    if schema is not None:
        pipelines = rule_pipelines(reader, project, draft.project_table, schema)
        check_types(reader, draft.fields, schema)
        project = _in_scope(reader, project, draft, pipelines)
    scoped = _scoped(reader, draft, schema, pipelines)
    compiled = _compiled(reader, scoped)
    variants = Variants.of(
        reader,
        draft,
        scoped,
        [rule for rule, _ in compiled],
        lambda file, rule, scope: _rule(reader, file, rule, scope),
    )
    scope = _scope(draft, schema, pipelines, Vocabulary({}, {}))
    book, uses = waiver_book(reader, draft, project, variants.everywhere, scope)
    if schema is not None:
        check_access(reader, draft.fields, schema, [*starmap(Use.of, compiled), *uses])
        check_flags(reader, project, draft.project_table, schema, variants.everywhere)
    if any(problem.stops for problem in reader.problems):
        return None, reader.problems
    pack = _pack(draft, project, pipelines, variants.rules, reader)
    return variants.joined(_with_waivers(pack, book, uses)), reader.problems


def book_of(
    reader: Reader, draft: Draft, schema: CrmSchema, pack: RulePack
) -> tuple[WaiverBook, Needs]:
    """Compile the waivers of a draft for a pack that is built, and what they read."""
    scope = _scope(draft, schema, pack.pipelines, Vocabulary({}, {}))
    book, uses = waiver_book(reader, draft, pack.project, pack.rules, scope)
    return book, _read_by(uses)


def scoped_files(draft: Draft, schema: CrmSchema) -> list[tuple[DraftFile, Scope]]:
    """Return the files of a pack that has no mistakes, each with what names mean."""
    if draft.project is None:
        return []
    pipelines = rule_pipelines(Reader(), draft.project, draft.project_table, schema)
    return _scoped(Reader(), draft, schema, pipelines)


def compile_rule(file: DraftFile, draft: DraftRule, scope: Scope) -> Rule | None:
    """Compile one rule by itself; None where it has mistakes or is disabled."""
    built = _rule(Reader(), file, draft, scope)
    return built[0] if built else None


def _read_by(uses: Iterable[Use]) -> Needs:
    needs = Needs()
    for use in uses:
        needs |= use.needs
    return needs


def _with_waivers(pack: RulePack, book: WaiverBook, uses: Iterable[Use]) -> RulePack:
    if not book.waivers:
        return pack
    return replace(
        pack,
        waivers=book,
        needs=pack.needs | _read_by(uses),
        fingerprint=fingerprint([pack.fingerprint, stated_waivers(book)]),
    )


def _in_scope(
    reader: Reader, project: Project, draft: Draft, pipelines: dict[str, Pipeline]
) -> Project:
    """Give the pipelines of `scope:` their names in the CRM."""
    node = draft.project_table.get("scope") if draft.project_table else None
    if node is None:
        return project
    found = pipelines_of(reader, scalars(node), pipelines, project.crm)
    return replace(project, scope=tuple(found))


def _scoped(
    reader: Reader,
    draft: Draft,
    schema: CrmSchema | None,
    pipelines: dict[str, Pipeline],
) -> list[tuple[DraftFile, Scope]]:
    """Return each file with what names mean in it, its stages checked."""
    scoped: list[tuple[DraftFile, Scope]] = []
    mapped = draft.project.stages if draft.project else {}
    stages = [one.name for each in pipelines.values() for one in each.stages]
    unmatched = frozenset(mapped) - frozenset(stages)
    for file, words in draft.files:
        own = pipelines
        if schema is not None:
            crm = draft.project.crm if draft.project else schema.crm
            own = pipelines_of(reader, file.pipelines, pipelines, crm)
            check_stages(reader, file, own, unmatched, crm)
        scoped.append((file, _scope(draft, schema, own, words)))
    return scoped


def _compiled(
    reader: Reader, scoped: list[tuple[DraftFile, Scope]]
) -> list[tuple[Rule, Scalar]]:
    """Compile the rules of all files, each with the node of its id."""
    built = [
        _rule(reader, file, rule, scope)
        for file, scope in scoped
        for rule in file.rules
    ]
    return [each for each in built if each is not None]


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
    if draft.reach is Reach.STAGE:
        scope = replace(scope, stage=draft.stage.text.strip())
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
        *(["asked when leaving"] if rule.asked_when_leaving else []),
        *(["until the next stage"] if rule.until_next_stage else []),
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
        if rule.asked_when_leaving or rule.until_next_stage or _spares_old(rule):
            needs |= Needs(history=frozenset({STAGE}))
    needs = replace(needs, fields=needs.fields - {SUPPORTED_STAGE})
    return RulePack(
        project,
        draft.people,
        draft.catalogue,
        rules,
        pipelines,
        needs,
        pack_fingerprint(project, draft, rules),
        params=_params(draft),
        warnings=framed(reader.problems),
    )


def _spares_old(rule: Rule) -> bool:
    """Whether the stage a deal was in on some day decides what is done (A13)."""
    is_gate = rule.reach is Reach.STAGE and rule.position is not Position.WHILE_IN
    return is_gate and rule.effective_from is not None and not rule.includes_existing


def _params(draft: Draft) -> dict[str, Decimal | str]:
    return {
        name: spec.value
        for _, words in draft.files
        for name, spec in words.params.items()
        if isinstance(spec.value, Decimal | str)
    }
