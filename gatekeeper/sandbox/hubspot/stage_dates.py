"""The properties HubSpot keeps for every stage of every deal pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.kinds import EPOCH, Property

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.pipelines import Pipeline, Stage

ENTERED = "hs_v2_date_entered_"
EXITED = "hs_v2_date_exited_"
_TOTAL = "hs_v2_cumulative_time_in_"
_LATEST = "hs_v2_latest_time_in_"
_GROUP = "dealstages"


def define_stage_dates(deals: ObjectKind, pipeline: Pipeline, stage: Stage) -> None:
    """Let deals carry when they entered and left a stage, and for how long."""
    place = f'"{stage.label} ({pipeline.label})"'
    for prefix, words, type_, field_type in (
        (ENTERED, "Date entered", "datetime", "calculation_equation"),
        (EXITED, "Date exited", "datetime", "calculation_equation"),
        (_TOTAL, "Cumulative time in", "number", "calculation_equation"),
        (_LATEST, "Latest time in", "number", "calculation_equation"),
    ):
        name = f"{prefix}{stage.id}"
        deals.properties[name] = Property(
            name,
            f"{words} {place}",
            type_,
            field_type,
            _GROUP,
            calculated=True,
            hubspot_defined=True,
            read_only=True,
            created_at=EPOCH,
            updated_at=EPOCH,
        )
