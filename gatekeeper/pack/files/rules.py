"""Files of rules and of shared names, as written: parsed, not yet checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.pack import Position, Reach
from gatekeeper.pack.files import rule_schema
from gatekeeper.pack.files.conditions import (
    DraftCondition,
    check_title,
    read_condition,
)
from gatekeeper.pack.files.declared import Names, read_names
from gatekeeper.pack.files.escalations import DraftEscalation, read_escalations
from gatekeeper.pack.files.schema import keys_of
from gatekeeper.pack.files.values import must_be
from gatekeeper.pack.source.nodes import Listing, Node, Scalar, Table
from gatekeeper.pack.source.read import Noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.pack.source.read import Reader

ALL_PIPELINES = "*"
MOST_RULES = 1_000
"""So many in one file cost about a second where each asks something else."""
_OF_STAGES = frozenset(keys_of(rule_schema.StagePart))
_POSITIONS = tuple(Position)
_CONDITIONS = ("when", "unless")
_REACHES: dict[Reach, tuple[str, ...]] = {
    Reach.EVERY_OPEN_STAGE: (Position.EXIT, Position.WHILE_IN, *_CONDITIONS),
    Reach.EVERY_STAGE: (Position.WHILE_IN, *_CONDITIONS),
}


@dataclass(frozen=True, slots=True)
class DraftStage:
    """One stage of a file as written, apart from its rules (language A23).

    Attributes:
        when: Asked beside the condition of each of its rules; so is `unless`.
    """

    name: Scalar
    reach: Reach
    part: rule_schema.StagePart
    start_when: DraftCondition | None = None
    when: DraftCondition | None = None
    unless: DraftCondition | None = None

    @property
    def word(self) -> str:
        """Its name as the rules say it."""
        return self.name.text.strip()


@dataclass(frozen=True, slots=True)
class DraftRule:
    """One rule as written; `part` is None where a required key is missing.

    Attributes:
        id: As written, "" where there is none.
    """

    id: str
    table: Table
    position: Position
    home: DraftStage
    part: rule_schema.RulePart | None
    deprecated: rule_schema.Deprecated | None
    require: DraftCondition | None
    when: DraftCondition | None
    unless: DraftCondition | None
    escalate: tuple[DraftEscalation, ...] = ()

    @property
    def reach(self) -> Reach:
        """Which stage or stages it belongs to."""
        return self.home.reach

    @property
    def stage(self) -> Scalar:
        """The name of its stage."""
        return self.home.name

    @property
    def conditions(self) -> Iterator[DraftCondition]:
        """All that it asks itself, as written."""
        worse = (entry.when for entry in self.escalate)
        yield from filter(None, (self.when, self.unless, self.require, *worse))


@dataclass(frozen=True, slots=True)
class DraftFile:
    """One file of rules as written."""

    names: Names
    pipelines: tuple[Scalar, ...]
    defaults: rule_schema.Defaults
    defaults_table: Table | None
    rules: tuple[DraftRule, ...]
    stages: tuple[DraftStage, ...] = ()
    suspend_when: DraftCondition | None = None

    @property
    def pipeline_names(self) -> tuple[str, ...]:
        """The pipelines it is for; empty means all."""
        named = tuple(node.text.strip() for node in self.pipelines)
        return () if ALL_PIPELINES in named else named

    @property
    def conditions(self) -> Iterator[DraftCondition]:
        """All that its rules and stages ask, as written."""
        for rule in self.rules:
            yield from rule.conditions
        for stage in self.stages:
            yield from filter(None, (stage.start_when, stage.when, stage.unless))
        if self.suspend_when is not None:
            yield self.suspend_when


def read_rules(
    reader: Reader, table: Table, catalogue: Catalogue, currency: str
) -> DraftFile:
    """Read a file of rules; rules that cannot be read are left out.

    Raises:
        EnoughMistakesError: It has its share of mistakes, or holds more rules or
            checks than anybody maintains in one file.
    """
    _bound(reader, table.get("stages"))
    reader.part(rule_schema.RulesFile, table, Noun("a file of rules", "this file"))
    node = table.get("defaults")
    defaults = reader.part(rule_schema.Defaults, node, Noun("defaults"))
    stages: list[DraftStage] = []
    rules: list[DraftRule] = []
    for name, part in reader.pairs(table.get("stages"), "stages"):
        stage = _stage(reader, name, part, currency)
        stages.append(stage)
        if isinstance(part, Table):
            rules.extend(_rules(reader, stage, part, currency))
    suspend = table.get("suspend_when")
    return DraftFile(
        read_names(reader, table, catalogue, currency),
        _scalars(table.get("pipeline")),
        defaults or rule_schema.Defaults(),
        node if isinstance(node, Table) else None,
        tuple(rules),
        tuple(stages),
        read_condition(reader, suspend, "suspend_when", currency),
    )


def _bound(reader: Reader, stages: Node | None) -> None:
    """Refuse too many rules before any of them is read."""
    parts = [part for _, part in stages.pairs] if isinstance(stages, Table) else []
    rules = [
        rule
        for part in parts
        if isinstance(part, Table)
        for position in _POSITIONS
        if isinstance(listed := part.get(position), Listing)
        for rule in listed.entries
    ]
    if len(rules) > MOST_RULES:
        reader.too_many(rules[MOST_RULES], f"{MOST_RULES:,} rules")


def _scalars(node: Node | None) -> tuple[Scalar, ...]:
    entries = node.entries if isinstance(node, Listing) else (node,)
    return tuple(entry for entry in entries if isinstance(entry, Scalar))


def _stage(reader: Reader, name: Scalar, node: Node, currency: str) -> DraftStage:
    reach = _reach(name)
    if isinstance(node, Scalar) and node.is_blank:
        return DraftStage(name, reach, rule_schema.StagePart())
    noun = Noun("a stage", f'stage "{name.text}"')
    table = reader.table(node, noun.owner, "put its rules under exit or while_in.")
    part = reader.part(rule_schema.StagePart, table, noun)
    if table is None or part is None:
        return DraftStage(name, reach, rule_schema.StagePart())
    _refuse_keys(reader, reach, table)

    def condition(key: str) -> DraftCondition | None:
        return read_condition(reader, table.get(key), key, currency)

    return DraftStage(
        name, reach, part, condition("start_when"), *map(condition, _CONDITIONS)
    )


def _reach(stage: Scalar) -> Reach:
    word = " ".join(stage.text.casefold().split())
    return Reach(word) if word in _REACHES else Reach.STAGE


def _refuse_keys(reader: Reader, reach: Reach, table: Table) -> None:
    """Note what has no place under every stage (E201)."""
    allowed = _REACHES.get(reach)
    for key, _ in table.pairs if allowed else ():
        if key.text in _OF_STAGES and key.text not in (allowed or ()):
            reader.say(
                key.place,
                "E201",
                f'"{key.text}" is not a key of "{reach}".',
                f"Allowed keys: {', '.join(allowed or ())}",
            )


def _rules(
    reader: Reader, stage: DraftStage, table: Table, currency: str
) -> Iterator[DraftRule]:
    allowed = _REACHES.get(stage.reach, _POSITIONS)
    for position in _POSITIONS:
        if position not in allowed:
            continue
        for entry in reader.entries(table.get(position), position):
            rule = _rule(reader, stage, position, entry, currency)
            if rule is not None:
                yield rule


def _rule(
    reader: Reader, stage: DraftStage, position: Position, node: Node, currency: str
) -> DraftRule | None:
    if not isinstance(node, Table):
        reader.unfit(node, position, must_be("a list of rules"))
        return None
    id_node = node.get("id")
    written = id_node.text if isinstance(id_node, Scalar) else ""
    name = f"rule {written}" if written else "this rule"
    part = reader.part(rule_schema.RulePart, node, Noun("a rule", name))
    check_title(reader, node.get("title"))
    noun = Noun("deprecated")
    return DraftRule(
        written.strip(),
        node,
        position,
        stage,
        part,
        reader.part(rule_schema.Deprecated, node.get("deprecated"), noun),
        read_condition(reader, node.get("require"), "require", currency),
        read_condition(reader, node.get("when"), "when", currency),
        read_condition(reader, node.get("unless"), "unless", currency),
        read_escalations(reader, node.get("escalate"), currency),
    )
