"""What a deal says of itself held against its history: both cannot be right. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import FieldValue, Person
from gatekeeper.pack.source.nodes import Scalar
from gatekeeper.pack.source.read import found
from gatekeeper.pack.testing.places import stage_value
from gatekeeper.pack.testing.sketch import HISTORY, STAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.language.messages import Place
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader
    from gatekeeper.pack.testing.deals import Draft
    from gatekeeper.pack.testing.history import Entry
    from gatekeeper.pack.testing.past import Past
    from gatekeeper.pack.testing.rows import World
    from gatekeeper.pack.testing.sketch import Part

CREATED = ("created_at", "created_on")

Said = tuple["Place", str, str]
"""Where, the sentence, and the remedy."""


def agrees(
    reader: Reader, world: World, draft: Draft, pipeline: Pipeline, past: Past
) -> bool:
    """Whether a deal and its history fit together; what does not is noted (E807)."""
    said = [*_beginning(world, draft, past), *_ends(draft, pipeline, past)]
    for place, text, advice in said:
        reader.say(place, "E807", text, advice)
    return not said


def _beginning(world: World, draft: Draft, past: Past) -> Iterator[Said]:
    """Ask for a history that begins where the deal does."""
    if past.began is None or not draft.entries:
        return
    began = local_date(past.began, world.tongue.zone)
    first = draft.entries[0]
    if first.at < past.began:
        text = f"{first.key.text} lies before the deal's creation on {began:%-d %b %Y}."
        advice = f"begin the history with {began}, or correct the day of creation."
        yield _place(draft, first), text, advice
    moved = next((entry for entry in draft.entries if STAGE in entry.sketch), None)
    if moved is not None and moved.at > past.began:
        text = (
            f"the history does not say in which stage the deal was created on"
            f" {began:%-d %b %Y}."
        )
        yield _place(draft, moved), text, f"{began}: {{stage: ...}}"


def _place(draft: Draft, entry: Entry) -> Place:
    """Return where the two part: in the history, or where a case moves the beginning.

    A case that says when the deal was created is at fault where the deal itself is
    not.
    """
    written = (draft.change.get(key) for key in CREATED)
    own = next((part for part in written if part is not None), None)
    return entry.key.place if own is None or HISTORY in draft.change else own.node.place


def _ends(draft: Draft, pipeline: Pipeline, past: Past) -> Iterator[Said]:
    """Ask for a history that ends with what the deal is."""
    for key, part in draft.base.items():
        told = past.told(key)
        last = _last_node(draft, key)
        if not told or last is None or key in draft.change:
            continue
        if _same(_value(part, pipeline), told[-1].written[key][key]):
            continue
        text = (
            f"{key} is {_shown(part.node)}, but the history ends with {_shown(last)}."
        )
        advice = "write down the day it changed, or take one of them out."
        node = last if HISTORY in draft.change else part.node
        yield node.place, text, advice


def _last_node(draft: Draft, key: str) -> Node | None:
    nodes = [entry.sketch[key].node for entry in draft.entries if key in entry.sketch]
    return nodes[-1] if nodes else None


def _value(part: Part, pipeline: Pipeline) -> FieldValue | None:
    if part.key.text == STAGE:
        return stage_value(pipeline, part.node)
    return part.fields.get(part.key.text)


def _same(one: FieldValue | None, other: FieldValue) -> bool:
    if isinstance(one, Person) and isinstance(other, Person):
        return one.id == other.id
    return one == other


def _shown(node: Node) -> str:
    return found(node) if isinstance(node, Scalar) else "something else"
