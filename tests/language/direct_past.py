"""A deal's past, for the second reading of the language (B5, A26, A37, A38)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gatekeeper.core.catalogue import Path
from gatekeeper.core.model import EMPTY, Unavailable
from gatekeeper.language.tree import syntax
from tests.language import direct, direct_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.catalogue import Pipeline
    from tests.language.direct import At

SHORT = Unavailable("not known far enough back")
EARLIER = Unavailable("began before that", is_there=True)
FOLLOWING = {"is_closed", "is_won"}


def place_named(stage: str, pipeline: Pipeline) -> int | None:
    names = [each.name.lower() for each in pipeline.stages]
    return names.index(stage.lower()) if stage.lower() in names else None


def is_side(place: int | None, pipeline: Pipeline | None) -> bool:
    if place is None or pipeline is None:
        return False
    return pipeline.stages[place].path is Path.SIDE


@dataclass
class Stay:
    """Unbroken time in one stage, slips of a few minutes aside."""

    value: str
    place: int | None
    start: datetime
    end: datetime | None
    by: Any
    is_first: bool = False

    @property
    def key(self) -> object:
        return self.value if self.place is None else self.place


def stays(at: At) -> list[Stay]:
    found: list[Stay] = []
    for stint in at.deal.history.stints:
        end = stint.left if stint.left and stint.left <= at.ctx.now else None
        is_slip = end and end - stint.entered < at.ctx.ignore_stints_under
        if stint.entered > at.ctx.now or is_slip:
            continue
        place = at.pipeline.position_of_value(stint.stage) if at.pipeline else None
        stay = Stay(stint.stage, place, stint.entered, end, stint.by)
        if found and found[-1].key == stay.key:
            found[-1].end, found[-1].value = end, stint.stage
        else:
            found.append(stay)
    if found:
        found[0].is_first = True
    return found


def stays_in_order(at: At) -> list[Stay]:
    """The stays, where one aside belongs to the one before it."""
    found: list[Stay] = []
    for stay in stays(at):
        if is_side(stay.place, at.pipeline):
            if found:
                found[-1] = replace(found[-1], end=stay.end)
        elif found and found[-1].key == stay.key:
            found[-1] = replace(found[-1], end=stay.end, value=stay.value)
        else:
            found.append(stay)
    return found


def is_known(name: str, at: At, start: datetime | None = None) -> bool:
    """Whether nothing is missing from `start` on, or from the creation on."""
    past = at.deal.history
    since = past.complete_since.get("stage" if name in FOLLOWING else name)
    if since is None:
        return False
    from_start = start is not None and since <= start
    return from_start or (past.began is not None and since <= past.began)


def _stay_in(stage: str | None, at: At) -> Any:
    """The latest stay in a stage, or in the present one; EMPTY, or hidden."""
    known = stays(at)
    if stage is None:
        stints = at.deal.history.stints
        is_told = bool(known) and stints[-1].stage == at.deal.stage
        return known[-1] if is_told else SHORT
    assert at.pipeline is not None
    place = place_named(stage, at.pipeline)
    if place is None:
        return EMPTY
    there = [stay for stay in known if stay.place == place]
    if there:
        return there[-1]
    return EMPTY if is_known("stage", at) else SHORT


def _began_before_we_knew(stay: Stay, at: At) -> bool:
    return stay.is_first and not is_known("stage", at)


def entered_at(stage: str | None, at: At) -> Any:
    stay = _stay_in(stage, at)
    if isinstance(stay, Stay):
        return EARLIER if _began_before_we_knew(stay, at) else stay.start
    if stay is EMPTY or not (stage is None or _stands_untold_in(stage, at)):
        return stay
    return EARLIER


def _stands_untold_in(stage: str, at: At) -> bool:
    """Whether the deal is in a stage now that its last recorded stay is not in."""
    stints, pipeline = at.deal.history.stints, at.pipeline
    assert pipeline is not None
    place = pipeline.position_of_value(at.deal.stage)
    is_told = bool(stints) and stints[-1].stage == at.deal.stage
    return not is_told and place == place_named(stage, pipeline)


def _days(stay: Stay, at: At) -> Decimal:
    end = stay.end or at.ctx.now
    days = direct_time.day_of(end, at) - direct_time.day_of(stay.start, at)
    return Decimal(days.days)


# ---- functions of stages -----------------------------------------------------------


def _stage_of(node: syntax.Call, at: At, *, own: bool = False) -> str | None:
    for argument in node.arguments:
        if isinstance(argument.value, syntax.Text):
            return argument.value.value
    return at.scope.stage if own else None


def _entered(node: syntax.Call, at: At) -> Any:
    return entered_at(_stage_of(node, at, own=True), at)


def _days_in_stage(node: syntax.Call, at: At) -> Any:
    stay = _stay_in(at.scope.stage, at)
    if not isinstance(stay, Stay):
        return stay
    days = _days(stay, at)
    return direct.AtLeast(days) if _began_before_we_knew(stay, at) else days


def _total_days(node: syntax.Call, at: At) -> Any:
    assert at.pipeline is not None
    place = place_named(_stage_of(node, at) or "", at.pipeline)
    if place is None:
        return EMPTY
    days = sum((_days(s, at) for s in stays(at) if s.place == place), Decimal(0))
    return days if is_known("stage", at) else direct.AtLeast(days)


def _visited(node: syntax.Call, at: At) -> Any:
    stay = _stay_in(_stage_of(node, at) or "", at)
    if isinstance(stay, Stay):
        return True
    assert at.pipeline is not None
    place = place_named(_stage_of(node, at) or "", at.pipeline)
    if place is None:
        return EMPTY
    told = [stint.stage for stint in at.deal.history.stints]
    if at.deal.stage not in told[-1:]:
        here = at.pipeline.position_of_value(at.deal.stage)
        if here == place:
            return True
    return False if stay is EMPTY else stay


def _skipped(node: syntax.Call, at: At) -> Any:
    assert at.pipeline is not None
    here = at.pipeline.position_of_value(at.deal.stage)
    if is_side(here, at.pipeline):
        behind = stays_in_order(at)
        if not behind and not is_known("stage", at):
            return SHORT
        here = behind[-1].place if behind else -1
    place = place_named(_stage_of(node, at) or "", at.pipeline)
    if here is None or place is None or is_side(place, at.pipeline):
        return EMPTY
    if here <= place or (here >= 0 and _is_lost(here, at)):
        return False
    return direct.opposite(_visited(node, at))


def _is_lost(place: int | None, at: At) -> bool:
    if place is None or at.pipeline is None:
        return False
    stage = at.pipeline.stages[place]
    return stage.is_closed and not stage.is_won


def _moves(at: At) -> list[tuple[Stay, Stay]]:
    return list(pairwise(stays(at)))


def _steps_back(at: At, start: datetime) -> int:
    steps = pairwise(stays_in_order(at))
    return sum(b.start >= start and _is_back(a, b, at) for a, b in steps)


def _is_back(before: Stay, after: Stay, at: At) -> bool:
    if before.place is None or after.place is None:
        return False
    if _is_lost(before.place, at) or _is_lost(after.place, at):
        return False
    return after.place < before.place


def _moves_back(node: syntax.Call, at: At) -> Any:
    start = direct_time.window_start(node.arguments[0].value, at)
    if direct.blank(start):
        return start
    return _counted(_steps_back(at, start), "stage", start, at)


def _counted(count: int, name: str, start: datetime, at: At) -> Any:
    """A count, or the part of it that is known."""
    number = Decimal(count)
    return number if is_known(name, at, start) else direct.AtLeast(number)


def _moved_back(node: syntax.Call, at: At) -> Any:
    moves = _moves(at)
    if not moves:
        return False if is_known("stage", at) else SHORT
    return _steps_back(at, moves[-1][1].start) > 0


def _first_stage(node: syntax.Call, at: At) -> Any:
    known = stays(at)
    if not known or not is_known("stage", at):
        return SHORT
    return direct.Place(known[0].place)


def _furthest_stage(node: syntax.Call, at: At) -> Any:
    if not is_known("stage", at):
        return SHORT
    places = [
        stay.place
        for stay in stays(at)
        if not (_is_lost(stay.place, at) or is_side(stay.place, at.pipeline))
    ]
    reached = [place for place in places if place is not None]
    return direct.Place(max(reached)) if reached else EMPTY


# ---- functions of fields -----------------------------------------------------------


@dataclass
class Edit:
    """One change of one field, surely after `after` and by `at`."""

    at: datetime
    old: Any
    new: Any
    by: Any
    after: datetime | None = None

    def is_in(self, start: datetime) -> bool:
        return (self.after or self.at) >= start


def _edits(name: str, at: At) -> list[Edit]:
    if name == "stage" or name in FOLLOWING:
        made = [
            Edit(b.start, _state(name, a, at), _state(name, b, at), b.by)
            for a, b in _moves(at)
        ]
    else:
        made = [
            Edit(change.at, change.old, change.new, change.by, change.after)
            for change in at.deal.history.changes.get(name, ())
            if change.at <= at.ctx.now
        ]
    return [edit for edit in made if edit.old != edit.new]


def _state(name: str, stay: Stay, at: At) -> Any:
    if name == "stage":
        return stay.value
    if stay.place is None or at.pipeline is None:
        return EMPTY
    stage = at.pipeline.stages[stay.place]
    return stage.is_won if name == "is_won" else stage.is_closed


def _field_of(node: syntax.Call) -> str:
    name = node.arguments[0].value
    assert isinstance(name, syntax.Name)
    return name.parts[-1]


def _net_edits(name: str, at: At) -> list[Edit]:
    """Changes within a quarter of an hour count by their net effect."""
    bundles: list[list[Edit]] = []
    for edit in _edits(name, at):
        if bundles and edit.at - bundles[-1][0].at <= timedelta(minutes=15):
            bundles[-1].append(edit)
        else:
            bundles.append([edit])
    nets = [replace(b[-1], old=b[0].old) for b in bundles]
    return [edit for edit in nets if edit.old != edit.new]


def _shift(edit: Edit, at: At) -> int:
    """By how many days a net change moved the date."""
    if not isinstance(edit.old, date) or not isinstance(edit.new, date):
        return 0
    moved = direct_time.day_of(edit.new, at) - direct_time.day_of(edit.old, at)
    return moved.days


def _is_told(edits: list[Edit]) -> bool:
    values = [value for edit in edits for value in (edit.old, edit.new)]
    return not any(isinstance(value, Unavailable) for value in values)


def _counted_edits(edits: list[Edit], name: str, start: datetime, at: At) -> Any:
    """How many lie in the window; at least so many where some may lie before it."""
    sure = [edit for edit in edits if edit.is_in(start)]
    may_be = [edit for edit in edits if edit.at >= start]
    if len(sure) < len(may_be):
        return direct.AtLeast(Decimal(len(sure)))
    return _counted(len(sure), name, start, at)


def _pushes(node: syntax.Call, at: At) -> Any:
    start = direct_time.window_start(node.arguments[1].value, at)
    if direct.blank(start):
        return start
    net = _net_edits(_field_of(node), at)
    found = _counted_edits(
        [edit for edit in net if _shift(edit, at) > 0], _field_of(node), start, at
    )
    is_whole = isinstance(found, Decimal)
    if is_whole and not _is_told([edit for edit in net if edit.at >= start]):
        return direct.AtLeast(found)
    return found


def _pushed_days(node: syntax.Call, at: At) -> Any:
    start = direct_time.window_start(node.arguments[1].value, at)
    if direct.blank(start):
        return start
    made = [edit for edit in _net_edits(_field_of(node), at) if edit.at >= start]
    is_whole = is_known(_field_of(node), at, start) and _is_told(made)
    if not is_whole or not all(edit.is_in(start) for edit in made):
        return SHORT
    return Decimal(sum(_shift(edit, at) for edit in made))


def _changes(node: syntax.Call, at: At) -> Any:
    start = direct_time.window_start(node.arguments[1].value, at)
    if direct.blank(start):
        return start
    return _counted_edits(_edits(_field_of(node), at), _field_of(node), start, at)


def has_changed(node: syntax.Changed, at: At) -> Any:
    assert isinstance(node.value, syntax.Name)
    name = node.value.parts[-1]
    start = direct_time.window_start(node.window, at)
    if direct.blank(start):
        return start
    edits = _edits(name, at)
    if any(edit.is_in(start) for edit in edits):
        return True
    is_whole = is_known(name, at, start)
    return SHORT if not is_whole or any(edit.at >= start for edit in edits) else False


def _never(name: str, at: At) -> Any:
    return EMPTY if is_known(name, at) else SHORT


def _last_changed(node: syntax.Call, at: At) -> Any:
    made = _edits(_field_of(node), at)
    return made[-1].at if made else _never(_field_of(node), at)


def _read(value: Any, name: str, at: At) -> Any:
    return direct.read(value, direct.kind_of(name, at), at)


def _previous(node: syntax.Call, at: At) -> Any:
    name = _field_of(node)
    made = _edits(name, at)
    if not made:
        return _never(name, at)
    return _read(made[-1].old, name, at)


def _changed_by(node: syntax.Call, at: At) -> Any:
    name = _field_of(node)
    made = _edits(name, at)
    if made:
        return made[-1].by
    never = _never(name, at)
    present = direct.named(syntax.Name((name,), node.span), at)
    if never is not EMPTY or present is EMPTY:
        return never
    return at.deal.fields.get("created_by", SHORT)


def _value_on_entry(node: syntax.Call, at: At) -> Any:
    name = _field_of(node)
    moment = entered_at(_stage_of(node, at, own=True), at)
    if direct.blank(moment):
        return moment
    if not is_known(name, at, moment):
        return SHORT
    for change in at.deal.history.changes.get(name, ()):
        if change.at <= moment:
            continue
        if change.after is not None and change.after < moment:
            return SHORT
        return _read(change.old, name, at)
    return direct.named(syntax.Name((name,), node.span), at)


FUNCTIONS: dict[str, Callable[[syntax.Call, At], Any]] = {
    "days_in_stage": _days_in_stage,
    "total_days_in_stage": _total_days,
    "entered": _entered,
    "visited": _visited,
    "skipped": _skipped,
    "moves_back": _moves_back,
    "moved_back": _moved_back,
    "first_stage": _first_stage,
    "furthest_stage": _furthest_stage,
    "pushes": _pushes,
    "pushed_days": _pushed_days,
    "changes": _changes,
    "previous": _previous,
    "value_on_entry": _value_on_entry,
    "changed_by": _changed_by,
    "last_changed": _last_changed,
}
