"""Where a deal of a test stands: its pipeline and its stage. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.pack.files.values import did_you_mean
from gatekeeper.pack.source.nodes import Node, Scalar
from gatekeeper.pack.testing.values import is_empty

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.pack.source.read import Reader
    from gatekeeper.pack.testing.rows import World


def pipeline_of(reader: Reader, world: World, node: Node | None) -> Pipeline | None:
    """Return the pipeline a deal names, else the first; an unknown one is noted."""
    if not isinstance(node, Scalar) or is_empty(node):
        return next(iter(world.pipelines.values()), None)
    wanted = node.text.strip().casefold()
    for pipeline in world.pipelines.values():
        if pipeline.name.casefold() == wanted:
            return pipeline
    near = did_you_mean(node.text, world.pipelines)
    advice = f"{near + ' ' if near else ''}Pipelines: {', '.join(world.pipelines)}"
    text = f'there is no pipeline "{node.text}" in this test.'
    reader.say(node.place, "E503", text, advice)
    return None


def stage_of(reader: Reader, pipeline: Pipeline, node: Node) -> str | None:
    """Return the CRM's value of a stage as written; an unknown one is noted."""
    value = stage_value(pipeline, node)
    if value is None:
        word = node.text if isinstance(node, Scalar) else ""
        stages = [stage.name for stage in pipeline.stages]
        near = did_you_mean(word, stages)
        advice = f"{near + ' ' if near else ''}Stages in order: {', '.join(stages)}"
        text = f'pipeline {pipeline.name} has no stage "{word}".'
        reader.say(node.place, "E503", text, advice)
    return value


def stage_value(pipeline: Pipeline, node: Node) -> str | None:
    """Return the CRM's value for a stage named as in the rules or as in the CRM."""
    word = node.text.strip() if isinstance(node, Scalar) else ""
    position = pipeline.position(word)
    if position is not None:
        return pipeline.stages[position].values[0]
    return word if pipeline.position_of_value(word) is not None else None
