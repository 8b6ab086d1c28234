"""Calls of functions: which one is meant, and whether its arguments fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE, Kind
from gatekeeper.language.checker import history as checker_history
from gatekeeper.language.checker import values as checker_values
from gatekeeper.language.checker.known import nearest, signatures
from gatekeeper.language.checker.literals import adapt
from gatekeeper.language.checker.names import field_of
from gatekeeper.language.checker.rows import field_of_rows, rows_of
from gatekeeper.language.functions import (
    AGGREGATES,
    FUNCTIONS,
    TEXT_LIKE,
    FunctionSpec,
    Takes,
)
from gatekeeper.language.functions_history import HISTORY
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.types import DATES, NUMBERS, TEXTUAL, reading_of

if TYPE_CHECKING:
    from gatekeeper.language.checker.state import Checking

_ACCEPTS: dict[Takes, frozenset[Kind]] = {
    "date": DATES,
    "number": NUMBERS | {Kind.DURATION},
    "text": TEXTUAL,
    "any": frozenset(Kind),
}
_GATHERS = {
    "sum": NUMBERS,
    "min": NUMBERS | DATES,
    "max": NUMBERS | DATES,
    "latest": DATES,
    "earliest": DATES,
}
_SLOTS = frozenset({"text", "number", "MM/YY", "rest"})
_NO_SLOT = (
    "write its text there, or let a parameter hold the whole pattern:"
    " text_like(name, $form)"
)
_SLOT = re.compile(r"\{([^{}]*)\}")


def call(node: syntax.Call, checking: Checking) -> typed.Value | None:
    """Give a call its kind; None after a mistake was noted."""
    name = node.function.lower()
    if name in FUNCTIONS:
        return _function(name, FUNCTIONS[name], node, checking)
    if name in AGGREGATES:
        return _aggregate(name, node, checking)
    if name in HISTORY:
        return checker_history.past_call(name, node, checking)
    if name == "text_like":
        return _text_like(node, checking)
    if name == "supported_stage" and not node.arguments:
        checking.fields.add(SUPPORTED_STAGE)
        return typed.Field(SUPPORTED_STAGE, Kind.STAGE)
    _refuse(name, node, checking)
    return None


def _refuse(name: str, node: syntax.Call, checking: Checking) -> None:
    if name == "supported_stage":
        _wrong_arguments(name, "nothing: supported_stage()", node, checking)
    else:
        written = signatures()
        remedy = "list them with: gatekeeper functions"
        if known := nearest(name, written):
            remedy = written[known]
        text = f'there is no function "{node.function}".'
        checking.report("E421", text, node.name_span, remedy)


def _wrong_arguments(
    name: str, usage: str, node: syntax.Call, checking: Checking
) -> None:
    checking.report("E422", f"{name}() takes {usage}", node.span)


# ---- functions of values ---------------------------------------------------------


def _function(
    name: str, spec: FunctionSpec, node: syntax.Call, checking: Checking
) -> typed.Value | None:
    plain = [
        argument.value
        for argument in node.arguments
        if argument.where is None
        and not isinstance(argument.value, syntax.Window | syntax.Since)
    ]
    if len(plain) != len(node.arguments) or not spec.least <= len(plain) <= spec.most:
        _wrong_arguments(name, spec.usage, node, checking)
        return None
    found = [checking.value(each) for each in plain]
    values = [
        checker_values.as_number(value) if spec.takes == "number" else value
        for value in found
        if value is not None
    ]
    if len(values) != len(plain):
        return None
    values = [
        adapt(value, values[0], (plain[place], plain[0]), checking)
        for place, value in enumerate(values)
    ]
    if not _fits(spec, values):
        _wrong_arguments(name, spec.usage, node, checking)
        return None
    return typed.Function(name, tuple(values), _outcome_kind(spec, values))


def _fits(spec: FunctionSpec, values: list[typed.Value]) -> bool:
    accepted, first = _ACCEPTS[spec.takes], values[0].kind
    if any(value.kind is not None and value.kind not in accepted for value in values):
        return False
    return spec.takes != "any" or all(
        reading_of(first, value.kind) is not None for value in values
    )


def _outcome_kind(spec: FunctionSpec, values: list[typed.Value]) -> Kind:
    if spec.gives_number:
        return Kind.NUMBER
    kinds = [value.kind for value in values if value.kind is not None]
    if Kind.DATE in kinds:
        return Kind.DATE
    return kinds[0] if kinds else Kind.TEXT


# ---- functions over rows ---------------------------------------------------------


def _aggregate(
    name: str, node: syntax.Call, checking: Checking
) -> typed.Aggregate | None:
    usage = AGGREGATES[name][1]
    match node.arguments:
        case (syntax.Argument(value=syntax.Name() as path, where=where),):
            pass
        case _:
            _wrong_arguments(name, usage, node, checking)
            return None
    if name == "count" and _names_rows(path, checking):
        rows = rows_of(path, where, checking)
        if rows is None:
            return None
        return typed.Aggregate(name, rows, None, Kind.NUMBER)
    if len(path.parts) == 1:
        _wrong_arguments(name, usage, node, checking)
        return None
    found = field_of_rows(path, where, checking)
    if found is None:
        return None
    rows, gathered = found
    if name == "count":
        return typed.Aggregate(name, rows, gathered, Kind.NUMBER)
    if gathered.kind not in _GATHERS[name]:
        _wrong_arguments(name, usage, node, checking)
        return None
    return typed.Aggregate(name, rows, gathered, gathered.kind)


def _names_rows(path: syntax.Name, checking: Checking) -> bool:
    catalogue = checking.scope.catalogue
    if len(path.parts) == 1:
        return True
    hop, last = path.parts[0], path.parts[-1]
    return hop in catalogue.lookups and last in catalogue.collections


# ---- patterns --------------------------------------------------------------------


def _text_like(node: syntax.Call, checking: Checking) -> typed.Pattern | None:
    match node.arguments:
        case (
            syntax.Argument(value=subject, where=None),
            syntax.Argument(value=syntax.Text() | syntax.Param() as form, where=None),
        ) if not isinstance(subject, syntax.Window | syntax.Since):
            written = _written(form, node, checking)
        case _:
            _wrong_arguments("text_like", TEXT_LIKE[1], node, checking)
            return None
    value = checking.value(subject)
    if written is None:
        return None
    parts = [
        _pattern_part(text, form.span, checking, is_slot=is_slot)
        for text, is_slot in _pieces(written)
    ]
    if value is None or any(part is None for part in parts):
        return None
    if value.kind is not None and value.kind not in TEXTUAL:
        _wrong_arguments("text_like", TEXT_LIKE[1], node, checking)
        return None
    return typed.Pattern(value, tuple(part for part in parts if part is not None))


def _written(
    form: syntax.Text | syntax.Param, node: syntax.Call, checking: Checking
) -> str | None:
    """Return a pattern as it stands there, or as its parameter has it."""
    if isinstance(form, syntax.Text):
        return form.value
    spec = checker_values.param_of(form, checking)
    if spec is None:
        return None
    written = "" if spec.is_undecided else checker_values.one_text(spec)
    if written is None:
        _wrong_arguments("text_like", TEXT_LIKE[1], node, checking)
    return written


def _pieces(pattern: str) -> list[tuple[str, bool]]:
    """Split a pattern into literal texts and the insides of its braces."""
    pieces = _SLOT.split(pattern)
    return [(text, bool(place % 2)) for place, text in enumerate(pieces) if text]


def _pattern_part(
    text: str, span: syntax.Span, checking: Checking, *, is_slot: bool
) -> str | typed.Slot | typed.Field | None:
    if not is_slot:
        return text
    if text in _SLOTS:
        return typed.Slot(text)
    if _names_param(text, checking):
        said = (
            f"${text.removeprefix('$')} is a parameter; a pattern has no slot for one."
        )
        checking.report("E401", said, span, _NO_SLOT)
        return None
    return field_of(syntax.Name(tuple(text.split(".")), span), checking)


def _names_param(text: str, checking: Checking) -> bool:
    if text.startswith("$"):
        return True
    row = checking.row
    fields = row.spec.fields if row else checking.scope.catalogue.deal
    return text in checking.scope.params and text not in fields
