"""A pack and what its overlays make of it, changed together. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.core.waivers import WaiverBook

PROJECT = ""
"""The side of deals without an overlay; the others have the overlay's name."""


def with_rules(pack: RulePack, keep: Callable[[Rule], Rule | None]) -> RulePack:
    """Return a pack with each rule changed, or left out where `keep` gives None."""

    def changed(_side: str, one: RulePack) -> RulePack:
        kept = (keep(rule) for rule in one.rules)
        return replace(one, rules=tuple(rule for rule in kept if rule is not None))

    return on_each_side(pack, changed)


def with_waivers(pack: RulePack, waivers: WaiverBook) -> RulePack:
    """Return a pack with these waivers alone."""
    return on_each_side(pack, lambda _side, one: replace(one, waivers=waivers))


def on_each_side(
    pack: RulePack, change: Callable[[str, RulePack], RulePack]
) -> RulePack:
    """Return a pack changed, and with it what each overlay makes of it."""
    overlays = tuple(
        replace(overlay, pack=change(overlay.name, overlay.pack))
        if overlay.pack
        else overlay
        for overlay in pack.overlays
    )
    return replace(change(PROJECT, pack), overlays=overlays)


def sides_of(pack: RulePack) -> dict[str, RulePack]:
    """Return the pack of the project, and that of each overlay by its name."""
    own = {each.name: each.pack for each in pack.overlays if each.pack is not None}
    return {PROJECT: pack, **own}
