"""Pipelines and their stages, as a portal keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gatekeeper.sandbox.hubspot.kinds import EPOCH


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage. `probability` is a text as HubSpot has it, `0.2`."""

    id: str
    label: str
    display_order: int
    is_closed: bool = False
    probability: str | None = None
    created_at: str = EPOCH
    updated_at: str = EPOCH
    archived_at: str | None = None

    @property
    def is_won(self) -> bool:
        """Whether a deal here is won."""
        return self.is_closed and self.probability == "1.0"

    @property
    def is_lost(self) -> bool:
        """Whether a deal here is lost."""
        return self.is_closed and self.probability == "0.0"

    def body(self) -> dict[str, object]:
        """Return the stage as the wire has it; values of `metadata` are texts."""
        metadata = {"isClosed": "true" if self.is_closed else "false"}
        if self.probability is not None:
            metadata["probability"] = self.probability
        body: dict[str, object] = {
            "label": self.label,
            "displayOrder": self.display_order,
            "metadata": metadata,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "archived": self.archived_at is not None,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            "id": self.id,
        }
        return body | ({"archivedAt": self.archived_at} if self.archived_at else {})


@dataclass(frozen=True, slots=True)
class Audit:
    """One change of a pipeline or a stage."""

    identifier: str
    action: str
    at: str
    message: str


@dataclass(slots=True)
class Pipeline:
    """One pipeline; `stages` holds archived ones too."""

    id: str
    label: str
    display_order: int = 0
    stages: dict[str, Stage] = field(default_factory=dict)
    created_at: str = EPOCH
    updated_at: str = EPOCH
    archived_at: str | None = None
    audits: list[Audit] = field(default_factory=list)

    def open_stages(self) -> list[Stage]:
        """Return the stages that are not archived, in their order."""
        shown = [stage for stage in self.stages.values() if not stage.archived_at]
        return sorted(shown, key=lambda stage: (stage.display_order, stage.label))

    def stage(self, stage_id: str) -> Stage | None:
        """Return the stage of that id unless it is archived."""
        found = self.stages.get(stage_id)
        return None if found is None or found.archived_at else found

    def change_stage(self, stage_id: str, at: str, **values: object) -> Stage:
        """Change a stage from one moment on and note it."""
        stage = replace(self.stages[stage_id], updated_at=at, **values)  # type: ignore[arg-type]
        self.stages[stage_id] = stage
        action = "DELETE" if stage.archived_at else "UPDATE"
        self.note(stage_id, action, at)
        return stage

    def note(self, identifier: str, action: str, at: str) -> None:
        """Note a change in the audit."""
        self.audits.append(Audit(identifier, action, at, f"{action} {identifier}"))

    def body(self) -> dict[str, object]:
        """Return the pipeline as the wire has it."""
        body: dict[str, object] = {
            "label": self.label,
            "displayOrder": self.display_order,
            "id": self.id,
            "stages": [stage.body() for stage in self.open_stages()],
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "archived": self.archived_at is not None,
        }
        return body | ({"archivedAt": self.archived_at} if self.archived_at else {})
