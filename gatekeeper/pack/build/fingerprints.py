"""The fingerprint of a whole pack: equal on every machine and day. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import fields as attributes
from dataclasses import is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gatekeeper.core.pack import Rule
from gatekeeper.pack.build.compile import Canonical, fingerprint
from gatekeeper.pack.files.days_off import DaysOff

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.core.overlays import Overlay
    from gatekeeper.core.pack import Project
    from gatekeeper.core.waivers import WaiverBook
    from gatekeeper.pack.build.overlaid import Params
    from gatekeeper.pack.load import Draft

_OF_A_RULE = [each.name for each in attributes(Rule)]
for _name in ("require", "when", "unless", "suspend_when", "fix", "needs", "place"):
    _OF_A_RULE.remove(_name)


def pack_fingerprint(
    project: Project, draft: Draft, rules: tuple[Rule, ...], stages: list[Canonical]
) -> str:
    """Return the fingerprint of everything that decides what a run does.

    Args:
        project: The project.
        draft: For people and fields.
        rules: The rules as they run.
        stages: What files and stages say apart from their rules.
    """
    catalogue = draft.catalogue
    parts = [_stated(project), _stated(draft.people), _stated(catalogue), stages]
    return fingerprint([*parts, *map(_stated_rule, rules)])


def _stated_rule(rule: Rule, than: Rule | None = None) -> str:
    """State a rule; beside another of the same id only where it differs."""
    stated = {
        name: _stated(getattr(rule, name))
        for name in _OF_A_RULE
        if than is None or getattr(rule, name) != getattr(than, name)
    }
    return json.dumps(stated, sort_keys=True)


def stated_params(params: Params) -> Canonical:
    """Return what parameters of files are worth as nested texts."""
    worth = {
        file: {name: replace(each, place="") for name, each in own.items()}
        for file, own in params.items()
    }
    return _stated(worth)


def stated_changes(rules: Iterable[Rule], own: Mapping[str, Rule]) -> list[Canonical]:
    """Return what an overlay changes of the project's rules, as nested texts.

    Args:
        rules: As they are under it, each with a logic of its own.
        own: The project's by id; those that are left as they are go without saying.
    """
    changed = (rule for rule in rules if rule is not own[rule.id])
    return [[rule.id, _stated_rule(rule, own[rule.id])] for rule in changed]


def stated_overlay(overlay: Overlay, changes: list[Canonical]) -> Canonical:
    """Return what an overlay says as nested texts.

    Args:
        overlay: As it runs.
        changes: What it makes of files, stages and rules.
    """
    project = overlay.pack.project if overlay.pack else None
    return [overlay.name, _stated(overlay.matches), _stated(project), *changes]


def stated_waivers(book: WaiverBook) -> Canonical:
    """Return the waivers as nested texts; their conditions as fingerprints."""
    without = {"deals_where", "ends_early_when", "place"}
    waivers: list[Canonical] = [
        [
            [each.name, _stated(getattr(waiver, each.name))]
            for each in attributes(waiver)
            if each.name not in without
        ]
        for waiver in book.waivers
    ]
    return [_stated(book.policy), *waivers]


def _stated(value: object) -> Canonical:
    """Return a value as nested texts that are equal on every machine and day."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, ZoneInfo):
        return value.key
    if is_dataclass(value):
        names = [each.name for each in attributes(value) if each.compare]
        return [[name, _stated(getattr(value, name))] for name in names]
    if isinstance(value, DaysOff):
        return [*value.origin]  # sixty years of days take long to work out
    if isinstance(value, Mapping):
        return sorted([[str(key), _stated(inner)] for key, inner in value.items()])
    if isinstance(value, Set):
        return sorted(str(_stated(inner)) for inner in value)
    if isinstance(value, tuple):
        return [_stated(inner) for inner in value]
    return str(value)
