"""A deal as a test writes it to the deal the evaluator gets. Pure.

Every name of the catalogue is there: what the test leaves out is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import (
    EMPTY,
    Deal,
    FieldValue,
    Person,
    Row,
)
from gatekeeper.pack.nodes import Node, Scalar, Table
from gatekeeper.pack.testing.rows import (
    FOLLOWS,
    activities,
    read_rows,
    unknown_field,
)
from gatekeeper.pack.testing.values import is_empty, read_value
from gatekeeper.pack.values import did_you_mean

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Pipeline, RelationSpec
    from gatekeeper.pack.read import Reader
    from gatekeeper.pack.testing.rows import World

Written = Mapping[str, tuple[Scalar, Node]]
"""What stands under a deal, by key; later files and cases replace whole keys."""

NOT_FIELDS = frozenset({"history"})


@dataclass(slots=True)
class Draft:
    """A deal while it is put together."""

    fields: dict[str, FieldValue]
    related: dict[str, tuple[Row, ...]] = field(default_factory=dict)


def read_deal(
    reader: Reader, world: World, name: Scalar, written: Written
) -> Deal | None:
    """Read one deal; None where it has no usable stage.

    Args:
        reader: Takes the mistakes.
        world: The names, pipelines and meanings of the test file.
        name: The deal's name in the test, for messages.
        written: Its keys, what its history says included.
    """
    draft = Draft(_blank(world))
    draft.related = dict.fromkeys((*world.catalogue.collections, *_hops(world)), ())
    for key, node in written.values():
        _read_key(reader, world, draft, key, node)
    pipeline = _pipeline(reader, world, written)
    stage = _stage(reader, pipeline, written, name)
    if pipeline is None or stage is None:
        return None
    position = pipeline.position_of_value(stage)
    reached = pipeline.stages[position or 0]
    draft.fields |= {"is_closed": reached.is_closed, "is_won": reached.is_won}
    _dates(world, draft)
    draft.related["activities"] = activities(draft.related, world.tongue)
    return _deal(draft, pipeline, stage, reached.name, name)


def _deal(
    draft: Draft, pipeline: Pipeline, stage: str, label: str, name: Scalar
) -> Deal:
    owner = draft.fields["owner"]
    written = draft.fields["name"]
    fields = draft.fields | {"stage": stage, "pipeline": pipeline.name}
    id_ = fields["id"]
    return Deal(
        org="test",
        id=id_ if isinstance(id_, str) else name.text,
        name=written if isinstance(written, str) else "",
        pipeline=pipeline.name,
        stage=stage,
        owner_id=owner.id if isinstance(owner, Person) else None,
        url="",
        fields=fields,
        related=draft.related,
        stage_label=label,
    )


def _blank(world: World) -> dict[str, FieldValue]:
    catalogue = world.catalogue
    names = [*catalogue.deal, *catalogue.lookups, *world.needs.fields]
    names += [
        f"{lookup.name}.{inner}"
        for lookup in catalogue.lookups.values()
        for inner in lookup.fields
    ]
    return dict.fromkeys(names, EMPTY)


def _hops(world: World) -> list[str]:
    return [
        f"{lookup}.{collection}"
        for lookup in world.catalogue.lookups
        for collection in world.catalogue.collections
    ]


def _dates(world: World, draft: Draft) -> None:
    """Let the day and the moment of creation follow from each other."""
    day, at = draft.fields["created_on"], draft.fields["created_at"]
    zone = world.tongue.zone
    if isinstance(at, datetime) and day is EMPTY:
        draft.fields["created_on"] = local_date(at, zone)
    elif at is EMPTY and isinstance(day, date):
        midnight = datetime.combine(day, time.min, zone)
        draft.fields["created_at"] = midnight.astimezone(UTC)


# ---- keys --------------------------------------------------------------------------


def _read_key(
    reader: Reader, world: World, draft: Draft, key: Scalar, node: Node
) -> None:
    name, catalogue = key.text, world.catalogue
    lookup, _, inner = name.partition(".")
    if name in FOLLOWS:
        reader.say(key.place, "E805", f'"{name}" {FOLLOWS[name]}', "take it out.")
    elif name in catalogue.collections:
        spec = catalogue.collections[name]
        draft.related[name] = read_rows(reader, world, spec, node)
    elif name in catalogue.lookups:
        _lookup(reader, world, draft, key, node)
    elif inner and lookup in catalogue.lookups:
        spec = catalogue.lookups[lookup]
        _inner(reader, world, draft, spec, (replace(key, text=inner), node))
    elif lookup == "custom" and inner:
        kind = world.kinds.get(name)
        value = read_value(reader, name, node, kind, world.tongue)
        draft.fields[name] = value
    elif name in catalogue.deal:
        kind = catalogue.deal[name].kind
        value = read_value(reader, name, node, kind, world.tongue)
        draft.fields[name] = world.canonical(name, value)
    elif name not in NOT_FIELDS:
        names = (*catalogue.deal, *catalogue.lookups, *catalogue.collections)
        unknown_field(reader, key, "the deal", names)


def _lookup(
    reader: Reader, world: World, draft: Draft, key: Scalar, node: Node
) -> None:
    """Read one hop to another record: a map, or its name alone."""
    name = key.text
    spec = world.catalogue.lookups[name]
    is_user = world.catalogue.deal[name].kind is Kind.USER
    if is_empty(node):
        return
    if is_user:
        value = read_value(reader, name, node, Kind.USER, world.tongue)
        draft.fields[name] = value
        _person_fields(draft, name, value)
    else:
        draft.fields[name] = _reference(name, node)
    if isinstance(node, Table):
        for pair in node.pairs:
            _inner(reader, world, draft, spec, pair)
    elif isinstance(node, Scalar) and not is_user and "name" in spec.fields:
        draft.fields[f"{name}.name"] = node.text.strip()


def _reference(name: str, node: Node) -> FieldValue:
    """Say that it points somewhere: at the name that is written, if one is."""
    if isinstance(node, Table):
        inner = node.get("name")
        return inner.text if isinstance(inner, Scalar) else name
    return node.text if isinstance(node, Scalar) else EMPTY


def _person_fields(draft: Draft, name: str, value: FieldValue) -> None:
    if isinstance(value, Person):
        draft.fields |= {
            f"{name}.name": value.name,
            f"{name}.email": value.email or EMPTY,
            f"{name}.is_active": value.is_active,
            f"{name}.team": value.team or EMPTY,
        }


def _inner(
    reader: Reader,
    world: World,
    draft: Draft,
    lookup: RelationSpec,
    pair: tuple[Scalar, Node],
) -> None:
    """Read one field, or the rows, of a record one hop away."""
    key, node = pair
    full = f"{lookup.name}.{key.text}"
    if key.text in lookup.fields:
        kind = lookup.fields[key.text].kind
        value = read_value(reader, full, node, kind, world.tongue)
        draft.fields[full] = world.canonical(full, value)
    elif key.text in world.catalogue.collections:
        spec = world.catalogue.collections[key.text]
        draft.related[full] = read_rows(reader, world, spec, node)
    else:
        names = (*lookup.fields, *world.catalogue.collections)
        unknown_field(reader, key, f"the {lookup.name}", names)


# ---- where it stands ---------------------------------------------------------------


def _pipeline(reader: Reader, world: World, written: Written) -> Pipeline | None:
    key, node = written.get("pipeline", (None, None))
    if not isinstance(node, Scalar) or key is None or is_empty(node):
        return next(iter(world.pipelines.values()), None)
    wanted = node.text.strip().casefold()
    for pipeline in world.pipelines.values():
        if pipeline.name.casefold() == wanted:
            return pipeline
    near = did_you_mean(node.text, world.pipelines)
    advice = f"{near + ' ' if near else ''}Pipelines: {', '.join(world.pipelines)}"
    text = f'there is no pipeline "{node.text}" in this test.'
    reader.say(node.place, "E503", text, advice)
    return None


def _stage(
    reader: Reader, pipeline: Pipeline | None, written: Written, name: Scalar
) -> str | None:
    """Return the CRM's value of the stage the deal is in."""
    _, node = written.get("stage", (None, None))
    if pipeline is None:
        return None
    if not isinstance(node, Scalar) or is_empty(node):
        text = f'deal {name.text} has no "stage".'
        reader.say(name.place, "E202", text, "stage: Discovery")
        return None
    value = stage_value(pipeline, node.text)
    if value is None:
        stages = [stage.name for stage in pipeline.stages]
        near = did_you_mean(node.text, stages)
        advice = f"{near + ' ' if near else ''}Stages in order: {', '.join(stages)}"
        text = f'pipeline {pipeline.name} has no stage "{node.text}".'
        reader.say(node.place, "E503", text, advice)
    return value


def stage_value(pipeline: Pipeline, word: str) -> str | None:
    """Return the CRM's value for a stage named as in the rules or as in the CRM."""
    position = pipeline.position(word.strip())
    if position is not None:
        return pipeline.stages[position].values[0]
    is_known = pipeline.position_of_value(word.strip()) is not None
    return word.strip() if is_known else None
