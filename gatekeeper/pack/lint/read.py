"""Rules as written to lines as checked and claims as questions, for lint. Pure.

Each line is checked and read once, however many others it is held against.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import Quorum
from gatekeeper.core.pack import Reach
from gatekeeper.language.checker import check
from gatekeeper.language.lint.logic import Claim, Line, Lines, question
from gatekeeper.language.messages import CheckError
from gatekeeper.language.scope import Scope
from gatekeeper.language.tree.walk import parts_of
from gatekeeper.pack.build.stages import pipelines_of, rule_pipelines
from gatekeeper.pack.files.conditions import DraftCondition, DraftLine
from gatekeeper.pack.files.rule_values import blank_word
from gatekeeper.pack.files.words import BlankWord
from gatekeeper.pack.lint.facts import Asked, Facts, Questions
from gatekeeper.pack.lint.order import orders_of, position_of
from gatekeeper.pack.source.read import Reader

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import CrmSchema, Pipeline
    from gatekeeper.core.pack import Rule
    from gatekeeper.language.lint.atoms import Order
    from gatekeeper.pack.files.rules import DraftFile, DraftRule
    from gatekeeper.pack.files.uses import Vocabulary
    from gatekeeper.pack.load import Draft


@dataclass(frozen=True, slots=True)
class FactReader:
    """Reads the rules of one file.

    Attributes:
        orders: The different orders of stages in the file's pipelines.
    """

    file: DraftFile
    scope: Scope
    orders: tuple[Order, ...]

    @classmethod
    def of(
        cls,
        draft: Draft,
        file: DraftFile,
        words: Vocabulary,
        schema: CrmSchema | None,
    ) -> FactReader:
        """Prepare to read a file."""
        scope = _scope(draft, file, words, schema)
        return cls(file, scope, orders_of(file, scope))

    def facts(self, drafted: DraftRule, rule: Rule) -> Facts:
        """Read one rule."""
        scope, orders = self.scope, self.orders
        if drafted.reach is Reach.STAGE:
            scope = replace(scope, stage=drafted.stage.text.strip())
        if rule.stage is not None:
            orders = tuple(each for each in orders if each.rank(rule.stage) is not None)
        lines = _LineReader(scope, orders)
        blank = blank_word(drafted, self.file)
        require, require_lines = lines.read(drafted.require, blank)
        when, when_lines = lines.read(drafted.when, None)
        unless, unless_lines = lines.read(drafted.unless, None)
        return Facts(
            drafted,
            rule,
            self.file,
            scope,
            require=require,
            when=when,
            unless=unless,
            require_lines=tuple(require_lines),
            when_lines=tuple(when_lines),
            unless_lines=tuple(unless_lines),
            orders=orders,
            position=tuple(
                lines.questions(claim) for claim in position_of(rule, self.file, scope)
            ),
        )


def guards_of(line: Asked, facts: Facts) -> list[Asked]:
    """Return the lines of a line's own `when`."""
    _, found = _LineReader(facts.scope, facts.orders).read(line.draft.when, None)
    return found


@dataclass(frozen=True, slots=True)
class _LineReader:
    """Reads the conditions of one rule."""

    scope: Scope
    orders: tuple[Order, ...]

    def read(
        self,
        condition: DraftCondition | None,
        blank: BlankWord | None,
        *,
        is_top: bool = True,
    ) -> tuple[Claim | None, list[Asked]]:
        """Read a condition as a claim and its lines.

        Args:
            condition: As written.
            blank: What an empty answer counts as.
            is_top: Each of its lines must hold whatever the others say.
        """
        match condition:
            case None:
                return None, []
            case DraftLine():
                asked = self._line(condition, blank, is_top=is_top)
                return (asked.claim if asked else None), [asked] if asked else []
        is_all = condition.quorum is Quorum.ALL
        read = [
            self.read(part, blank, is_top=is_top and is_all) for part in condition.parts
        ]
        claims = tuple(claim for claim, _ in read if claim is not None)
        lines = [line for _, found in read for line in found]
        whole = Lines(condition.quorum, claims, condition.count)
        return (whole if len(claims) == len(read) else None), lines

    def questions(self, claim: Claim | None) -> Questions:
        """Ask a claim in each order of stages."""
        if claim is None:
            return ()
        return tuple(question(claim, order) for order in self.orders)

    def _line(
        self, line: DraftLine, blank: BlankWord | None, *, is_top: bool
    ) -> Asked | None:
        if line.test is None:
            return None
        try:
            checked = check(line.test, self.scope)
        except CheckError:
            return None
        passes = (line.on_blank or blank) is BlankWord.PASS
        claim = Line(checked.test, passes) if line.when is None else None
        parts = tuple(parts_of(line.test))
        return Asked(line, checked, claim, is_top, self.questions(claim), parts)


def _scope(
    draft: Draft, file: DraftFile, words: Vocabulary, schema: CrmSchema | None
) -> Scope:
    project, pipelines = draft.project, dict[str, "Pipeline"]()
    crm = project.crm if project else "salesforce"
    if schema is not None and project is not None:
        reader = Reader()
        found = rule_pipelines(reader, project, draft.project_table, schema)
        pipelines = dict(pipelines_of(reader, file.pipelines, found, crm))
    return Scope(
        draft.catalogue,
        schema,
        pipelines,
        words.params,
        words.defines,
        crm=crm,
    )
