"""Literals in the light of what they meet: money, percentages, stages, picklists."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.renames import first_name, joined_into, name_today, said_of_rename
from gatekeeper.language.checker.known import crm_field_of, nearest
from gatekeeper.language.parser.numbers import percentage_meant
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.format import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.catalogue import Choice
    from gatekeeper.language.checker.state import Checking

MOST_LISTED = 10
_TAKES_NUMBERS = frozenset({Kind.MONEY, Kind.PERCENT})


def spoken(node: syntax.Value) -> str:
    """Say a value of the line inside a sentence, in canonical spelling."""
    if isinstance(node, syntax.Bracketed) and isinstance(node.test, syntax.Truthy):
        return spoken(node.test.value)
    return canonical(node)


def length_words(length: syntax.Duration) -> str:
    """Say a length of time: `3 business days`, `1 week`."""
    unit = str(length.unit)
    unit = unit.removesuffix("s") if length.count == 1 else unit
    return f"{length.count} {'business ' if length.business else ''}{unit}"


def adapt(
    value: typed.Value, against: typed.Value, nodes: _Nodes, checking: Checking
) -> typed.Value:
    """Read a constant as the kind of what it meets; note what does not fit.

    Args:
        value: Left as it is unless a constant.
        against: What it is held against.
        nodes: The two as written: the constant, then what it meets.
        checking: Collects the mistakes.
    """
    node, other = nodes
    if isinstance(value, typed.Chosen):
        return _adapt_each(value, against, nodes, checking)
    if not isinstance(value, typed.Constant):
        return value
    if value.kind is Kind.NUMBER and against.kind in _TAKES_NUMBERS:
        if against.kind is Kind.PERCENT and value.literal:
            _question_fraction(value, node, other, checking)
        return typed.Constant(value.value, against.kind, value.shown, value.literal)
    if value.kind is not Kind.TEXT or not isinstance(value.value, str):
        return value
    if against.kind is Kind.STAGE:
        return _stage(value, value.value, node, checking)
    field = _whose_choices(against)
    if field is not None:
        return _choice(value, value.value, node, (field, checking))
    return value


def _whose_choices(against: typed.Value) -> typed.Field | None:
    """Return the picklist whose value it is, now or in the past."""
    if isinstance(against, typed.Past):
        is_value = against.of is not None and against.kind is against.of.kind
        against = against.of if is_value and against.of else against
    return against if isinstance(against, typed.Field) and against.labels else None


_Nodes = tuple[syntax.Value, syntax.Value]
_Several = typed.Plain | tuple[typed.Plain, ...]


def _adapt_each(
    chosen: typed.Chosen, against: typed.Value, nodes: _Nodes, checking: Checking
) -> typed.Chosen:
    """Adapt every value that a parameter may have."""

    def fitting(value: _Several) -> _Several:
        if isinstance(value, tuple):
            return tuple(one(each) for each in value)
        return one(value)

    def one(value: typed.Plain) -> typed.Plain:
        constant = typed.Constant(value, chosen.kind, literal=False)
        adapted = adapt(constant, against, nodes, checking)
        return adapted.value if isinstance(adapted, typed.Constant) else value

    return replace(
        chosen,
        table={key: fitting(value) for key, value in chosen.table.items()},
        bands=tuple((limit, fitting(value)) for limit, value in chosen.bands),
        otherwise=None if chosen.otherwise is None else fitting(chosen.otherwise),
    )


def _question_fraction(
    constant: typed.Constant,
    node: syntax.Value,
    other: syntax.Value,
    checking: Checking,
) -> None:
    number = constant.value
    if isinstance(number, Decimal) and 0 < abs(number) < 1:
        text = f"{spoken(other)} is a percentage; {number:f} would mean {number:f}%."
        remedy = f"write {percentage_meant(number)}."
        checking.report("E417", text, node.span, remedy)


# ---- picklists -------------------------------------------------------------------


def _choice(
    constant: typed.Constant,
    text: str,
    node: syntax.Value,
    where: tuple[typed.Field, Checking],
) -> typed.Constant:
    """Turn a label or value into the API value; the label stays for people."""
    against, checking = where
    full = (
        f"{against.collection}.{against.name}" if against.collection else against.name
    )
    choices, whose = _choices_of(against, full, checking)
    wanted = text.strip().casefold()
    by_value = [each for each in choices if each.value.casefold() == wanted]
    by_label = [each for each in choices if each.label.casefold() == wanted]
    found = next(iter(by_value + by_label), None)
    if found is None and checking.is_trial:
        checking.report("E502", text, node.span)
        return constant
    if found is None:
        sentence, remedy = no_such_choice(text, f"{full}{whose}", choices)
        checking.report("E502", sentence, node.span, remedy)
        return constant
    if not found.active:
        sentence = f'"{text}" exists but is inactive; only old deals can have it.'
        checking.report("W511", sentence, node.span)
    return replace(constant, value=found.value, kind=Kind.PICKLIST, shown=found.label)


def _choices_of(
    field: typed.Field, full: str, checking: Checking
) -> tuple[Sequence[Choice], str]:
    """Return the values of a picklist, and " in Salesforce" where it says them."""
    rows = (field.collection or "").rpartition(".")[2]
    relation = checking.scope.catalogue.collections.get(rows)
    spec = relation.fields.get(field.name) if relation else None
    if spec is not None and spec.choices:
        return spec.choices, ""
    crm_field = crm_field_of(full, checking)
    return crm_field.choices if crm_field else (), f" in {checking.crm_name}"


def no_such_choice(text: str, field: str, choices: Sequence[Choice]) -> tuple[str, str]:
    """Say that a picklist has no such value, and which it has."""
    labels = [choice.label for choice in choices if choice.active]
    remedy = f"Active values: {_listed(labels)}"
    if meant := nearest(text, labels):
        remedy = f'did you mean "{meant}"? {remedy}'
    return f'"{text}" is not a value of {field}.', remedy


def _listed(names: Sequence[str]) -> str:
    more = ", ..." if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more


# ---- stages ----------------------------------------------------------------------


def _stage(
    constant: typed.Constant, text: str, node: syntax.Value, checking: Checking
) -> typed.Constant:
    pipelines = checking.scope.pipelines
    if pipelines and all(
        pipeline.position(text) is None for pipeline in pipelines.values()
    ):
        _no_such_stage(text, node, checking)
    elif today := name_today(text, pipelines.values()):
        sentence = said_of_rename(text, today, checking.crm_name)
        checking.report("E504", sentence, node.span)
    checking.stages[text] = first_name(text, pipelines.values())
    return replace(constant, kind=Kind.STAGE)


def _no_such_stage(text: str, node: syntax.Value, checking: Checking) -> None:
    pipelines = list(checking.scope.pipelines.values())
    stages = list(
        dict.fromkeys(stage.name for each in pipelines for stage in each.stages)
    )
    names = [pipeline.name for pipeline in pipelines]
    if len(names) == 1:
        sentence = f'pipeline {names[0]} has no stage "{text}".'
    else:
        listed = f"{', '.join(names[:-1])} and {names[-1]}"
        sentence = f'none of the pipelines {listed} has a stage "{text}".'
    remedy = f"Stages in order: {', '.join(stages)}"
    if whole := joined_into(text, pipelines):
        remedy = f'project.yaml has it under "{whole}": write "{whole}". {remedy}'
    elif meant := nearest(text, stages):
        remedy = f'did you mean "{meant}"? {remedy}'
    checking.report("E503", sentence, node.span, remedy)
