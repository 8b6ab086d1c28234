"""Pipelines and stages over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.call import Answer, Input, id_of
from gatekeeper.sandbox.hubspot.errors import HubSpotError, invalid_input, not_found
from gatekeeper.sandbox.hubspot.pipelines import Pipeline, Stage
from gatekeeper.sandbox.hubspot.routing import Route
from gatekeeper.sandbox.hubspot.scopes import Need
from gatekeeper.sandbox.hubspot.stage_dates import define_stage_dates

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.call import Call

Body = dict[str, object]
_CHECKS = ("validateReferencesBeforeDelete", "validateDealStageUsagesBeforeDelete")
_ALL = "/crm/v3/pipelines/{type}"
_ONE = f"{_ALL}/{{pipeline}}"
_STAGES = f"{_ONE}/stages"
_STAGE = f"{_STAGES}/{{stage}}"


def list_pipelines(call: Call) -> Answer:
    """Answer every pipeline in one page."""
    shown = call.portal.pipelines[call.kind.name].values()
    ordered = sorted(shown, key=lambda each: (each.display_order, each.label))
    return Answer(body={"results": [p.body() for p in ordered if not p.archived_at]})


def read_pipeline(call: Call) -> Answer:
    """Answer one pipeline."""
    return Answer(body=_pipeline(call).body())


def create_pipeline(call: Call) -> Answer:
    """Make a pipeline with its stages."""
    given, now = call.json(), call.portal.stamp()
    label = _free_label(call, given, "")
    pipeline = Pipeline(_new_id(call), label, _order(given), {}, now, now)
    pipeline.note(pipeline.id, "CREATE", now)
    _add_stages(call, pipeline, given)
    call.portal.pipelines[call.kind.name][pipeline.id] = pipeline
    return Answer(201, pipeline.body())


def replace_pipeline(call: Call) -> Answer:
    """Put a new name and new stages in the place of a pipeline's.

    Deals stay in the stages that are gone, unless the call asks for a check.
    """
    pipeline, given, now = _pipeline(call), call.json(), call.portal.stamp()
    label = _free_label(call, given, pipeline.id)
    _check_references(call, pipeline)
    new = Pipeline(pipeline.id, label, _order(given))
    _add_stages(call, new, given)
    for stage in pipeline.open_stages():
        pipeline.change_stage(stage.id, now, archived_at=now)
    pipeline.label, pipeline.display_order = new.label, new.display_order
    pipeline.stages |= new.stages
    pipeline.audits += new.audits
    pipeline.updated_at = now
    pipeline.note(pipeline.id, "UPDATE", now)
    return Answer(body=pipeline.body())


def update_pipeline(call: Call) -> Answer:
    """Change a pipeline's name or place."""
    pipeline, given = _pipeline(call), call.json()
    if "label" in given:
        pipeline.label = _free_label(call, given, pipeline.id)
    if "displayOrder" in given:
        pipeline.display_order = _order(given)
    pipeline.updated_at = call.portal.stamp()
    pipeline.note(pipeline.id, "UPDATE", pipeline.updated_at)
    return Answer(body=pipeline.body())


def archive_pipeline(call: Call) -> Answer:
    """Archive a pipeline; its deals stay in it, unless the call asks for a check."""
    pipeline = _pipeline(call)
    _check_references(call, pipeline)
    pipeline.archived_at = call.portal.stamp()
    pipeline.note(pipeline.id, "DELETE", pipeline.archived_at)
    return Answer(204)


def list_stages(call: Call) -> Answer:
    """Answer the stages of a pipeline."""
    return Answer(body={"results": [s.body() for s in _pipeline(call).open_stages()]})


def read_stage(call: Call) -> Answer:
    """Answer one stage."""
    return Answer(body=_stage(call).body())


def create_stage(call: Call) -> Answer:
    """Add a stage to a pipeline."""
    return Answer(201, _add_stage(call, _pipeline(call), call.json()).body())


def update_stage(call: Call) -> Answer:
    """Rename, move or re-weigh a stage; its id never changes."""
    stage, given, pipeline = _stage(call), call.json(), _pipeline(call)
    changes: dict[str, object] = _metadata(given) if "metadata" in given else {}
    if "label" in given:
        changes["label"] = _free_stage_label(pipeline, given, stage.id)
    if "displayOrder" in given:
        changes["display_order"] = _order(given)
    changed = pipeline.change_stage(stage.id, call.portal.stamp(), **changes)
    return Answer(body=changed.body())


def replace_stage(call: Call) -> Answer:
    """Say anew all that may be said of a stage; its id never changes."""
    stage, given, pipeline = _stage(call), call.json(), _pipeline(call)
    label = _free_stage_label(pipeline, given, stage.id)
    changed = pipeline.change_stage(
        stage.id,
        call.portal.stamp(),
        label=label,
        display_order=_order(given),
        **_metadata(given),
    )
    return Answer(body=changed.body())


def archive_stage(call: Call) -> Answer:
    """Archive a stage that no deal is in."""
    stage, now = _stage(call), call.portal.stamp()
    _check_unused(call, "dealstage", stage.id)
    _pipeline(call).change_stage(stage.id, now, archived_at=now)
    return Answer(204)


def read_audit(call: Call) -> Answer:
    """Answer what was changed of a pipeline, or of one stage of it."""
    stage_id = call.params.get("stage")
    entries = [
        {
            "portalId": call.portal.settings.portal_id,
            "identifier": each.identifier,
            "action": each.action,
            "timestamp": each.at,
            "message": each.message,
        }
        for each in reversed(_pipeline(call).audits)
        if stage_id in {None, each.identifier}
    ]
    return Answer(body={"results": entries})


def _pipeline(call: Call) -> Pipeline:
    pipeline = call.portal.pipelines[call.kind.name].get(call.params["pipeline"])
    if pipeline is None or pipeline.archived_at:
        raise not_found()
    return pipeline


def _stage(call: Call) -> Stage:
    stage = _pipeline(call).stage(call.params["stage"])
    if stage is None:
        raise not_found()
    return stage


def _free_label(call: Call, given: Input, own_id: str) -> str:
    """Return the label of a body, which no other pipeline may have."""
    label = id_of(given, "label")
    for each in call.portal.pipelines[call.kind.name].values():
        if each.label == label and each.id != own_id and not each.archived_at:
            raise HubSpotError(
                f"A pipeline named '{label}' already exists.", "CONFLICT", 409
            )
    return label


def _free_stage_label(pipeline: Pipeline, given: Input, own_id: str) -> str:
    """Return the label of a body, which no other stage of the pipeline may have."""
    label = id_of(given, "label")
    if any(s.label == label and s.id != own_id for s in pipeline.open_stages()):
        raise HubSpotError(f"Stage labels must be unique, but '{label}' is not")
    return label


def _add_stages(call: Call, pipeline: Pipeline, given: Input) -> None:
    stages = given.get("stages")
    if not isinstance(stages, list):
        raise invalid_input("'stages' must be a list")
    for each in stages:
        _add_stage(call, pipeline, each)


def _add_stage(call: Call, pipeline: Pipeline, given: object) -> Stage:
    if not isinstance(given, dict):
        raise HubSpotError("A stage must be an object")
    now = call.portal.stamp()
    stage = Stage(
        _new_id(call),
        _free_stage_label(pipeline, given, ""),
        _order(given),
        created_at=now,
        updated_at=now,
        **_metadata(given),  # type: ignore[arg-type]
    )
    pipeline.stages[stage.id] = stage
    pipeline.note(stage.id, "CREATE", now)
    if call.kind.name == "deals" and call.portal.settings.dates_stages:
        define_stage_dates(call.kind, pipeline, stage)
    return stage


def _metadata(given: Input) -> dict[str, object]:
    """Return what a stage's metadata says; a deal stage must have a probability."""
    metadata = given.get("metadata")
    probability = metadata.get("probability") if isinstance(metadata, dict) else None
    try:
        weight = float(str(probability))
    except ValueError:
        weight = -1.0
    if not isinstance(metadata, dict) or not 0 <= weight <= 1:
        raise HubSpotError(
            "Deal stages must have a probability between 0.0 and 1.0 in their metadata"
        )
    closed = str(metadata.get("isClosed", "")).lower()
    is_closed = closed == "true" if closed else weight in {0.0, 1.0}
    return {"is_closed": is_closed, "probability": str(weight)}


def _check_references(call: Call, pipeline: Pipeline) -> None:
    """Refuse to take a pipeline's stages from its records where the call asks so."""
    if any(call.flag(name) for name in _CHECKS):
        _check_unused(call, "pipeline", pipeline.id)


def _check_unused(call: Call, name: str, value: str) -> None:
    if any(not row["@archived"] for row in call.portal.holding(call.kind, name, value)):
        raise HubSpotError(
            f"{value} still holds {call.kind.name}; move them first",
            sub_category="PipelineError.STAGE_ID_IN_USE",
        )


def _order(given: Input) -> int:
    order = given.get("displayOrder")
    if not isinstance(order, int) or isinstance(order, bool):
        raise invalid_input("'displayOrder' must be a whole number")
    return order


def _new_id(call: Call) -> str:
    return str(call.portal.random.randint(10**8, 10**9 - 1))


PIPELINE_ROUTES = tuple(
    Route("pipelines", method, path, handler, need)
    for method, path, handler, need in (
        ("GET", _ALL, list_pipelines, Need.PIPELINE_READ),
        ("POST", _ALL, create_pipeline, Need.SCHEMA_WRITE),
        ("GET", _ONE, read_pipeline, Need.PIPELINE_READ),
        ("PUT", _ONE, replace_pipeline, Need.SCHEMA_WRITE),
        ("PATCH", _ONE, update_pipeline, Need.SCHEMA_WRITE),
        ("DELETE", _ONE, archive_pipeline, Need.SCHEMA_WRITE),
        ("GET", f"{_ONE}/audit", read_audit, Need.PIPELINE_READ),
        ("GET", _STAGES, list_stages, Need.PIPELINE_READ),
        ("POST", _STAGES, create_stage, Need.SCHEMA_WRITE),
        ("GET", _STAGE, read_stage, Need.PIPELINE_READ),
        ("PUT", _STAGE, replace_stage, Need.SCHEMA_WRITE),
        ("PATCH", _STAGE, update_stage, Need.SCHEMA_WRITE),
        ("DELETE", _STAGE, archive_stage, Need.SCHEMA_WRITE),
        ("GET", f"{_STAGE}/audit", read_audit, Need.PIPELINE_READ),
    )
)
