"""The side door of a sandbox process: what no CRM lets a client do.

For demos and tests that drive a sandbox in another process. Everything lies below
`/__sandbox__/`; which actions there are is the dialect's choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager

    from starlette.requests import Request

    from gatekeeper.sandbox.wire import Front, SideAction, SideBody


def side_routes(front: Front) -> list[Route]:
    """Return the routes below `/__sandbox__/`."""
    return [
        Route(f"/__sandbox__/{name}", _endpoint(action, front.lock), methods=[method])
        for (method, name), action in front.side_actions.items()
    ]


def texts(body: SideBody, name: str) -> list[str]:
    """Return the texts a body holds under a name: none, one or a list."""
    values = body.get(name, [])
    if isinstance(values, str):
        return [values]
    return [str(value) for value in values] if isinstance(values, list) else []


def _endpoint(
    action: SideAction, lock: AbstractContextManager[object]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = orjson.loads(await request.body() or b"{}")
            if not isinstance(body, dict):
                return _reply({"error": "the body must be a JSON object"}, 400)
            with lock:
                return _reply(action(body))
        except ValueError as error:
            return _reply({"error": str(error)}, 400)

    return endpoint


def _reply(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
