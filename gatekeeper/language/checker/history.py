"""Functions and tests of a deal's past: whose past, from when on.

They always speak of the deal, also inside a `where`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.history.fields import FROM_STAGES, source_of
from gatekeeper.core.model import STAGE
from gatekeeper.language.checker import values as checker_values
from gatekeeper.language.checker.known import crm_field_of
from gatekeeper.language.checker.literals import adapt, spoken
from gatekeeper.language.checker.names import field_of
from gatekeeper.language.functions_history import HISTORY, HistorySpec
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.types import DATES, with_article

if TYPE_CHECKING:
    from gatekeeper.language.checker.state import Checking

    Asking = syntax.Call | syntax.Changed

SWITCH_ON = (
    "switch on field history tracking; answers become possible from that day on."
)
_OF_A_STAGE = frozenset({"days_in_stage", "entered", "value_on_entry"})
"""Without a stage they speak of the one the rule is placed at."""


def past_call(name: str, node: syntax.Call, checking: Checking) -> typed.Past | None:
    """Give a call of a history function its kind; None after a mistake was noted."""
    spec = HISTORY[name]
    if _is_of_siblings(node, checking):
        return None
    if not _has_shape(spec, node):
        _wrong_arguments(name, node, checking)
        return None
    if spec.needs_stages:
        checking.history.add(STAGE)
    home = checking.scope.stage if name in _OF_A_STAGE else None
    call: typed.Past | None = typed.Past(name, spec.kind, stage=home)
    for argument in node.arguments:
        if call is not None:
            call = _with(call, argument, node, checking)
    return call


def _with(
    call: typed.Past, argument: syntax.Argument, node: syntax.Call, checking: Checking
) -> typed.Past | None:
    """Add one argument to a call."""
    match argument.value:
        case syntax.Text(value=name) as text:
            return replace(call, stage=_stage(name, text, checking))
        case syntax.Param() as param:
            return _with_stage_of(param, call, node, checking)
        case syntax.Window() | syntax.Since() as written:
            window = window_of(written, checking)
            return None if window is None else replace(call, window=window)
        case syntax.Name() as path:
            of = _field(call.function, path, node, checking)
            if of is None:
                return None
            kind = of.kind if HISTORY[call.function].kind is None else call.kind
            return replace(call, of=of, kind=kind)
    raise AssertionError(argument)


def _has_shape(spec: HistorySpec, node: syntax.Call) -> bool:
    """Whether the arguments are of the right sorts, as far as writing shows."""
    given = node.arguments
    if not spec.least <= len(given) <= len(spec.takes):
        return False
    sorts: dict[str, type | tuple[type, ...]] = {
        "stage": (syntax.Text, syntax.Param),
        "window": (syntax.Window, syntax.Since),
        "field": syntax.Name,
        "date field": syntax.Name,
    }
    return all(
        argument.where is None
        and isinstance(argument.value, sorts[takes])
        and not (isinstance(argument.value, syntax.Window) and _is_ahead(argument))
        for takes, argument in zip(spec.takes, given, strict=False)
    )


def _is_ahead(argument: syntax.Argument) -> bool:
    return isinstance(argument.value, syntax.Window) and (
        argument.value.direction == "next"
    )


def _wrong_arguments(name: str, node: syntax.Call, checking: Checking) -> None:
    text = f"{name}() takes {HISTORY[name].usage}"
    checking.report("E422", text, node.span)


def _stage(name: str, node: syntax.Value, checking: Checking) -> str:
    """Return a stage as it is written, and note where there is none of that name."""
    constant = typed.Constant(name, Kind.TEXT)
    adapt(constant, typed.Past("stage", Kind.STAGE), (node, node), checking)
    return name


def _with_stage_of(
    param: syntax.Param, call: typed.Past, node: syntax.Call, checking: Checking
) -> typed.Past | None:
    """Add the stage that a parameter names; a rule with an undecided one is not run."""
    spec = checker_values.param_of(param, checking)
    if spec is None or spec.is_undecided:
        return call if spec else None
    name = checker_values.one_text(spec)
    if name is None:
        _wrong_arguments(call.function, node, checking)
        return None
    return replace(call, stage=_stage(name, param, checking))


def _field(
    name: str, path: syntax.Name, node: syntax.Call, checking: Checking
) -> typed.Field | None:
    """Resolve the field whose past is asked for."""
    found = _of_the_deal(path, checking)
    if found is None:
        return None
    is_date = found.kind is None or found.kind in DATES
    wants_date = "date field" in HISTORY[name].takes
    follows = found.name == STAGE or found.name in FROM_STAGES
    if (wants_date and not is_date) or (name == "value_on_entry" and follows):
        _wrong_arguments(name, node, checking)
        return None
    if name == "changed_by":
        checking.fields.add("created_by")
    _note_history(found, node, path.span, checking)
    return found


def _of_the_deal(path: syntax.Name, checking: Checking) -> typed.Field | None:
    with checking.inside(None):
        found = field_of(path, checking)
    if found is None:
        return None
    if "." in found.name and not found.name.startswith("custom."):
        text = f"{path.text} is no field of the deal itself; only its own past is kept."
        checking.report("E411", text, path.span)
        return None
    checking.history.add(source_of(found.name))
    return found


def _note_history(
    field: typed.Field, node: Asking, span: syntax.Span, checking: Checking
) -> None:
    """Note E508 where the CRM says that it does not keep the field's changes."""
    known = crm_field_of(field.name, checking)
    if known is not None and known.tracked is False:
        own = known.path.rpartition(".")[2]
        text = f"{canonical(node)} needs history, but field tracking is off for {own}."
        checking.report("E508", text, span, SWITCH_ON)


def _is_of_siblings(node: Asking, checking: Checking) -> bool:
    """Note E409 for a question about the past of the other deals (language A43)."""
    if checking.row is None or checking.row.key != "siblings":
        return False
    what = canonical(node)
    text = f'{what} asks for the past, which no "where" of siblings can tell.'
    remedy = (
        "compare their fields, such as stage, created_on or close_date; this deal's"
        " own past is asked for in a line of its own."
    )
    checking.report("E409", text, node.span, remedy)
    return True


def changed(node: syntax.Changed, checking: Checking) -> typed.Changed | None:
    """Check `next_step changed within last 30 days`."""
    if not isinstance(node.value, syntax.Name):
        text = f"{spoken(node.value)} is no field; only a field can change."
        checking.report("E411", text, node.span)
        return None
    if _is_of_siblings(node, checking):
        return None
    found = _of_the_deal(node.value, checking)
    window = window_of(node.window, checking)
    if found is None or window is None:
        return None
    _note_history(found, node, node.value.span, checking)
    return typed.Changed(found, window)


# ---- windows ---------------------------------------------------------------------


def window_of(
    node: syntax.Window | syntax.Since, checking: Checking
) -> typed.Window | None:
    """Check `last 30 days`, `since stage entry` and their kin."""
    if isinstance(node, syntax.Window):
        length = checking.value(node.length)
        if length is None:
            return None
        if length.kind is not Kind.DURATION:
            text = f"{spoken(node.length)} is {with_article(length.kind)}"
            checking.report("E411", f"{text}, not a length of time.", node.length.span)
            return None
        return typed.Lookback(length)
    if node.anchor == "stage entry":
        checking.history.add(STAGE)
        return typed.From(
            typed.Past("entered", Kind.DATETIME, stage=checking.scope.stage)
        )
    if node.anchor == "creation":
        checking.history.add(STAGE)
        return typed.From(typed.Past("creation", Kind.DATETIME))
    return _since_value(node.anchor, checking)


def _since_value(anchor: syntax.Value, checking: Checking) -> typed.Window | None:
    moment = checking.value(anchor)
    if moment is None:
        return None
    moment = checker_values.assume(moment, Kind.DATE)
    if moment.kind not in DATES:
        text = f"{spoken(anchor)} is {with_article(moment.kind)}, not a date."
        checking.report("E411", text, anchor.span)
        return None
    return typed.From(moment)
