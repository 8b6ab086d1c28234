"""Merge two records into a third: both ids lead to it from then on."""

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
    """Put two records into a new one and return it."""
    first, second = pair
    values = {
        name: str(value)
        for row in (second, first)
        for name, value in row.items()
        if value not in {None, ""} and not name.startswith("@")
    }
    old_ids = [str(row["hs_object_id"]) for row in pair]
    before = [str(row["hs_merged_object_ids"] or "") for row in pair]
    values["hs_merged_object_ids"] = ";".join(filter(None, [*before, *old_ids]))
    new_id = values["hs_object_id"] = portal.new_id(kind)
    row = Row({"hs_object_id": new_id, CREATED: first[CREATED]})
    merged = portal.change(kind, row, values, source)
    # The first one's links come last: its primary company stays the primary one.
    for old in (second, first):
        gone = Row(old)
        gone[MERGED_INTO] = new_id
        portal.put(kind, str(old["hs_object_id"]), gone)
        _move_links(portal, kind, str(old["hs_object_id"]), new_id)
    return merged


def _move_links(portal: Portal, kind: ObjectKind, old_id: str, new_id: str) -> None:
    for other in portal.kinds:
        pair = (kind.name, other)
        for to_id, held in list(portal.links.of(pair, old_id).items()):
            unlink(portal, pair, (old_id, to_id))
            link(portal, pair, (new_id, to_id), held)


MERGE_ROUTES = (
    Route("merge", "POST", "/crm/v3/objects/{type}/merge", merge_records, Need.WRITE),
)
