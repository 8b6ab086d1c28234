"""From where each deal is judged: the rules, zone and calendar of its overlay."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.digest.moving import titles_in_force
from gatekeeper.core.judge.evaluate import Judge, untold
from gatekeeper.core.model import Unavailable
from gatekeeper.core.overlays import overlay_of
from gatekeeper.flow.services import context_for

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, DealVerdicts
    from gatekeeper.core.pack import RulePack


@dataclass(frozen=True, slots=True)
class Standpoint:
    """One set of rules with the moment as it is seen there.

    Attributes:
        overlay: Name of the overlay, "" for the project itself.
        titles: Of the rules in force there, by id.
        unclear: Why it cannot be told which overlay the deal is under; "" otherwise.
    """

    overlay: str
    pack: RulePack
    context: Context
    judge: Judge
    titles: Mapping[str, str]
    unclear: str = ""

    def judged(self, deals: Sequence[Deal]) -> list[DealVerdicts]:
        """Hold a page of deals against these rules; in the order of the deals."""
        if self.unclear:
            return [untold(deal, self.pack, self.unclear) for deal in deals]
        return self.judge.judge_page(deals)


@dataclass(slots=True)
class Standpoints:
    """The standpoints of one run, one per overlay and one for the project.

    Attributes:
        too_broad: Waivers not applied in this run; read anew per deal.
    """

    pack: RulePack
    as_of: datetime
    rates: Mapping[str, Decimal]
    too_broad: Collection[str] = ()
    base: Standpoint = field(init=False)
    _named: dict[str, Standpoint] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.base = self._made("", self.pack)
        for overlay in self.pack.overlays:
            if overlay.pack is not None:
                self._named[overlay.name] = self._made(overlay.name, overlay.pack)

    def of(self, deal: Deal) -> Standpoint:
        """Return the standpoint of a deal."""
        found = overlay_of(deal, self.pack)
        if isinstance(found, Unavailable):
            base = self.base
            unclear = f"which overlay it is under is not known: {found.reason}"
            return replace(base, unclear=unclear)
        return self.base if found is None else self.under(found.name)

    def judged(self, deals: Sequence[Deal]) -> list[tuple[Standpoint, DealVerdicts]]:
        """Hold a page of deals against the rules, each from its own standpoint."""
        standpoints = [self.of(deal) for deal in deals]
        alike: dict[tuple[str, str], list[int]] = {}
        for place, at in enumerate(standpoints):
            alike.setdefault((at.overlay, at.unclear), []).append(place)
        judged: dict[int, DealVerdicts] = {}
        for places in alike.values():
            page = [deals[place] for place in places]
            found = standpoints[places[0]].judged(page)
            judged |= zip(places, found, strict=True)
        return [(at, judged[place]) for place, at in enumerate(standpoints)]

    def under(self, overlay: str) -> Standpoint:
        """Return the standpoint of an overlay by its name, the project's for ""."""
        return self._named.get(overlay, self.base)

    def _made(self, name: str, pack: RulePack) -> Standpoint:
        context = context_for(pack, self.as_of, self.rates)
        judge = Judge(pack, context, self.too_broad)
        return Standpoint(name, pack, context, judge, titles_in_force(pack))
