"""What is odd about a pack that has no mistakes: warnings with their place. Pure.

Asks for a pack that compiles. What needs history or live deals is asked elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.at_rest import collector_at_rest
from gatekeeper.language.lint.lines import Written, counted, findings, settled
from gatekeeper.pack.files.conditions import problem_at
from gatekeeper.pack.lint.clash import clashes
from gatekeeper.pack.lint.crm import crm_findings
from gatekeeper.pack.lint.overlays import overlay_findings
from gatekeeper.pack.lint.quieted import quieted
from gatekeeper.pack.lint.read import FactReader, guards_of
from gatekeeper.pack.lint.rules import rule_findings
from gatekeeper.pack.lint.together import pack_findings
from gatekeeper.pack.lint.untested import untested
from gatekeeper.pack.source.problems import Problem, in_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.pack.lint.facts import Facts
    from gatekeeper.pack.load import Draft

ONCE = frozenset({"W402"})
"""Findings about a field: said where it is first used, not at every use."""


@dataclass(frozen=True, slots=True)
class Lint:
    """A pack under the lens: read once, asked about several things.

    Attributes:
        draft: The pack as written.
        pack: The same, compiled without a mistake.
        facts: Its rules, in file order.
        readers: What reads the rules of a file, by its path.
        moved: Fields of the CRMs that our own task may move, without case.
    """

    draft: Draft
    pack: RulePack
    facts: tuple[Facts, ...]
    readers: Mapping[str, FactReader]
    moved: frozenset[str]

    @classmethod
    @collector_at_rest()
    def of(
        cls,
        draft: Draft,
        pack: RulePack,
        schema: CrmSchema | None,
        moved: Collection[str] = (),
    ) -> Lint:
        """Read a pack.

        Args:
            draft: As written.
            pack: The same, compiled without a mistake.
            schema: The CRM's description, where it is at hand.
            moved: Fields of the CRMs, by their own names, that our own task may move.
        """
        readers = {
            each.file.names.source.path: FactReader.of(each.file, each.checks)
            for each in draft.built(schema).files
        }
        facts = tuple(_facts(draft, pack, readers))
        folded = frozenset(name.casefold() for name in moved)
        return cls(draft, pack, facts, readers, folded)

    @collector_at_rest()
    def findings(self, tested: Collection[str] | None = None) -> list[Problem]:
        """Return what is odd about the pack by itself.

        Args:
            tested: Ids of the rules that tests name; None where that is not known.
        """
        found = [problem for one in self.facts for problem in _lines(one, self.moved)]
        found += [problem for one in self.facts for problem in rule_findings(one)]
        found += [problem for one in self.facts for problem in crm_findings(one)]
        found += pack_findings(self.draft, self.facts)
        found += clashes(self.facts)
        found += quieted(self.facts)
        found += untested(self.facts, tested) if tested is not None else ()
        found += overlay_findings(
            self.draft, self.pack, self.facts, self.readers, found
        )
        return found


def lint(
    draft: Draft,
    pack: RulePack,
    schema: CrmSchema | None,
    ignored: Collection[str] = (),
    tested: Collection[str] | None = None,
    moved: Collection[str] = (),
) -> list[Problem]:
    """Return every warning about a pack by itself, sorted by file and place.

    Args:
        draft: The pack as written.
        pack: The same, compiled without a mistake.
        schema: The CRM's description, where it is at hand.
        ignored: Codes that are not asked for.
        tested: Ids of the rules that tests name; None where that is not known.
        moved: Fields of the CRMs, by their own names, that our own task may move.
    """
    return shown(Lint.of(draft, pack, schema, moved).findings(tested), ignored)


def shown(problems: Iterable[Problem], ignored: Collection[str]) -> list[Problem]:
    """Return the findings that are asked for, sorted, what is about a field once."""
    wanted = in_order(each for each in problems if each.code not in ignored)
    return list(_once(wanted))


def _once(problems: list[Problem]) -> Iterator[Problem]:
    said: set[tuple[str, str]] = set()
    for problem in problems:
        key = (problem.code, problem.text)
        if problem.code not in ONCE or key not in said:
            yield problem
        said.add(key)


def _facts(
    draft: Draft, pack: RulePack, readers: Mapping[str, FactReader]
) -> Iterator[Facts]:
    compiled = {rule.id: rule for rule in pack.rules}
    for file, _ in draft.files:
        reader = readers.get(file.names.source.path)
        for drafted in file.rules if reader else ():
            if reader and drafted.id in compiled:
                yield reader.facts(drafted, compiled[drafted.id])


def _lines(facts: Facts, moved: frozenset[str]) -> Iterator[Problem]:
    """Give the findings of each line, in the light of the others."""
    everywhere = [each.parts for each in facts.lines if each.is_top]
    filled = frozenset[str]().union(*map(settled, everywhere))
    rows = frozenset[str]().union(*map(counted, everywhere))
    for each in facts.lines:
        if each.draft.test is None:
            continue
        own = each.draft.on_blank
        guards = [line.parts for line in guards_of(each, facts)]
        written = Written(
            each.draft.test,
            each.checked,
            facts.scope,
            each.parts,
            splits=each.is_top and each in facts.require_lines,
            says_blank=own is not None or facts.says_blank,
            filled=filled.union(*map(settled, guards)),
            counted=rows,
            moved=moved,
        )
        for message in findings(written):
            yield replace(problem_at(each.draft.scalar, message), is_warning=True)
