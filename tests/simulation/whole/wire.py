"""The wire without a socket: what a client library sends goes to a CRM in this process.

What stands below the adapters' own doors is put in the place of a network: a transport
adapter for requests (Salesforce), a pool of connections for urllib3 (HubSpot). Both
hand a request to an `Exchange` and turn what becomes of it into what a network does.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from gatekeeper.crm.salesforce.wire.transport import Gate, open_session
from gatekeeper.sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.crm.meter import Limits
    from gatekeeper.crm.permission import Permission
    from gatekeeper.crm.salesforce.wire.transport import Meter

ADDRESS = "http://localhost"


class Cut(Exception):  # noqa: N818  (a network breaks, nothing of ours did)
    """No answer came: the connection was cut, or it took too long."""

    def __init__(self, *, is_slow: bool) -> None:
        super().__init__("no answer")
        self.is_slow = is_slow


class Exchange(Protocol):
    """Carries a request to a CRM and brings the reply; raises `Cut` where none comes.

    Of a truncated reply the client gets the first half.
    """

    def __call__(self, request: Request, /) -> Reply: ...


def _urllib3(reply: Reply, *, preload: bool) -> urllib3.HTTPResponse:
    content = reply.content
    if reply.breakage.truncate:
        content = content[: len(content) // 2]
    return urllib3.HTTPResponse(
        BytesIO(content),
        headers=dict(reply.headers),
        status=reply.status,
        preload_content=preload,
    )


class _Local(HTTPAdapter):
    """Stands where requests has its connections."""

    exchange: Exchange

    def send(  # type: ignore[override]  # requests gives options by name only
        self, request: requests.PreparedRequest, **_options: object
    ) -> requests.Response:
        parts = urlsplit(str(request.url))
        body = request.body or b""
        asked = Request(
            method=str(request.method),
            raw_path=parts.path,
            query=parts.query,
            headers={
                name.lower(): str(text)
                for name, text in request.headers.items()
                if name != "Accept-Encoding"  # packing takes longer than all the rest
            },
            body=body.encode() if isinstance(body, str) else body,
            base_url=ADDRESS,
        )
        try:
            reply = self.exchange(asked)
        except Cut as cut:
            kinds = (requests.ConnectionError, requests.ReadTimeout)
            raise kinds[cut.is_slow]("no answer", request=request) from cut
        return self.build_response(request, _urllib3(reply, preload=False))


class _LocalGate(Gate, _Local):
    """The gate of the product before connections that lead into this process."""


def salesforce_session(
    exchange: Exchange, limits: Limits, meter: Meter, permission: Permission
) -> requests.Session:
    """Return the product's own session, its gate included, without a network."""
    session = open_session(ADDRESS, limits, meter, permission)
    session.trust_env = False  # nothing of this machine, and half the time
    gate = _LocalGate(ADDRESS, limits, meter, permission)
    gate.exchange = exchange
    session.mount("https://", gate)
    session.mount("http://", gate)
    return session


class _LocalPool(urllib3.HTTPConnectionPool):
    """Stands where urllib3 has its connections."""

    exchange: Exchange

    def urlopen(  # type: ignore[override]  # as the product calls it
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_options: object,
    ) -> urllib3.HTTPResponse:
        path, _, query = url.partition("?")
        known = {name.lower(): text for name, text in (headers or {}).items()}
        try:
            reply = self.exchange(
                Request(method, path, query, known, body or b"", ADDRESS)
            )
        except Cut as cut:
            if cut.is_slow:
                raise ReadTimeoutError(self, url, "no answer") from cut
            raise ProtocolError("no answer") from cut
        return _urllib3(reply, preload=True)


def local_pool(exchange: Exchange) -> urllib3.HTTPConnectionPool:
    """Return connections that lead into this process."""
    pool = _LocalPool("localhost")
    pool.exchange = exchange
    return pool
