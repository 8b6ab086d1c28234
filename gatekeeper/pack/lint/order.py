"""What a rule's place says about the deals it is asked of: stage and pipeline. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.pack import Position, Reach
from gatekeeper.language.lint.atoms import Order
from gatekeeper.language.lint.logic import Line
from gatekeeper.language.tree import typed
from gatekeeper.language.types import Reading
from gatekeeper.pack.files.words import StagePath

if TYPE_CHECKING:
    from gatekeeper.core.pack import Rule
    from gatekeeper.language.scope import Scope
    from gatekeeper.pack.files.rules import DraftFile

_STAGE = typed.Field("stage", Kind.STAGE)
_PIPELINE = typed.Field("pipeline", Kind.TEXT)


def orders_of(file: DraftFile, scope: Scope) -> tuple[Order, ...]:
    """Return the stages in order, once per order that the file's pipelines have.

    Without the CRM's description the order in which the file names them counts.
    """
    if not scope.pipelines:
        named = [one.word for one in file.stages if one.reach is Reach.STAGE]
        return (Order(tuple(dict.fromkeys(named))),)
    each = (
        Order(tuple(stage.name for stage in one.stages), complete=True)
        for one in scope.pipelines.values()
    )
    return tuple(dict.fromkeys(each))


def joined(one: Order, other: Order) -> Order:
    """Return one order of the stages of two files, as far as they agree.

    A stage that only the second names stands after the one before it there.
    """
    stages = list(one.stages)
    known = {stage.casefold() for stage in stages}
    place = 0
    for stage in other.stages:
        if stage.casefold() not in known:
            stages.insert(place, stage)
            place += 1
        else:
            names = [each.casefold() for each in stages]
            place = names.index(stage.casefold()) + 1
    return Order(tuple(stages))


def position_of(rule: Rule, file: DraftFile, scope: Scope) -> list[Line]:
    """Return what is true of every deal that the rule is asked of."""
    found: list[Line] = []
    if file.pipeline_names:
        names = tuple(typed.Constant(one, Kind.TEXT) for one in file.pipeline_names)
        found.append(Line(typed.Member(_PIPELINE, names, Reading.TEXT)))
    if rule.stage is not None and not _is_aside(rule, file):
        stage = typed.Constant(rule.stage, Kind.STAGE)
        sign = _sign(rule, scope)
        found.append(Line(typed.Compare(sign, _STAGE, stage, Reading.STAGE)))
    elif rule.reach is Reach.EVERY_OPEN_STAGE:
        closed = _closed_stages(scope)
        found += [
            Line(typed.Compare("!=", _STAGE, one, Reading.STAGE)) for one in closed
        ]
    return found


def _closed_stages(scope: Scope) -> list[typed.Constant]:
    names = dict.fromkeys(
        stage.name
        for each in scope.pipelines.values()
        for stage in each.stages
        if stage.is_closed
    )
    return [typed.Constant(name, Kind.STAGE) for name in names]


def _is_aside(rule: Rule, file: DraftFile) -> bool:
    """Whether the rule's stage has no place in the order."""
    return any(
        stage.part.path is StagePath.SIDE
        and stage.word.casefold() == (rule.stage or "").casefold()
        for stage in file.stages
    )


def _sign(rule: Rule, scope: Scope) -> str:
    closed = {
        stage.name.casefold()
        for each in scope.pipelines.values()
        for stage in each.stages
        if stage.is_closed
    }
    is_closed = (rule.stage or "").casefold() in closed
    if is_closed or rule.position is Position.WHILE_IN:
        return "="
    return ">" if rule.position is Position.EXIT else ">="
