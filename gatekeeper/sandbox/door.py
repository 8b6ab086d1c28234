"""The ASGI door of a CRM: bytes in, bytes out, breakage included."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gatekeeper.sandbox.wire import Observer, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import Receive, Scope, Send

Connections = dict[tuple[str, int], asyncio.Transport]
"""Open connections by the client's address."""


class Door:
    """Reads a request, has it answered, and breaks the connection where ordered."""

    def __init__(
        self,
        answer: Callable[[Request], Reply],
        connections: Connections,
        observe: Observer | None = None,
    ) -> None:
        self._answer = answer
        self._connections = connections
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks for it."""
        request = _request(scope, await _body(receive))
        reply = self._answer(request)
        if self._observe is not None:
            self._observe(request, reply)
        breakage = reply.breakage
        if breakage.delay_s:
            await asyncio.sleep(breakage.delay_s)
        if breakage.drop_before or breakage.drop_after:
            self._cut(scope)
            return
        content = reply.content
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": _wire_headers(reply.headers, len(content), reply.status),
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


def _request(scope: Scope, body: bytes) -> Request:
    headers = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
    }
    return Request(
        method=scope["method"],
        raw_path=scope["raw_path"].decode("ascii").partition("?")[0],
        query=scope["query_string"].decode("ascii", "replace"),
        headers=headers,
        body=body,
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
    headers: Mapping[str, str], length: int, status: int
) -> list[tuple[bytes, bytes]]:
    if status != 204:
        headers = {**headers, "Content-Length": str(length)}
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in headers.items()
    ]
