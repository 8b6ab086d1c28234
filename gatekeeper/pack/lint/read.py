"""Rules as written to lines as checked and claims as questions, for lint. Pure.

Each line is checked and read once, however many others it is held against.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Quorum
from gatekeeper.core.pack import Reach
from gatekeeper.language.lint.logic import Claim, Line, Lines, question
from gatekeeper.language.messages import CheckError
from gatekeeper.language.tree.walk import parts_of
from gatekeeper.pack.files.conditions import DraftCondition, DraftLine
from gatekeeper.pack.files.rule_values import blank_word
from gatekeeper.pack.files.words import BlankWord
from gatekeeper.pack.lint.facts import Asked, Facts, Questions
from gatekeeper.pack.lint.order import orders_of, position_of

if TYPE_CHECKING:
    from gatekeeper.core.pack import Position, Rule
    from gatekeeper.language.lint.atoms import Order
    from gatekeeper.pack.build.checks import Checks
    from gatekeeper.pack.files.rules import DraftFile, DraftRule, DraftStage


@dataclass(frozen=True, slots=True)
class FactReader:
    """Reads the rules of one file.

    Attributes:
        orders: The different orders of stages in the file's pipelines.
    """

    file: DraftFile
    checks: Checks
    orders: tuple[Order, ...]
    _readers: dict[tuple[Reach, str], _LineReader] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, file: DraftFile, checks: Checks) -> FactReader:
        """Prepare to read a file whose lines are checked."""
        return cls(file, checks, orders_of(file, checks.scope))

    def facts(self, drafted: DraftRule, rule: Rule) -> Facts:
        """Read one rule."""
        lines = self._reader(drafted.home)
        blank = blank_word(drafted, self.file)
        require, require_lines = lines.read(drafted.require, blank)
        when, when_lines = lines.read(drafted.when, None)
        unless, unless_lines = lines.read(drafted.unless, None)
        return Facts(
            drafted,
            rule,
            self.file,
            lines.checks,
            require=require,
            when=when,
            unless=unless,
            require_lines=tuple(require_lines),
            when_lines=tuple(when_lines),
            unless_lines=tuple(unless_lines),
            orders=lines.orders,
            position=lines.position(rule, self.file),
        )

    def _reader(self, home: DraftStage) -> _LineReader:
        """Return what reads the rules of one stage."""
        key = home.reach, home.word
        if key not in self._readers:
            self._readers[key] = self._reader_at(home)
        return self._readers[key]

    def _reader_at(self, home: DraftStage) -> _LineReader:
        if home.reach is not Reach.STAGE:
            return _LineReader(self.checks, self.orders)
        word = home.word
        orders = tuple(each for each in self.orders if each.rank(word) is not None)
        return _LineReader(self.checks.at(word), orders)


def guards_of(line: Asked, facts: Facts) -> list[Asked]:
    """Return the lines of a line's own `when`."""
    _, found = _LineReader(facts.checks, facts.orders).read(line.draft.when, None)
    return found


@dataclass(frozen=True, slots=True)
class _LineReader:
    """Reads the conditions of the rules of one stage, equal lines once."""

    checks: Checks
    orders: tuple[Order, ...]
    _lines: dict[tuple[int, bool], tuple[Line, Questions, tuple[object, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _positions: dict[Position, tuple[Questions, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

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
            checked = self.checks.of(line.test)
        except CheckError:
            return None
        passes = (line.on_blank or blank) is BlankWord.PASS
        key = id(checked), passes
        if key not in self._lines:
            claim = Line(checked.test, passes)
            parts = tuple(parts_of(line.test))
            self._lines[key] = claim, self.questions(claim), parts
        claim, asked, parts = self._lines[key]
        if line.when is not None:
            return Asked(line, checked, None, is_top, (), parts)
        return Asked(line, checked, claim, is_top, asked, parts)

    def position(self, rule: Rule, file: DraftFile) -> tuple[Questions, ...]:
        """Ask what a rule's place says of the deals it is asked of."""
        if rule.position not in self._positions:
            claims = position_of(rule, file, self.checks.scope)
            self._positions[rule.position] = tuple(map(self.questions, claims))
        return self._positions[rule.position]
