"""Second pass of a run: let new lines in, plan the writes, hold them to the limits.

Reads only what the first pass staged; a plan lies in the store, never in memory.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import ONE_DAY
from gatekeeper.core.desire import desire
from gatekeeper.core.episodes import latest_episodes
from gatekeeper.core.former_ids import present_ids
from gatekeeper.core.limits import (
    Breaker,
    Hold,
    PlanCounts,
    Retirement,
    breakers,
    first_fills_allowed,
    holds,
    resolved_before,
    retirements,
)
from gatekeeper.core.model import Action, Mode
from gatekeeper.core.quarantine import subject_of
from gatekeeper.core.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Change
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.quarantine import Quarantine
    from gatekeeper.flow.ledger import Ledger
    from gatekeeper.flow.standpoints import Standpoints
    from gatekeeper.ports import LookAlike, NewLine, Run

FILES_AT_ONCE = 500
HELD_BY_BREAKER = "breaker"
"""Why a line waits whose rule would open too much at once."""
HELD_BY_LIMIT = "limit"
"""Why a line of the plan waits where a limit holds the plan as a whole."""


@dataclass(slots=True)
class Planning:
    """Plans the writes of one run.

    Attributes:
        accepted: Rules a person lets past their breaker, or lets go.
        tripped: Breakers that held a rule's new lines back.
        held: Limits the whole plan passes, and what held it before it was made.
        retired: Rules that left the pack and may not without a person's word.
        look_alikes: Rules that left beside rules that begin on the same deals.
        unassigned: Deals with an open line that nobody owes, by deal id.
        left: Task parts a person changed and that stay.
        resting: Tasks that people closed although something is missing.
        set_aside: What is left alone, by subject.
        left_alone: Writes withheld for that.
        resolved_before: Lines that a held run resolved and that leave their task now.
    """

    run: Run
    standpoints: Standpoints
    ledger: Ledger
    accepted: frozenset[str] = frozenset()
    tripped: tuple[Breaker, ...] = ()
    held: tuple[Hold, ...] = ()
    retired: tuple[Retirement, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()
    unassigned: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left: int = 0
    resting: int = 0
    resolved_before: int = 0
    set_aside: dict[str, Quarantine] = field(default_factory=dict)
    left_alone: int = 0
    _let_in: list[NewLine] = field(default_factory=list)

    @property
    def pack(self) -> RulePack:
        """The project's own rules; its limits hold for all."""
        return self.standpoints.base.pack

    @property
    def context(self) -> Context:
        """The project's own standpoint."""
        return self.standpoints.base.context

    @property
    def is_held(self) -> bool:
        """Whether nothing of the plan may be written."""
        return bool(self.held or self.retired)

    def plan(self) -> None:
        """Release new lines, propose changes, and check the limits."""
        self.look_alikes = tuple(self.run.look_alikes())
        if self.pack.project.mode_ceiling is not Mode.ENFORCE:
            return
        self._release()
        self.set_aside = {each.subject: each for each in self.run.quarantined()}
        self._propose()
        self._check()

    # ---- which new lines may stand in a task ---------------------------------------

    def _release(self) -> None:
        """Apply the ramp, then the breakers; the rest goes into the tasks."""
        lines = list(self.run.new_lines())
        ramped, waiting = self._ramp(lines)
        self.run.hold_back(waiting, "ramp")
        new_by_rule = Counter(line.rule_id for line in ramped)
        self.tripped = breakers(
            new_by_rule,
            self.run.totals().applies_by_rule,
            self.pack.project.limits,
            self.accepted,
        )
        stopped = {breaker.rule_id for breaker in self.tripped}
        self.run.hold_back(
            [line for line in ramped if line.rule_id in stopped], HELD_BY_BREAKER
        )
        self._let_in = [line for line in ramped if line.rule_id not in stopped]
        self.run.release(self._let_in, self.context.today)

    def _ramp(
        self, lines: Sequence[NewLine]
    ) -> tuple[Sequence[NewLine], Sequence[NewLine]]:
        """Split into lines for today and lines that wait, worst first.

        Spreads over people too: nobody gets more new tasks than one run may give.
        """
        limits = self.pack.project.limits
        if limits.ramp is None:
            return lines, ()
        budget = limits.ramp - sum(map(self.run.released_on, self._working_day()))
        today: list[NewLine] = []
        later: list[NewLine] = []
        deals: defaultdict[str | None, set[str]] = defaultdict(set)
        for line in lines:
            of_person = deals[line.person_id] | {line.deal_id}
            if (
                len(today) < budget
                and len(of_person) <= limits.tasks_per_person_per_run
            ):
                today.append(line)
                deals[line.person_id] = of_person
            else:
                later.append(line)
        return today, later

    def _working_day(self) -> Iterator[date]:
        """Yield today and the days off before it: one day for the ramp."""
        day = self.context.today
        yield day
        while not self.context.calendar.is_business_day(day - ONE_DAY):
            day -= ONE_DAY
            yield day

    # ---- the writes ------------------------------------------------------------------

    def _propose(self) -> None:
        changes: list[Change] = []
        undecided: list[str] = []
        renamed = present_ids(self.pack)
        for number, file in enumerate(self.run.files(), start=1):
            dossier = file.dossier
            settled = self.ledger.settled.get(dossier.deal_id, {})
            obligations = latest_episodes(file.obligations, settled.values())
            at = self.standpoints.under(dossier.overlay)
            desired = desire(dossier, file.violations, obligations, at.pack, at.context)
            planned = reconcile(desired, dossier, obligations)
            changes.extend(planned.changes)
            self.resolved_before += resolved_before(
                planned.changes, dossier, file.violations, renamed
            )
            undecided.extend(planned.undecided)
            self.left += len(planned.left)
            self.resting += len(desired.resting)
            if desired.unassigned:
                self.unassigned[dossier.deal_id] = desired.unassigned
            if number % FILES_AT_ONCE == 0:
                self._hand_over(changes, undecided)
        self._hand_over(changes, undecided)

    def _hand_over(self, changes: list[Change], undecided: list[str]) -> None:
        self.run.propose(tuple(changes), tuple(undecided))
        self._leave_alone(changes)
        self.run.keep_lease()
        changes.clear()
        undecided.clear()

    def _leave_alone(self, changes: Sequence[Change]) -> None:
        """Withhold what is quarantined; the plan shows it with the reason."""
        reasons = {
            change.key: f"quarantined: {entry.reason}"
            for change in changes
            if (entry := self.set_aside.get(subject_of(change)))
        }
        if reasons:
            self.left_alone += len(reasons)
            self.run.withhold_keys(reasons)

    # ---- the limits ------------------------------------------------------------------

    def _check(self) -> None:
        limits = self.pack.project.limits
        counts = self.counts()
        self.held = (*self.held, *holds(counts, limits))
        self.retired = retirements(self.run.retired(), self.accepted)
        self.run.keep(each.rule_id for each in self.retired)
        if self.is_held:
            # Nothing is written, so these lines are new again in the next run.
            self.run.hold_back(self._let_in, HELD_BY_LIMIT)
        self.run.withhold(
            Action.FLAG,
            "writes_per_run: the rest of the first flags follow in the next runs",
            keep=first_fills_allowed(counts, limits),
        )

    def counts(self) -> PlanCounts:
        """Count the plan as it is staged."""
        totals = self.run.totals()
        return PlanCounts(
            deals=totals.deals,
            creates=totals.actions.get(Action.CREATE, 0),
            updates=totals.actions.get(Action.UPDATE, 0),
            closes=totals.actions.get(Action.CLOSE, 0),
            flags=totals.actions.get(Action.FLAG, 0),
            first_fills=totals.first_fills,
            resolved=totals.resolved + self.resolved_before,
            tasks_by_person=totals.per_person,
            opened_today=self.run.tasks_opened_on(self.context.today),
        )
