"""Record pages a browser opens, at the addresses HubSpot would use.

For people who follow a link from a task or a mail of the demo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gatekeeper.sandbox.hubspot.page_deal import deal_list, deal_page
from gatekeeper.sandbox.hubspot.page_related import record_lists, task_card
from gatekeeper.sandbox.hubspot.page_values import facts, record_href, record_name
from gatekeeper.sandbox.pages_html import Frame, Words, html

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored

_WORDS = Words("Deal", "Deals", "Company")
_IN_CARD = {"hs_task_subject", "hs_task_body", "hs_task_status", "hs_task_priority"}


def page_routes(portal: Portal) -> list[Route]:
    """Return the routes of the pages of a portal, to be mounted at the root."""
    return [
        _route(portal, "/", lambda _portal, _request: RedirectResponse(_list(portal))),
        _route(portal, "/contacts/{portal}/objects/0-3/views/all/list", _deals),
        _route(portal, "/contacts/{portal}/record/{type}/{id}", _record),
        _route(portal, "/contacts/{portal}/{word}/{id}", _old_address),
    ]


def _route(
    portal: Portal, path: str, page: Callable[[Portal, Request], Response]
) -> Route:
    def endpoint(request: Request) -> Response:
        with portal.lock:
            portal.late.settle()
            named = request.path_params.get("portal", str(portal.settings.portal_id))
            if named != str(portal.settings.portal_id):
                return _absent(portal)
            return page(portal, request)

    return Route(path, endpoint, methods=["GET"])


def _list(portal: Portal) -> str:
    return f"/contacts/{portal.settings.portal_id}/objects/0-3/views/all/list"


def _deals(portal: Portal, request: Request) -> Response:
    chosen = request.query_params.get("filter", "open")
    place = request.query_params.get("page", "1")
    listed = deal_list(portal, chosen, int(place) if place.isdecimal() else 1)
    return _html(portal, "list.html", title="Deals", list=listed)


def _record(portal: Portal, request: Request) -> Response:
    kind = portal.kind(request.path_params["type"])
    row = portal.live(kind, request.path_params["id"]) if kind else None
    if kind is None or row is None:
        return _absent(portal)
    if str(row["hs_object_id"]) != request.path_params["id"]:
        return RedirectResponse(record_href(portal, kind, str(row["hs_object_id"])))
    if kind.name == "deals":
        deal = deal_page(portal, row)
        return _html(portal, "deal.html", title=deal.name, deal=deal)
    return _plain(portal, kind, row)


def _old_address(portal: Portal, request: Request) -> Response:
    """Lead `/contacts/1/deal/2` to where the record is."""
    kind = portal.kind(request.path_params["word"])
    if kind is None:
        return _absent(portal)
    return RedirectResponse(record_href(portal, kind, request.path_params["id"]))


def _plain(portal: Portal, kind: ObjectKind, row: Stored) -> Response:
    """Return the page of a record that is no deal."""
    is_task = kind.name == "tasks"
    names = tuple(
        name for name in kind.properties if not (is_task and name in _IN_CARD)
    )
    card = task_card(portal, row) if is_task else None
    return _html(
        portal,
        "record.html",
        title=record_name(kind, row),
        label=kind.singular.capitalize(),
        name=record_name(kind, row),
        about=card.about if card and card.about.text else None,
        card=card,
        details=[fact for fact in facts(portal, kind, row, names) if fact.value.text],
        open_tasks=[],
        related=[] if is_task else record_lists(portal, kind, row),
    )


def _absent(portal: Portal) -> Response:
    return _html(portal, "absent.html", status=404, title="Page not found")


def _html(
    portal: Portal, template: str, *, status: int = 200, **shown: object
) -> Response:
    settings, list_href = portal.settings, _list(portal)
    today = portal.now().astimezone(ZoneInfo(settings.time_zone))
    frame = Frame(settings.name, today, list_href, _WORDS, settings.time_zone)
    return html(frame, template, status=status, **shown)
