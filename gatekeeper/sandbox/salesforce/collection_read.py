"""Many records by id in one request, in the order asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.call import Answer
from gatekeeper.sandbox.salesforce.errors import SalesforceError, not_found
from gatekeeper.sandbox.salesforce.ids import canonical_id
from gatekeeper.sandbox.salesforce.records import record_body
from gatekeeper.sandbox.salesforce.routing import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.salesforce.call import Call

MAX_RETRIEVED = 2000


def retrieve_many(call: Call) -> Answer:
    """Answer `GET|POST /composite/sobjects/X`: records by id, in the order asked."""
    kind = call.org.visible(call.session, call.params["object"])
    if kind is None:
        raise not_found()
    if call.method == "POST":
        body = call.json()
        ids, fields = _texts(body, "ids"), _texts(body, "fields")
    else:
        ids = call.query.get("ids", "").split(",")
        fields = call.query.get("fields", "").split(",")
    if len(ids) > MAX_RETRIEVED:
        raise SalesforceError(
            "LIMIT_EXCEEDED",
            f"record limit reached. cannot submit more than {MAX_RETRIEVED} records",
        )
    records: list[object] = []
    for given in ids:
        row = call.org.state.tables[kind.name].get(canonical_id(given) or "")
        alive = row is not None and not row["IsDeleted"]
        records.append(
            record_body(call, kind, row, ",".join(fields)) if row and alive else None
        )
    return Answer(body=records)


def _texts(body: Mapping[str, object], name: str) -> list[str]:
    values = body.get(name)
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise SalesforceError("JSON_PARSER_ERROR", f"{name} must be a list of strings")
    return values


_MANY = "/services/data/{version}/composite/sobjects/{object}"
RETRIEVE_ROUTES = (
    Route("retrieve", "GET", _MANY, retrieve_many),
    Route("retrieve", "POST", _MANY, retrieve_many),
)
