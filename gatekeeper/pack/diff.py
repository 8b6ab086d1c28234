"""What changed between two packs: rules, overlays and what is settled beside. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gatekeeper.core.pack import Grace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.core.pack import Rule, RulePack

_SETTINGS = (
    "severity",
    "mode",
    "grace",
    "due_in",
    "owed_by",
    "escalate",
    "maintainer",
    "effective_from",
    "includes_existing",
    "is_optional",
    "suppressed_by",
    "tags",
)


UNWRITTEN = "not written"


class Difference(StrEnum):
    """In what way a rule, an overlay or the pack around them differs."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    LOGIC = "logic changed"
    WORDING = "wording changed"
    SETTINGS = "settings changed"
    OVERLAY_ADDED = "overlay added"
    OVERLAY_REMOVED = "overlay removed"
    OVERLAY = "overlay changed"
    PACK = "pack changed"


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """One difference of one rule.

    Attributes:
        rule_id: Its id in the new pack; in the old one where it was removed.
        detail: What changed, in a few words; "" where the kind says it all.
    """

    kind: Difference
    rule_id: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OverlayDifference:
    """One overlay that is new, gone or another."""

    kind: Difference
    overlay: str


@dataclass(frozen=True, slots=True)
class PackDifference:
    """One thing that is settled otherwise, beside rules and overlays.

    Attributes:
        place: The file and the key, such as `project.yaml mode_ceiling`.
        detail: What it was and is.
    """

    kind: Difference
    place: str
    detail: str


def pack_differences(
    old: Mapping[str, str], new: Mapping[str, str]
) -> list[PackDifference]:
    """Return what is settled otherwise, by place, as in the old pack."""
    return [
        PackDifference(
            Difference.PACK,
            place,
            f"{old.get(place, UNWRITTEN)} -> {new.get(place, UNWRITTEN)}",
        )
        for place in dict.fromkeys((*old, *new))
        if old.get(place) != new.get(place)
    ]


def overlay_differences(
    old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]
) -> list[OverlayDifference]:
    """Return which overlays differ, by name.

    Args:
        old: What each says in the old pack, by name.
        new: Likewise in the new one.
    """
    found: list[OverlayDifference] = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            found.append(OverlayDifference(Difference.OVERLAY_ADDED, name))
        elif name not in new:
            found.append(OverlayDifference(Difference.OVERLAY_REMOVED, name))
        elif old[name] != new[name]:
            found.append(OverlayDifference(Difference.OVERLAY, name))
    return found


def differences(old: RulePack, new: RulePack) -> list[RuleDifference]:
    """Return what changed, in the order of the new pack, what was removed last."""
    before = {rule.id: rule for rule in old.rules}
    found: list[RuleDifference] = []
    kept: set[str] = set()
    known = {rule.id for rule in new.rules}
    for rule in new.rules:
        names = [rule.id] if rule.id in before else _formerly(rule, before)
        kept.update(names, set(_formerly(rule, before)))
        if not names:
            detail = f"{rule.title}{_as_before(rule, old, known)}"
            found.append(RuleDifference(Difference.ADDED, rule.id, detail))
            continue
        found += _compared(before[names[0]], rule, names)
    gone = (rule for rule in old.rules if rule.id not in kept)
    return found + [
        RuleDifference(Difference.REMOVED, rule.id, rule.title) for rule in gone
    ]


def _as_before(rule: Rule, old: RulePack, known: set[str]) -> str:
    """Ask whether an added rule is a removed one that asked the same."""
    gone = (each for each in old.rules if each.id not in known)
    same = next((each.id for each in gone if each.logic == rule.logic), None)
    if same is None:
        return ""
    return f" (asks what {same} asked; if you renamed it, write formerly: [{same}])"


def _formerly(rule: Rule, before: Mapping[str, Rule]) -> list[str]:
    return [name for name in rule.formerly if name in before]


def _compared(old: Rule, new: Rule, names: list[str]) -> Iterator[RuleDifference]:
    if new.id not in names:
        detail = f"was {', '.join(names)}"
        yield RuleDifference(Difference.RENAMED, new.id, detail)
    if old.logic != new.logic:
        yield RuleDifference(Difference.LOGIC, new.id)
    if old.wording != new.wording:
        yield RuleDifference(Difference.WORDING, new.id)
    changed = [name for name in _SETTINGS if getattr(old, name) != getattr(new, name)]
    if changed:
        detail = ", ".join(_change(name, old, new) for name in changed)
        yield RuleDifference(Difference.SETTINGS, new.id, detail)


def _change(name: str, old: Rule, new: Rule) -> str:
    """Say what a setting was and is; of a long one only that it changed."""
    if name == "escalate":
        return name
    return f"{name} {_said(getattr(old, name))} -> {_said(getattr(new, name))}"


def _said(value: object) -> str:
    match value:
        case None | "" | ():
            return "none"
        case bool():
            return "yes" if value else "no"
        case StrEnum():
            return value.value
        case Grace():
            return f"{value.count} {value.unit.value}"
        case tuple():
            return " and ".join(map(str, value))
    return str(value)
