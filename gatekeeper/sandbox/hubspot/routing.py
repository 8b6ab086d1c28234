"""Which function answers which address.

A route's path names its parts in braces. Dated versions of the API lead to the same
routes: `/crm/objects/2026-03/deals` is `/crm/v3/objects/deals`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from gatekeeper.sandbox.hubspot.call import Answer, Call
from gatekeeper.sandbox.hubspot.errors import HubSpotError, not_found
from gatekeeper.sandbox.hubspot.rates import Lane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.sandbox.hubspot.scopes import Need

Handler = Callable[[Call], Answer]
_DATED = re.compile(
    r"/crm/(objects|associations|properties|pipelines|owners)/20\d\d-\d\d/"
)
_VERSIONS = {"associations": "v4"}


@dataclass(frozen=True, slots=True)
class Route:
    """One address.

    Args:
        name: What faults and request counters call it.
        path: Its parts in braces; `{type}`, `{from}` and `{to}` are object types.
        need: What the token must allow on those object types.
        lane: The limits a call counts against.
    """

    name: str
    method: str
    path: str
    handler: Handler
    need: Need
    lane: Lane = Lane.ORDINARY


@cache
def _pattern(path: str) -> re.Pattern[str]:
    parts = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace(".", r"\."))
    return re.compile(parts + r"/?\Z")


def find_route(
    routes: Sequence[Route], method: str, raw_path: str
) -> tuple[Route, dict[str, str]]:
    """Return the route of an address as it stands on the wire, and its parts.

    Raises:
        HubSpotError: 404, or 405 where another method would do.
    """
    path = _DATED.sub(_undated, raw_path)
    known = False
    for route in routes:
        match = _pattern(route.path).match(path)
        if match is None:
            continue
        if route.method == method:
            params = {name: unquote(part) for name, part in match.groupdict().items()}
            return route, params
        known = True
    if known:
        raise HubSpotError("Method Not Allowed", "", 405)
    raise not_found()


def _undated(match: re.Match[str]) -> str:
    name = match[1]
    return f"/crm/{_VERSIONS.get(name, 'v3')}/{name}/"
