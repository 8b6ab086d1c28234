"""The CRM's pipelines and stages as the rules name them (`stages:`, `pipeline:`)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import CrmName, Path, Pipeline, Stage
from gatekeeper.core.pack import Reach
from gatekeeper.core.renames import joined_into, name_today, said_of_rename
from gatekeeper.pack.files.values import did_you_mean
from gatekeeper.pack.files.words import CountsAs
from gatekeeper.pack.source.nodes import Listing, Scalar, Table
from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import Project
    from gatekeeper.pack.files.rule_schema import StagePart
    from gatekeeper.pack.files.rules import DraftFile, DraftStage
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader

Pipelines = dict[str, Pipeline]


def rule_pipelines(
    reader: Reader, project: Project, table: Table | None, schema: CrmSchema
) -> Pipelines:
    """Apply `stages:` of project.yaml to the CRM's pipelines."""
    node = table.get("stages") if table else None
    entries = node.pairs if isinstance(node, Table) else ()
    keys = {key.text: key for key, _ in entries}
    owners = _owners(reader, project, entries, schema)
    pipelines: Pipelines = {}
    for pipeline in schema.pipelines:
        stages: list[Stage] = []
        for stage in pipeline.stages:
            name = _owner(stage, owners)
            own = replace(stage, name=name, former=()) if name else stage
            _append(reader, stages, own, keys.get(own.name))
        pipelines[pipeline.name] = Pipeline(pipeline.name, tuple(stages))
    return pipelines


def _owner(stage: Stage, owners: Mapping[str, str]) -> str | None:
    for word in (stage.name, *stage.values, *stage.former):
        if word.casefold() in owners:
            return owners[word.casefold()]
    return None


def _owners(
    reader: Reader,
    project: Project,
    entries: tuple[tuple[Scalar, Node], ...],
    schema: CrmSchema,
) -> dict[str, str]:
    """Return which stage of the rules each mapped stage of the CRM belongs to."""
    known = [stage for pipeline in schema.pipelines for stage in pipeline.stages]
    words = {word.casefold() for one in known for word in (one.name, *one.values)}
    once = {word.casefold() for one in known for word in one.former} - words
    owners: dict[str, str] = {}
    for key, node in entries:
        names = project.stages.get(key.text, {}).get(project.crm, ())
        is_covered = any(name.casefold() in words | once for name in names)
        for name in names:
            place = _written(node, name) or key
            if name.casefold() not in words | once:
                say = _spare_stage if is_covered else _no_stage
                say(reader, place, name, schema.pipelines)
                continue
            if name.casefold() in once:
                _say_rename(reader, place, schema.pipelines, schema.crm)
            if owners.setdefault(name.casefold(), key.text) != key.text:
                reader.say(
                    place.place,
                    "E510",
                    f'"{name}" is named under {owners[name.casefold()]} and under'
                    f" {key.text}; a stage of the CRM belongs to one.",
                )
    return owners


def _written(node: Node, name: str) -> Scalar | None:
    """Find the scalar that names a stage of the CRM."""
    inner = node.pairs if isinstance(node, Table) else ()
    for _, value in inner:
        for one in value.entries if isinstance(value, Listing) else (value,):
            if isinstance(one, Scalar) and one.text.strip() == name:
                return one
    return None


def _append(
    reader: Reader, stages: list[Stage], stage: Stage, key: Scalar | None
) -> None:
    """Add a stage, or widen the one before it that has the same name."""
    last = stages[-1] if stages else None
    if last is not None and last.name == stage.name:
        if key is not None and last.is_closed != stage.is_closed:
            text = f"stage {stage.name} joins open and closed stages of the CRM."
            reader.say(key.place, "E510", text)
        stages[-1] = replace(last, values=last.values + stage.values)
        return
    if key is not None and any(one.name == stage.name for one in stages):
        reader.say(
            key.place,
            "E510",
            f"stage {stage.name} joins stages of the CRM that do not follow each"
            " other.",
            "a stage of the rules is one stage of the CRM or several in a row.",
        )
    stages.append(stage)


def pipelines_of(
    reader: Reader, nodes: Iterable[Scalar], pipelines: Pipelines, crm: str
) -> Pipelines:
    """Return the pipelines that are named, all of them for `"*"`."""
    by_name = {name.casefold(): name for name in pipelines}
    found: Pipelines = {}
    for node in nodes:
        if node.text.strip() == "*":
            return pipelines
        name = by_name.get(node.text.strip().casefold())
        if name is not None:
            found[name] = pipelines[name]
            continue
        near = did_you_mean(node.text, pipelines)
        reader.say(
            node.place,
            "E503",
            f'there is no pipeline "{node.text}" in {CrmName(crm).label}.',
            f"{near + ' ' if near else ''}Pipelines: {', '.join(pipelines)}",
        )
    return found


def check_stages(
    reader: Reader,
    file: DraftFile,
    pipelines: Pipelines,
    unmatched: frozenset[str],
    crm: str,
) -> None:
    """Note stages that no pipeline of the file has (E503) or calls otherwise (E504).

    Args:
        reader: Takes the mistakes.
        file: The file of rules.
        pipelines: Those it is for.
        unmatched: Stages whose entry in `stages:` fits nothing, already noted there.
        crm: The CRM's word.
    """
    named = [each.name for each in file.stages if each.reach is Reach.STAGE]
    for stage in dict.fromkeys(named) if pipelines else ():
        name = stage.text.strip()
        is_known = any(one.position(name) is not None for one in pipelines.values())
        if not is_known and name not in unmatched:
            _no_stage(reader, stage, name, pipelines.values())
        elif is_known:
            _say_rename(reader, stage, pipelines.values(), crm)


def _say_rename(
    reader: Reader, node: Scalar, pipelines: Iterable[Pipeline], crm: str
) -> None:
    """Note a stage by a name it no longer has (E504); it stays that stage."""
    name = node.text.strip()
    today = name_today(name, pipelines)
    if today is not None:
        text = said_of_rename(name, today, CrmName(crm).label)
        reader.note(Problem(node.place, "E504", text, is_warning=True))


def with_paths(
    reader: Reader, files: Iterable[DraftFile], pipelines: Pipelines
) -> Pipelines:
    """Give the stages what the files say they are (`path`, `counts_as`)."""
    said: dict[tuple[str, int], DraftStage] = {}
    marked = dict(pipelines)
    for file, stage in _described(files):
        wanted = {name.casefold() for name in file.pipeline_names}
        for name, pipeline in pipelines.items():
            at = pipeline.position(stage.word)
            if at is None or (wanted and name.casefold() not in wanted):
                continue
            other = said.setdefault((name, at), stage)
            if not _agree(other.part, stage.part):
                place = other.name.place
                text = f'stage "{stage.word}" is another one in'
                reader.say(
                    stage.name.place,
                    "E221",
                    f"{text} {place.path}:{place.line}.",
                    "write path and counts_as of a stage in one file.",
                )
            stages = list(marked[name].stages)
            stages[at] = _marked(stages[at], stage.part)
            marked[name] = Pipeline(name, tuple(stages))
    return marked


def _described(files: Iterable[DraftFile]) -> Iterator[tuple[DraftFile, DraftStage]]:
    for file in files:
        for stage in file.stages:
            if stage.reach is Reach.STAGE and not _agree(stage.part, None):
                yield file, stage


def _agree(one: StagePart, other: StagePart | None) -> bool:
    """Whether both say the same of a stage; None says nothing."""
    said = (other.path, other.counts_as) if other else (None, None)
    return (one.path, one.counts_as) == said


def _marked(stage: Stage, part: StagePart) -> Stage:
    path = Path(part.path.value) if part.path else stage.path
    if part.counts_as is None:
        return replace(stage, path=path)
    return replace(
        stage,
        path=path,
        is_closed=True,
        is_won=part.counts_as is CountsAs.WON,
        is_excluded=part.counts_as is CountsAs.EXCLUDED,
    )


def _spare_stage(
    reader: Reader, node: Scalar, name: str, pipelines: Iterable[Pipeline]
) -> None:
    """Note a stage this CRM lacks where others of its entry are there (W512).

    A pack that fits several orgs names stages some of them have switched off.
    """
    names = ", ".join(one.name for one in pipelines)
    text = f'{names} has no stage "{name}"; the other stages of its entry are there.'
    help_ = "correct the name, or take it out if your CRM does not have it."
    problem = Problem(node.place, "W512", text, help_, is_warning=True)
    reader.note(problem)


def _no_stage(
    reader: Reader, node: Scalar, name: str, pipelines: Iterable[Pipeline]
) -> None:
    searched = list(pipelines)
    stages = dict.fromkeys(one.name for each in searched for one in each.stages)
    near = did_you_mean(name, stages)
    if whole := joined_into(name, searched):
        near = f'project.yaml has it under "{whole}": write "{whole}".'
    names = ", ".join(one.name for one in searched)
    where = f"none of the pipelines {names} has a stage"
    if len(searched) == 1:
        where = f"pipeline {names} has no stage"
    reader.say(
        node.place,
        "E503",
        f'{where} "{name}".',
        f"{near + ' ' if near else ''}Stages in order: {', '.join(stages)}",
    )
