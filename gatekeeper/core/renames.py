"""Stages that the CRM calls otherwise than it did: the same id, another label. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.core.catalogue import CrmSchema, Pipeline, Stage


def remembering(new: CrmSchema, old: CrmSchema) -> CrmSchema:
    """Give a description what only an older one knows.

    That is the labels its stages had, and the CRM's own checks, which few ask for.

    Args:
        new: As just read.
        old: As read before, with what it remembered itself.
    """
    known = {
        stage.id: stage
        for pipeline in old.pipelines
        for stage in pipeline.stages
        if stage.id
    }
    pipelines = tuple(
        replace(each, stages=tuple(_remembering(stage, known) for stage in each.stages))
        for each in new.pipelines
    )
    guards = old.guards if new.guards is None else new.guards
    return replace(new, pipelines=tuple(map(one_bearer, pipelines)), guards=guards)


def _remembering(stage: Stage, known: Mapping[str, Stage]) -> Stage:
    before = known.get(stage.id)
    if before is None:
        return stage
    former = dict.fromkeys((*stage.former, *before.former, before.name))
    return replace(stage, former=tuple(former))


def one_bearer(pipeline: Pipeline) -> Pipeline:
    """Take the former names away that a stage of the pipeline bears now."""
    taken = {stage.name.casefold() for stage in pipeline.stages}
    stages = tuple(
        replace(
            stage,
            former=tuple(name for name in stage.former if name.casefold() not in taken),
        )
        for stage in pipeline.stages
    )
    return replace(pipeline, stages=stages)


def name_today(name: str, pipelines: Iterable[Pipeline]) -> str | None:
    """Return what the stage of a former name is called now.

    Returns:
        None where a pipeline has a stage of that name still, or none ever had.
    """
    places = [(each, each.position(name)) for each in pipelines]
    today = [each.stages[place].name for each, place in places if place is not None]
    if name.casefold() in map(str.casefold, today):
        return None
    return next(iter(today), None)


def joined_into(name: str, pipelines: Iterable[Pipeline]) -> str | None:
    """Return the stage of the rules that takes in the CRM's stage of this name."""
    wanted = name.strip().casefold()
    for pipeline in pipelines:
        for stage in pipeline.stages:
            if wanted in map(str.casefold, stage.values):
                return stage.name
    return None


def first_name(name: str, pipelines: Iterable[Pipeline]) -> str:
    """Return what a stage was called first, in lower case: it is the same for good.

    A name that no pipeline has is returned as it is, in lower case.
    """
    for pipeline in pipelines:
        place = pipeline.position(name)
        if place is not None:
            stage = pipeline.stages[place]
            return next(iter(stage.former), stage.name).casefold()
    return name.casefold()


def said_of_rename(old: str, new: str, crm_name: str) -> str:
    """Say that a stage is called otherwise now (language E504)."""
    return (
        f'stage "{old}" is now called "{new}" in {crm_name} (same id). Nothing was'
        " lost; update the label here."
    )
