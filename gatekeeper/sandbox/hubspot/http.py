"""From the wire to a call and back: tokens, scopes, limits, faults, headers, JSON.

Every route of the dialect is a plain function from a `Call` to an `Answer`. What all
routes share happens here.
"""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import orjson

from gatekeeper.sandbox.faults import breakages
from gatekeeper.sandbox.hubspot.auth import bearer
from gatekeeper.sandbox.hubspot.call import Answer, Call
from gatekeeper.sandbox.hubspot.errors import HubSpotError
from gatekeeper.sandbox.hubspot.rates import Lane
from gatekeeper.sandbox.hubspot.rest import ROUTES
from gatekeeper.sandbox.hubspot.routing import find_route
from gatekeeper.sandbox.hubspot.scopes import Need, check_scopes
from gatekeeper.sandbox.hubspot.unwell import URI_TOO_LONG, edge_page, refuse
from gatekeeper.sandbox.wire import Breakage, Reply, Request

if TYPE_CHECKING:
    from gatekeeper.sandbox.faults import Fault
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.hubspot.routing import Route

LONGEST_ADDRESS = 8_192
"""Bytes of address and query string the edge lets through."""
_TYPE_PARAMS = ("type", "from", "to")


def reply(portal: Portal, request: Request) -> Reply:
    """Answer a request, with what is ordered to go wrong with it.

    Holds the portal's lock throughout.
    """
    with portal.lock:
        portal.late.settle()
        call = Call(
            portal=portal,
            method=request.method,
            path=request.raw_path,
            query=parse_qs(request.query, keep_blank_values=True),
            headers=request.headers,
            content=request.body,
            base_url=request.base_url,
        )
        answer, breakage = _answer(call, len(request.raw_path) + len(request.query))
        return _encoded(portal, answer, breakage)


def _answer(call: Call, address_length: int) -> tuple[Answer, Breakage]:
    if address_length > LONGEST_ADDRESS:
        return URI_TOO_LONG, Breakage()
    try:
        route, call.params = find_route(ROUTES, call.method, call.path)
    except HubSpotError as error:
        return _refusal(call.portal, error), Breakage()
    portal, call.route = call.portal, route.name
    portal.requests[route.name] += 1
    faults = portal.faults.take_request(route.name)
    breakage = breakages(faults)
    if breakage.drop_before:
        return Answer(), breakage
    return edge_page(faults) or _answered(call, route, faults), breakage


def _answered(call: Call, route: Route, faults: list[Fault]) -> Answer:
    portal, lane = call.portal, _lane(call, route)
    portal.rates.arrive(bearer(call.headers), lane)
    try:
        refuse(call, faults, lane)
        if route.need is not Need.NOTHING:
            call.maybe_token = portal.tokens.check(
                call.headers.get("authorization", "")
            )
            portal.rates.spend(call.token.text, lane)
            kinds = [call.kind_of(name) for name in _TYPE_PARAMS if name in call.params]
            check_scopes(route.need, kinds, call.token.scopes)
        answer = route.handler(call)
    except HubSpotError as error:
        answer = _refusal(portal, error)
    if call.maybe_token is not None:
        answer.headers |= portal.rates.headers(call.token.text, lane)
    if any(fault.kind == "empty200" for fault in faults):
        return Answer(200, b"")
    return answer


def _lane(call: Call, route: Route) -> Lane:
    """Tell which limits a call counts against: none, from a person at the screen."""
    token = call.portal.tokens.find(bearer(call.headers))
    return Lane.FREE if token is not None and token.is_person else route.lane


def _refusal(portal: Portal, error: HubSpotError) -> Answer:
    correlation_id = portal.correlation_id()
    headers = {"x-hubspot-correlation-id": correlation_id, **(error.headers or {})}
    return Answer(error.status, error.request_body(correlation_id), headers)


def _encoded(portal: Portal, answer: Answer, breakage: Breakage) -> Reply:
    headers = {"Date": format_datetime(portal.now(), usegmt=True), **answer.headers}
    headers.setdefault("x-hubspot-correlation-id", portal.correlation_id())
    if answer.body is None:
        return Reply(answer.status, headers, b"", breakage)
    headers["Content-Type"] = answer.media_type
    body = answer.body
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Reply(answer.status, headers, content, breakage)
