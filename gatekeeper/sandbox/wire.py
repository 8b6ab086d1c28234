"""What passes between the server and a dialect: requests read, replies to be sent.

Knows no CRM. A dialect offers the server a `Front`; what it does behind it is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from starlette.routing import Route

SideBody = dict[str, object]
SideAction = Callable[[SideBody], SideBody]


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came.

    Args:
        raw_path: The address below the host, still percent-encoded, without query.
        query: The query string, still encoded.
        headers: By lower-case name.
        base_url: Scheme and host as the client wrote them.
    """

    method: str
    raw_path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Breakage:
    """What happens to the connection rather than to the answer."""

    delay_s: float = 0.0
    drop_before: bool = False
    drop_after: bool = False
    truncate: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, ready to be sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    breakage: Breakage = Breakage()


Observer = Callable[[Request, Reply], None]
"""Is told of every exchange, in the server's thread."""


@dataclass(frozen=True, slots=True)
class Front:
    """What the server needs of a dialect.

    Args:
        answer: Answers a request below one of the `mounts`.
        mounts: First parts of the CRM's addresses.
        lock: Held while a side action or a page reads or writes.
        side_actions: What no CRM lets a client do, by method and name.
        pages: Record pages for a browser.
        exports: The settings that point gatekeeper at a sandbox of that address.
    """

    answer: Callable[[Request], Reply]
    mounts: tuple[str, ...]
    lock: AbstractContextManager[object]
    side_actions: Mapping[tuple[str, str], SideAction]
    pages: Sequence[Route]
    exports: Callable[[str], Mapping[str, str]]
