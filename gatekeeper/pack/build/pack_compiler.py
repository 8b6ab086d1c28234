"""All files of a pack to rules that run, and what their stages say of each other."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gatekeeper.core.pack import Needs, Reach, Start
from gatekeeper.core.renames import first_name
from gatekeeper.pack.build.checks import Checks
from gatekeeper.pack.build.compile import Canonical, fingerprint
from gatekeeper.pack.build.file_compiler import FileCompiler
from gatekeeper.pack.build.overlaid import overlaid, params_in
from gatekeeper.pack.source.read import EnoughMistakesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.core.pack import Rule
    from gatekeeper.language.scope import Scope
    from gatekeeper.pack.build.overlaid import Changes, Params, Scoped
    from gatekeeper.pack.files.rules import DraftFile, DraftRule, DraftStage
    from gatekeeper.pack.source.nodes import Scalar
    from gatekeeper.pack.source.read import Reader

    Starts = Mapping[str, tuple[Start, ...]]


@dataclass(frozen=True)
class PackCompiler:
    """Compiles the files of a pack beside each other."""

    files: tuple[FileCompiler, ...]

    @cached_property
    def described(self) -> tuple[tuple[FileCompiler, DraftStage], ...]:
        """The stages that say themselves where rules apply."""
        return tuple(pair for pair in self._stages() if _is_described(pair[1]))

    @staticmethod
    def of(reader: Reader, scoped: Iterable[tuple[DraftFile, Scope]]) -> PackCompiler:
        """Take each file with what names mean in it."""
        return PackCompiler(
            tuple(FileCompiler(reader, file, Checks(scope)) for file, scope in scoped)
        )

    @property
    def params(self) -> Params:
        """The parameters of the files."""
        return {
            each.file.names.source.path: each.checks.scope.params for each in self.files
        }

    @property
    def scoped(self) -> Scoped:
        """The files, each with what names mean in it."""
        return [(each.file, each.checks.scope) for each in self.files]

    def overlaid(
        self, reader: Reader, changes: Changes, params: Params
    ) -> PackCompiler:
        """Return a compiler of the same files as an overlay leaves them."""
        files: list[FileCompiler] = []
        own = overlaid(self.scoped, changes, params)
        for before, (file, scope) in zip(self.files, own, strict=True):
            names = frozenset(params_in(file, params))
            checks = Checks(scope, before.checks, names)
            files.append(FileCompiler(reader, file, checks))
        return PackCompiler(tuple(files))

    def rules(self) -> Iterator[tuple[Rule, Scalar]]:
        """Give the rules in file order, each with the node of its id."""
        for file in self.files:
            with suppress(EnoughMistakesError):
                file.compile_shared()
                for draft in file.file.rules:
                    built = self.rule(file, draft)
                    if built is not None:
                        yield built

    def rule(self, file: FileCompiler, draft: DraftRule) -> tuple[Rule, Scalar] | None:
        """Compile one rule; None where it has mistakes or is disabled."""
        return file.rule(draft, self._terms(file, draft))

    def start_params(self) -> frozenset[str]:
        """Return the parameters on which it rests where deals may be created."""
        used = (file.shared(stage.start_when, stage) for file, stage in self._stages())
        return frozenset().union(*(shared.params for shared in used))

    def starts(self) -> tuple[Starts, Needs]:
        """Return by pipeline where deals may be created, and what that reads."""
        starts: defaultdict[str, list[Start]] = defaultdict(list)
        needs = Needs()
        for file, stage in self._stages():
            shared = file.shared(stage.start_when, stage)
            if shared.condition is None:
                continue
            start = Start(stage.word, shared.condition, fingerprint([shared.logic]))
            needs |= shared.needs
            for pipeline in file.checks.scope.pipelines.values():
                if pipeline.position(stage.word) is not None:
                    starts[pipeline.name].append(start)
        return {name: tuple(found) for name, found in starts.items()}, needs

    def stated(self) -> list[Canonical]:
        """Return what files and stages say apart from their rules, as nested texts."""
        suspended: list[Canonical] = [
            [file.file.names.source.path, file.shared(file.file.suspend_when).logic]
            for file in self.files
            if file.file.suspend_when is not None
        ]
        stages: list[Canonical] = [
            [
                stage.word,
                str(stage.part.path),
                str(stage.part.counts_as),
                file.shared(stage.start_when, stage).logic,
            ]
            for file, stage in self._stages()
            if stage.part.counts_as or _is_described(stage)
        ]
        return [*suspended, *stages]

    def _stages(self) -> Iterator[tuple[FileCompiler, DraftStage]]:
        for file in self.files:
            for stage in file.file.stages:
                if stage.reach is Reach.STAGE:
                    yield file, stage

    def _terms(self, own: FileCompiler, draft: DraftRule) -> Canonical:
        """Say what decides beside a rule's own words where it applies."""
        if draft.reach is not Reach.STAGE:
            return ""
        terms: list[Canonical] = []
        for file, stage in self.described:
            is_same = stage.word.casefold() == draft.home.word.casefold()
            if not _meet(file, own):
                continue
            if is_same and stage.part.path:
                terms.append(stage.part.path.value)
            elif stage.start_when and not is_same and _is_after(own, stage, draft.home):
                logic = file.shared(stage.start_when, stage).logic
                name = first_name(stage.word, own.checks.scope.pipelines.values())
                terms.append([name, logic])
        return terms or ""


def _is_described(stage: DraftStage) -> bool:
    return bool(stage.part.path or stage.start_when)


def _meet(one: FileCompiler, other: FileCompiler) -> bool:
    """Whether both files may speak of the same deals."""
    first, second = (
        {name.casefold() for name in each.file.pipeline_names} for each in (one, other)
    )
    return not first or not second or bool(first & second)


def _is_after(file: FileCompiler, stage: DraftStage, before: DraftStage) -> bool:
    """Whether a stage comes after another; so it is where no order is known."""
    pipelines = file.checks.scope.pipelines.values()
    for pipeline in pipelines:
        first, then = pipeline.position(before.word), pipeline.position(stage.word)
        if first is not None and then is not None and first < then:
            return True
    return not pipelines
