"""The rules as each overlay leaves them: its limits in, what it switches off out. Pure.

Only what an overlay changes is asked again; what is odd everywhere is said once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.pack.build.checks import Checks
from gatekeeper.pack.files.params import overridden
from gatekeeper.pack.lint.clash import clashes
from gatekeeper.pack.lint.quieted import quieted
from gatekeeper.pack.lint.rules import rule_findings
from gatekeeper.pack.source.read import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.core.overlays import Overlay
    from gatekeeper.core.pack import RulePack
    from gatekeeper.pack.files.overlays import DraftOverlay
    from gatekeeper.pack.lint.facts import Facts
    from gatekeeper.pack.lint.read import FactReader
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.problems import Problem


@dataclass(frozen=True, slots=True)
class Variant:
    """The rules as they stand for the deals of one overlay.

    Attributes:
        changed: Ids of rules of which a limit is another here.
    """

    name: str
    facts: tuple[Facts, ...]
    changed: frozenset[str]

    def findings(self) -> Iterator[Problem]:
        """Give what is odd because of the overlay."""
        for one in self.facts:
            if one.rule.id in self.changed:
                yield from rule_findings(one)
        yield from clashes(self.facts, self.changed)
        yield from quieted(self.facts)


def overlay_findings(
    draft: Draft,
    pack: RulePack,
    facts: Sequence[Facts],
    readers: Mapping[str, FactReader],
    said: Sequence[Problem],
) -> Iterator[Problem]:
    """Give what is odd in one of the overlays and not in the project.

    Args:
        draft: The pack as written.
        pack: The same, compiled.
        facts: The rules of the project, in file order.
        readers: What reads the rules of a file, by its path.
        said: What was found in the project.
    """
    known = {(each.place, each.code) for each in said}
    for drafted, overlay in zip(draft.overlays, pack.overlays, strict=True):
        variant = _variant(drafted, overlay, facts, readers)
        for problem in variant.findings():
            if (problem.place, problem.code) not in known:
                text = f"in overlay {variant.name}: {problem.text}"
                yield replace(problem, text=text)


def _variant(
    drafted: DraftOverlay,
    overlay: Overlay,
    facts: Sequence[Facts],
    readers: Mapping[str, FactReader],
) -> Variant:
    rules = {rule.id: rule for rule in overlay.pack.rules} if overlay.pack else {}
    own = {path: _laid_over(reader, drafted) for path, reader in readers.items()}
    names = frozenset(key.text for key, _ in drafted.params)
    read: list[Facts] = []
    changed: set[str] = set()
    for one in facts:
        rule = rules.get(one.rule.id)
        if rule is None or rule.off_until is not None:
            continue
        if names and _uses(one, names):
            changed.add(rule.id)
            read.append(own[one.file.names.source.path].facts(one.draft, rule))
        else:
            read.append(replace(one, rule=rule))
    return Variant(overlay.name, tuple(read), frozenset(changed))


def _laid_over(reader: FactReader, drafted: DraftOverlay) -> FactReader:
    scope = reader.checks.scope
    params = dict(scope.params)
    for key, node in drafted.params:
        if key.text in params:
            params[key.text] = overridden(Reader(), params[key.text], key, node)
    return replace(reader, checks=Checks(replace(scope, params=params)))


def _uses(one: Facts, names: frozenset[str]) -> bool:
    """Whether a line of the rule, or a define it rests on, uses one of the limits."""
    return any(not names.isdisjoint(line.checked.params) for line in one.lines)
