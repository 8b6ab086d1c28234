"""Which function answers which address, in the versions of the API this org speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.addresses import NoRouteError, matching_route
from gatekeeper.sandbox.salesforce.call import Answer, Call
from gatekeeper.sandbox.salesforce.errors import SalesforceError, not_found

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSIONS = tuple(f"{number}.0" for number in range(45, 66))
"""API versions this org speaks, oldest first."""

Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One address; `name` is what faults and request counters call it."""

    name: str
    method: str
    path: str
    handler: Handler
    needs_session: bool = True


def find_route(
    routes: Sequence[Route], method: str, raw_path: str
) -> tuple[Route, dict[str, str]]:
    """Return the route of an address as it stands on the wire, and its parts.

    Raises:
        SalesforceError: NOT_FOUND or METHOD_NOT_ALLOWED.
    """
    try:
        route, params = matching_route(routes, method, raw_path)
    except NoRouteError as error:
        if not error.allowed:
            raise not_found() from None
        raise SalesforceError(
            "METHOD_NOT_ALLOWED",
            f"HTTP Method '{method}' not allowed. Allowed are"
            f" {','.join(error.allowed)}",
            405,
        ) from None
    if params.get("version", "v59.0").removeprefix("v") not in VERSIONS:
        raise not_found()
    return route, params
