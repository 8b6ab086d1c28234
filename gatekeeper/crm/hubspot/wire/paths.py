"""Every path that may be called, and the version each is called in.

Pure. The client library speaks the paths on the left of `VERSIONS`; HubSpot moves to
dated ones (`/crm/objects/2026-03`), so a move is one line here. What is not in `ROUTES`
is never sent: no DELETE, no archive, no merge, no write to a record that is not ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSIONS: Mapping[str, str] = {
    "/crm/v3/objects": "/crm/v3/objects",
    "/crm/v3/properties": "/crm/v3/properties",
    "/crm/v3/pipelines": "/crm/v3/pipelines",
    "/crm/v3/owners": "/crm/v3/owners",
    "/crm/v4/associations": "/crm/v4/associations",
}
"""Path as the client library builds it to path as it is sent."""

ACCOUNT = "/account-info/v3/details"
TOKEN = "/oauth/v2/private-apps/get/access-token-info"  # noqa: S105  (an address)
_TYPE = r"[A-Za-z0-9_-]+"


class Policy(StrEnum):
    """Which of HubSpot's limits a call counts against."""

    BURST = "burst"
    SEARCH = "search"
    ASSOCIATIONS = "associations"


@dataclass(frozen=True, slots=True)
class Route:
    """One kind of call.

    Attributes:
        what: For sentences: "reading objects".
        is_write: A lost answer leaves the outcome unknown.
    """

    method: str
    pattern: re.Pattern[str]
    what: str
    policy: Policy = Policy.BURST
    is_write: bool = False


def _read(method: str, pattern: str, what: str, policy: Policy = Policy.BURST) -> Route:
    return Route(method, re.compile(pattern), f"reading {what}", policy)


def _write(pattern: str, what: str, policy: Policy = Policy.BURST) -> Route:
    text = f"writing {what}"
    return Route("POST", re.compile(pattern), text, policy, is_write=True)


ROUTES = (
    _read("GET", rf"/crm/v3/objects/(?P<name>{_TYPE})", "{name}"),
    _read("POST", rf"/crm/v3/objects/(?P<name>{_TYPE})/batch/read", "{name}"),
    _read(
        "POST", rf"/crm/v3/objects/(?P<name>{_TYPE})/search", "{name}", Policy.SEARCH
    ),
    _read(
        "POST",
        rf"/crm/v4/associations/(?P<name>{_TYPE}/{_TYPE})/batch/read",
        "associations {name}",
        Policy.ASSOCIATIONS,
    ),
    _read("GET", rf"/crm/v4/associations/(?P<name>{_TYPE}/{_TYPE})/labels", "labels"),
    _read("GET", r"/crm/v3/owners/?", "owners"),
    _read("GET", r"/crm/v3/pipelines/deals", "pipelines"),
    _read("GET", rf"/crm/v3/properties/(?P<name>{_TYPE})", "properties of {name}"),
    _read("GET", rf"/crm/v3/properties/{_TYPE}/groups", "property groups"),
    _read("GET", re.escape(ACCOUNT), "the account's details"),
    _read("POST", re.escape(TOKEN), "the token's scopes"),
    _write(r"/crm/v3/objects/tasks/batch/(create|update|upsert)", "tasks"),
    _write(r"/crm/v3/objects/deals/batch/update", "deals"),
    _write(
        r"/crm/v4/associations/tasks/deals/batch/create",
        "associations of tasks",
        Policy.ASSOCIATIONS,
    ),
    _write(r"/crm/v3/properties/(deals|tasks)(/groups)?", "properties"),
)


@lru_cache(maxsize=128)
def route_of(method: str, path: str) -> Route:
    """Return the kind of a call.

    Raises:
        SetupError: It is nothing gatekeeper does.
    """
    for route in ROUTES:
        if route.method == method and route.pattern.fullmatch(path):
            return route
    msg = f"{method} {path} is not something gatekeeper does"
    raise SetupError(msg)


@lru_cache(maxsize=128)
def wording(route: Route, path: str) -> str:
    """Say what a call does: `reading deals`."""
    found = route.pattern.fullmatch(path)
    names = found.groupdict() if found else {}
    return route.what.format(**names)


def versioned(path: str) -> str:
    """Return the path as it is sent."""
    for built, sent in VERSIONS.items():
        if path.startswith(built):
            return sent + path.removeprefix(built)
    return path
