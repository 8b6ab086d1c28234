"""How many of a CRM's daily calls a run may make.

Pure: counts in, a reason out. Other integrations live on the same allowance, so a run
keeps to a share of it and ends while enough is left for them.
"""

from __future__ import annotations

from gatekeeper.core.limits import share

ALL_STOP_AT = 80
"""Percent of the day's calls by all integrations at which a run ends (promises 3)."""
READING_STOPS_AT = 80
"""Percent of a run's own share for reading; the rest finishes what was begun."""


def over_allowance(
    own: int, used: int | None, allowed: int | None, percent: int, *, is_reading: bool
) -> str:
    """Say why a run may make no further call, or "".

    Args:
        own: Calls of this run so far.
        used: Calls of the day by all integrations; None where the CRM does not say.
        allowed: Calls of a day; None where the CRM does not say.
        percent: `api_share_percent`: the run's share of a day.
        is_reading: It still looks at deals, and has begun no write.
    """
    if not allowed:
        return ""
    if used is not None and used * 100 >= ALL_STOP_AT * allowed:
        return (
            f"All integrations together have made {used:,} of the {allowed:,} calls of"
            f" the day; at {ALL_STOP_AT}% gatekeeper leaves the rest to the others."
        )
    mine = share(percent, allowed)
    most = mine * READING_STOPS_AT // 100 if is_reading else mine
    if own < most:
        return ""
    kept = f" ({mine - most:,} are kept for writing)" if is_reading else ""
    return (
        f"This run has made {own:,} of the {mine:,} calls it may make{kept}:"
        f" {percent}% of the {allowed:,} of a day. More: api_share_percent under"
        " limits: in project.yaml."
    )
