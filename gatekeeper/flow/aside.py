"""Leave alone what an undo takes back, so that no later run writes it again.

Set aside chunk by chunk, right before the intents: an undo that ends early leaves alone
what it touched, and nothing else.
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
    """Sets aside what one undo is about to write.

    Attributes:
        undone: Id of the run whose writes go back.
    """

    run: Run
    pack: RulePack
    undone: str

    def leave(self, staged: Sequence[StagedChange]) -> None:
        """Let no run write these again; what is left alone already stays as it is."""
        known = {each.subject for each in self.run.quarantined()}
        logics = self._logics(staged)
        entries = [
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
        self.run.set_aside(entries)

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
