"""The portal's pipelines, and what the stage of a deal says of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Pipeline, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Pipelines:
    """The pipelines of deals.

    Attributes:
        pipelines: As rules see them.
        names: Pipeline id to label.
        stages: Stage id to stage; ids are unique in a portal.
    """

    pipelines: tuple[Pipeline, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, Stage] = field(default_factory=dict)

    def ids_of(self, wanted: tuple[str, ...]) -> frozenset[str]:
        """Return the ids of pipelines by their labels."""
        labels = {label.casefold() for label in wanted}
        return frozenset(
            id_ for id_, label in self.names.items() if label.casefold() in labels
        )

    def label_of(self, stage_id: str) -> str:
        """Return what people call a stage; its id where nobody says."""
        stage = self.stages.get(stage_id)
        return stage.name if stage else stage_id


def read_pipelines(rows: list[dict[str, object]]) -> Pipelines:
    """Read the pipelines in their order; stages open, then won, then lost."""
    standing = sorted((row for row in rows if not row.get("archived")), key=_order)
    pipelines: list[Pipeline] = []
    for row in standing:
        stages = row.get("stages")
        inner = (
            [each for each in stages or () if isinstance(each, dict)]
            if (isinstance(stages, list))
            else []
        )
        found = [
            _stage(each)
            for each in sorted(inner, key=_order)
            if not each.get("archived")
        ]
        found.sort(key=_rank)
        pipelines.append(Pipeline(str(row.get("label")), tuple(found)))
    return Pipelines(
        tuple(pipelines),
        {str(row.get("id")): str(row.get("label")) for row in standing},
        {stage.id: stage for pipeline in pipelines for stage in pipeline.stages},
    )


def _stage(row: Mapping[str, object]) -> Stage:
    metadata = row.get("metadata")
    said = metadata if isinstance(metadata, dict) else {}
    is_closed = str(said.get("isClosed")).casefold() == "true"
    id_ = str(row.get("id"))
    return Stage(
        name=str(row.get("label") or id_),
        values=(id_,),
        is_closed=is_closed,
        is_won=is_closed and _is_certain(said.get("probability")),
        id=id_,
    )


def _is_certain(probability: object) -> bool:
    try:
        return float(str(probability)) == 1
    except ValueError:
        return False


def _rank(stage: Stage) -> int:
    return 0 if not stage.is_closed else 1 if stage.is_won else 2


def _order(row: Mapping[str, object]) -> float:
    order = row.get("displayOrder")
    return float(order) if isinstance(order, int | float) else float("inf")
