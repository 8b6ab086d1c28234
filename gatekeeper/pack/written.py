"""Rules and overlays as their files write them, and what the names in them stand for.

Pure.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from gatekeeper.language.template import names_in
from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.walk import parts_of
from gatekeeper.pack.build.overlaid import params_in, params_of
from gatekeeper.pack.build.scopes import with_scopes
from gatekeeper.pack.files.conditions import DraftLine
from gatekeeper.pack.source.nodes import Scalar
from gatekeeper.pack.source.read import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.language.scope import ParamSpec
    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.files.overlays import DraftOverlay
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
    """Return the defines and parameters a rule uses, directly or not, in words.

    Those of its stage count, and those that its texts mention.
    """
    found: dict[str, str] = {}
    for file, words in draft.files:
        for rule in file.rules:
            if rule.id == rule_id:
                for line in _lines(rule):
                    _explain(line.test, words, found)
                for text in _texts(rule):
                    _mention(text, words, found)
    return found


def names_of(condition: DraftCondition, words: Vocabulary) -> dict[str, str]:
    """Return the defines and parameters a condition uses, in words."""
    found: dict[str, str] = {}
    for line in _of(condition):
        _explain(line.test, words, found)
    return found


def under_overlays(draft: Draft, rule_id: str) -> dict[str, list[str]]:
    """Return what is other for a rule under each overlay, in words.

    Args:
        draft: A pack without mistakes.
        rule_id: The present id of the rule.
    """
    found = {
        each.name: [*_settings(draft, each, rule_id), *_limits(draft, each, rule_id)]
        for each in draft.overlays
    }
    return {name: lines for name, lines in found.items() if lines}


def _settings(draft: Draft, overlay: DraftOverlay, rule_id: str) -> Iterator[str]:
    for key, table, _ in overlay.rules:
        if draft.rule_ids.get(key.text) == rule_id:
            for name, node in table.pairs:
                if isinstance(node, Scalar):
                    yield f"{name.text}: {node.text}"


def _limits(draft: Draft, overlay: DraftOverlay, rule_id: str) -> list[str]:
    """Return the names of a rule that mean something else there."""
    params = params_of(Reader(), overlay, with_scopes(Reader(), draft, None, {}))
    files = tuple(
        (file, replace(words, params={**words.params, **params_in(file, params)}))
        for file, words in draft.files
    )
    here = meanings(draft, rule_id)
    there = meanings(replace(draft, files=files), rule_id)
    return [f"{name} = {text}" for name, text in there.items() if here[name] != text]


def overlays_written(draft: Draft) -> dict[str, list[str]]:
    """Return the lines of each overlay's file but for comments, by its name."""
    return {
        overlay.name: [
            line.rstrip()
            for line in overlay.key.source.lines
            if line.strip() and not line.lstrip().startswith("#")
        ]
        for overlay in draft.overlays
    }


def _lines(rule: DraftRule) -> Iterator[DraftLine]:
    for condition in (*rule.conditions, rule.home.when, rule.home.unless):
        if condition is not None:
            yield from _of(condition)


def _of(condition: DraftCondition) -> Iterator[DraftLine]:
    if not isinstance(condition, DraftLine):
        for part in condition.parts:
            yield from _of(part)
        return
    yield condition
    if condition.when is not None:
        yield from _of(condition.when)


def _texts(rule: DraftRule) -> Iterator[str]:
    """Give what the rule tells people to do."""
    written = rule.table.get("fix"), *(line.fix for line in _lines(rule))
    yield from (node.text for node in written if isinstance(node, Scalar))
    yield from (entry.part.fix for entry in rule.escalate if entry.part.fix)


def _mention(text: str, words: Vocabulary, found: dict[str, str]) -> None:
    for name in names_in(text):
        if name in words.params:
            found.setdefault(f"${name}", _value(words.params[name]))


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
