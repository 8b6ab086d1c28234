"""A deal's past, for the second reading of the language (B5, A26, A37, A38)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gatekeeper.core.model import EMPTY, Unavailable
from gatekeeper.language.tree import syntax
from tests.language import direct, direct_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.catalogue import Pipeline
    from tests.language.direct import At

SHORT = Unavailable("not known far enough back")
FOLLOWING = {"is_closed", "is_won"}


def place_named(stage: str, pipeline: Pipeline) -> int | None:
    names = [each.name.lower() for each in pipeline.stages]
    return names.index(stage.lower()) if stage.lower() in names else None


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
    if not isinstance(stay, Stay):
        return stay
    return SHORT if _began_before_we_knew(stay, at) else stay.start


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
    place = place_named(_stage_of(node, at) or "", at.pipeline)
    if here is None or place is None:
        return EMPTY
    if here <= place or _is_lost(here, at):
        return False
    return direct.opposite(_visited(node, at))


def _is_lost(place: int | None, at: At) -> bool:
    if place is None or at.pipeline is None:
        return False
    stage = at.pipeline.stages[place]
    return stage.is_closed and not stage.is_won


def _moves(at: At) -> list[tuple[Stay, Stay]]:
    known = stays(at)
    return [(known[n], known[n + 1]) for n in range(len(known) - 1)]


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
    back = [1 for a, b in _moves(at) if b.start >= start and _is_back(a, b, at)]
    return _counted(len(back), "stage", start, at)


def _counted(count: int, name: str, start: datetime, at: At) -> Any:
    """A count, or the part of it that is known."""
    number = Decimal(count)
    return number if is_known(name, at, start) else direct.AtLeast(number)


def _moved_back(node: syntax.Call, at: At) -> Any:
    moves = _moves(at)
    if not moves:
        return False if is_known("stage", at) else SHORT
    return _is_back(*moves[-1], at)


def _first_stage(node: syntax.Call, at: At) -> Any:
    known = stays(at)
    if not known or not is_known("stage", at):
        return SHORT
    return direct.Place(known[0].place)


def _furthest_stage(node: syntax.Call, at: At) -> Any:
    if not is_known("stage", at):
        return SHORT
    places = [stay.place for stay in stays(at) if not _is_lost(stay.place, at)]
    reached = [place for place in places if place is not None]
    return direct.Place(max(reached)) if reached else EMPTY


# ---- functions of fields -----------------------------------------------------------


@dataclass
class Edit:
    """One change of one field."""

    at: datetime
    old: Any
    new: Any
    by: Any


def _edits(name: str, at: At) -> list[Edit]:
    if name == "stage" or name in FOLLOWING:
        made = [
            Edit(b.start, _state(name, a, at), _state(name, b, at), b.by)
            for a, b in _moves(at)
        ]
    else:
        made = [
            Edit(change.at, change.old, change.new, change.by)
            for change in at.deal.history.changes
            if change.field == name and change.at <= at.ctx.now
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
    return [Edit(b[-1].at, b[0].old, b[-1].new, b[-1].by) for b in bundles]


def _shifts(node: syntax.Call, at: At) -> Any:
    """By how many days each net change moved the date, in the window."""
    start = direct_time.window_start(node.arguments[1].value, at)
    if direct.blank(start):
        return start, []
    days = []
    for edit in _net_edits(_field_of(node), at):
        if (
            edit.at >= start
            and isinstance(edit.old, date)
            and isinstance(edit.new, date)
        ):
            moved = direct_time.day_of(edit.new, at) - direct_time.day_of(edit.old, at)
            days.append(moved.days)
    return start, days


def _is_told(node: syntax.Call, start: datetime, at: At) -> bool:
    """Whether every net change in the window says from what and to what."""
    made = [edit for edit in _net_edits(_field_of(node), at) if edit.at >= start]
    values = [value for edit in made for value in (edit.old, edit.new)]
    return not any(isinstance(value, Unavailable) for value in values)


def _pushes(node: syntax.Call, at: At) -> Any:
    start, days = _shifts(node, at)
    if direct.blank(start):
        return start
    count = sum(day > 0 for day in days)
    if not _is_told(node, start, at):
        return direct.AtLeast(Decimal(count))
    return _counted(count, _field_of(node), start, at)


def _pushed_days(node: syntax.Call, at: At) -> Any:
    start, days = _shifts(node, at)
    if direct.blank(start):
        return start
    is_whole = is_known(_field_of(node), at, start) and _is_told(node, start, at)
    return Decimal(sum(days)) if is_whole else SHORT


def _changes(node: syntax.Call, at: At) -> Any:
    start = direct_time.window_start(node.arguments[1].value, at)
    if direct.blank(start):
        return start
    made = [edit for edit in _edits(_field_of(node), at) if edit.at >= start]
    return _counted(len(made), _field_of(node), start, at)


def has_changed(node: syntax.Changed, at: At) -> Any:
    assert isinstance(node.value, syntax.Name)
    name = node.value.parts[-1]
    start = direct_time.window_start(node.window, at)
    if direct.blank(start):
        return start
    if any(edit.at >= start for edit in _edits(name, at)):
        return True
    return False if is_known(name, at, start) else SHORT


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
    for change in at.deal.history.changes:
        if change.field == name and change.at > moment and change.old != change.new:
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
