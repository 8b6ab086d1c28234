"""Which addresses are a CRM's own. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Whatever reads an address next may end the host at any other sign, such as "\\".
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def is_of(url: str, domains: Collection[str]) -> bool:
    """Return whether an address is on this machine, or HTTPS below a CRM's domain.

    Args:
        url: An address as somebody wrote it, or as a server named it.
        domains: Each with its leading dot, such as `.salesforce.com`.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_theirs = _HOST.fullmatch(host) is not None and host.endswith(tuple(domains))
    return host in LOOPBACK or (parts.scheme == "https" and is_theirs)
