"""A parsed check against the names of its file: a typed tree, or every mistake in it.

Pure. Mistakes are collected, so that one reading of the messages is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker import calls as checker_calls
from gatekeeper.language.checker import choices as checker_choices
from gatekeeper.language.checker import compare as checker_compare
from gatekeeper.language.checker import history as checker_history
from gatekeeper.language.checker import rows as checker_rows
from gatekeeper.language.checker import texts as checker_texts
from gatekeeper.language.checker import values as checker_values
from gatekeeper.language.checker.literals import spoken
from gatekeeper.language.checker.state import Checked, Checking, Walk, stops
from gatekeeper.language.messages import CheckError
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.fingerprint import render, rests_on
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.types import DATES, NUMBERS, with_article

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatekeeper.language.messages import Message
    from gatekeeper.language.scope import Scope


def check(test: syntax.Test, scope: Scope) -> Checked:
    """Check one line.

    Raises:
        CheckError: With every mistake found.
    """
    checking = checking_of(scope)
    checked = test_of(test, checking)
    mistakes = stopping(checking.messages)
    if mistakes or checked is None:
        raise CheckError(mistakes)
    return Checked(
        written=test,
        test=checked,
        needs=checking.needs(),
        canonical=_logic(test, checking),
        params=frozenset(checking.params),
        uses_undecided=any(spec.is_undecided for spec in checking.params.values()),
        maps=tuple(checking.maps.values()),
        warnings=tuple(checking.messages),
    )


def _logic(test: syntax.Test, checking: Checking) -> str:
    """Return the text of the line's logic; what many lines rest on is written once."""
    defines, params, stages = checking.defines, checking.params, checking.stages
    text = render(test, stages)
    if not defines and not params:
        return text
    known = checking.scope.kept.rests_on
    key = frozenset(defines), frozenset(params), frozenset(stages.items())
    if key not in known:
        known[key] = rests_on(defines, params, stages)
    return f"{text}\n{known[key]}"


def stopping(found: Iterable[Message]) -> list[Message]:
    """Return the mistakes that no line may have, in the order of its text."""
    return sorted(filter(stops, found), key=lambda each: (each.span.start, each.code))


def checking_of(scope: Scope) -> Checking:
    """Begin to check a line, nothing of it read yet."""
    return Checking(scope, _WALK)


def test_of(node: syntax.Test, checking: Checking) -> typed.Test | None:
    """Check a condition; None after a mistake was noted."""
    checking.leaf = node
    checking.size += 1
    match node:
        case syntax.Compare():  # most are
            return checker_compare.compare(node, checking)
        case syntax.Bracketed(test=inner):
            return test_of(inner, checking)
        case syntax.And() | syntax.Or():
            return _joined(node, checking)
        case syntax.AtLeast(count=count, parts=parts):
            found = _all(parts, checking)
            return None if found is None else typed.AtLeast(count, found)
        case syntax.Not(part=part):
            return _negated(test_of(part, checking), negated=True)
        case syntax.Truthy():
            return _truthy(node, checking)
        case syntax.Is():
            return _state(node, checking)
        case _:
            return _of_rows(node, checking)


def _joined(node: syntax.And | syntax.Or, checking: Checking) -> typed.Test | None:
    if isinstance(node, syntax.Or) and _is_list(node.parts, checking):
        return None
    found = _all(node.parts, checking)
    if found is None:
        return None
    return typed.And(found) if isinstance(node, syntax.And) else typed.Or(found)


def _of_rows(node: syntax.Test, checking: Checking) -> typed.Test | None:
    match node:
        case syntax.Quantified():
            return checker_rows.quantified(node, checking)
        case syntax.Every():
            return checker_rows.every(node, checking)
        case syntax.GroupTest():
            return checker_rows.group_test(node, checking)
        case _:
            return _of_value(node, checking)


def _of_value(node: syntax.Test, checking: Checking) -> typed.Test | None:
    match node:
        case syntax.In():
            found = checker_compare.member(node, checking)
            return _negated(found, negated=node.negated)
        case syntax.Between():
            found = checker_compare.between(node, checking)
            return _negated(found, negated=node.negated)
        case syntax.TextTest():
            found = checker_texts.text_match(node, checking)
            return _negated(found, negated=node.negated)
        case syntax.Includes():
            return checker_choices.includes(node, checking)
        case _:
            return _of_time(node, checking)


def _of_time(node: syntax.Test, checking: Checking) -> typed.Test | None:
    match node:
        case syntax.Within():
            return checker_texts.within(node, checking)
        case syntax.InPeriod():
            return checker_texts.in_period(node, checking)
        case syntax.Changed():
            return checker_history.changed(node, checking)
    return None


def _all(
    parts: Sequence[syntax.Test], checking: Checking
) -> tuple[typed.Test, ...] | None:
    found = [test_of(part, checking) for part in parts]
    tests = tuple(test for test in found if test is not None)
    return tests if len(tests) == len(found) else None


def _negated(test: typed.Test | None, *, negated: bool) -> typed.Test | None:
    return typed.Not(test) if negated and test is not None else test


def value_of(node: syntax.Value, checking: Checking) -> typed.Value | None:
    """Give a value its kind; None after a mistake was noted."""
    checking.size += 1
    match node:
        case syntax.Name():
            return checker_values.named(node, checking)
        case syntax.Number() | syntax.Text():  # most others are
            return checker_values.literal(node)
        case syntax.Param():
            return checker_values.param_value(node, checking)
        case syntax.Call():
            return checker_calls.call(node, checking)
        case syntax.Arithmetic():
            return checker_values.arithmetic(node, checking)
        case syntax.Negative():
            return checker_values.negative(node, checking)
        case syntax.Bracketed():
            return checker_values.bracketed(node.test, checking)
        case _:
            return checker_values.literal(node)


_WALK = Walk(test_of, value_of)


# ---- states ----------------------------------------------------------------------


def _truthy(node: syntax.Truthy, checking: Checking) -> typed.Test | None:
    value = checking.value(node.value)
    match value:
        case None:
            return None
        case typed.Condition(test=test):
            return test
    if value.kind in {Kind.YES_NO, None}:
        return typed.Truth(checker_values.assume(value, Kind.YES_NO), wanted=True)
    name = spoken(node.value)
    _no_condition(node, _condition_remedy(name, value.kind), checking)
    return None


def _no_condition(node: syntax.Truthy, remedy: str, checking: Checking) -> None:
    """Note E416 for a value where a condition stands."""
    name = spoken(node.value).strip("\"'")
    text = f'"{name}" alone is not a condition.'
    checking.report("E416", text, node.span, remedy)


_TEXTS = (syntax.Text,)
_NUMBERS = (syntax.Number, syntax.Percentage)
_DATES = (syntax.DateLiteral,)


def _is_list(parts: Sequence[syntax.Test], checking: Checking) -> bool:
    """Note E416 for `stage = "A" or "B"`: several values are one list."""
    first, *others = parts
    match first:
        case syntax.Compare(left=value, right=written):
            operator = {"=": "in", "!=": "not in"}.get(first.operator, "")
        case syntax.TextTest(value=value, patterns=syntax.Text() as written):
            operator = f"not {first.operator}" if first.negated else first.operator
        case _:
            return False
    alike = next(
        (kinds for kinds in (_TEXTS, _NUMBERS, _DATES) if isinstance(written, kinds)),
        (),
    )
    alone = [each for each in others if isinstance(each, syntax.Truthy)]
    if len(alone) != len(others) or not all(
        isinstance(each.value, alike) for each in alone
    ):
        return False
    texts = [canonical(each) for each in (written, *(each.value for each in alone))]
    name = spoken(value)
    remedy = f"{name} {operator} [{', '.join(texts)}]"
    if isinstance(first, syntax.Compare) and not operator:
        remedy = " or ".join(f"{name} {first.operator} {text}" for text in texts)
    _no_condition(alone[0], remedy, checking)
    return True


def _condition_remedy(name: str, kind: Kind | None) -> str:
    if kind in NUMBERS:
        return f"{name} is filled? {name} > 0?"
    if kind in DATES:
        return f"{name} is filled? {name} on or before today?"
    return f"{name} is filled?"


def _state(node: syntax.Is, checking: Checking) -> typed.Test | None:
    value = checking.value(node.value)
    if value is None:
        return None
    if node.state in {"empty", "filled"}:
        return typed.Filled(value, (node.state == "filled") is not node.negated)
    if node.negated:
        text = f'"is not {node.state}" leaves open what an empty value means.'
        opposite = "false" if node.state == "true" else "true"
        checking.report("E408", text, node.span, f"say is {opposite}, or is empty.")
        return None
    if isinstance(value, typed.Condition):
        return _negated(value.test, negated=node.state == "false")
    if value.kind not in {Kind.YES_NO, None}:
        text = f"{spoken(node.value)} is {with_article(value.kind)}, not yes/no."
        checking.report("E411", text, node.span)
        return None
    truth = checker_values.assume(value, Kind.YES_NO)
    return typed.Truth(truth, wanted=node.state == "true")
