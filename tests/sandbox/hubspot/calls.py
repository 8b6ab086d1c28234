"""The few calls that most tests of the HubSpot sandbox make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

DEAL: Mapping[str, str] = {"dealname": "Acme", "dealstage": "qualifiedtobuy"}
DUE = "2026-11-24T09:00:00Z"


def deal(client: Any, **values: str) -> str:
    """Make a deal and return its id."""
    body = {"properties": {**DEAL, **values}, "associations": []}
    return str(client.crm.deals.basic_api.create(body).id)


def make(client: Any, kind: str, **values: str) -> str:
    """Make a record of any type and return its id."""
    body = {"properties": values, "associations": []}
    return str(client.crm.objects.basic_api.create(kind, body).id)


def read(client: Any, kind: str, record_id: str, *names: str, **more: Any) -> Any:
    """Return the properties of a record."""
    api = client.crm.objects.basic_api
    return api.get_by_id(kind, record_id, properties=list(names), **more).properties


def change(client: Any, kind: str, record_id: str, **values: str) -> None:
    """Change a record."""
    client.crm.objects.basic_api.update(kind, record_id, {"properties": values})


def refusal(error: Any) -> dict[str, Any]:
    """Return the body of a refusal."""
    body: dict[str, Any] = orjson.loads(error.value.body)
    return body
