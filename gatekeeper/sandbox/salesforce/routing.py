"""Which function answers which address.

A route's path names its parts in braces; a part never holds a slash, but its decoded
value may: keys are percent-encoded, so paths are matched before they are decoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

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


@cache
def _pattern(path: str) -> re.Pattern[str]:
    parts = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace(".", r"\."))
    return re.compile(parts + r"/?\Z")


def find_route(
    routes: Sequence[Route], method: str, raw_path: str
) -> tuple[Route, dict[str, str]]:
    """Return the route of an address as it stands on the wire, and its parts.

    Raises:
        SalesforceError: NOT_FOUND or METHOD_NOT_ALLOWED.
    """
    allowed = []
    for route in routes:
        match = _pattern(route.path).match(raw_path)
        if match is None:
            continue
        if route.method == method:
            params = {name: unquote(part) for name, part in match.groupdict().items()}
            if params.get("version", "v59.0").removeprefix("v") not in VERSIONS:
                raise not_found()
            return route, params
        allowed.append(route.method)
    if not allowed:
        raise not_found()
    raise SalesforceError(
        "METHOD_NOT_ALLOWED",
        f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}",
        405,
    )
