"""Which function answers which address.

Dated versions of the API lead to the same routes: `/crm/objects/2026-03/deals` is
`/crm/v3/objects/deals`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.addresses import NoRouteError, matching_route
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


def find_route(
    routes: Sequence[Route], method: str, raw_path: str
) -> tuple[Route, dict[str, str]]:
    """Return the route of an address as it stands on the wire, and its parts.

    Raises:
        HubSpotError: 404, or 405 where another method would do.
    """
    try:
        return matching_route(routes, method, _DATED.sub(_undated, raw_path))
    except NoRouteError as error:
        if error.allowed:
            raise HubSpotError("Method Not Allowed", "", 405) from None
        raise not_found() from None


def _undated(match: re.Match[str]) -> str:
    name = match[1]
    return f"/crm/{_VERSIONS.get(name, 'v3')}/{name}/"
