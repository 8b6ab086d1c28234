"""A checked line into the closures that a run asks: the door of this room.

`check` finds every mistake, `compile_line` makes the closures that decide and
explain, `message_template` fills texts. All pure; a compiled line is a total function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gatekeeper.core.judge.conditions import standing
from gatekeeper.core.model import (
    Answer,
    Condition,
    Group,
    Line,
    Message,
    Quorum,
    Standing,
    Unavailable,
)
from gatekeeper.language.checker import check
from gatekeeper.language.checker.state import Checked
from gatekeeper.language.compiler.tree import Tree
from gatekeeper.language.explain import Wording, explainer
from gatekeeper.language.messages import CheckError
from gatekeeper.language.scope import DefineSpec, ParamSpec, ParamValue, Scope
from gatekeeper.language.template import message_template
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, FieldValue
    from gatekeeper.core.model.verdicts import Ask, Explain

__all__ = [
    "CheckError",
    "Checked",
    "DefineSpec",
    "ParamSpec",
    "ParamValue",
    "Scope",
    "check",
    "choices_of",
    "compile_line",
    "compile_value",
    "message_template",
]


def compile_line(
    checked: Checked,
    *,
    blank_passes: bool = False,
    title: str | None = None,
    fix: Message | None = None,
    when: Condition | None = None,
) -> Line:
    """Make one line; its closures are made when it is first asked.

    A line that uses a parameter without a value for this deal (a map without `else`)
    is not asked of it (language A2).

    Args:
        checked: Without mistakes.
        blank_passes: An empty answer counts as met.
        title: The line's own title.
        fix: The line's own fix text.
        when: The line is asked only where this holds.
    """
    maps = choices_of(checked)
    conditions = maps if when is None else (when, *maps)
    asked: Condition | None = None
    if conditions:
        is_one = len(conditions) == 1
        asked = conditions[0] if is_one else Group(Quorum.ALL, conditions)

    def said() -> str:
        return checked.text

    def compiled() -> tuple[Ask, Explain]:
        return _closures(checked.test, Wording(said(), title, fix, blank_passes))

    return Line(said, compiled, blank_passes, asked)


def compile_value(value: typed.Value) -> Callable[[Deal, Context], FieldValue]:
    """Make the closure that reads one value of a deal."""
    read = Tree().value(value)
    return lambda deal, ctx: cast("FieldValue", read(deal, ctx))


def _closures(checked_test: typed.Test, wording: Wording) -> tuple[Ask, Explain]:
    tree = Tree()
    test = tree.test(checked_test)
    return test, explainer(checked_test, tree, wording, test)


def choices_of(checked: Checked, when: Condition | None = None) -> tuple[Line, ...]:
    """Return lines that hold where each parameter chosen by a field has a value.

    Args:
        checked: The line that uses the parameters.
        when: The line is asked only where this holds; elsewhere no value is needed.
    """
    return tuple(_has_value(each, when) for each in checked.maps)


def _has_value(chosen: typed.Chosen, when: Condition | None) -> Line:
    """A line that holds where a field chooses a value of the parameter."""
    present = typed.Filled(chosen, wanted=True)
    wording = Wording(f"${chosen.param} has a value here")

    def compiled() -> tuple[Ask, Explain]:
        if when is None:
            return _closures(present, wording)
        tree = Tree()
        ask = _needed_where(when, tree.test(present))
        return ask, explainer(present, tree, wording, ask)

    return Line(lambda: wording.line, compiled)


def _needed_where(when: Condition, present: Ask) -> Ask:
    """Let a value be missing where nothing asks for it."""

    def ask(deal: Deal, ctx: Context) -> Answer:
        answer = present(deal, ctx)
        if answer is True:
            return True
        asked = standing(when, deal, ctx)
        if asked is Standing.CANNOT_TELL:
            return _untold(when, deal, ctx) or answer
        return answer if asked is Standing.MET else True

    return ask


def _untold(
    condition: Condition | None, deal: Deal, ctx: Context
) -> Unavailable | None:
    """Return why a condition cannot be told: what its first such line says."""
    if condition is None:
        return None
    if isinstance(condition, Line):
        answer = condition.test(deal, ctx)
        if isinstance(answer, Unavailable):
            return answer
        return _untold(condition.when, deal, ctx)
    found = (_untold(part, deal, ctx) for part in condition.parts)
    return next((each for each in found if each is not None), None)
