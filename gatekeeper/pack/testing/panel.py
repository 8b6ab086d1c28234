"""The rules of a pack as judges of one case after the other.

Pure: the one evaluator judges, the one tracker carries the state from day to day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from gatekeeper.core.context import Context
from gatekeeper.core.judge.evaluate import Judge, untold
from gatekeeper.core.model import Outcome, Unavailable, Verdict, Violation
from gatekeeper.core.overlays import Overlay, overlay_of
from gatekeeper.core.pack import RulePack
from gatekeeper.core.track import Memory, track
from gatekeeper.pack.testing.mutation.sides import with_waivers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.core.model import Deal
    from gatekeeper.core.pack import Rule
    from gatekeeper.core.waivers import Waiver, WaiverBook
    from gatekeeper.pack.testing.cases import Case

Standpoint = Callable[[RulePack, datetime], Context]
"""Gives the context in which a pack is held against deals at a moment."""

_ELSEWHERE = "the rule is for another pipeline"


@dataclass(frozen=True, slots=True)
class Look:
    """A deal as it was judged at one moment.

    Attributes:
        judge: Who judged it, by the rules as they stand for this deal.
        overlay: The overlay it is under, "" without one.
        deal: With what the evaluator worked out for its rules.
    """

    judge: Judge
    overlay: str
    deal: Deal
    verdicts: Mapping[str, Verdict]
    violations: Mapping[str, Violation]

    def verdict(self, rule_id: str) -> Verdict:
        """Return what a rule says; a rule of another pipeline does not apply."""
        elsewhere = Verdict(rule_id, Outcome.NOT_APPLICABLE, reason=_ELSEWHERE)
        return self.verdicts.get(rule_id, elsewhere)

    @property
    def context(self) -> Context:
        """The moment as it is seen there."""
        return self.judge.context

    @property
    def rules(self) -> dict[str, Rule]:
        """The rules it was judged by."""
        return {rule.id: rule for rule in self.judge.pack.rules}

    def is_held_to(self, rule_id: str) -> bool:
        """Whether a rule's place holds the deal to it, whatever its conditions say."""
        verdict = self.verdicts.get(rule_id)
        if verdict is None or verdict.outcome in (Outcome.PASS, Outcome.FAIL):
            return verdict is not None
        return self.judge.binds(rule_id, self.deal)


@dataclass(slots=True)
class Panel:
    """Judges the cases of one pack, each under its own waivers alone.

    What rests on the rules, the waivers and the moment is worked out once.
    """

    pack: RulePack
    standpoint: Standpoint
    _packs: dict[tuple[Waiver, ...], RulePack] = field(default_factory=dict)
    _judges: dict[tuple[tuple[Waiver, ...], str, datetime], Judge] = field(
        default_factory=dict
    )

    def looks(self, case: Case) -> Iterator[Look]:
        """Judge the deal at one moment after the other, the state carried over."""
        seen = [(rule.id, rule.logic) for rule in self.pack.rules]
        known: dict[str, Violation] = {}
        for at, deal in case.looks:
            overlay = overlay_of(deal, self.pack)
            name = overlay.name if isinstance(overlay, Overlay) else ""
            judge = self._judge(case.waivers, name, at)
            judged = judge.judge(deal)
            if isinstance(overlay, Unavailable):
                judged = untold(deal, judge.pack, overlay.reason)
            memory = Memory(known, seen)
            tracked = track(judged, memory, judge.pack, judge.context)
            known |= {violation.rule_id: violation for violation in tracked}
            verdicts = {verdict.rule_id: verdict for verdict in judged.verdicts}
            yield Look(judge, name, judged.deal, verdicts, dict(known))

    def _judge(self, waivers: WaiverBook, overlay: str, at: datetime) -> Judge:
        key = (waivers.waivers, overlay, at)
        if key not in self._judges:
            pack = self._under(waivers, overlay)
            self._judges[key] = Judge(pack, self.standpoint(pack, at))
        return self._judges[key]

    def _under(self, waivers: WaiverBook, overlay: str) -> RulePack:
        pack = self._packs.get(waivers.waivers)
        if pack is None:
            pack = with_waivers(self.pack, waivers)
            self._packs[waivers.waivers] = pack
        named = (each.pack for each in pack.overlays if each.name == overlay)
        return next(named, None) or pack
