"""Records one by one, and the list of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gatekeeper.sandbox.hubspot.call import (
    Answer,
    id_of,
    maybe_text,
    properties_in,
)
from gatekeeper.sandbox.hubspot.errors import HubSpotError, not_found
from gatekeeper.sandbox.hubspot.linking import link_new
from gatekeeper.sandbox.hubspot.portal import ARCHIVED
from gatekeeper.sandbox.hubspot.records import (
    archive,
    create,
    find_record,
    look_up,
    purge,
    update,
)
from gatekeeper.sandbox.hubspot.routing import Route
from gatekeeper.sandbox.hubspot.scopes import Need
from gatekeeper.sandbox.hubspot.shape import Asked, asked, record_body, written_body

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.call import Call

_MOST = 100
_MOST_WITH_HISTORY = 50
_OBJECTS = "/crm/v3/objects/{type}"


def list_records(call: Call) -> Answer:
    """Answer the list of an object type: by id, archived ones or all others."""
    wanted = _asked(call)
    most = _MOST_WITH_HISTORY if wanted.past else _MOST
    limit = call.count("limit", 10, most)
    after = call.text("after") or "0"
    if not after.isdecimal():
        raise HubSpotError(f"Invalid paging token: {after}")
    rows = call.portal.listed(call.kind, after, archived=call.flag("archived"))
    page = list(islice(rows, limit + 1))
    body: dict[str, object] = {
        "results": [record_body(call.portal, row, wanted) for row in page[:limit]]
    }
    if len(page) > limit:
        is_stuck = call.portal.faults.take_record(call.route) is not None
        following = after if is_stuck else str(page[limit]["hs_object_id"])
        body["paging"] = {"next": _next(call, following)}
    return Answer(body=body)


def read_record(call: Call) -> Answer:
    """Answer one record; that of a merged one is the one it went into."""
    row = look_up(call.portal, call.kind, call.params["id"], call.text("idProperty"))
    if row is None or bool(row[ARCHIVED]) != call.flag("archived"):
        raise not_found()
    return Answer(body=record_body(call.portal, row, _asked(call)))


def create_record(call: Call) -> Answer:
    """Make one record with its associations."""
    portal, given = call.portal, call.json()
    with portal.state.transaction():
        row = create(portal, call.kind, properties_in(given), call.source)
        link_new(portal, call.kind, str(row["hs_object_id"]), given.get("associations"))
    body = written_body(portal, call.kind, row)
    return Answer(portal.settings.created_status, body)


def update_record(call: Call) -> Answer:
    """Change one record."""
    portal = call.portal
    row = find_record(portal, call.kind, call.params["id"], call.text("idProperty"))
    given = call.json()
    maybe_text(given, "objectWriteTraceId")
    row = update(portal, call.kind, row, properties_in(given), call.source)
    return Answer(body=written_body(portal, call.kind, row))


def archive_record(call: Call) -> Answer:
    """Put one record into the bin."""
    archive(call.portal, call.kind, call.params["id"])
    return Answer(204)


def purge_contact(call: Call) -> Answer:
    """Remove a contact for good, as a person may ask for."""
    given, portal, kind = call.json(), call.portal, call.kind
    if kind.name != "contacts":
        raise HubSpotError(f"{kind.word} cannot be removed for good by this call")
    key, id_property = id_of(given, "objectId"), maybe_text(given, "idProperty")
    row = look_up(portal, kind, key, id_property)
    if row is not None:
        purge(portal, kind, str(row["hs_object_id"]))
    return Answer(204)


def _asked(call: Call) -> Asked:
    wanted = asked(
        call, call.kind, call.texts("properties"), call.texts("propertiesWithHistory")
    )
    others = [call.portal.kind(word) for word in call.texts("associations")]
    return replace(wanted, linked=tuple(kind for kind in others if kind))


def _next(call: Call, after: str) -> dict[str, str]:
    query = urlencode({**call.query, "after": after}, doseq=True)
    return {"after": after, "link": f"{call.base_url}{call.path}?{query}"}


OBJECT_ROUTES = (
    Route("list", "GET", _OBJECTS, list_records, Need.READ),
    Route("create", "POST", _OBJECTS, create_record, Need.WRITE),
    Route("archive", "POST", f"{_OBJECTS}/gdpr-delete", purge_contact, Need.WRITE),
    Route("read", "GET", f"{_OBJECTS}/{{id}}", read_record, Need.READ),
    Route("update", "PATCH", f"{_OBJECTS}/{{id}}", update_record, Need.WRITE),
    Route("archive", "DELETE", f"{_OBJECTS}/{{id}}", archive_record, Need.WRITE),
)
