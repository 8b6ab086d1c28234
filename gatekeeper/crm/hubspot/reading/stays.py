"""Where HubSpot keeps the dates of a deal's stages. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.crm.hubspot.metadata.pipelines import Pipelines

_ENTERED = re.compile(r"hs_v2_date_entered_(.+)\Z")
_LEFT = "hs_v2_date_exited_"


@dataclass(frozen=True, slots=True)
class Stay:
    """Where the dates of a stage are."""

    stage: str
    entered: str
    left: str


def dated_stays(properties: Iterable[str], pipelines: Pipelines) -> tuple[Stay, ...]:
    """Return the stages that HubSpot dates; some accounts put a number behind the id.

    Args:
        properties: Names of those that deals have.
        pipelines: The stages there are.
    """
    return tuple(
        Stay(stage, name, f"{_LEFT}{found[1]}")
        for name in properties
        if (found := _ENTERED.match(name))
        and (stage := _stage_in(found[1], pipelines)) is not None
    )


def _stage_in(text: str, pipelines: Pipelines) -> str | None:
    named = (text, text.rpartition("_")[0])
    return next((id_ for id_ in named if id_ in pipelines.stages), None)
