"""The ASGI door of the Salesforce dialect: bytes in, bytes out, breakage included."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from gatekeeper.sandbox.salesforce.call import Answer, Call
from gatekeeper.sandbox.salesforce.errors import SalesforceError, request_error
from gatekeeper.sandbox.salesforce.http import encode, respond
from gatekeeper.sandbox.salesforce.rest import ROUTES
from gatekeeper.sandbox.salesforce.routing import find_route
from gatekeeper.sandbox.salesforce.unwell import Breakage

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from gatekeeper.sandbox.salesforce.org import Org

Connections = dict[tuple[str, int], asyncio.Transport]
"""Open connections by the client's address."""
LONGEST_ADDRESS = 16_384
"""Bytes of address and query string the edge lets through."""


class Door:
    """Reads a request, has it answered, and breaks the connection where ordered."""

    def __init__(self, org: Org, connections: Connections) -> None:
        self._org = org
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks for it."""
        call = _call(self._org, scope)
        call.body = await _body(receive)
        answer, breakage = _answer(call, scope)
        if breakage.delay_s:
            await asyncio.sleep(breakage.delay_s)
        if breakage.drop_before or breakage.drop_after:
            self._cut(scope)
            return
        content, headers = encode(call, answer)
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": _wire_headers(headers, len(content), answer.status),
            }
        )
        if breakage.truncate:
            half = content[: len(content) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            self._close(scope)
            return
        await send({"type": "http.response.body", "body": content})

    def _cut(self, scope: Scope) -> None:
        transport = self._connections.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()

    def _close(self, scope: Scope) -> None:
        transport = self._connections.get(tuple(scope["client"]))
        if transport is not None:
            transport.close()


def _answer(call: Call, scope: Scope) -> tuple[Answer, Breakage]:
    raw_path = scope["raw_path"].decode("ascii").partition("?")[0]
    if len(raw_path) + len(scope["query_string"]) > LONGEST_ADDRESS:
        page = b"<html><body><h1>414 URI Too Long</h1></body></html>"
        return Answer(414, page, media_type="text/html"), Breakage()
    try:
        route, call.params = find_route(ROUTES, call.method, raw_path)
    except SalesforceError as error:
        return Answer(error.status, [request_error(error)]), Breakage()
    call.route = route.name
    call.version = call.params.get("version", "v59.0").removeprefix("v")
    return respond(call, route.handler, needs_session=route.needs_session)


def _call(org: Org, scope: Scope) -> Call:
    headers = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
    }
    query = scope["query_string"].decode("ascii", "replace")
    return Call(
        org=org,
        method=scope["method"],
        path=unquote(scope["raw_path"].decode("ascii")),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        base_url=f"{scope['scheme']}://{headers.get('host', '')}",
    )


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _wire_headers(
    headers: dict[str, str], length: int, status: int
) -> list[tuple[bytes, bytes]]:
    if status != 204:
        headers = {**headers, "Content-Length": str(length)}
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in headers.items()
    ]
