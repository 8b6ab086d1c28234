"""sObject Collections: up to 200 records in one request, each with its own outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import dml
from gatekeeper.sandbox.salesforce.call import Answer
from gatekeeper.sandbox.salesforce.checks import holders
from gatekeeper.sandbox.salesforce.errors import (
    SalesforceError,
    not_found,
    record_error,
)
from gatekeeper.sandbox.salesforce.ids import canonical_id
from gatekeeper.sandbox.salesforce.records import record_values
from gatekeeper.sandbox.salesforce.routing import Route

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.call import Call
    from gatekeeper.sandbox.schema import FieldType

MAX_RECORDS = 200
MAX_CHUNKS = 10
_ROLLED_BACK = SalesforceError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using "
    "AllOrNone header",
    fields=(),
)
_NO_RECORD = SalesforceError(
    "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=()
)
Outcome = dict[str, object]
_Write = Callable[["Line"], Outcome]


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a collection: its object and its fields."""

    object_name: str
    values: Mapping[str, object]


def create_many(call: Call) -> Answer:
    """Answer `POST /composite/sobjects`."""
    writer = _writer(call)

    def write(line: Line) -> Outcome:
        record_id = dml.create(writer, line.object_name, line.values)
        return {"id": record_id, "success": True, "errors": []}

    lines, all_or_none = _lines(call)
    return Answer(body=_run(call, lines, write, all_or_none=all_or_none))


def update_many(call: Call) -> Answer:
    """Answer `PATCH /composite/sobjects`."""
    writer = _writer(call)
    lines, all_or_none = _lines(call)
    seen: set[str] = set()

    def write(line: Line) -> Outcome:
        values = dict(line.values)
        given = values.pop("Id", values.pop("id", None))
        if given is None:
            raise SalesforceError(
                "MISSING_ARGUMENT", "Id not specified in an update call", fields=("Id",)
            )
        record_id = _own_id(call, line.object_name, given)
        if record_id in seen:
            raise SalesforceError(
                "DUPLICATE_VALUE",
                f"duplicate id specified: {record_id}",
                fields=("Id",),
            )
        seen.add(record_id)
        dml.update(writer, line.object_name, record_id, values)
        return {"id": record_id, "success": True, "errors": []}

    return Answer(body=_run(call, lines, write, all_or_none=all_or_none))


def upsert_many(call: Call) -> Answer:
    """Answer `PATCH /composite/sobjects/X/{key field}`."""
    kind = call.org.visible(call.session, call.params["object"])
    field = kind.find(call.params["key_field"]) if kind else None
    if kind is None:
        raise not_found()
    if field is None or not (field.external_id or field.id_lookup):
        raise SalesforceError(
            "NOT_FOUND",
            "Provided external ID field does not exist or is not accessible: "
            f"{call.params['key_field']}",
            404,
        )
    lines, all_or_none = _lines(call)
    if any(line.object_name.casefold() != kind.name.casefold() for line in lines):
        raise SalesforceError(
            "INVALID_INPUT",
            f"The sObject type of every record must be {kind.name}",
        )
    key = field
    keys = [str(line.values.get(key.name)) for line in lines]

    def write(line: Line) -> Outcome:
        return _upsert(call, line, key, keys)

    outcomes = _run(call, lines, write, all_or_none=all_or_none)
    return Answer(body=[{"created": False} | outcome for outcome in outcomes])


def _upsert(call: Call, line: Line, field: FieldType, keys: Sequence[str]) -> Outcome:
    value = line.values.get(field.name)
    if value is None:
        raise SalesforceError(
            "MISSING_ARGUMENT", f"{field.name} not specified", fields=(field.name,)
        )
    if keys.count(str(value)) > 1:
        raise SalesforceError(
            "DUPLICATE_VALUE",
            f"Duplicate external id specified: {value}",
            fields=(field.name,),
        )
    found = holders(call.org, line.object_name, field, str(value))
    if len(found) > 1:
        raise SalesforceError(
            "DUPLICATE_EXTERNAL_ID",
            f"{field.name}: more than one record found for external id field",
            fields=(field.name,),
        )
    values = dict(line.values)
    if not found:
        record_id = dml.create(_writer(call), line.object_name, values)
        return {"id": record_id, "success": True, "errors": [], "created": True}
    del values[field.name]
    record_id = str(found[0]["Id"])
    dml.update(_writer(call), line.object_name, record_id, values)
    return {"id": record_id, "success": True, "errors": [], "created": False}


def delete_many(call: Call) -> Answer:
    """Answer `DELETE /composite/sobjects?ids=...`."""
    ids = [part for part in call.query.get("ids", "").split(",") if part]
    _check_size(len(ids))
    lines = [Line("", {"Id": record_id}) for record_id in ids]
    writer = _writer(call)

    def write(line: Line) -> Outcome:
        record_id = canonical_id(str(line.values["Id"]))
        kind = call.org.kind_of_id(record_id or "")
        if record_id is None or kind is None:
            raise SalesforceError(
                "MALFORMED_ID", f"malformed id {line.values['Id']}", fields=()
            )
        dml.delete(writer, kind.name, record_id)
        return {"id": record_id, "success": True, "errors": []}

    all_or_none = call.query.get("allOrNone", "false").lower() == "true"
    return Answer(body=_run(call, lines, write, all_or_none=all_or_none))


def _lines(call: Call) -> tuple[list[Line], bool]:
    """Read a collection; nothing of an ill-formed one is written."""
    body = call.json()
    records = body.get("records")
    if not isinstance(records, list):
        raise SalesforceError(
            "JSON_PARSER_ERROR",
            "Cannot deserialize request body: 'records' must be a list",
        )
    _check_size(len(records))
    lines = [_line(record) for record in records]
    chunks = [
        name for name, _ in groupby(line.object_name.casefold() for line in lines)
    ]
    if len(chunks) > MAX_CHUNKS:
        raise SalesforceError(
            "LIMIT_EXCEEDED",
            f"Cannot have more than {MAX_CHUNKS} chunks in a single operation. Please "
            "rearrange the data to reduce chunking.",
        )
    return lines, body.get("allOrNone") is True


def _check_size(size: int) -> None:
    if size > MAX_RECORDS:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {MAX_RECORDS} records into "
            "this call",
        )


def _line(record: object) -> Line:
    attributes = record.get("attributes") if isinstance(record, dict) else None
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(record, dict) or not isinstance(name, str):
        raise SalesforceError(
            "INVALID_INPUT",
            "attributes or type is missing from a record of the request",
        )
    return Line(name, record_values(record))


def _own_id(call: Call, object_name: str, given: object) -> str:
    record_id = canonical_id(str(given))
    kind = call.org.kind(object_name)
    if kind is None or record_id is None or record_id[:3] != kind.key_prefix:
        label = kind.fields["Id"].label if kind else "Id"
        raise SalesforceError(
            "MALFORMED_ID",
            f"{label}: id value of incorrect type: {given}",
            fields=("Id",),
        )
    return record_id


def _run(
    call: Call, lines: Sequence[Line], write: _Write, *, all_or_none: bool
) -> list[Outcome]:
    """Write record by record; with `all_or_none` one failure undoes all."""
    outcomes: list[Outcome] = []
    with call.org.state.transaction() as transaction:
        for _, chunk in groupby(lines, key=_chunk_key):
            outcomes.extend(_run_chunk(call, list(chunk), write))
        if all_or_none and not all(outcome["success"] for outcome in outcomes):
            transaction.doom()
            undone = {"success": False, "errors": [record_error(_ROLLED_BACK)]}
            outcomes = [undone if line["success"] else line for line in outcomes]
    return outcomes


def _chunk_key(line: Line) -> str:
    return line.object_name.casefold()


def _run_chunk(call: Call, lines: Sequence[Line], write: _Write) -> list[Outcome]:
    fault = call.org.faults.take_chunk(call.route)
    if fault is not None:
        error = SalesforceError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "a trigger of this org caused an unexpected exception: "
            "System.LimitException: Apex CPU time limit exceeded",
            fields=(),
        )
        return [_failed(error) for _ in lines]
    name = lines[0].object_name
    if name and call.org.kind(name) is None:
        unknown = SalesforceError(
            "INVALID_TYPE", f"sObject type '{name}' is not supported.", fields=()
        )
        return [_failed(unknown) for _ in lines]
    return [_attempt(write, line) for line in lines]


def _attempt(write: _Write, line: Line) -> Outcome:
    try:
        return write(line)
    except SalesforceError as error:
        if error.code == "JSON_PARSER_ERROR":
            raise
        if error.code == "NOT_FOUND":
            # In a collection a record that is not there is a bad reference.
            return _failed(_NO_RECORD)
        return _failed(error)


def _failed(error: SalesforceError) -> Outcome:
    return {"success": False, "errors": [record_error(error)]}


def _writer(call: Call) -> dml.Writer:
    return dml.Writer(call.org, call.session, call.route)


_MANY = "/services/data/{version}/composite/sobjects"
COLLECTION_ROUTES = (
    Route("collections", "POST", _MANY, create_many),
    Route("collections", "PATCH", _MANY, update_many),
    Route("collections", "DELETE", _MANY, delete_many),
    Route("collections", "PATCH", f"{_MANY}/{{object}}/{{key_field}}", upsert_many),
)
