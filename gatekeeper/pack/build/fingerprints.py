"""The fingerprint of a whole pack: equal on every machine and day. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import fields as attributes
from dataclasses import is_dataclass
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gatekeeper.pack.build.compile import Canonical, fingerprint
from gatekeeper.pack.files.days_off import DaysOff

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.core.overlays import Overlay
    from gatekeeper.core.pack import Project, Rule
    from gatekeeper.core.waivers import WaiverBook
    from gatekeeper.pack.load import Draft


def pack_fingerprint(
    project: Project, draft: Draft, rules: tuple[Rule, ...], stages: Canonical
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


def _stated_rule(rule: Rule) -> str:
    without = {"require", "when", "unless", "suspend_when", "fix", "needs", "place"}
    stated = {
        each.name: _stated(getattr(rule, each.name))
        for each in attributes(rule)
        if each.name not in without
    }
    return json.dumps(stated, sort_keys=True)


def stated_overlays(
    overlays: Iterable[Overlay], rules: Iterable[Rule]
) -> list[Canonical]:
    """Return what each overlay changes as nested texts.

    Args:
        overlays: As they run.
        rules: The project's own; those that an overlay leaves as they are go without
            saying.
    """
    own = {id(rule) for rule in rules}
    return [
        [
            each.name,
            _stated(each.matches),
            _stated(each.pack.project),
            *(_stated_rule(rule) for rule in each.pack.rules if id(rule) not in own),
        ]
        for each in overlays
        if each.pack is not None
    ]


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
