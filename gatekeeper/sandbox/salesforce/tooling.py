"""The Tooling API: fields created and looked up, their tracking, validation rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.call import Answer
from gatekeeper.sandbox.salesforce.custom_fields import (
    custom_field,
    register_field,
    table_of,
)
from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.field_definitions import (
    ENTITIES,
    FIELDS,
    check_query,
    entity_row,
    entity_rows,
    field_rows,
)
from gatekeeper.sandbox.salesforce.query import run_query
from gatekeeper.sandbox.salesforce.routing import Route
from gatekeeper.sandbox.salesforce.validation_rules import check_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from gatekeeper.sandbox.salesforce.call import Call
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.salesforce.session import Session
    from gatekeeper.sandbox.schema import ObjectType


@dataclass(frozen=True, slots=True)
class ToolingView:
    """The records of an org as the Tooling API's queries see them."""

    org: Org

    def now(self) -> datetime:
        """Return the org's time."""
        return self.org.now()

    def visible(self, _session: Session, object_name: str) -> ObjectType | None:
        """Return a tooling object by its name in any case."""
        known = {name.casefold(): name for name in self.org.tooling}
        name = known.get(object_name.casefold())
        return self.org.tooling[name] if name else None

    def rows(
        self, object_name: str, *, include_deleted: bool
    ) -> Iterable[Mapping[str, object]]:
        """Return the rows of a tooling object in Id order."""
        if object_name == ENTITIES:
            return entity_rows(self.org)
        if object_name == FIELDS:
            return field_rows(self.org)
        return self.org.rows(object_name, include_deleted=include_deleted)

    def find(self, object_name: str, record_id: str) -> Mapping[str, object] | None:
        """Return one row by id; definitions are found by their durable id."""
        if object_name == ENTITIES:
            kind = self.org.kind(record_id)
            return entity_row(kind) if kind else None
        return self.org.find(object_name, record_id)

    def referencing(
        self,
        object_name: str,
        field: str,
        ids: Collection[str],
        *,
        include_deleted: bool,
    ) -> Iterable[Mapping[str, object]]:
        """Return the rows whose field holds one of the ids."""
        if object_name == FIELDS:
            return [row for row in field_rows(self.org) if row[field] in ids]
        return self.org.referencing(
            object_name, field, ids, include_deleted=include_deleted
        )


def tooling_query(call: Call) -> Answer:
    """Answer `GET /tooling/query/?q=`; its envelope has three keys more."""
    check_query(call.org, call.query.get("q", ""))
    answer = run_query(
        ToolingView(call.org),
        call.session,
        call.query.get("q", ""),
        include_deleted=False,
        version=call.version,
    )
    check_columns(answer)
    records = answer.page(0, len(answer.rows))
    for record in records:
        _readdress(record)
    return Answer(
        body={
            "size": len(records),
            "totalSize": answer.total_size,
            "done": True,
            "queryLocator": None,
            "entityTypeName": answer.object_name if records else None,
            "records": records,
        }
    )


def _readdress(record: dict[str, object]) -> None:
    attributes = record.get("attributes")
    if isinstance(attributes, dict) and "url" in attributes:
        url = str(attributes["url"]).replace("/sobjects/", "/tooling/sobjects/", 1)
        attributes["url"] = url


def create_custom_field(call: Call) -> Answer:
    """Answer `POST /tooling/sobjects/CustomField`: the field exists, and is hidden."""
    body = call.json()
    table, _, name = str(body.get("FullName", "")).partition(".")
    metadata = body.get("Metadata")
    if not isinstance(metadata, dict):
        raise SalesforceError(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [Metadata]",
            fields=("Metadata",),
        )
    objects = table_of(call.org, table)
    field = custom_field(name, metadata)
    for object_name in objects:
        if call.org.kinds[object_name].find(field.name) is not None:
            raise SalesforceError(
                "DUPLICATE_DEVELOPER_NAME",
                f"There is already a field named {name.removesuffix('__c')} on "
                f"{table}.",
                fields=("DeveloperName",),
            )
    field_id = register_field(call.org, table, field, call.session.user_id)
    for object_name in objects:
        call.org.add_field(object_name, field, granted=False)
    return Answer(
        201,
        {"id": field_id, "success": True, "errors": [], "warnings": [], "infos": []},
    )


_TOOLING = "/services/data/{version}/tooling"
TOOLING_ROUTES = (
    Route("tooling", "GET", f"{_TOOLING}/query", tooling_query),
    Route("tooling", "POST", f"{_TOOLING}/sobjects/CustomField", create_custom_field),
)
