"""One PATCH to the demo's own sandbox, as any other program would send it."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def patch(address: str, token: str, body: Mapping[str, object]) -> None:
    """Change a record."""
    request = urllib.request.Request(  # noqa: S310  the sandbox's own loopback address
        address,
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        },
        method="PATCH",
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310  as above
        pass
