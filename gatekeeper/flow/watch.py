"""What runs saw of deals before, recalled for each batch and joined with history.

A run looks at the stage of every deal and at the fields whose history a rule asks for,
and keeps what changed; see `core.sightings` for what two looks tell and what not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.closing import as_its_stage
from gatekeeper.core.history.fields import FROM_STAGES
from gatekeeper.core.history.sightings import joined, look
from gatekeeper.core.model import STAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.model import Deal, Sighted
    from gatekeeper.core.pack import RulePack
    from gatekeeper.ports import Store

    Sightings = Mapping[str, Sighted]
    Look = tuple[Deal, Mapping[str, Sighted | None]]
    """A deal with its history completed, and what the look adds to what was seen."""

_NOTHING: Sightings = {}


@dataclass(slots=True)
class Watch:
    """The looks of one org, seen from one run.

    Attributes:
        as_of: When the deals are looked at.
        also: Fields whose history is asked for, whatever the rules ask.
        asked: Fields whose history is asked for.
    """

    store: Store
    org: str
    pack: RulePack
    as_of: datetime
    also: frozenset[str] = frozenset()
    asked: frozenset[str] = field(init=False)
    _last: datetime | None = field(init=False)
    _watched: tuple[str, ...] = field(init=False)
    _known: Mapping[str, Sightings] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.asked = self.pack.needs.history | self.also
        self._last = self.store.looked_at(self.org)
        self._watched = (STAGE, *sorted(self.asked - FROM_STAGES - {STAGE}))

    def recall(self, deal_ids: Sequence[str]) -> None:
        """Read what runs saw of one batch; what was recalled before is put away."""
        self._known = self.store.sightings(self.org, deal_ids)

    def with_past(self, deal: Deal) -> Look:
        """Look at a deal.

        Returns:
            The deal with its history completed, and what this look adds; None for a
            field whose watch ends.
        """
        before = self._known.get(deal.id, _NOTHING)
        seen = look(deal, self._watched, before, self._last, self.as_of)
        added: dict[str, Sighted | None] = {
            name: each for name, each in seen.items() if before.get(name) != each
        }
        added.update(_ended(before.keys() - seen.keys()))
        asked = {name: seen[name] for name in self._asked_of(deal) & seen.keys()}
        if not asked:
            return deal, added
        return replace(deal, history=joined(deal.history, asked)), added

    def _asked_of(self, deal: Deal) -> frozenset[str]:
        """Ask a won deal for its stages always: a waiver may hold since it was won."""
        is_won = as_its_stage(deal, self.pack.pipelines).fields.get("is_won")
        return self.asked | {STAGE} if is_won is True else self.asked

    def out_of_sight(self, deal_id: str) -> Mapping[str, Sighted | None]:
        """Return what ends where a deal could not be read."""
        return _ended(self._known.get(deal_id, _NOTHING))


def _ended(names: Iterable[str]) -> dict[str, Sighted | None]:
    return dict.fromkeys(names)
