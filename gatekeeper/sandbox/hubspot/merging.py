"""Merge two records into a third, or into the first: both ids lead to it from then on.

Source: HubSpot's documentation of merges; most accounts give the outcome a new id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.call import Answer, id_of
from gatekeeper.sandbox.hubspot.errors import HubSpotError, not_found
from gatekeeper.sandbox.hubspot.linking import link, unlink
from gatekeeper.sandbox.hubspot.portal import CREATED, MERGED_INTO
from gatekeeper.sandbox.hubspot.routing import Route
from gatekeeper.sandbox.hubspot.scopes import Need
from gatekeeper.sandbox.hubspot.shape import written_body
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.sandbox.hubspot.call import Call
    from gatekeeper.sandbox.hubspot.history import Source
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored


def merge_records(call: Call) -> Answer:
    """Merge two records; what the first does not say the second does."""
    given, portal, kind = call.json(), call.portal, call.kind
    ids = [id_of(given, "primaryObjectId"), id_of(given, "objectIdToMerge")]
    rows = [portal.live(kind, each) for each in ids]
    first, second = rows
    if first is None or second is None:
        raise not_found()
    if first["hs_object_id"] == second["hs_object_id"]:
        raise HubSpotError("A record cannot be merged with itself")
    with portal.state.transaction():
        merged = merge(portal, kind, (first, second), call.source)
    return Answer(body=written_body(portal, kind, merged))


def merge(
    portal: Portal, kind: ObjectKind, pair: tuple[Stored, Stored], source: Source
) -> Stored:
    """Put two records into one and return it."""
    first, second = pair
    keeps_id = portal.settings.keeps_merged_id
    absorbed = (second,) if keeps_id else pair
    new_id = str(first["hs_object_id"]) if keeps_id else portal.new_id(kind)
    row = Row(first) if keeps_id else Row({CREATED: first[CREATED]})
    row["hs_object_id"] = new_id
    merged = portal.change(kind, row, _joined(row, pair, absorbed), source)
    # The first one's links come last: its primary company stays the primary one.
    for old in reversed(absorbed):
        gone = Row(old)
        gone[MERGED_INTO] = new_id
        portal.put(kind, str(old["hs_object_id"]), gone)
        _move_links(portal, kind, str(old["hs_object_id"]), new_id)
    return merged


def _joined(
    row: Stored, pair: tuple[Stored, Stored], absorbed: Iterable[Stored]
) -> dict[str, str]:
    """Return what two records say together that this one does not say yet."""
    before = [str(each["hs_merged_object_ids"] or "") for each in pair]
    gone = [str(each["hs_object_id"]) for each in absorbed]
    values = {
        name: str(value)
        for each in reversed(pair)
        for name, value in each.items()
        if value not in {None, ""} and not name.startswith("@")
    }
    values["hs_merged_object_ids"] = ";".join(filter(None, [*before, *gone]))
    values["hs_object_id"] = str(row["hs_object_id"])
    return {name: value for name, value in values.items() if row[name] != value}


def _move_links(portal: Portal, kind: ObjectKind, old_id: str, new_id: str) -> None:
    for other in portal.kinds:
        pair = (kind.name, other)
        for to_id, held in list(portal.links.of(pair, old_id).items()):
            unlink(portal, pair, (old_id, to_id))
            link(portal, pair, (new_id, to_id), held)


MERGE_ROUTES = (
    Route("merge", "POST", "/crm/v3/objects/{type}/merge", merge_records, Need.WRITE),
)
