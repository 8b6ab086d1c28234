"""Single records: read, create, update, delete, and the same by external id."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import dml
from gatekeeper.sandbox.salesforce.activities import instant
from gatekeeper.sandbox.salesforce.call import Answer
from gatekeeper.sandbox.salesforce.checks import holders
from gatekeeper.sandbox.salesforce.errors import SalesforceError, not_found
from gatekeeper.sandbox.salesforce.ids import canonical_id, stamp
from gatekeeper.sandbox.salesforce.routing import Route
from gatekeeper.sandbox.salesforce.values import malformed_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.salesforce.call import Call
    from gatekeeper.sandbox.schema import FieldType, ObjectType
    from gatekeeper.sandbox.state import Stored

_UNTIL = timedelta(days=30)


def retrieve(call: Call) -> Answer:
    """Answer `GET /sobjects/X/{id}`, whole or only `?fields=`."""
    kind, record_id = _addressed(call)
    row = dml.existing(call.org, kind, record_id)
    return Answer(body=record_body(call, kind, row, call.query.get("fields")))


def retrieve_by_key(call: Call) -> Answer:
    """Answer `GET /sobjects/X/{key field}/{key}`."""
    kind, field = _keyed(call)
    found = holders(call.org, kind.name, field, call.params["key"])
    if not found:
        raise not_found()
    if len(found) > 1:
        return _several(call, kind, found)
    return Answer(body=record_body(call, kind, found[0], call.query.get("fields")))


def create(call: Call) -> Answer:
    """Answer `POST /sobjects/X`."""
    kind = _seen(call)
    record_id = dml.create(_writer(call), kind.name, record_values(call.json()))
    return _created(call, kind, record_id)


def update(call: Call) -> Answer:
    """Answer `PATCH /sobjects/X/{id}`."""
    kind, record_id = _addressed(call)
    values = record_values(call.json())
    _refuse_named(values, "Id")
    dml.update(_writer(call), kind.name, record_id, values)
    return Answer(204)


def delete(call: Call) -> Answer:
    """Answer `DELETE /sobjects/X/{id}`."""
    kind, record_id = _addressed(call)
    dml.delete(_writer(call), kind.name, record_id)
    return Answer(204)


def upsert(call: Call) -> Answer:
    """Answer `PATCH /sobjects/X/{key field}/{key}`."""
    kind, field = _keyed(call)
    values = record_values(call.json())
    _refuse_named(values, "Id")
    _refuse_named(values, field.name)
    found = holders(call.org, kind.name, field, call.params["key"])
    if len(found) > 1:
        return _several(call, kind, found)
    if found:
        dml.update(_writer(call), kind.name, str(found[0]["Id"]), values)
        return _updated(call, str(found[0]["Id"]))
    record_id = dml.create(
        _writer(call), kind.name, {**values, field.name: call.params["key"]}
    )
    return _created(call, kind, record_id, upsert=True)


def deleted(call: Call) -> Answer:
    """Answer `GET /sobjects/X/deleted`: what went to the bin in a span of time."""
    kind = _seen(call)
    start, end = _span(call)
    rows = [
        {"id": row["Id"], "deletedDate": row["SystemModstamp"]}
        for row in call.org.rows(kind.name, include_deleted=True)
        if row["IsDeleted"] and start <= str(row["SystemModstamp"] or "") < end
    ]
    now = call.org.now()
    return Answer(
        body={
            "deletedRecords": rows,
            "earliestDateAvailable": stamp(now - _UNTIL),
            "latestDateCovered": stamp(now.replace(second=0)),
        }
    )


def updated(call: Call) -> Answer:
    """Answer `GET /sobjects/X/updated`: what changed in a span of time."""
    kind = _seen(call)
    start, end = _span(call)
    ids = [
        row["Id"]
        for row in call.org.rows(kind.name, include_deleted=False)
        if start <= str(row["SystemModstamp"] or "") < end
    ]
    covered = stamp(call.org.now().replace(second=0))
    return Answer(body={"ids": ids, "latestDateCovered": covered})


def record_values(body: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of a record's body, its `attributes` left out."""
    return {name: value for name, value in body.items() if name != "attributes"}


def record_body(
    call: Call, kind: ObjectType, row: Stored, wanted: str | None = None
) -> dict[str, object]:
    """Return a record as the API shows it: the fields asked for, else all visible."""
    fields = list(kind.fields.values())
    if wanted is not None:
        fields = [_known(kind, name.strip()) for name in wanted.split(",")]
        if "Id" not in {field.name for field in fields}:
            fields.append(kind.fields["Id"])
    body: dict[str, object] = {
        "attributes": {
            "type": kind.name,
            "url": f"{call.root}/sobjects/{kind.name}/{row['Id']}",
        }
    }
    for field in fields:
        body[field.name] = (
            _compound(kind, field, row) if field.type == "address" else row[field.name]
        )
    return body


def _compound(kind: ObjectType, field: FieldType, row: Stored) -> object:
    prefix = field.name.removesuffix("Address")
    parts = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude")
    names = (*parts, "PostalCode", "State", "Street")
    values = {name: row[prefix + name] for name in names}
    empty = all(value is None for value in values.values())
    if empty and field.name not in kind.fields:
        return None
    return {name[0].lower() + name[1:]: value for name, value in values.items()}


def _known(kind: ObjectType, name: str) -> FieldType:
    field = kind.find(name)
    if field is None:
        raise SalesforceError(
            "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}"
        )
    return field


def _seen(call: Call) -> ObjectType:
    kind = call.org.visible(call.session, call.params["object"])
    if kind is None:
        raise not_found()
    return kind


def _addressed(call: Call) -> tuple[ObjectType, str]:
    kind = _seen(call)
    record_id = canonical_id(call.params["id"])
    if record_id is None:
        raise SalesforceError(
            "NOT_FOUND",
            "Provided external ID field does not exist or is not accessible: "
            f"{call.params['id']}",
            404,
        )
    if record_id[:3] != kind.key_prefix:
        raise malformed_id(kind.fields["Id"], call.params["id"])
    return kind, record_id


def _keyed(call: Call) -> tuple[ObjectType, FieldType]:
    kind = _seen(call)
    name = call.params["key_field"]
    field = kind.find(name)
    if field is None or not (field.external_id or field.id_lookup):
        raise SalesforceError(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {name}",
            404,
        )
    return kind, field


def _refuse_named(values: Mapping[str, object], name: str) -> None:
    if name.casefold() in {given.casefold() for given in values}:
        raise SalesforceError(
            "INVALID_FIELD",
            f"The {name} field should not be specified in the sobject data.",
            fields=(name,),
        )


def _several(call: Call, kind: ObjectType, rows: list[Stored]) -> Answer:
    address = f"{call.root}/sobjects/{kind.name}"
    return Answer(300, [f"{address}/{row['Id']}" for row in rows])


def _created(
    call: Call, kind: ObjectType, record_id: str, *, upsert: bool = False
) -> Answer:
    body: dict[str, object] = {"id": record_id, "success": True, "errors": []}
    if upsert:
        body["created"] = True
    address = f"{call.root}/sobjects/{kind.name}/{record_id}"
    return Answer(201, body, {"Location": address})


def _updated(call: Call, record_id: str) -> Answer:
    if float(call.version) < 46:
        return Answer(204)
    return Answer(
        200, {"id": record_id, "success": True, "errors": [], "created": False}
    )


def _writer(call: Call) -> dml.Writer:
    return dml.Writer(call.org, call.session, call.route)


def _span(call: Call) -> tuple[str, str]:
    try:
        start, end = (
            stamp(instant(call.query[name].replace("Z", "+00:00")).replace(second=0))
            for name in ("start", "end")
        )
    except (KeyError, ValueError, TypeError):
        raise SalesforceError(
            "INVALID_FIELD", "start and end must be dateTimes with a zone"
        ) from None
    if start >= end or start < stamp(call.org.now() - _UNTIL):
        raise SalesforceError(
            "INVALID_REPLICATION_DATE",
            "startDate before org replication enabled date, or endDate not after it",
        )
    return start, end


_OBJECT = "/services/data/{version}/sobjects/{object}"
RECORD_ROUTES = (
    Route("create", "POST", _OBJECT, create),
    Route("deleted", "GET", f"{_OBJECT}/deleted", deleted),
    Route("updated", "GET", f"{_OBJECT}/updated", updated),
    Route("retrieve", "GET", f"{_OBJECT}/{{id}}", retrieve),
    Route("update", "PATCH", f"{_OBJECT}/{{id}}", update),
    Route("delete", "DELETE", f"{_OBJECT}/{{id}}", delete),
    Route("retrieve", "GET", f"{_OBJECT}/{{key_field}}/{{key}}", retrieve_by_key),
    Route("upsert", "PATCH", f"{_OBJECT}/{{key_field}}/{{key}}", upsert),
)
