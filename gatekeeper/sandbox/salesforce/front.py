"""What the server needs of the Salesforce dialect, gathered around one org."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from gatekeeper.sandbox.pages import page_routes
from gatekeeper.sandbox.salesforce.call import Answer, Call
from gatekeeper.sandbox.salesforce.errors import SalesforceError, request_error
from gatekeeper.sandbox.salesforce.http import encode, respond
from gatekeeper.sandbox.salesforce.rest import ROUTES
from gatekeeper.sandbox.salesforce.routing import find_route
from gatekeeper.sandbox.salesforce.side import side_actions
from gatekeeper.sandbox.wire import Breakage, Front, Reply, Request

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org

LONGEST_ADDRESS = 16_384
"""Bytes of address and query string the edge lets through."""


def salesforce_front(org: Org) -> Front:
    """Return what the server needs to serve an org."""
    return Front(
        answer=partial(_reply, org),
        mounts=("/services",),
        lock=org.lock,
        side_actions=side_actions(org),
        pages=page_routes(org),
        exports=partial(_exports, org),
    )


def _reply(org: Org, request: Request) -> Reply:
    call = _call(org, request)
    answer, breakage = _answer(call, request)
    content, headers = encode(call, answer)
    return Reply(answer.status, headers, content, breakage)


def _answer(call: Call, request: Request) -> tuple[Answer, Breakage]:
    if len(request.raw_path) + len(request.query) > LONGEST_ADDRESS:
        page = b"<html><body><h1>414 URI Too Long</h1></body></html>"
        return Answer(414, page, media_type="text/html"), Breakage()
    try:
        route, call.params = find_route(ROUTES, call.method, request.raw_path)
    except SalesforceError as error:
        return Answer(error.status, [request_error(error)]), Breakage()
    call.route = route.name
    call.version = call.params.get("version", "v59.0").removeprefix("v")
    return respond(call, route.handler, needs_session=route.needs_session)


def _call(org: Org, request: Request) -> Call:
    return Call(
        org=org,
        method=request.method,
        path=unquote(request.raw_path),
        query=dict(parse_qsl(request.query, keep_blank_values=True)),
        headers=request.headers,
        body=request.body,
        base_url=request.base_url,
    )


def _exports(org: Org, url: str) -> dict[str, str]:
    app = next(iter(org.logins.apps.values()))
    return {
        "GATEKEEPER_CRM": "salesforce",
        "GATEKEEPER_SALESFORCE_URL": url,
        "GATEKEEPER_SALESFORCE_CLIENT_ID": app.client_id,
        "GATEKEEPER_SALESFORCE_CLIENT_SECRET": app.client_secret,
    }
