"""The sandbox as a server on 127.0.0.1: a thread for tests, a process for demos.

It binds nothing but loopback. Beside the CRM's own addresses there is a side door,
`/__sandbox__/`, for what no CRM lets a client do: order faults, set the clock, count
requests, hide a field.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from uvicorn.protocols.http.h11_impl import H11Protocol

from gatekeeper.sandbox.door import Connections, Door
from gatekeeper.sandbox.hubspot.front import hubspot_front
from gatekeeper.sandbox.hubspot.portal import Portal
from gatekeeper.sandbox.salesforce.front import salesforce_front
from gatekeeper.sandbox.side_door import side_routes

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.wire import Front, Observer

HOST = "127.0.0.1"
_STOP_S = 10.0


def create_app(
    org: Org | Portal,
    connections: Connections | None = None,
    observe: Observer | None = None,
) -> Starlette:
    """Return the ASGI application of one org.

    Args:
        org: The org it serves.
        connections: Where the server keeps its open connections by the client's
            address; without it a reset fault cannot cut one and closes it politely.
        observe: Is told of every exchange with the CRM's own addresses.
    """
    front = front_of(org)
    open_ones = connections if connections is not None else {}
    door = Door(front.answer, open_ones, observe)
    mounts = [Mount(path, app=door) for path in front.mounts]
    return Starlette(routes=[*side_routes(front), *mounts, *front.pages])


def front_of(org: Org | Portal) -> Front:
    """Return what serves this CRM: the dialect follows from what it is."""
    return hubspot_front(org) if isinstance(org, Portal) else salesforce_front(org)


class SandboxServer:
    """A sandbox in a thread, on a port of its own; a context manager."""

    def __init__(
        self,
        org: Org | Portal,
        *,
        port: int = 0,
        certificate: tuple[str, str] | None = None,
        observe: Observer | None = None,
    ) -> None:
        """Bind the port at once, so that `url` is known before the start.

        Args:
            org: The org to serve; tests may go on touching it.
            port: 0 takes any free one.
            certificate: Files of a certificate and its key turn TLS on.
            observe: Is told of every exchange with the CRM's own addresses.
        """
        self._connections: Connections = {}
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._socket = socket.create_server((HOST, port))
        self._scheme = "https" if certificate else "http"
        config = uvicorn.Config(
            create_app(org, self._connections, observe),
            http=_tracking(self._connections),
            log_level="critical",
            lifespan="off",
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
            server_header=False,
            date_header=False,
            ssl_certfile=certificate[0] if certificate else None,
            ssl_keyfile=certificate[1] if certificate else None,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run()), name="sandbox", daemon=True
        )

    @property
    def url(self) -> str:
        """The address to give to a client."""
        return f"{self._scheme}://{HOST}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait(_STOP_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and free the port."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop)
            self._thread.join(_STOP_S)
        self._socket.close()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._started.set()
        await self._server.serve(sockets=[self._socket])

    def _stop(self) -> None:
        self._server.should_exit = True
        # Clients keep their connections; a server that waits for them never ends.
        for transport in list(self._connections.values()):
            transport.abort()

    def wait(self) -> None:
        """Serve until the thread ends."""
        self._thread.join()


def serve(org: Org | Portal, *, port: int, announce: Callable[[str], None]) -> None:
    """Serve until the process is stopped.

    Args:
        org: The org to serve.
        port: The port on 127.0.0.1; 0 takes any free one.
        announce: Gets the lines that point a client here, then `ready`.

    Raises:
        OSError: The port is taken.
    """
    with SandboxServer(org, port=port) as server:
        for line in export_lines(org, server.url):
            announce(line)
        announce("ready")
        server.wait()


def export_lines(org: Org | Portal, url: str) -> list[str]:
    """Return the shell lines that point gatekeeper at this sandbox."""
    values = front_of(org).exports(url)
    return [f"export {name}={value}" for name, value in values.items()]


def _tracking(connections: Connections) -> type[H11Protocol]:
    """Return a protocol that notes open connections: only it sees the transport."""

    class Tracking(H11Protocol):
        def connection_made(  # type: ignore[override]
            self, transport: asyncio.Transport
        ) -> None:
            super().connection_made(transport)
            # Head and body go out in two writes; without this the second waits for
            # the client's delayed acknowledgement, 40 ms a call.
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.client is not None:
                connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                connections.pop(self.client, None)
            super().connection_lost(exc)

    return Tracking
