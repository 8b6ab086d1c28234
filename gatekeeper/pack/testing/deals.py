"""A deal as a test writes it to the deal the evaluator gets. Pure.

Every name of the catalogue is there: what the test leaves out is empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import EMPTY, Deal, Person
from gatekeeper.pack.testing.contradictions import agrees
from gatekeeper.pack.testing.past import LONG_AGO, Event, Past
from gatekeeper.pack.testing.places import pipeline_of, stage_of, stage_value
from gatekeeper.pack.testing.rows import activities
from gatekeeper.pack.testing.sketch import (
    PIPELINE,
    STAGE,
    Sketch,
    fields_of,
    related_of,
)
from gatekeeper.pack.testing.values import is_empty

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.core.model import Row
    from gatekeeper.pack.source.nodes import Scalar
    from gatekeeper.pack.source.read import Reader
    from gatekeeper.pack.testing.history import Entry
    from gatekeeper.pack.testing.past import Values
    from gatekeeper.pack.testing.rows import World


@dataclass(frozen=True, slots=True)
class Draft:
    """A deal as a case writes it.

    Attributes:
        name: The deal's name in the test.
        base: What stands under that name.
        entries: Its history.
        change: What the case changes; it replaces whole keys.
    """

    name: Scalar
    base: Sketch
    entries: tuple[Entry, ...] = ()
    change: Sketch = field(default_factory=dict)

    @property
    def sketch(self) -> Sketch:
        """The deal with its changes."""
        return {**self.base, **self.change}

    @property
    def id(self) -> str:
        """Its id in the CRM; its name in the test where it says none."""
        own = fields_of(self.sketch).get("id")
        return own if isinstance(own, str) else self.name.text


@dataclass(frozen=True, slots=True)
class Subject:
    """A deal of a test with its whole past, ready to be looked at on any day.

    Attributes:
        id: Its id in the CRM.
        fields: What it says of itself; where its past speaks, that counts.
        related: Its rows, by collection.
    """

    id: str
    world: World
    pipeline: Pipeline
    fields: Values
    related: dict[str, tuple[Row, ...]]
    past: Past

    def at(self, moment: datetime) -> Deal | None:
        """Return the deal as it stands at a moment; None before it began."""
        fields = self.fields | self.past.values_at(moment)
        stage = fields[STAGE]
        if not isinstance(stage, str):
            return None
        reached = self.pipeline.stages[self.pipeline.position_of_value(stage) or 0]
        fields |= {"is_closed": reached.is_closed, "is_won": reached.is_won}
        owner, name = fields["owner"], fields["name"]
        return Deal(
            org="test",
            id=self.id,
            name=name if isinstance(name, str) else "",
            pipeline=self.pipeline.name,
            stage=stage,
            owner_id=owner.id if isinstance(owner, Person) else None,
            url="",
            fields=fields,
            related={**self.related},
            stage_label=reached.name,
            history=self.past.history_at(moment, fields, self.world.slip),
        )


def read_subject(
    reader: Reader, world: World, draft: Draft, at: datetime | None = None
) -> Subject | None:
    """Put a deal together; None where it cannot be used.

    Args:
        reader: Takes the mistakes.
        world: The names, pipelines and meanings of the test file.
        draft: The deal as written.
        at: When the case begins; a changed stage is entered then (language B8).
    """
    named = draft.sketch.get(PIPELINE)
    pipeline = pipeline_of(reader, world, named.node if named else None)
    if pipeline is None:
        return None
    past = _past(reader, world, draft, pipeline)
    if past is None or not agrees(reader, world, draft, pipeline, past):
        return None
    if at is not None:
        past = _changed(past, draft, pipeline, at)
    fields = _blank(world) | fields_of(draft.sketch) | {PIPELINE: pipeline.name}
    fields |= _creation(world, fields, draft, past)
    related = _related(world, draft)
    return Subject(draft.id, world, pipeline, fields, related, past)


# ---- its past ------------------------------------------------------------------------


def _past(
    reader: Reader, world: World, draft: Draft, pipeline: Pipeline
) -> Past | None:
    """Return the past as written; None where a stage of it is not known."""
    events: list[Event] = []
    for entry in draft.entries:
        written = {
            key: {key: EMPTY, **part.fields} for key, part in entry.sketch.items()
        }
        if STAGE in entry.sketch:
            stage = stage_of(reader, pipeline, entry.sketch[STAGE].node)
            if stage is None:
                return None
            written[STAGE] = {STAGE: stage}
        events.append(Event(entry.at, written, entry.by))
    began = _began(world, draft)
    past = Past(began, tuple(events))
    if past.told(STAGE) and STAGE not in draft.change:
        return past
    present = _present_stage(reader, draft, pipeline)
    if present is None or past.told(STAGE):
        return past if present else None
    base = draft.base.get(STAGE)
    first = (stage_value(pipeline, base.node) if base else None) or present
    start = Event(began or LONG_AGO, {STAGE: {STAGE: first}})
    return Past(began, (start, *events))


def _present_stage(reader: Reader, draft: Draft, pipeline: Pipeline) -> str | None:
    """Return the stage a deal says it is in; none (E202) or an unknown one is noted."""
    own = draft.sketch.get(STAGE)
    if own is None or is_empty(own.node):
        text = f'deal {draft.name.text} has no "stage".'
        emptied = draft.change.get(STAGE)
        place = emptied.key.place if emptied else draft.name.place
        reader.say(place, "E202", text, "stage: Discovery")
        return None
    return stage_of(reader, pipeline, own.node)


def _began(world: World, draft: Draft) -> datetime | None:
    """Return when the deal was created: as it says, or when its history begins.

    The first line of the history is the creation where both are of one day.
    """
    fields, zone = fields_of(draft.sketch), world.tongue.zone
    at, day = fields.get("created_at"), fields.get("created_on")
    first = draft.entries[0].at if draft.entries else None
    if isinstance(at, datetime):
        day = local_date(at, zone)
    elif isinstance(day, date):
        at = datetime.combine(day, time.min, zone).astimezone(UTC)
    else:
        return first
    if first is None or local_date(first, zone) != day:
        return at
    return min(at, first) if "created_at" in draft.sketch else first


def _changed(past: Past, draft: Draft, pipeline: Pipeline, at: datetime) -> Past:
    """Let the past lead to what the case changes."""
    for key, part in draft.change.items():
        if key == STAGE:
            stage = stage_value(pipeline, part.node)
            past = past.moved_to(stage, at) if stage else past
        elif past.told(key):
            past = past.with_last(key, {key: EMPTY, **part.fields}, at)
    return past


# ---- what is always there ------------------------------------------------------------


def _blank(world: World) -> Values:
    catalogue = world.catalogue
    names = [*catalogue.deal, *catalogue.lookups, *world.needs.fields]
    names += [
        f"{lookup.name}.{inner}"
        for lookup in catalogue.lookups.values()
        for inner in lookup.fields
    ]
    return dict.fromkeys(names, EMPTY)


def _related(world: World, draft: Draft) -> dict[str, tuple[Row, ...]]:
    """Return the rows of every collection, those of a record one hop away included."""
    written = related_of(draft.sketch)
    found: dict[str, tuple[Row, ...]] = {}
    for lead in ("", *(f"{lookup}." for lookup in world.catalogue.lookups)):
        own = {
            name: written.get(f"{lead}{name}", ())
            for name in world.catalogue.collections
        }
        own["activities"] = activities(own, world.tongue)
        found |= {f"{lead}{name}": rows for name, rows in own.items()}
    return found


def _creation(world: World, fields: Values, draft: Draft, past: Past) -> Values:
    """Let the day, the moment and the author of the creation follow."""
    day, at = fields["created_on"], fields["created_at"]
    found: Values = {}
    if isinstance(at, datetime) and day is EMPTY:
        found["created_on"] = local_date(at, world.tongue.zone)
    elif at is EMPTY and day is not EMPTY and past.began is not None:
        found["created_at"] = past.began
    first = draft.entries[0] if draft.entries else None
    if first is not None and first.at == past.began and fields["created_by"] is EMPTY:
        found["created_by"] = first.by
    return found
