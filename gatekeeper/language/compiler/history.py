"""Questions about a deal's past into closures; core answers them, none raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from gatekeeper.core.history import fields as field_history
from gatekeeper.core.history import stages as stage_history
from gatekeeper.core.model import Unavailable
from gatekeeper.language.compiler.closures import OUT_OF_RANGE, is_fixed, once_per_run
from gatekeeper.language.compiler.moments import midnight, move_date, move_moment
from gatekeeper.language.compiler.readers import NO_ROW, Reader, field_reader, is_blank
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.syntax import Duration, TimeUnit

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Answer, Deal, FieldValue, Row
    from gatekeeper.language.compiler.rows import Asker
    from gatekeeper.language.compiler.tree import Tree

Ask = Callable[["Deal", "Context"], "FieldValue"]
InWindow = Callable[
    [str, "Deal", "Context", datetime | None], "FieldValue | Unavailable"
]

_OF_ANY_STAGE: dict[str, Callable[..., FieldValue]] = {
    "days_in_stage": stage_history.days_in_stage,
    "entered": stage_history.entered,
}
_OF_A_STAGE: dict[str, Callable[..., FieldValue]] = {
    "total_days_in_stage": stage_history.total_days,
    "visited": stage_history.visited,
    "skipped": stage_history.skipped,
}
_OF_THE_DEAL: dict[str, Ask] = {
    "moved_back": stage_history.moved_back,
    "first_stage": stage_history.first_stage,
    "furthest_stage": stage_history.furthest_stage,
}
_OF_A_FIELD: dict[str, Callable[[str, Deal, Context], FieldValue]] = {
    "last_changed": field_history.last_changed,
    "previous": field_history.previous,
}
_IN_A_WINDOW: dict[str, InWindow] = {
    "pushes": field_history.count_pushes,
    "pushed_days": field_history.pushed_days,
    "changes": field_history.count_changes,
}


def past_closure(node: typed.Past, tree: Tree) -> Reader:
    """Compile a function of the deal's past."""
    if node.window is not None:
        return _windowed(node, node.window, tree)
    if node.of is not None:
        return _of_field(node, node.of)
    return _of_stages(node)


def _of_stages(node: typed.Past) -> Reader:
    ask = _stage_question(node)

    def read(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        try:
            return ask(deal, ctx)
        except ArithmeticError:
            return OUT_OF_RANGE

    return read


def _stage_question(node: typed.Past) -> Ask:
    stage, name = node.stage, node.function
    if name == "creation":
        return _creation
    if name in _OF_ANY_STAGE:
        return partial(_OF_ANY_STAGE[name], stage=stage)
    if name in _OF_A_STAGE:
        return partial(_OF_A_STAGE[name], stage=stage or "")
    return _OF_THE_DEAL[name]


def _creation(deal: Deal, ctx: Context) -> FieldValue:
    began = deal.history.began
    return Unavailable("its creation was not read") if began is None else began


# ---- what a field was ------------------------------------------------------------


def _of_field(node: typed.Past, field: typed.Field) -> Reader:
    present = field_reader(field)
    ask = _field_question(node, field.name, present)
    if node.kind is not field.kind:
        return ask
    # A value of the past is read as the present one is: money in the run's
    # currency, a text stripped. A row of one field makes the reader do so.
    as_field = field_reader(replace(field, collection="history"))

    def read(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        found: FieldValue = ask(deal, ctx, row)  # type: ignore[assignment]
        return found if is_blank(found) else as_field(deal, ctx, {field.name: found})

    return read


def _field_question(node: typed.Past, name: str, present: Reader) -> Reader:
    stage = node.stage

    def by(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        current = present(deal, ctx)
        return field_history.changed_by(name, current, deal, ctx)  # type: ignore[arg-type]

    def on_entry(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        moment = stage_history.entered(deal, ctx, stage)
        if not isinstance(moment, datetime):
            return moment
        current = deal.fields.get(name, Unavailable(f"{name} was not read"))
        return field_history.value_at(name, current, moment, deal)

    if node.function == "changed_by":
        return by
    if node.function == "value_on_entry":
        return on_entry
    ask = _OF_A_FIELD[node.function]
    return lambda deal, ctx, row=NO_ROW: ask(name, deal, ctx)


# ---- windows ---------------------------------------------------------------------


def _windowed(node: typed.Past, window: typed.Window, tree: Tree) -> Reader:
    begins = window_start(window, tree)
    name = node.of.name if node.of else ""
    ask = _IN_A_WINDOW.get(node.function)

    def read(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        start = begins(deal, ctx, row)
        if not isinstance(start, datetime):
            return start
        try:
            if ask is None:
                return stage_history.moves_back(deal, ctx, start)
            return ask(name, deal, ctx, start)
        except ArithmeticError:
            return OUT_OF_RANGE

    return read


def changed_closure(node: typed.Changed, tree: Tree) -> Asker:
    """Compile `field changed within last 30 days`."""
    begins, name = window_start(node.window, tree), node.of.name

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        start = begins(deal, ctx, row)
        if isinstance(start, datetime):
            return field_history.has_changed(name, deal, ctx, start)
        return start if is_blank(start) else OUT_OF_RANGE

    return ask


def window_start(window: typed.Window, tree: Tree) -> Reader:
    """Compile where a window begins: a moment that belongs to it, or a blank."""
    if isinstance(window, typed.Lookback):
        begin, begins = window.length, _counted_back(tree.value(window.length))
    else:
        begin, begins = window.moment, _from_day(tree.value(window.moment))
    return once_per_run(begins) if is_fixed(begin) else begins


def _counted_back(length: Reader) -> Reader:
    def begins(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        reach = length(deal, ctx, row)
        if not isinstance(reach, Duration):
            return reach if is_blank(reach) else OUT_OF_RANGE
        try:
            if reach.unit is TimeUnit.HOURS:
                return move_moment(ctx.now, reach, -1, ctx)
            return midnight(move_date(ctx.today, reach, -1, ctx.calendar), ctx)
        except (ArithmeticError, ValueError):
            return OUT_OF_RANGE

    return begins


def _from_day(moment: Reader) -> Reader:
    def begins(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        found = moment(deal, ctx, row)
        if isinstance(found, datetime) or not isinstance(found, date):
            return found
        try:
            return midnight(found, ctx)
        except (ArithmeticError, ValueError):
            return OUT_OF_RANGE

    return begins
