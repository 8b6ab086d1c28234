"""A rule as its file writes it, and what the names in it stand for. Pure."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.walk import parts_of
from gatekeeper.pack.files.conditions import DraftLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.language.scope import ParamSpec
    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.files.rules import DraftRule
    from gatekeeper.pack.files.uses import Vocabulary
    from gatekeeper.pack.load import Draft


def written(draft: Draft, rule_id: str) -> list[str]:
    """Return the rule's own lines of its file, moved to the left margin."""
    for file, _ in draft.files:
        for rule in file.rules:
            if rule.id == rule_id:
                place = rule.table.place
                lines = file.names.source.lines[place.line - 1 :]
                return _block(lines, place.column - 1)
    return []


def _block(lines: list[str], margin: int) -> list[str]:
    """Return the lines of a mapping: the first, and what is as far in below it."""
    rest = takewhile(lambda line: not line[:margin].strip(), lines[1:])
    own = [line[margin:].rstrip() for line in (lines[0], *rest)]
    while not own[-1]:
        own.pop()
    return own


def meanings(draft: Draft, rule_id: str) -> dict[str, str]:
    """Return the defines and parameters a rule uses, directly or not, in words."""
    found: dict[str, str] = {}
    for file, words in draft.files:
        for rule in file.rules:
            if rule.id == rule_id:
                for test in _tests(rule):
                    _explain(test, words, found)
    return found


def _tests(rule: DraftRule) -> Iterator[object]:
    for condition in (rule.when, rule.unless, rule.require):
        if condition is not None:
            yield from _of_lines(condition)


def _of_lines(condition: DraftCondition) -> Iterator[object]:
    if not isinstance(condition, DraftLine):
        for part in condition.parts:
            yield from _of_lines(part)
        return
    yield condition.test
    if condition.when is not None:
        yield from _of_lines(condition.when)


def _explain(tree: object, words: Vocabulary, found: dict[str, str]) -> None:
    """Add the names of a tree, and those inside what they stand for."""
    for part in parts_of(tree):
        match part:
            case syntax.Name(parts=(name, *_)) if name in words.defines:
                if name not in found:
                    body = words.defines[name].body
                    found[name] = canonical(body)
                    _explain(body, words, found)
            case syntax.Param(name=name) if name in words.params:
                found.setdefault(f"${name}", _value(words.params[name]))


def _value(spec: ParamSpec) -> str:
    if spec.is_undecided:
        return "undecided"
    if spec.by is None:
        return _said(spec.value)
    pairs = spec.values.items() if spec.values is not None else spec.bands or ()
    parts = [f"{key}: {_said(value)}" for key, value in pairs]
    if spec.otherwise is not None:
        parts.append(f"else: {_said(spec.otherwise)}")
    return f"by {spec.by}: {', '.join(parts)}"


def _said(value: object) -> str:
    match value:
        case tuple():
            return f"[{', '.join(map(_said, value))}]"
        case syntax.Duration():
            return canonical(value)
        case str():
            return f'"{value}"'
    return str(value)
