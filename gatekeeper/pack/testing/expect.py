"""What a case expects of the rules. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from gatekeeper.core.model import Outcome, Severity, State
from gatekeeper.pack.files.people import BUILT_IN_ROLES, check_role
from gatekeeper.pack.files.times import day
from gatekeeper.pack.files.values import did_you_mean, one_of, text
from gatekeeper.pack.source.nodes import Listing, Scalar, Table
from gatekeeper.pack.source.read import Noun
from gatekeeper.pack.testing.schema import ExpectPart

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from gatekeeper.core.model import Verdict
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader
V = TypeVar("V")


class Ending(StrEnum):
    """What a rule says of a deal, by the key under which a case expects it."""

    FAILS = "fails"
    PASSES = "passes"
    NOT_APPLICABLE = "not_applicable"
    CANNOT_TELL = "cannot_tell"
    WAIVED = "waived"

    @staticmethod
    def of(verdict: Verdict) -> Ending:
        """Tell how a verdict ends: a failure that is waived is none (product D5)."""
        is_waived = verdict.waived is not None and verdict.waived.applies
        if verdict.outcome is Outcome.FAIL and is_waived:
            return Ending.WAIVED
        return _ENDINGS[verdict.outcome]


_ENDINGS = {
    Outcome.FAIL: Ending.FAILS,
    Outcome.PASS: Ending.PASSES,
    Outcome.NOT_APPLICABLE: Ending.NOT_APPLICABLE,
    Outcome.CANNOT_TELL: Ending.CANNOT_TELL,
}


VIOLATIONS = "violations"
"""The key for all rules that fail, and no others."""

_ENDING_UNDER: dict[str, str] = {VIOLATIONS: Ending.FAILS}


class NoViolation(StrEnum):
    """The word of a timeline for a rule that has no violation on a day."""

    NONE = "none"


Standing = State | NoViolation
_STANDINGS: dict[str, Standing] = {one.value: one for one in (*State, *NoViolation)}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case expects; what it does not name may be anything.

    Attributes:
        violations: Exactly the rules that fail; None where the case does not say.
        endings: Rule and how it ends, in the order written.
        timeline: Day to rule to the state of its violation.
    """

    violations: tuple[str, ...] | None = None
    endings: tuple[tuple[str, Ending], ...] = ()
    because: Mapping[str, str] = field(default_factory=dict)
    severity: Mapping[str, Severity] = field(default_factory=dict)
    owed_by: Mapping[str, str] = field(default_factory=dict)
    timeline: Mapping[date, Mapping[str, Standing]] = field(default_factory=dict)

    @property
    def says_anything(self) -> bool:
        """Whether anything at all is expected."""
        return self != Expected()

    def about(self, rule_ids: Collection[str]) -> Expected:
        """Return what is expected of some of the rules."""

        def of(each: Mapping[str, V]) -> dict[str, V]:
            return {rule: one for rule, one in each.items() if rule in rule_ids}

        fails = self.violations
        return Expected(
            None if fails is None else tuple(id_ for id_ in fails if id_ in rule_ids),
            tuple(pair for pair in self.endings if pair[0] in rule_ids),
            of(self.because),
            of(self.severity),
            of(self.owed_by),
            {day: on for day, all_ in self.timeline.items() if (on := of(all_))},
        )


@dataclass(frozen=True, slots=True)
class RuleIds:
    """The rules and roles a test may name.

    Attributes:
        held: Those of the files it tests.
        others: The rest of the pack.
        present: An id that a rule had, to the one it has now.
        optional: Those that are no violation where they fail.
    """

    held: frozenset[str]
    others: frozenset[str] = frozenset()
    present: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    roles: tuple[str, ...] = BUILT_IN_ROLES

    def check(self, reader: Reader, node: Scalar) -> str:
        """Return the id that is written; an unknown one is noted (E802)."""
        word = node.text.strip()
        if word in self.held:
            return word
        advice = did_you_mean(word, self.held)
        text_ = f'there is no rule "{word}".'
        if word in self.others:
            text_ = f"{word} is not in the files this test is for."
            advice = "add its file under rules: at the top of the test."
        elif word in self.present:
            advice = f"it is called {self.present[word]} now."
        reader.say(node.place, "E802", text_, advice or "gatekeeper rules list")
        return word

    def violation(self, reader: Reader, node: Scalar) -> str:
        """Return the id of a rule that can be violated; another is noted (E804)."""
        word = self.check(reader, node)
        if word in self.optional:
            text_ = f"{word} is optional, so it is never among the violations."
            reader.say(node.place, "E804", text_, f"fails: [{word}]")
        return word


def read_expected(
    reader: Reader, ids: RuleIds, case: str, node: Node | None
) -> Expected:
    """Read `expect:` of a case."""
    noun = Noun('"expect"', f'"expect" of case "{case}"')
    part = reader.part(ExpectPart, node, noun)
    if part is None or not isinstance(node, Table):
        return Expected()
    if not _asserts(node):
        text_ = f'case "{case}" expects nothing.'
        reader.say(node.place, "E804", text_, "violations: []")
    _check_endings(reader, node)
    violations = node.get(VIOLATIONS)
    return Expected(
        None
        if violations is None
        else tuple(ids.violation(reader, entry) for entry in _named(violations)),
        tuple(
            (ids.check(reader, entry), ending)
            for ending in Ending
            for entry in _named(node.get(ending))
        ),
        {
            rule: reader.value(value, "because", text, "")
            for rule, value in _by_rule(reader, ids, node, "because")
        },
        {
            rule: reader.value(value, "severity", one_of(Severity), Severity.LOW)
            for rule, value in _by_rule(reader, ids, node, "severity")
        },
        {
            rule: _role(reader, ids, value)
            for rule, value in _by_rule(reader, ids, node, "owed_by")
        },
        dict(_timeline(reader, ids, node.get("timeline"))),
    )


def _asserts(node: Table) -> bool:
    """Whether a case that expects this can fail: only no violations say something."""
    return node.get(VIOLATIONS) is not None or not _is_hollow(node)


def _is_hollow(node: Node) -> bool:
    match node:
        case Scalar():
            return node.is_blank
        case Listing():
            return not node.entries
        case Table():
            return all(_is_hollow(value) for _, value in node.pairs)


def _check_endings(reader: Reader, node: Table) -> None:
    """Note the rules that should end in two ways: a case has one verdict (E804)."""
    first: dict[str, str] = {}
    for key in (VIOLATIONS, *Ending):
        for entry in _named(node.get(key)):
            word = entry.text.strip()
            other = first.setdefault(word, key)
            if _ENDING_UNDER.get(other, other) != _ENDING_UNDER.get(key, key):
                text_ = f'{word} stands under "{other}" and under "{key}".'
                advice = "a rule ends in one way: keep it under one of them."
                reader.say(entry.place, "E804", text_, advice)


def _named(node: Node | None) -> Iterator[Scalar]:
    entries = node.entries if isinstance(node, Listing) else (node,)
    return (entry for entry in entries if isinstance(entry, Scalar))


def _by_rule(
    reader: Reader, ids: RuleIds, node: Table, key: str
) -> Iterator[tuple[str, Node]]:
    for rule, value in reader.pairs(node.get(key), key):
        yield ids.check(reader, rule), value


def _role(reader: Reader, ids: RuleIds, node: Node) -> str:
    check_role(reader, node, ids.roles)
    return reader.value(node, "owed_by", text, "")


def _timeline(
    reader: Reader, ids: RuleIds, node: Node | None
) -> Iterator[tuple[date, dict[str, Standing]]]:
    for key, value in reader.pairs(node, "timeline"):
        on = reader.value(key, "timeline", day, None)
        states = {
            ids.check(reader, rule): _standing(reader, state)
            for rule, state in reader.pairs(value, "timeline")
        }
        if on is not None:
            yield on, states


def _standing(reader: Reader, node: Node) -> Standing:
    word = node.text.strip() if isinstance(node, Scalar) else ""
    if word in _STANDINGS:
        return _STANDINGS[word]
    listed = ", ".join(_STANDINGS)
    text_ = f'state "{word}" is not one of {listed}.'
    reader.say(node.place, "E207", text_, did_you_mean(word, _STANDINGS))
    return NoViolation.NONE
