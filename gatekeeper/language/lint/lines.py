"""What is odd about one line by itself: legal, and seldom meant. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import CrmName, Kind
from gatekeeper.language.messages import Message
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.syntax_values import singular_of
from gatekeeper.language.tree.walk import all_of, of_kind, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.language.checker.state import Checked
    from gatekeeper.language.scope import Scope

ALWAYS_FILLED = frozenset(
    [
        "id",
        "name",
        "stage",
        "pipeline",
        "owner",
        "created_on",
        "created_at",
        "close_date",
        "is_closed",
        "is_won",
        "probability",
    ]
)
_PAST = frozenset(
    [
        "created_at",
        "modified_at",
        "created_on",
        "added_at",
        "last_met_at",
        "last_heard_at",
    ]
)
_PAST_COLLECTIONS = frozenset({"emails", "notes", "files", "calls"})
_BOUNDS = (syntax.Compare, syntax.Within, syntax.Between, syntax.Is, syntax.Truthy)
"""Conditions by which a `where` keeps to what is past."""


@dataclass(frozen=True, slots=True)
class Written:
    """One line as parsed and as checked, and what stands around it.

    Attributes:
        parts: Every node of the line as parsed.
        splits: Its halves may be written as lines of their own.
        says_blank: The line says itself what empty counts as.
        filled: Fields whose presence the rule settles elsewhere.
        counted: Collections of which the rule asks for a row.
        moved: Fields of the CRMs that our own task may move, without case.
    """

    test: syntax.Test
    checked: Checked
    scope: Scope
    parts: Sequence[object]
    splits: bool
    says_blank: bool
    filled: frozenset[str]
    counted: frozenset[str]
    moved: frozenset[str]


def findings(line: Written) -> Iterator[Message]:
    """Give what is odd about the line."""
    yield from _joined(line)
    yield from _raw_names(line)
    yield from _one_sided(line)
    if not line.says_blank:
        yield from _negative(line)
    yield from _every_alone(line)
    yield from _ahead(line)
    yield from _checkbox(line)


def settled(parts: Sequence[object]) -> frozenset[str]:
    """Return the fields of which a line asks whether they are filled."""
    return frozenset(canonical(part.value) for part in of_kind(syntax.Is, parts))


def counted(parts: Sequence[object]) -> frozenset[str]:
    """Return the collections of which a line asks for a row."""
    return frozenset(
        part.collection.text
        for part in of_kind(syntax.Quantified, parts)
        if part.quantity not in {syntax.Quantity.NO, syntax.Quantity.AT_MOST}
    )


def _warn(code: str, text: str, span: syntax.Span, remedy: str) -> Message:
    return Message(code, text, span, remedy, is_warning=True)


def _joined(line: Written) -> Iterator[Message]:
    if not line.splits or not isinstance(line.test, syntax.And):
        return
    first, second = line.test.parts[:2]
    span = syntax.Span(first.span.end + 1, second.span.start - 1)
    halves = "  ".join(f"- {canonical(part)}" for part in line.test.parts)
    text = (
        f'"and" joins {len(line.test.parts)} conditions in one line; as lines of'
        " their own each has its own finding and may have its own fix."
    )
    yield _warn("W301", text, span, halves)


def _place_of(name: str, line: Written) -> syntax.Span:
    """Return where a name stands in the line, the whole line where it is not there."""
    names = of_kind(syntax.Name, line.parts)
    found = next((part for part in names if part.text == name), None)
    return found.span if found else line.test.span


def _raw_names(line: Written) -> Iterator[Message]:
    for name in sorted(line.checked.needs.fields):
        span = _place_of(name, line)
        paths = _paths(name, line)
        if name.startswith("custom."):
            text = (
                f"{name} is a name of {CrmName(line.scope.crm).label} alone;"
                " the rule does not work with another CRM."
            )
            remedy = "give it a name of its own in fields.yaml and use that."
            yield _warn("W401", text, span, remedy)
        moved = next((path for path in paths if path.casefold() in line.moved), None)
        if moved is not None:
            text = f"{moved} is kept by the CRM itself and may move with our own task."
            remedy = "some activities where at within last 14 days"
            yield _warn("W408", text, span, remedy)


def _paths(name: str, line: Written) -> tuple[str, ...]:
    if name.startswith("custom."):
        return (name.removeprefix("custom."),)
    spec = line.scope.catalogue.deal.get(name)
    return tuple(spec.paths.values()) if spec else ()


def _one_sided(line: Written) -> Iterator[Message]:
    """Look for fields that one CRM lacks, where the project maps both CRMs at all."""
    catalogue = line.scope.catalogue
    for name in sorted(line.checked.needs.fields):
        spec = catalogue.deal.get(name)
        if spec is None or not spec.place or not spec.paths:
            continue
        for crm in sorted(catalogue.crms() - spec.paths.keys()):
            label = CrmName(crm).label
            text = f"{name} has no field in {label} and is unavailable there."
            remedy = f"add {crm}: ... to {name} in fields.yaml ({spec.place})."
            yield _warn("W402", text, _place_of(name, line), remedy)


# ---- negative comparisons --------------------------------------------------------


def _negative(line: Written) -> Iterator[Message]:
    known = line.filled | settled(line.parts) | ALWAYS_FILLED
    for test in line.parts:
        denied = _denied(test)
        if denied is None or denied.text in known or _is_defined(denied, line):
            continue
        spelling = canonical(test)  # type: ignore[arg-type]  # a test, by _denied
        text = (
            f"{denied.text} may be empty, and then this is neither true nor false:"
            " it counts as not met."
        )
        remedy = (
            f"{denied.text} is empty or {spelling}; or: {denied.text} is filled and"
            f" {spelling}"
        )
        span = test.span  # type: ignore[attr-defined]  # a test, by _denied
        yield _warn("W404", text, span, remedy)


def _denied(test: object) -> syntax.Name | None:
    """Return the field that a negative comparison is about."""
    match test:
        case syntax.Compare(operator="!=", left=syntax.Name() as name):
            return name
        case (
            syntax.In(negated=True, value=syntax.Name() as name)
            | syntax.TextTest(negated=True, value=syntax.Name() as name)
            | syntax.Between(negated=True, value=syntax.Name() as name)
        ):
            return name
        case syntax.Not(part=part):
            inner = _unbracketed(part)
            return None if _denied(inner) else _compared(inner)
    return None


def _unbracketed(test: syntax.Test) -> syntax.Test:
    while isinstance(test, syntax.Bracketed):
        test = test.test
    return test


def _compared(test: object) -> syntax.Name | None:
    """Return the field that a comparison is about."""
    match test:
        case syntax.Compare(left=syntax.Name() as name):
            return name
        case (
            syntax.In(value=syntax.Name() as name)
            | syntax.TextTest(value=syntax.Name() as name)
            | syntax.Between(value=syntax.Name() as name)
            | syntax.Within(value=syntax.Name() as name)
        ):
            return name
    return None


def _is_defined(name: syntax.Name, line: Written) -> bool:
    return name.text in line.scope.defines


# ---- rows ------------------------------------------------------------------------


def _every_alone(line: Written) -> Iterator[Message]:
    asked = line.counted | counted(line.parts)
    for test in of_kind(syntax.Every, line.parts):
        name = test.collection.text
        names = {name, singular_of(name)}
        if names & (asked | {singular_of(one) for one in asked}):
            continue
        text = f"with no {name} at all, every {singular_of(name)} passes."
        span = test.collection.span
        plural = next(
            (c for c in line.scope.catalogue.collections if singular_of(c) == name),
            name,
        )
        yield _warn("W406", text, span, f"add the line: some {plural}")


def _ahead(line: Written) -> Iterator[Message]:
    for call in of_kind(syntax.Call, line.parts):
        if call.function.lower() not in {"latest", "earliest"}:
            continue
        (argument,) = call.arguments
        path = argument.value
        if not isinstance(path, syntax.Name) or _is_bounded(path, argument, line):
            continue
        of, rows = path.parts[-1], ".".join(path.parts[:-1])
        text = f"{path.text} may lie in the future, so this may be one still to come."
        remedy = f"{call.function}({rows}.{of} where {of} before now)"
        yield _warn("W407", text, call.span, remedy)


def _is_bounded(path: syntax.Name, argument: syntax.Argument, line: Written) -> bool:
    """Whether the rows are those of the past, or the field knows no future."""
    *_, rows, of = path.parts
    define = line.scope.defines.get(rows)
    wheres: list[object] = [argument.where]
    if define is not None and isinstance(define.body, syntax.Rows):
        wheres.append(define.body.where)
        rows = define.body.collection.parts[-1]
    if of in _PAST or rows in _PAST_COLLECTIONS:
        return True
    return any(
        name.parts[-1] in {of, "completed"}
        for where in wheres
        for test in parts_of(where)
        if isinstance(test, _BOUNDS)
        for name in all_of(syntax.Name, test)
    )


def _checkbox(line: Written) -> Iterator[Message]:
    schema = line.scope.schema
    if schema is None:
        return
    for test in all_of(typed.Filled, line.checked.test):
        value = test.value
        if not isinstance(value, typed.Field) or value.kind is not Kind.YES_NO:
            continue
        key = f"{value.collection}.{value.name}" if value.collection else value.name
        found = schema.fields.get(key)
        if found is None or found.native_type.casefold() != "boolean":
            continue
        text = f"{value.name} is a checkbox in the CRM, which is never empty."
        remedy = f"use a Yes/No picklist, or ask: {value.name} is true"
        yield _warn("W410", text, _place_of(value.name, line), remedy)
