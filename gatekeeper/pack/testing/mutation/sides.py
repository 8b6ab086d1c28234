"""A pack and what its overlays make of it, changed alike. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.core.waivers import WaiverBook


def with_rules(pack: RulePack, keep: Callable[[Rule], Rule | None]) -> RulePack:
    """Return a pack with each rule changed, or left out where `keep` gives None."""

    def changed(one: RulePack) -> RulePack:
        kept = (keep(rule) for rule in one.rules)
        return replace(one, rules=tuple(rule for rule in kept if rule is not None))

    return _everywhere(pack, changed)


def with_waivers(pack: RulePack, waivers: WaiverBook) -> RulePack:
    """Return a pack with these waivers alone."""
    return _everywhere(pack, lambda one: replace(one, waivers=waivers))


def _everywhere(pack: RulePack, change: Callable[[RulePack], RulePack]) -> RulePack:
    overlays = tuple(
        replace(overlay, pack=change(overlay.pack)) if overlay.pack else overlay
        for overlay in pack.overlays
    )
    return replace(change(pack), overlays=overlays)
