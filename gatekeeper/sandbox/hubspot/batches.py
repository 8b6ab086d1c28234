"""Records by the hundred: read, create, update, upsert, archive.

A batch whose every input carries a trace id of its own fails input by input; any
other fails as a whole, and nothing of it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.batch_answer import batch_answer
from gatekeeper.sandbox.hubspot.call import (
    Answer,
    Call,
    Input,
    id_of,
    maybe_text,
    names_in,
    properties_in,
)
from gatekeeper.sandbox.hubspot.errors import HubSpotError, not_found
from gatekeeper.sandbox.hubspot.linking import link_new
from gatekeeper.sandbox.hubspot.portal import ARCHIVED
from gatekeeper.sandbox.hubspot.records import archive, create, look_up, update
from gatekeeper.sandbox.hubspot.routing import Route
from gatekeeper.sandbox.hubspot.scopes import Need
from gatekeeper.sandbox.hubspot.shape import asked, record_body, written_body
from gatekeeper.sandbox.hubspot.unwell import unread

if TYPE_CHECKING:
    from gatekeeper.sandbox.state import Stored

Body = dict[str, object]
_Write = Callable[[Call, Input], Body]
_MOST_WITH_HISTORY = 50
_TOO_MANY_PASTS = (
    "The maximum number of inputs supported in a batch request for property histories "
    "is 50. Please reduce the number of items and try again"
)
_BATCH = "/crm/v3/objects/{type}/batch"


def read_batch(call: Call) -> Answer:
    """Read records by their ids or by a unique value."""
    portal, given, inputs = call.portal, call.json(), call.inputs()
    past = names_in(given, "propertiesWithHistory")
    if past and len(inputs) > _MOST_WITH_HISTORY:
        raise HubSpotError(_TOO_MANY_PASTS)
    wanted = asked(call, call.kind, names_in(given, "properties"), past)
    id_property, archived = maybe_text(given, "idProperty"), call.flag("archived")
    rows: dict[str, Stored] = {}
    missing = []
    errors: list[Body] = []
    for key in dict.fromkeys(map(id_of, inputs)):
        if fault := portal.faults.take_record(call.route):
            errors += unread(fault, ids=[key])
            continue
        row = look_up(portal, call.kind, key, id_property)
        if row is None or bool(row[ARCHIVED]) != archived:
            missing.append(key)
        else:
            rows[str(row["hs_object_id"])] = row
    bodies = [record_body(portal, row, wanted) for row in rows.values()]
    errors += [_absent(call, missing)] if missing else []
    return batch_answer(portal, bodies, errors)


def create_batch(call: Call) -> Answer:
    """Make records with their associations."""
    return _write_all(call, _create_one, call.portal.settings.created_status)


def update_batch(call: Call) -> Answer:
    """Change records by their ids or by a unique value."""
    keys = [id_of(each) for each in call.inputs()]
    if len(set(keys)) != len(keys):
        raise HubSpotError("Duplicate IDs found in batch input")
    return _write_all(call, _update_one, 200)


def upsert_batch(call: Call) -> Answer:
    """Make or change records by a unique value."""
    inputs = call.inputs()
    if len({maybe_text(each, "idProperty") for each in inputs}) > 1:
        raise HubSpotError("All inputs must have the same idProperty")
    keys = [id_of(each) for each in inputs]
    if len(set(keys)) != len(keys):
        raise HubSpotError("Duplicate IDs found in batch input")
    return _write_all(call, _upsert_one, 200)


def archive_batch(call: Call) -> Answer:
    """Put records into the bin."""
    for each in call.inputs():
        archive(call.portal, call.kind, id_of(each))
    return Answer(204)


def _write_all(call: Call, write: _Write, status: int) -> Answer:
    portal, inputs = call.portal, call.inputs()
    traces = [maybe_text(each, "objectWriteTraceId") for each in inputs]
    separate = all(traces) and len(set(traces)) == len(traces)
    found: list[Body] = []
    errors: list[Body] = []
    with portal.state.transaction():
        for each, trace in zip(inputs, traces, strict=True):
            try:
                with portal.state.transaction():
                    _spoil(call)
                    found.append(write(call, each))
            except HubSpotError as error:
                if not separate and error.status != 404:
                    raise
                context = {"objectWriteTraceId": [trace]} if trace else {}
                errors.append(error.batch_entry(**context))
    return batch_answer(portal, found, errors, status)


def _spoil(call: Call) -> None:
    fault = call.portal.faults.take_record(call.route)
    if fault is None:
        return
    if fault.kind == "conflict":
        raise HubSpotError("A concurrent write won; read again", "CONFLICT", 409)
    raise HubSpotError("The record was refused by a validation rule of the account")


def _create_one(call: Call, given: Input) -> Body:
    row = create(call.portal, call.kind, properties_in(given), call.source)
    record_id = str(row["hs_object_id"])
    link_new(call.portal, call.kind, record_id, given.get("associations"))
    return written_body(call.portal, call.kind, row)


def _update_one(call: Call, given: Input) -> Body:
    portal, key = call.portal, id_of(given)
    row = look_up(portal, call.kind, key, maybe_text(given, "idProperty"))
    if row is None or row[ARCHIVED]:
        raise _unknown(call, [key])
    row = update(portal, call.kind, row, properties_in(given), call.source)
    return written_body(portal, call.kind, row)


def _upsert_one(call: Call, given: Input) -> Body:
    portal, kind, key = call.portal, call.kind, id_of(given)
    name = maybe_text(given, "idProperty")
    if name is None:
        raise HubSpotError("idProperty is required")
    row = look_up(portal, kind, key, name)
    values = properties_in(given)
    if row is None or row[ARCHIVED]:
        row = create(portal, kind, {**values, name: key}, call.source)
        return written_body(portal, kind, row) | {"new": True}
    row = update(portal, kind, row, values, call.source)
    return written_body(portal, kind, row) | {"new": False}


def _unknown(call: Call, keys: list[str]) -> HubSpotError:
    error = not_found(
        f"Could not get some {call.kind.word} objects, they may be deleted or not "
        "exist. Check that ids are valid."
    )
    error.context = {"ids": keys}
    return error


def _absent(call: Call, keys: list[str]) -> Body:
    return _unknown(call, keys).batch_entry()


BATCH_ROUTES = (
    Route("batch_read", "POST", f"{_BATCH}/read", read_batch, Need.READ),
    Route("batch_create", "POST", f"{_BATCH}/create", create_batch, Need.WRITE),
    Route("batch_update", "POST", f"{_BATCH}/update", update_batch, Need.WRITE),
    Route("batch_upsert", "POST", f"{_BATCH}/upsert", upsert_batch, Need.WRITE),
    Route("batch_archive", "POST", f"{_BATCH}/archive", archive_batch, Need.WRITE),
)
