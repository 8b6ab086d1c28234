"""Hold exchanges with the HubSpot sandbox against HubSpot's own published contract.

A `Recorder` is given to the server as its observer and keeps every exchange;
`violations` then names what in them breaks the contract. What the sandbox refused
with a 400 or a 401 may be malformed, for that is why; what it accepted may not.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

import orjson
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import MultiDict

from gatekeeper.sandbox.server import SandboxServer
from tests.exchanges import CHECKED
from tests.shared_data import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.wire import Observer, Reply, Request

BUNDLE = SHARED / "reference" / "hubspot_openapi" / "bundle.json"
HOST = "https://api.hubapi.com"
UNPUBLISHED = (
    re.compile(r"/account-info/"),
    re.compile(r"/oauth/"),
    re.compile(r"/crm/\w+/20\d\d-\d\d/"),
    # The copy of the generic objects specification is older than this call.
    re.compile(r"/crm/v3/objects/(?!deals/|tasks/)[^/]+/batch/upsert"),
)
"""Addresses that none of the specifications covers."""


class Recorder:
    """Keeps every exchange; pass it as the server's observer."""

    def __init__(self) -> None:
        self.exchanges: list[tuple[Request, Reply]] = []

    def __call__(self, request: Request, reply: Reply) -> None:
        self.exchanges.append((request, reply))

    def violations(self) -> list[str]:
        """Return what breaks the contract; skip the test where it is absent."""
        if not BUNDLE.exists():
            pytest.skip("HubSpot's published specification is not on this machine")
        covered = [each for each in self.exchanges if is_covered(*each)]
        found = [text for each in covered if (text := violation(*each))]
        CHECKED["exchanges"] += len(covered)
        CHECKED["outside"] += len(self.exchanges) - len(covered)
        CHECKED["violations"] += len(found)
        return found


@contextmanager
def held_to_contract(
    portal: Portal, observe: Observer | None = None
) -> Iterator[SandboxServer]:
    """Serve a portal; when the block ends, its exchanges are held to the contract.

    Args:
        portal: What is served.
        observe: Is told of every exchange too.
    """
    recorder = Recorder()

    def both(request: Request, reply: Reply) -> None:
        recorder(request, reply)
        if observe is not None:
            observe(request, reply)

    with SandboxServer(portal, observe=both) as server:
        yield server
    if BUNDLE.exists():
        assert recorder.violations() == []


def is_covered(request: Request, reply: Reply) -> bool:
    """Say whether HubSpot publishes what this should be, and nothing spoilt it."""
    broken = reply.breakage.drop_before or reply.breakage.drop_after
    spoilt = reply.breakage.truncate or "html" in reply.headers.get("Content-Type", "")
    is_published = not any(p.match(request.raw_path) for p in UNPUBLISHED)
    return is_published and not broken and not spoilt


def violation(request: Request, reply: Reply) -> str:
    """Return what is wrong with one exchange that is covered, empty if nothing is."""
    asked = _request(request)
    try:
        if reply.status not in {400, 401}:
            _contract(BUNDLE).validate_request(asked)
        if reply.status != 204:
            _contract(BUNDLE).validate_response(asked, _response(reply))
    except OpenAPIError as error:
        return f"{request.method} {request.raw_path}: {reply.status}: {_causes(error)}"
    return ""


def _causes(error: BaseException) -> str:
    more = [str(each)[:300] for each in getattr(error, "schema_errors", ())]
    text = " / ".join([f"{type(error).__name__} {error}"[:300], *more])
    return f"{text} <- {_causes(error.__cause__)}" if error.__cause__ else text


def _request(request: Request) -> MockRequest:
    # What the client joins with commas HubSpot takes for a list, as it does
    # repeated keys; truths are sent in capitals.
    query = [
        (name, value.lower() if value in {"True", "False"} else value)
        for name, value in parse_qsl(request.query)
    ]
    asked = MockRequest(
        HOST,
        request.method.lower(),
        unquote(request.raw_path),
        headers={"Authorization": request.headers.get("authorization", "")},
        data=request.body or None,
        content_type=request.headers.get("content-type", "application/json"),
    )
    asked.parameters.query = MultiDict(query)
    return asked


def _response(reply: Reply) -> MockResponse:
    return MockResponse(
        reply.content,
        status_code=reply.status,
        headers=dict(reply.headers),
        content_type="application/json",
    )


@cache
def _contract(path: Path) -> OpenAPI:
    # Answers that are refusals are declared as */*.
    config = Config(extra_media_type_deserializers={"*/*": orjson.loads})
    return OpenAPI.from_dict(orjson.loads(path.read_bytes()), config)
