"""The files of a pack as they stand under an overlay. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from gatekeeper.pack.files.params import overridden
from gatekeeper.pack.files.values import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.language.scope import ParamSpec, Scope
    from gatekeeper.pack.files.overlays import DraftOverlay
    from gatekeeper.pack.files.rule_schema import OverlayRule
    from gatekeeper.pack.files.rules import DraftFile, DraftRule
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.read import Reader

Scoped: TypeAlias = "Sequence[tuple[DraftFile, Scope]]"
"""Files, each with what names mean in it."""
Changes: TypeAlias = "Mapping[str, OverlayRule]"
"""The present id of a rule to what is different."""
Params: TypeAlias = "Mapping[str, Mapping[str, ParamSpec]]"
"""By file what has another value."""


def changes_of(draft: Draft, overlay: DraftOverlay) -> Changes:
    """Return what an overlay says of rules."""
    names = draft.rule_ids
    return {names.get(key.text, ""): each for key, _, each in overlay.rules}


def params_of(reader: Reader, overlay: DraftOverlay, scoped: Scoped) -> Params:
    """Return an overlay's parameters; unknown ones are mistakes (E423)."""
    everywhere = {name for _, scope in scoped for name in scope.params}
    found: dict[str, dict[str, ParamSpec]] = {}
    for key, node in overlay.params:
        if key.text not in everywhere:
            near = did_you_mean(key.text, everywhere)
            text = f"${key.text} is not declared under params."
            reader.say(key.place, "E423", text, near)
        for file, scope in scoped:
            spec = scope.params.get(key.text)
            if spec is not None:
                of_file = found.setdefault(file.names.source.path, {})
                of_file[key.text] = overridden(reader, spec, key, node)
    return found


def overlaid(scoped: Scoped, changes: Changes, params: Params) -> Scoped:
    """Return the files under an overlay; what it leaves alone is the very same."""
    return [
        (_with_changes(file, changes), _with_params(scope, params_in(file, params)))
        for file, scope in scoped
    ]


def params_in(file: DraftFile, params: Params) -> Mapping[str, ParamSpec]:
    """Return what has another value in one file."""
    return params.get(file.names.source.path, {})


def _with_params(scope: Scope, own: Mapping[str, ParamSpec]) -> Scope:
    return replace(scope, params={**scope.params, **own}) if own else scope


def _with_changes(file: DraftFile, changes: Changes) -> DraftFile:
    if not any(rule.id in changes for rule in file.rules):
        return file
    rules = tuple(_changed(rule, changes.get(rule.id)) for rule in file.rules)
    return replace(file, rules=rules)


def _changed(rule: DraftRule, change: OverlayRule | None) -> DraftRule:
    if change is None or rule.part is None:
        return rule
    written = {
        "mode": change.mode,
        "severity": change.severity,
        "grace": change.grace,
        "owed_by": change.owed_by,
    }
    given = {key: value for key, value in written.items() if value is not None}
    return replace(rule, part=rule.part.model_copy(update=given))
