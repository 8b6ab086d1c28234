"""Overlays: the teams, territories and pipelines for which rules differ in some keys.

Pure. An overlay carries a whole rule pack of its own, compiled with its parameters,
zone and calendar, so whatever judges a deal takes that pack and asks nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.model import Deal, FieldValue
    from gatekeeper.core.pack import RulePack

MATCHED_BY = {"team": "owner.team", "territory": "territory", "pipeline": "pipeline"}
"""What an overlay may be for, and the field of the deal that tells."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """What some deals have of their own.

    Attributes:
        name: The first part of its file's name.
        matches: Key of `MATCHED_BY` to the values it is for; all keys must match.
        pack: The rules as they stand for its deals.
        place: `file:line`.
    """

    name: str
    matches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pack: RulePack | None = None
    place: str = ""


def overlay_of(deal: Deal, pack: RulePack) -> Overlay | Unavailable | None:
    """Choose the overlay of a deal; at most one can match (E704).

    Returns:
        None where none matches; unavailable where the CRM does not show what decides.
    """
    untold: Unavailable | None = None
    for overlay in pack.overlays:
        found = _matches(overlay, deal)
        if found is True:
            return overlay
        if isinstance(found, Unavailable):
            untold = untold or found
    return untold


def _matches(overlay: Overlay, deal: Deal) -> bool | Unavailable:
    untold: Unavailable | None = None
    for key, wanted in overlay.matches.items():
        value = _value(deal, key)
        if isinstance(value, Unavailable):
            untold = value
        elif not isinstance(value, str) or not _is_one_of(value, wanted):
            return False
    return untold or True


def _value(deal: Deal, key: str) -> FieldValue | None:
    return deal.pipeline if key == "pipeline" else deal.fields.get(MATCHED_BY[key])


def _is_one_of(value: str, wanted: tuple[str, ...]) -> bool:
    return value.strip().casefold() in {each.casefold() for each in wanted}
