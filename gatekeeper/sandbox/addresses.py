"""Find the route of an address. A route's path names its parts in braces.

A part never holds a slash, but its decoded value may: keys are percent-encoded, so
paths are matched before they are decoded.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Sequence


class Addressed(Protocol):
    """What a dialect's route has to say of itself."""

    @property
    def method(self) -> str:
        """The HTTP method it answers."""

    @property
    def path(self) -> str:
        """Its address below the host."""


AnyRoute = TypeVar("AnyRoute", bound=Addressed)


class NoRouteError(Exception):
    """Nothing answers; `allowed` are the methods that the address knows."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def matching_route(
    routes: Sequence[AnyRoute], method: str, raw_path: str
) -> tuple[AnyRoute, dict[str, str]]:
    """Return the first route of an address as it stands on the wire, and its parts.

    Raises:
        NoRouteError: There is none.
    """
    allowed = []
    for route in routes:
        match = _pattern(route.path).match(raw_path)
        if match is None:
            continue
        if route.method == method:
            parts = match.groupdict().items()
            return route, {name: unquote(part) for name, part in parts}
        allowed.append(route.method)
    raise NoRouteError(allowed)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    parts = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace(".", r"\."))
    return re.compile(parts + r"/?\Z")
