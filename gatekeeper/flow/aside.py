"""Leave alone what an undo takes back, so that no later run writes it again.

Set aside chunk by chunk, together with the intents: an undo that ends early, be it by a
kill, leaves alone what it may have touched, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.quarantine import Cause, Quarantine, subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.core.pack import RulePack
    from gatekeeper.ports import Run, StagedChange


@dataclass(frozen=True, slots=True)
class Aside:
    """Says what one undo is about to write and no run shall write again.

    Attributes:
        undone: Id of the run whose writes go back.
    """

    run: Run
    pack: RulePack
    undone: str

    def left_alone(self, staged: Sequence[StagedChange]) -> list[Quarantine]:
        """Return what is to be left alone with a chunk, and is not already."""
        known = {each.subject for each in self.run.quarantined()}
        logics = self._logics(staged)
        return [
            Quarantine(
                subject_of(each.change),
                each.change.deal_id,
                each.change.deal_name,
                Cause.UNDONE,
                self.undone,
                logics=logics[each.change.deal_id],
            )
            for each in staged
            if subject_of(each.change) not in known
        ]

    def _logics(self, staged: Sequence[StagedChange]) -> dict[str, Mapping[str, str]]:
        """Return per deal the logic of each rule that has something to say there."""
        logics = {rule.id: rule.logic for rule in self.pack.rules}
        listed: dict[str, set[str]] = {}
        for each in staged:
            change = each.change
            listed.setdefault(change.deal_id, set()).update(change.rule_ids)
        known = self.run.history(sorted(listed))
        for deal_id, rules in listed.items():
            history = known.get(deal_id)
            live = history.violations.items() if history else ()
            rules.update(rule for rule, each in live if each.is_live)
        return {
            deal_id: {rule: logics[rule] for rule in rules if rule in logics} or logics
            for deal_id, rules in listed.items()
        }
