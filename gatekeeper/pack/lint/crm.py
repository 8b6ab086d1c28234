"""Rules held against what the CRM itself enforces and keeps (W310, W504). Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import CrmName, Kind
from gatekeeper.language.checker import check
from gatekeeper.language.lint.logic import Line, implies, question
from gatekeeper.language.messages import LineError
from gatekeeper.language.parser.line import parse
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.walk import all_of
from gatekeeper.pack.lint.facts import warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.core.catalogue import CrmField, CrmSchema, Guard
    from gatekeeper.language.scope import Scope
    from gatekeeper.pack.lint.facts import Asked, Facts
    from gatekeeper.pack.source.problems import Problem

_DAYS_OF = {
    syntax.TimeUnit.DAYS: 1,
    syntax.TimeUnit.WEEKS: 7,
    syntax.TimeUnit.MONTHS: 30,
    syntax.TimeUnit.QUARTERS: 91,
    syntax.TimeUnit.YEARS: 365,
}
"""At least so many, so that no window is called too long that is not."""


def crm_findings(facts: Facts) -> Iterator[Problem]:
    """Give what the CRM's description says against a rule."""
    schema = facts.scope.schema
    if schema is None:
        return
    for line in facts.require_lines:
        yield from _required(line, schema)
        yield from _guarded(line, facts, schema)
    for line in facts.lines:
        yield from _too_long_ago(line, schema)


# ---- W310 ----------------------------------------------------------------------------


def _required(line: Asked, schema: CrmSchema) -> Iterator[Problem]:
    """Give a line that holds because the CRM saves no record without the field."""
    for name in sorted(line.checked.needs.fields):
        known = schema.fields.get(name)
        if known is not None and known.required and _follows(line, name):
            text = (
                f"{CrmName(schema.crm).label} saves no deal without {known.path},"
                " so this always holds."
            )
            yield warning(line.place, "W310", text, "take the line out.")
            return


def _follows(line: Asked, name: str) -> bool:
    """Whether the line holds of every deal on which the field is filled."""
    field = typed.Field(name, Kind.TEXT)
    filled = Line(typed.Filled(field, wanted=True))
    return bool(line.questions) and all(
        implies([question(filled, each.order)], each) and False in each.answers
        for each in line.questions
    )


def _guarded(line: Asked, facts: Facts, schema: CrmSchema) -> Iterator[Problem]:
    """Give a line that holds because a check of the CRM's own says as much."""
    for name, guards in _near_guards(line, schema).items():
        held = [each for one in guards if (each := _held_by(one, facts.scope))]
        if held and _follows_here(line, facts, held):
            text = (
                f"{CrmName(schema.crm).label} saves no deal that fails this: its own"
                f" {name} says the same or more."
            )
            remedy = "take the line out, or keep it for deals saved before that check."
            yield warning(line.place, "W310", text, remedy)
            return


def _near_guards(line: Asked, schema: CrmSchema) -> dict[str, list[Guard]]:
    """Return the checks of the CRM, by name, that speak of a field of the line."""
    found: defaultdict[str, list[Guard]] = defaultdict(list)
    for guard in schema.guards or ():
        if any(name in guard.check for name in line.checked.needs.fields):
            found[guard.name].append(guard)
    return found


def _held_by(guard: Guard, scope: Scope) -> Line | None:
    """Read what a check of the CRM says; None where the rules lack a name of it."""
    try:
        checked = check(parse(guard.check), scope)
    except LineError:
        return None
    return Line(checked.test, blank_passes=True)


def _follows_here(line: Asked, facts: Facts, held: Sequence[Line]) -> bool:
    """Whether a line holds of every deal it is asked of that meets some claims."""
    here = [*zip(*facts.position, strict=True)] or [()] * len(line.questions)
    return bool(line.questions) and all(
        implies([*given, *(question(one, each.order) for one in held)], each)
        and not implies(given, each)
        for given, each in zip(here, line.questions, strict=True)
    )


# ---- W504 ----------------------------------------------------------------------------


def _too_long_ago(line: Asked, schema: CrmSchema) -> Iterator[Problem]:
    """Give a line that asks for a longer past than the CRM keeps."""
    test = line.checked.test
    windows = [(each.of, each.window) for each in all_of(typed.Changed, test)]
    windows += [
        (each.of, each.window)
        for each in all_of(typed.Past, test)
        if each.of is not None and each.window is not None
    ]
    for field, window in windows:
        known = _kept_field(field, schema)
        days = _days(window)
        if known is None or known.kept_days is None or days <= known.kept_days:
            continue
        months = known.kept_days // 30
        text = (
            f"{CrmName(schema.crm).label} keeps the changes of {known.path}"
            f' for {months} months: further back this is mostly "cannot tell".'
        )
        remedy = f"ask about {months} months or less."
        yield warning(line.place, "W504", text, remedy)
        return


def _kept_field(field: typed.Field, schema: CrmSchema) -> CrmField | None:
    name = field.name
    return schema.fields.get(name) or schema.by_path.get(name.removeprefix("custom."))


def _days(window: typed.Window) -> int:
    """Return how many days a window reaches back at least; 0 where nobody knows."""
    if not isinstance(window, typed.Lookback):
        return 0
    length = window.length
    span = length.value if isinstance(length, typed.Constant) else None
    if not isinstance(span, syntax.Duration):
        return 0
    return int(span.count * _DAYS_OF.get(span.unit, 0))
