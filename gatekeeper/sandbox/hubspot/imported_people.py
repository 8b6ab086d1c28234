"""Owners and pipelines as a folder has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.kinds import EPOCH
from gatekeeper.sandbox.hubspot.owners import Owner, Team
from gatekeeper.sandbox.hubspot.pipelines import Pipeline, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.loader import Record


def owner_of(record: Record) -> Owner:
    """Return the owner a record of `owners` describes."""
    user_id, teams = record.get("userId"), record.get("teams")
    return Owner(
        id=str(record["id"]),
        email=_maybe(record, "email"),
        first_name=_maybe(record, "firstName"),
        last_name=_maybe(record, "lastName"),
        user_id=user_id if isinstance(user_id, int) else None,
        kind=_maybe(record, "type") or "PERSON",
        teams=tuple(map(_team, teams if isinstance(teams, list) else [])),
        archived=record.get("archived") is True,
        created_at=_maybe(record, "createdAt") or EPOCH,
        updated_at=_maybe(record, "updatedAt") or EPOCH,
    )


def pipeline_of(record: Record) -> Pipeline:
    """Return the deal pipeline a record of `pipelines` describes."""
    stages = record.get("stages")
    loaded = map(_stage, stages if isinstance(stages, list) else [])
    return Pipeline(
        id=str(record["id"]),
        label=str(record.get("label") or record["id"]),
        display_order=_order(record),
        stages={stage.id: stage for stage in loaded},
        created_at=_maybe(record, "createdAt") or EPOCH,
        updated_at=_maybe(record, "updatedAt") or EPOCH,
        archived_at=EPOCH if record.get("archived") is True else None,
    )


def _team(team: Mapping[str, object]) -> Team:
    return Team(str(team["id"]), str(team["name"]), team.get("primary") is True)


def _stage(stage: Mapping[str, object]) -> Stage:
    metadata = stage.get("metadata")
    facts = metadata if isinstance(metadata, dict) else {}
    probability = facts.get("probability")
    return Stage(
        id=str(stage["id"]),
        label=str(stage["label"]),
        display_order=_order(stage),
        is_closed=str(facts.get("isClosed")).lower() == "true",
        probability=None if probability is None else str(probability),
        archived_at=EPOCH if stage.get("archived") is True else None,
    )


def _order(record: Mapping[str, object]) -> int:
    order = record.get("displayOrder")
    return order if isinstance(order, int) else 0


def _maybe(record: Mapping[str, object], name: str) -> str | None:
    value = record.get(name)
    return None if value is None else str(value)
