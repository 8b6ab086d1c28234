"""Related rows as a test writes them, and the activities put together from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind, RelationSpec
from gatekeeper.core.model import EMPTY, FieldValue, Row
from gatekeeper.pack.files.values import did_you_mean, must_be
from gatekeeper.pack.source.nodes import Table
from gatekeeper.pack.testing.places import pipeline_of, stage_of
from gatekeeper.pack.testing.values import is_empty, read_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.core.catalogue import Catalogue, FieldSpec, Pipeline
    from gatekeeper.core.pack import Needs
    from gatekeeper.pack.source.nodes import Node, Scalar
    from gatekeeper.pack.source.read import Reader
    from gatekeeper.pack.testing.picklists import Picklist
    from gatekeeper.pack.testing.values import Tongue

FOLLOWS = {
    "is_closed": 'follows from "stage" and "pipelines".',
    "is_won": 'follows from "stage" and "pipelines".',
    "activities": "is put together from meetings, calls, emails, tasks and notes.",
}

# A day without a time, kept as a moment, must stay the same day in every zone near.
NOON = time(12)

_KINDS = {
    "meetings": ("meeting", "start"),
    "calls": ("call", "at"),
    "emails": ("email", "at"),
    "notes": ("note", "created_at"),
    "tasks": ("task", ""),
}


@dataclass(frozen=True, slots=True)
class World:
    """What the deals of a test file are made of.

    Attributes:
        pipelines: By name, stages named as in the rules; the first is the one of a
            deal that names none.
        kinds: Of `custom.` fields, where the CRM's description is at hand.
        picklists: Of which the values are known, by the name of the field.
        slip: A shorter stay in a stage does not count.
    """

    catalogue: Catalogue
    pipelines: Mapping[str, Pipeline]
    needs: Needs
    tongue: Tongue
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    picklists: Mapping[str, Picklist] = field(default_factory=dict)
    slip: timedelta = timedelta(minutes=5)

    def read(
        self, reader: Reader, name: str, node: Node, kind: Kind | None
    ) -> FieldValue:
        """Read a value of a field, that of a picklist as the CRM would give it."""
        value = read_value(reader, name, node, kind, self.tongue)
        picklist = self.picklists.get(name)
        return value if picklist is None else picklist.read(reader, node, value)


def unknown_field(
    reader: Reader, key: Scalar, whose: str, names: Iterable[str]
) -> None:
    """Note a name that is no field (E401)."""
    advice = did_you_mean(key.text, names)
    text = f'there is no field "{key.text}" on {whose}.'
    listed = "list all fields with: gatekeeper fields list"
    reader.say(key.place, "E401", text, advice or listed)


def follows(reader: Reader, key: Scalar) -> bool:
    """Whether a key of a deal follows from others; then it is noted (E805)."""
    why = FOLLOWS.get(key.text)
    if why is not None:
        reader.say(key.place, "E805", f'"{key.text}" {why}', "take it out.")
    return why is not None


def read_rows(
    reader: Reader, world: World, spec: RelationSpec, node: Node
) -> tuple[Row, ...]:
    """Read the rows of one collection; what a row leaves out is empty."""
    if is_empty(node):
        return ()
    if spec.name == "siblings":
        spec = RelationSpec(spec.name, {**world.catalogue.deal, **spec.fields})
    rows: list[Row] = []
    for entry in reader.entries(node, spec.name):
        if isinstance(entry, Table):
            rows.append(_row(reader, world, spec, entry))
        else:
            reader.unfit(entry, spec.name, must_be("rows such as {role: Champion}"))
    return tuple(rows)


def _row(reader: Reader, world: World, spec: RelationSpec, table: Table) -> Row:
    is_deal = spec.name == "siblings"
    row: dict[str, FieldValue] = dict.fromkeys(spec.fields, EMPTY)
    for key, node in table.pairs:
        known = spec.fields.get(key.text)
        if is_deal and follows(reader, key):
            continue
        if known is None:
            unknown_field(reader, key, spec.name, spec.fields)
        else:
            row[key.text] = _cell(reader, world, spec, known, node)
    return _placed(reader, world, table, row) if is_deal else row


def _cell(
    reader: Reader, world: World, spec: RelationSpec, known: FieldSpec, node: Node
) -> FieldValue:
    return world.read(reader, f"{spec.name}.{known.name}", node, known.kind)


def _placed(
    reader: Reader, world: World, table: Table, row: dict[str, FieldValue]
) -> Row:
    """Give another deal's stage the CRM's value, and what follows from it."""
    pipeline, node = (
        pipeline_of(reader, world, table.get("pipeline")),
        table.get("stage"),
    )
    if pipeline is None or node is None or is_empty(node):
        return row
    stage = stage_of(reader, pipeline, node)
    if stage is None:
        return row
    reached = pipeline.stages[pipeline.position_of_value(stage) or 0]
    return {
        **row,
        "pipeline": pipeline.name,
        "stage": stage,
        "is_closed": reached.is_closed,
        "is_won": reached.is_won,
    }


# ---- activities --------------------------------------------------------------------


def activities(
    related: Mapping[str, tuple[Row, ...]], tongue: Tongue
) -> tuple[Row, ...]:
    """Put together what was done: meetings, calls, mails, tasks and notes."""
    return tuple(
        {
            "kind": kind,
            "at": row[at] if at else _done_at(row, tongue),
            "subject": row.get("subject", row.get("title", EMPTY)),
            "contact_roles": row.get("contact_roles", EMPTY),
            "owner": row.get("owner", EMPTY),
            "created_at": row.get("created_at", EMPTY),
            "modified_at": row.get("modified_at", EMPTY),
        }
        for kind, at, row in _acted(related)
    )


def _acted(
    related: Mapping[str, tuple[Row, ...]],
) -> Iterator[tuple[str, str, Row]]:
    for collection, (kind, at) in _KINDS.items():
        for row in related.get(collection, ()):
            yield kind, at, row


def _done_at(task: Row, tongue: Tongue) -> FieldValue:
    """When a task was done: a test row keeps its due date only (language A41)."""
    due = task["due_on"]
    if task["is_closed"] is not True or not isinstance(due, date):
        return EMPTY
    return datetime.combine(due, NOON, tongue.zone).astimezone(UTC)
