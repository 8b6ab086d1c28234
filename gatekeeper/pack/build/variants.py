"""The rules of a pack as each overlay changes them, compiled once per overlay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE
from gatekeeper.core.overlays import MATCHED_BY, Overlay
from gatekeeper.core.pack import Needs
from gatekeeper.pack.build.compile import fingerprint
from gatekeeper.pack.build.fingerprints import (
    stated_changes,
    stated_overlay,
    stated_params,
)
from gatekeeper.pack.build.overlaid import changes_of, params_in, params_of
from gatekeeper.pack.source.read import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set

    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.pack.build.compile import Canonical
    from gatekeeper.pack.build.file_compiler import FileCompiler
    from gatekeeper.pack.build.overlaid import Changes, Params
    from gatekeeper.pack.build.pack_compiler import PackCompiler, Starts
    from gatekeeper.pack.files.overlays import DraftOverlay
    from gatekeeper.pack.files.rules import DraftRule
    from gatekeeper.pack.load import Draft

MOST_CHANGED = 10_000
"""Rules that overlays change, counted for each overlay that does."""
MOST_RULES = 100_000
"""Rules of a pack, counted for the project and for each of its overlays."""
NOT_PULLED = frozenset({"pipeline", SUPPORTED_STAGE})
"""What every deal carries by itself, or is worked out of its other fields."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The rules as they stand under one overlay.

    Attributes:
        starts: Where deals may be created there.
        stated: What it says, and makes of files, stages and rules.
    """

    overlay: DraftOverlay
    rules: tuple[Rule, ...]
    starts: Starts
    stated: list[Canonical]


@dataclass(frozen=True, slots=True)
class Variants:
    """The project's rules, and beside each overlay the rules as they stand there.

    A rule has one logic fingerprint for the whole pack, made of all its variants: a
    deal that moves to another team meets no changed rule.
    """

    rules: tuple[Rule, ...]
    overlays: tuple[Variant, ...] = ()

    @staticmethod
    def of(
        reader: Reader, draft: Draft, compiler: PackCompiler, rules: Sequence[Rule]
    ) -> Variants:
        """Compile what overlays change; the rest is taken as it is.

        Args:
            reader: Takes the mistakes.
            draft: The pack as written.
            compiler: What compiled the project's rules.
            rules: Those.
        """
        is_broken = any(problem.stops for problem in reader.problems)
        known = {rule.id: rule for rule in rules}
        overlays: list[Variant] = []
        left = MOST_CHANGED
        for overlay in draft.overlays:
            params = params_of(reader, overlay, compiler.scoped)
            if is_broken:
                continue
            changes = changes_of(draft, overlay)
            changed = _Changed.of(changes, params, known, compiler)
            left -= changed.count
            if left < 0 or len(rules) * (len(overlays) + 2) > MOST_RULES:
                _too_many(reader, overlay, changed=left < 0)
                break
            made = tuple(changed.rules())
            starts, _ = changed.compiler.starts()
            stated = [
                stated_params(params),
                *changed.compiler.stated(),
                *stated_changes(made, known),
            ]
            overlays.append(Variant(overlay, made, starts, stated))
            found = changed.reader.problems
            reader.problems += [one for one in found if one not in reader.problems]
        return _with_one_logic(tuple(rules), overlays)

    @property
    def everywhere(self) -> list[Rule]:
        """Every rule in every variant, the project's own first."""
        return [*self.rules, *(rule for own in self.overlays for rule in own.rules)]

    def joined(self, pack: RulePack) -> RulePack:
        """Return the pack with its overlays."""
        if not self.overlays:
            return pack
        needs = pack.needs
        for variant in self.overlays:
            read = (MATCHED_BY[key] for key in variant.overlay.matches)
            needs |= Needs(frozenset(read))
        for rule in self.everywhere:
            needs |= rule.needs
        needs = replace(needs, fields=needs.fields - NOT_PULLED)
        pack = replace(pack, needs=needs)
        made = tuple(_overlay(variant, pack) for variant in self.overlays)
        stated = (variant.stated for variant in self.overlays)
        whole = fingerprint([pack.fingerprint, *map(stated_overlay, made, stated)])
        return replace(pack, overlays=made, fingerprint=whole)


def _overlay(variant: Variant, pack: RulePack) -> Overlay:
    overlay = variant.overlay
    project = replace(
        pack.project,
        zone=overlay.zone or pack.project.zone,
        calendar=overlay.calendar or pack.project.calendar,
    )
    return Overlay(
        overlay.name,
        overlay.matches,
        replace(pack, rules=variant.rules, project=project, starts=variant.starts),
        overlay.place,
    )


@dataclass(frozen=True, slots=True)
class _Changed:
    """What one overlay makes of the rules.

    Attributes:
        drafts: The rules as written, in file order, and whether each is another here.
        reader: Takes the mistakes; the rest of the pack has its own.
    """

    changes: Changes
    known: Mapping[str, Rule]
    compiler: PackCompiler
    drafts: Sequence[tuple[FileCompiler, DraftRule, bool]]
    reader: Reader

    @staticmethod
    def of(
        changes: Changes,
        params: Params,
        known: Mapping[str, Rule],
        base: PackCompiler,
    ) -> _Changed:
        reader = Reader()
        own = base.overlaid(reader, changes, params)
        moved = _moved_by(params, known, base) | changes.keys()
        drafts = [
            (compiler, draft, draft.id in moved)
            for compiler in own.files
            for draft in compiler.file.rules
            if draft.id in known
        ]
        return _Changed(changes, known, own, drafts, reader)

    @property
    def count(self) -> int:
        """How many rules the overlay changes."""
        return sum(is_changed for _, _, is_changed in self.drafts)

    def rules(self) -> Iterator[Rule]:
        """Give the rules in file order."""
        for compiler, draft, is_changed in self.drafts:
            rule = self.known[draft.id]
            yield (self._rule(compiler, draft) if is_changed else None) or rule

    def _rule(self, compiler: FileCompiler, draft: DraftRule) -> Rule | None:
        built = self.compiler.rule(compiler, draft)
        if built is None:
            return None
        rule, _ = built
        change = self.changes.get(draft.id)
        if change is None or change.enabled:
            return rule
        return replace(rule, off_until=change.until, off_because=change.reason)


def _moved_by(
    params: Params, known: Mapping[str, Rule], base: PackCompiler
) -> set[str]:
    """Return the ids of the rules that rest on what an overlay gives another value."""
    given = {name for own in params.values() for name in own}
    if not given.isdisjoint(base.start_params()):
        return set(known)
    return {
        rule_id
        for file in base.files
        for rule_id, names in file.params.items()
        if not names.isdisjoint(params_in(file.file, params))
    }


def _too_many(reader: Reader, overlay: DraftOverlay, *, changed: bool) -> None:
    """Refuse overlays that change, or repeat, more than anybody maintains (E113)."""
    if changed:
        text = f"the overlays up to this one change more than {MOST_CHANGED:,} rules."
        advice = "let fewer rules use what differs, or fewer teams differ."
    else:
        most = f"{MOST_RULES:,}"
        text = f"with the overlays up to this one these are more than {most} rules."
        advice = "divide it into several projects, or let fewer teams differ."
    reader.say(overlay.key.place, "E113", text, advice)


def _with_one_logic(rules: tuple[Rule, ...], overlays: Sequence[Variant]) -> Variants:
    under_overlays: dict[str, set[str]] = {rule.id: set() for rule in rules}
    for variant in overlays:
        for rule in variant.rules:
            under_overlays[rule.id].add(rule.logic)
    logics = {rule.id: _joint(rule.logic, under_overlays[rule.id]) for rule in rules}
    joined: dict[int, Rule] = {}  # what overlays leave alone stays the very same

    def join(rule: Rule) -> Rule:
        if id(rule) not in joined:
            logic = logics[rule.id]
            is_same = logic == rule.logic
            joined[id(rule)] = rule if is_same else replace(rule, logic=logic)
        return joined[id(rule)]

    return Variants(
        tuple(map(join, rules)),
        tuple(replace(each, rules=tuple(map(join, each.rules))) for each in overlays),
    )


def _joint(own: str, under_overlays: Set[str]) -> str:
    """Return one fingerprint of what a rule asks anywhere."""
    others = sorted(under_overlays - {own})
    return fingerprint([own, *others]) if others else own
