"""Record pages a browser opens, at the addresses a Salesforce org would use.

For people who follow a link from a task or a mail of the demo. Read only: no scripts,
no forms, nothing from elsewhere; whatever a record holds is shown as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gatekeeper.sandbox.pages_deal import deal_list, deal_page
from gatekeeper.sandbox.pages_html import Frame, Words, html
from gatekeeper.sandbox.pages_related import (
    account_lists,
    task_card,
    task_cards,
    user_lists,
)
from gatekeeper.sandbox.pages_values import (
    PAGED,
    Row,
    facts,
    record_href,
    record_name,
    reference,
)
from gatekeeper.sandbox.salesforce.ids import canonical_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.schema import ObjectType

_LIST = "/lightning/o/Opportunity/list"
_WORDS = Words("Opportunity", "Opportunities", "Account")
_HIDDEN = {"IsDeleted", "MasterRecordId", "LastViewedDate", "LastReferencedDate"}
_IN_CARD = {"Subject", "Description", "Status", "Priority", "OwnerId", "WhatId"}
_ADDRESSES = {"address", "location"}


def page_routes(org: Org) -> list[Route]:
    """Return the routes of the pages of an org, to be mounted at the root."""
    return [
        _route(org, "/", lambda _org, _request: RedirectResponse(_LIST)),
        _route(org, _LIST, _deals),
        _route(org, "/lightning/r/{object}/{id}/view", _record),
        _route(org, "/lightning/r/{id}/view", _redirect),
        _route(org, "/{id}", _redirect),
    ]


def _route(org: Org, path: str, page: Callable[[Org, Request], Response]) -> Route:
    def endpoint(request: Request) -> Response:
        with org.lock:
            return page(org, request)

    return Route(path, endpoint, methods=["GET"])


def _deals(org: Org, request: Request) -> Response:
    kind = org.kinds["Opportunity"]
    chosen = request.query_params.get("filter", "open")
    place = request.query_params.get("page", "1")
    listed = deal_list(org, kind, chosen, int(place) if place.isdecimal() else 1)
    return _html(org, "list.html", title="Opportunities", list=listed)


def _redirect(org: Org, request: Request) -> Response:
    found = _find(org, request.path_params["id"])
    if found is None:
        return _absent(org)
    kind, row = found
    return RedirectResponse(record_href(kind.name, str(row.get("Id"))))


def _record(org: Org, request: Request) -> Response:
    found = _find(org, request.path_params["id"])
    if found is None or found[0].name != request.path_params["object"]:
        return _absent(org)
    kind, row = found
    if kind.name == "Opportunity":
        deal = deal_page(org, kind, row)
        return _html(org, "deal.html", title=deal.name, deal=deal)
    return _plain(org, kind, row)


def _plain(org: Org, kind: ObjectType, row: Row) -> Response:
    """Return the page of a record that is no deal."""
    name = record_name(org, kind.name, row)
    record_id = str(row.get("Id"))
    details = facts(org, kind, row, _shown_fields(kind))
    is_task = kind.name == "Task"
    related = {"Account": account_lists, "User": user_lists}.get(kind.name)
    owned = task_cards(org, "OwnerId", record_id)[0] if kind.name == "User" else []
    what = row.get("WhatId") if "WhatId" in kind.fields else None
    about = reference(org, kind.fields["WhatId"], str(what)) if what else None
    return _html(
        org,
        "record.html",
        title=name,
        label=kind.label,
        name=name,
        about=about,
        card=task_card(org, row) if is_task else None,
        details=[fact for fact in details if fact.value.text],
        open_tasks=owned,
        related=related(org, record_id) if related else [],
    )


def _shown_fields(kind: ObjectType) -> tuple[str, ...]:
    hidden = _HIDDEN | _IN_CARD if kind.name == "Task" else _HIDDEN
    return tuple(
        field.name
        for field in kind.fields.values()
        if field.name not in hidden and field.type not in _ADDRESSES
    )


def _find(org: Org, text: str) -> tuple[ObjectType, Row] | None:
    """Return the record of an id of either length, unless it is in the bin."""
    record_id = canonical_id(text)
    if record_id is None:
        return None
    for name in PAGED:
        kind = org.kind(name)
        row = org.find(name, record_id) if kind is not None else None
        if kind is not None and row is not None and not row.get("IsDeleted"):
            return kind, row
    return None


def _absent(org: Org) -> Response:
    return _html(org, "absent.html", status=404, title="Page not found")


def _html(org: Org, template: str, *, status: int = 200, **shown: object) -> Response:
    organizations = list(org.rows("Organization", include_deleted=False))
    org_name = str(organizations[0].get("Name")) if organizations else "Salesforce"
    frame = Frame(org_name, org.now(), _LIST, _WORDS)
    return html(frame, template, status=status, **shown)
