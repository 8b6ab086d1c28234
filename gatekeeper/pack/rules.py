"""Files of rules and of shared names, as written: parsed, not yet checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.pack import Position, Reach
from gatekeeper.pack import rule_schema
from gatekeeper.pack.conditions import DraftCondition, read_condition
from gatekeeper.pack.defines import read_defines
from gatekeeper.pack.nodes import Listing, Node, Scalar, Table
from gatekeeper.pack.params import read_params
from gatekeeper.pack.read import Noun
from gatekeeper.pack.schema import keys_of
from gatekeeper.pack.values import must_be

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.language.scope import DefineSpec, ParamSpec
    from gatekeeper.pack.nodes import Source
    from gatekeeper.pack.read import Reader

ALL_PIPELINES = "*"
_ONLY_IN_RULES = frozenset(keys_of(rule_schema.RulesFile)) - frozenset(
    keys_of(rule_schema.DefsFile)
)
_POSITIONS = tuple(Position)
_REACHES = {
    Reach.EVERY_OPEN_STAGE: {Position.EXIT, Position.WHILE_IN},
    Reach.EVERY_STAGE: {Position.WHILE_IN},
}


@dataclass(frozen=True, slots=True)
class DraftRule:
    """One rule as written; `part` is None where a required key is missing."""

    table: Table
    position: Position
    reach: Reach
    stage: Scalar
    part: rule_schema.RulePart | None
    deprecated: rule_schema.Deprecated | None
    require: DraftCondition | None
    when: DraftCondition | None
    unless: DraftCondition | None

    @property
    def id(self) -> str:
        """Its id as written, "" where there is none."""
        node = self.table.get("id")
        return node.text.strip() if isinstance(node, Scalar) else ""


@dataclass(frozen=True, slots=True)
class Names:
    """What one file declares.

    Attributes:
        declared: `$name` of a parameter or name of a condition to its key and value.
    """

    source: Source
    use: Listing | Scalar | None
    params: dict[str, ParamSpec]
    defines: dict[str, DefineSpec]
    declared: dict[str, tuple[Scalar, Node]]


@dataclass(frozen=True, slots=True)
class DraftFile:
    """One file of rules as written."""

    names: Names
    pipelines: tuple[Scalar, ...]
    defaults: rule_schema.Defaults
    defaults_table: Table | None
    rules: tuple[DraftRule, ...]

    @property
    def pipeline_names(self) -> tuple[str, ...]:
        """The pipelines it is for; empty means all."""
        named = tuple(node.text.strip() for node in self.pipelines)
        return () if ALL_PIPELINES in named else named


def read_names(
    reader: Reader, table: Table, catalogue: Catalogue, currency: str
) -> Names:
    """Read what a file declares and what it uses."""
    use = table.get("use")
    return Names(
        table.source,
        None if isinstance(use, Table) else use,
        read_params(reader, table.get("params")),
        read_defines(reader, table.get("define"), catalogue, currency),
        dict(_declared(table)),
    )


def _declared(table: Table) -> Iterator[tuple[str, tuple[Scalar, Node]]]:
    for section, mark in (("params", "$"), ("define", "")):
        node = table.get(section)
        for key, value in node.pairs if isinstance(node, Table) else ():
            yield f"{mark}{key.text}", (key, value)


def read_rules(
    reader: Reader, table: Table, catalogue: Catalogue, currency: str
) -> DraftFile:
    """Read a file of rules; rules that cannot be read are left out."""
    reader.part(rule_schema.RulesFile, table, Noun("a file of rules", "this file"))
    node = table.get("defaults")
    defaults = reader.part(rule_schema.Defaults, node, Noun("defaults"))
    rules: list[DraftRule] = []
    for stage, part in reader.pairs(table.get("stages"), "stages"):
        rules.extend(_stage(reader, stage, part, currency))
    return DraftFile(
        read_names(reader, table, catalogue, currency),
        _scalars(table.get("pipeline")),
        defaults or rule_schema.Defaults(),
        node if isinstance(node, Table) else None,
        tuple(rules),
    )


def read_defs(
    reader: Reader, table: Table, catalogue: Catalogue, currency: str
) -> Names:
    """Read a file of shared names; anything else in it is a mistake (E213)."""
    name = table.source.path.rpartition("/")[2]
    kept: list[tuple[Scalar, Node]] = []
    for key, node in table.pairs:
        if key.text in _ONLY_IN_RULES:
            reader.say(
                key.place,
                "E213",
                f'{name} contains "{key.text}"; a file brought in with "use" may hold'
                " only define and params.",
            )
        else:
            kept.append((key, node))
    rest = replace(table, pairs=tuple(kept))
    reader.part(rule_schema.DefsFile, rest, Noun("a file of names", "this file"))
    return read_names(reader, rest, catalogue, currency)


def _scalars(node: Node | None) -> tuple[Scalar, ...]:
    entries = node.entries if isinstance(node, Listing) else (node,)
    return tuple(entry for entry in entries if isinstance(entry, Scalar))


def _stage(reader: Reader, stage: Scalar, node: Node, currency: str) -> list[DraftRule]:
    noun = Noun("a stage", f'stage "{stage.text}"')
    if isinstance(node, Scalar) and node.is_blank:
        return []
    reader.part(rule_schema.StagePart, node, noun)
    table = reader.table(node, noun.owner)
    rules: list[DraftRule] = []
    for position in _POSITIONS:
        entries = table.get(position) if table else None
        if table and entries and not _may_stand(reader, stage, table, position):
            continue
        for entry in reader.entries(entries, position):
            rule = _rule(reader, stage, position, entry, currency)
            if rule is not None:
                rules.append(rule)
    return rules


def _reach(stage: Scalar) -> Reach:
    word = " ".join(stage.text.casefold().split())
    return Reach(word) if word in _REACHES else Reach.STAGE


def _may_stand(reader: Reader, stage: Scalar, table: Table, position: Position) -> bool:
    reach = _reach(stage)
    if reach is Reach.STAGE or position in _REACHES[reach]:
        return True
    key = table.key(position)
    if key is not None:
        allowed = ", ".join(one for one in _POSITIONS if one in _REACHES[reach])
        reader.say(
            key.place,
            "E201",
            f'"{position}" is not a key of "{reach}".',
            f"Allowed keys: {allowed}",
        )
    return False


def _rule(
    reader: Reader, stage: Scalar, position: Position, node: Node, currency: str
) -> DraftRule | None:
    if not isinstance(node, Table):
        reader.unfit(node, position, must_be("a list of rules"))
        return None
    part = reader.part(rule_schema.RulePart, node, _noun(node))
    noun = Noun("deprecated")
    return DraftRule(
        node,
        position,
        _reach(stage),
        stage,
        part,
        reader.part(rule_schema.Deprecated, node.get("deprecated"), noun),
        read_condition(reader, node.get("require"), "require", currency),
        read_condition(reader, node.get("when"), "when", currency),
        read_condition(reader, node.get("unless"), "unless", currency),
    )


def _noun(node: Table) -> Noun:
    written = node.get("id")
    name = f"rule {written.text}" if isinstance(written, Scalar) else "this rule"
    return Noun("a rule", name)
