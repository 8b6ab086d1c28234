"""Who asks: one login of one user, as the access token stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Session:
    """One access token and what it allows.

    `zone` is the user's: date literals such as TODAY are days of that zone.
    `expires_at` is on the sandbox's clock.
    """

    token: str
    user_id: str
    zone: tzinfo
    expires_at: datetime
    scope: str = "api"
