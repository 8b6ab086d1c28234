"""A draft and the CRM's description to the pack that runs, or every mistake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import starmap
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE, Path
from gatekeeper.core.model import STAGE
from gatekeeper.core.pack import Needs, Position, Reach, Rule, RulePack
from gatekeeper.pack.build.compile import Canonical, fingerprint
from gatekeeper.pack.build.crm_checks import (
    Use,
    check_access,
    check_flags,
    check_history,
    check_types,
)
from gatekeeper.pack.build.fingerprints import (
    pack_fingerprint,
    stated_params,
    stated_waivers,
)
from gatekeeper.pack.build.overlaid import changes_of, overlaid, params_of
from gatekeeper.pack.build.pack_compiler import PackCompiler
from gatekeeper.pack.build.references import check_references
from gatekeeper.pack.build.scopes import in_scope, scope_of, shared_scopes, with_scopes
from gatekeeper.pack.build.stages import (
    rule_pipelines,
    with_paths,
)
from gatekeeper.pack.build.unused import check_unused
from gatekeeper.pack.build.variants import Variants
from gatekeeper.pack.build.waiver_checks import (
    check_waivers,
    waiver_book,
)
from gatekeeper.pack.files.overlays import check_overlays
from gatekeeper.pack.files.people import BUILT_IN_ROLES, needs_of
from gatekeeper.pack.files.uses import Vocabulary
from gatekeeper.pack.source.problems import Problem, remarks
from gatekeeper.pack.source.read import Reader, as_far_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.core.catalogue import CrmSchema, Pipeline
    from gatekeeper.core.pack import Project
    from gatekeeper.core.waivers import WaiverBook
    from gatekeeper.language.scope import Scope
    from gatekeeper.pack.build.file_compiler import FileCompiler
    from gatekeeper.pack.build.overlaid import Scoped
    from gatekeeper.pack.files.rules import DraftFile
    from gatekeeper.pack.load import Draft

ALWAYS_READ = frozenset(
    {"amount", "close_date", "is_closed", "is_won", "name", "owner.name", "stage"}
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a pack is put together from: everything checked and compiled.

    Attributes:
        read_by_waivers: What the conditions of waivers read.
    """

    project: Project
    pipelines: Mapping[str, Pipeline]
    compiler: PackCompiler
    variants: Variants
    book: WaiverBook
    read_by_waivers: Needs


@dataclass(frozen=True)
class Built:
    """What became of a draft.

    Attributes:
        parts: None where they cannot be put together.
        problems: Every mistake and warning, in the order they were found.
        files: Its files of rules with what their lines mean.
    """

    draft: Draft
    parts: Parts | None
    problems: tuple[Problem, ...]
    files: tuple[FileCompiler, ...]

    @cached_property
    def pack(self) -> RulePack | None:
        """The pack; None where a mistake stops it."""
        parts = self.parts
        if parts is None or any(problem.stops for problem in self.problems):
            return None
        pack = replace(_pack(self.draft, parts), remarks=remarks(self.problems))
        return parts.variants.joined(_with_waivers(pack, parts))


def build(draft: Draft, schema: CrmSchema | None) -> Built:
    """Check and compile everything."""
    reader = Reader(list(draft.problems))
    files: list[FileCompiler] = []
    parts = as_far_as(lambda: _parts(reader, draft, schema, files), None)
    return Built(draft, parts, tuple(reader.problems), tuple(files))


def _parts(
    reader: Reader,
    draft: Draft,
    schema: CrmSchema | None,
    files: list[FileCompiler],
) -> Parts | None:
    """Check and compile everything; what compiled the files goes into `files`."""
    project = draft.project
    _check_files(reader, draft)
    if project is None:
        scoped = with_scopes(reader, draft, None, {})
        list(PackCompiler.of(reader, scoped).rules())
        check_unused(reader, draft, scoped, shared_scopes(draft, None, {}))
        return None
    pipelines: dict[str, Pipeline] = {}
    if schema is not None:
        pipelines = _pipelines(reader, draft, project, schema)
        check_types(reader, draft.fields, schema)
        check_history(reader, draft.fields, schema)
        project = in_scope(reader, project, draft, pipelines)
    scoped = with_scopes(reader, draft, schema, pipelines)
    compiler = PackCompiler.of(reader, scoped)
    files += compiler.files
    compiled = list(compiler.rules())
    check_unused(reader, draft, scoped, shared_scopes(draft, schema, pipelines))
    variants = Variants.of(reader, draft, compiler, [rule for rule, _ in compiled])
    scope = scope_of(draft, schema, pipelines, Vocabulary({}, {}))
    book, uses = waiver_book(reader, draft, project, variants.everywhere, scope)
    if schema is not None:
        check_access(reader, draft.fields, schema, [*starmap(Use.of, compiled), *uses])
        check_flags(reader, project, draft.project_table, schema, variants.everywhere)
    return Parts(project, pipelines, compiler, variants, book, _read_by(uses))


def book_of(
    reader: Reader, draft: Draft, schema: CrmSchema, pack: RulePack
) -> tuple[WaiverBook, Needs]:
    """Compile the waivers of a draft for a pack that is built, and what they read."""
    scope = scope_of(draft, schema, pack.pipelines, Vocabulary({}, {}))
    book, uses = waiver_book(reader, draft, pack.project, pack.rules, scope)
    return book, _read_by(uses)


def scoped_files(draft: Draft, schema: CrmSchema) -> list[tuple[DraftFile, Scope]]:
    """Return the files of a pack that has no mistakes, each with what names mean."""
    if draft.project is None:
        return []
    pipelines = _pipelines(Reader(), draft, draft.project, schema)
    return with_scopes(Reader(), draft, schema, pipelines)


def overlaid_files(draft: Draft, schema: CrmSchema) -> dict[str, Scoped]:
    """Return the files as they stand for the project, "", and under each overlay."""
    scoped = scoped_files(draft, schema)
    sides: dict[str, Scoped] = {"": scoped}
    for overlay in draft.overlays:
        params = params_of(Reader(), overlay, scoped)
        sides[overlay.name] = overlaid(scoped, changes_of(draft, overlay), params)
    return sides


def _check_files(reader: Reader, draft: Draft) -> None:
    """Hold the files against each other."""
    check_references(reader, draft)
    check_waivers(reader, draft)
    roles = [*BUILT_IN_ROLES, *draft.people.roles]
    check_overlays(reader, draft.overlays, draft.rule_ids, roles)


def _pipelines(
    reader: Reader, draft: Draft, project: Project, schema: CrmSchema
) -> dict[str, Pipeline]:
    """Return the CRM's pipelines as project.yaml and the files of rules see them."""
    named = rule_pipelines(reader, project, draft.project_table, schema)
    return with_paths(reader, [file for file, _ in draft.files], named)


def _read_by(uses: Iterable[Use]) -> Needs:
    needs = Needs()
    for use in uses:
        needs |= use.needs
    return needs


def _with_waivers(pack: RulePack, parts: Parts) -> RulePack:
    if not parts.book.waivers:
        return pack
    return replace(
        pack,
        waivers=parts.book,
        needs=pack.needs | parts.read_by_waivers,
        fingerprint=fingerprint([pack.fingerprint, stated_waivers(parts.book)]),
    )


def _pack(draft: Draft, parts: Parts) -> RulePack:
    project, pipelines, rules = parts.project, parts.pipelines, parts.variants.rules
    starts, needs = parts.compiler.starts()
    needs |= Needs(ALWAYS_READ) | needs_of(draft.people)
    if any(rule.effective_from for rule in rules):
        needs |= Needs(frozenset({"created_on"}))
    for rule in rules:
        needs |= rule.needs
    if starts or _asks_the_past(rules, pipelines):
        needs |= Needs(history=frozenset({STAGE}))
    return RulePack(
        project,
        draft.people,
        draft.catalogue,
        rules,
        pipelines,
        replace(needs, fields=needs.fields - {SUPPORTED_STAGE}),
        pack_fingerprint(project, draft, rules, _stated(parts.compiler)),
        params=_params(draft),
        starts=starts,
    )


def _stated(compiler: PackCompiler) -> list[Canonical]:
    return [stated_params(compiler.params), *compiler.stated()]


def _asks_the_past(rules: tuple[Rule, ...], pipelines: Mapping[str, Pipeline]) -> bool:
    """Whether the stages a deal stood in decide where a rule applies."""
    if any(
        stage.path is not Path.MAIN
        for pipeline in pipelines.values()
        for stage in pipeline.stages
    ):
        return True
    return any(
        rule.asked_when_leaving or rule.until_next_stage or _spares_old(rule)
        for rule in rules
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
