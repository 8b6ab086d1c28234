"""One run over the tables in memory; see `ports.Run` for what each method promises.

How an episode moves from claim to receipt is the product's own (`store.episodes`);
only the rows are kept in another way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.former_ids import present_ids
from gatekeeper.core.model import Action, ObligationState, Outcome, State
from gatekeeper.core.quarantine import Written, untouched
from gatekeeper.errors import StoppedError, StoreError
from gatekeeper.ports import (
    DealFile,
    DealHistory,
    LookAlike,
    RunTotals,
    StagedChange,
)
from gatekeeper.store.episodes import claim, concerns_row, settle
from gatekeeper.store.lease import LIFE, RENEWAL
from gatekeeper.store.rows import (
    LEAST_URGENT,
    PLANNED,
    UNFINISHED,
    outcome_letters,
    urgency_of,
)
from tests.simulation.core.folding import fold, take_over
from tests.simulation.core.tables import (
    LedgerRow,
    Staged,
    episode_of,
    is_new,
    outcomes_by_name,
    place_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from gatekeeper.core.model import (
        Change,
        Obligation,
        ObligationId,
        Receipt,
        Violation,
    )
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.quarantine import Quarantine
    from gatekeeper.ports import NewLine, RunRow, RunStatus, StagedDeal
    from tests.simulation.core.tables import Tables


class DictRun:
    """Implements `ports.Run`."""

    def __init__(
        self,
        tables: Tables,
        now: Callable[[], datetime],
        org: str,
        fence: int,
        number: int,
        pack: RulePack,
    ) -> None:
        self.tables, self.now, self.org, self.fence = tables, now, org, fence
        self.number = number
        self.renamed = present_ids(pack)
        self.day = self.row.as_of.astimezone(pack.project.zone).date()
        self.kept: frozenset[str] = frozenset()
        self.is_finished = False
        self._claims: dict[int, Obligation] = {}
        self._aside: set[str] = set()

    @property
    def row(self) -> RunRow:
        return self.tables.runs[self.number]

    @property
    def staged(self) -> Staged:
        return self.tables.staged[self.number]

    @property
    def proposed(self) -> dict[int, StagedChange]:
        return self.tables.changes[self.number]

    # ---- the ledger before the run ----

    def number_after(self, highest: int) -> None:
        if highest < self.number:
            return
        self._check()
        row, tables, old = self.row, self.tables, self.number
        self.number = highest + 1
        name = f"r-{row.started_at:%Y%m%d}-{self.number:04d}"
        del tables.runs[old]
        tables.runs[self.number] = replace(row, id=name, number=self.number)
        tables.staged[self.number] = tables.staged.pop(old)
        tables.changes[self.number] = tables.changes.pop(old)

    def open_obligations(self) -> Iterator[Obligation]:
        known = _merged(self.tables, self.staged)
        yield from [each for each in known if each.state in UNFINISHED]

    def known_keys(self, keys: Sequence[str]) -> Mapping[str, Obligation]:
        wanted = set(keys)
        known = _merged(self.tables, self.staged)
        return {each.key: each for each in known if each.key in wanted}

    def adopt(
        self, obligations: Sequence[Obligation], violations: Sequence[Violation]
    ) -> None:
        self._check()
        for obligation in obligations:
            self.staged.adopted.setdefault(episode_of(obligation), obligation)
        for violation in violations:
            self.staged.proved.setdefault(place_of(violation), violation)

    def live_deals(self) -> set[str]:
        tables, staged = self.tables, self.staged
        lines = [each.violation for each in tables.violations.values()]
        live = {
            each.deal_id for each in (*lines, *staged.proved.values()) if each.is_live
        }
        rows = [each.obligation for each in tables.obligations.values()]
        return live | {
            each.id.deal_id
            for each in (*rows, *staged.adopted.values())
            if each.state in UNFINISHED
        }

    def history(self, deal_ids: Sequence[str]) -> Mapping[str, DealHistory]:
        return history_of(self.tables, self.staged, deal_ids)

    # ---- staging ----

    def stage(self, deals: Sequence[StagedDeal]) -> None:
        self._check()
        for deal in deals:
            outcome_letters(deal.outcomes, tuple(self.row.logics))
            self.staged.forget(deal.deal_id)
            self.staged.keep(deal)

    def new_lines(self) -> Iterator[NewLine]:
        yield from [line for _, line in self.staged.new_lines()]

    def released_on(self, day: date) -> int:
        standing = self.tables.violations.values()
        return sum(each.violation.released_on == day for each in standing)

    def release(self, lines: Iterable[NewLine], day: date) -> None:
        self._check()
        self.staged.mark(lines, "", day)

    def hold_back(self, lines: Iterable[NewLine], reason: str) -> None:
        self._check()
        self.staged.mark(lines, reason, None)

    def files(self) -> Iterator[DealFile]:
        staged = self.staged
        lines: dict[str, list[Violation]] = {}
        for (deal_id, _, _), each in sorted(staged.violations.items()):
            lines.setdefault(deal_id, []).append(each)
        ids = [each for each in sorted(staged.deals) if staged.deals[each].dossier]
        known = self.history(ids)
        for deal_id in ids:
            before = known.get(deal_id, DealHistory())
            learned = [
                each
                for episode, each in staged.obligations.items()
                if episode[0] == deal_id
            ]
            rising = sorted(
                (*before.obligations.values(), *learned), key=lambda each: each.episode
            )
            live = [
                each for _, each in sorted(before.violations.items()) if each.is_live
            ]
            dossier = staged.deals[deal_id].dossier
            assert dossier is not None
            latest = {each.id: each for each in rising}
            yield DealFile(dossier, lines.get(deal_id) or live, latest)

    # ---- the plan ----

    def propose(self, changes: Sequence[Change], undecided: Sequence[str]) -> None:
        self._check()
        keys = {each.key for each in changes}
        for seq, staged in list(self.proposed.items()):
            if staged.change.key in keys and staged.status == PLANNED:
                del self.proposed[seq]
        for seq, change in enumerate(changes, max(self.proposed, default=0) + 1):
            self.proposed[seq] = StagedChange(seq, change)
        self.staged.undecided.update(undecided)

    def withhold(self, action: Action, reason: str, *, keep: int) -> None:
        self._check()
        chosen = [
            each
            for each in self._in_order()
            if each.change.action is action
            and not each.withheld
            and (action is not Action.FLAG or each.change.fills_empty)
        ]
        for each in chosen[keep:]:
            self.proposed[each.seq] = replace(each, withheld=reason)

    def quarantined(self) -> Sequence[Quarantine]:
        entries = self.tables.quarantine.values()
        logics = self.row.logics
        return [
            each for each in entries if each.is_set and not each.is_outdated(logics)
        ]

    def withhold_keys(self, reasons: Mapping[str, str]) -> None:
        self._check()
        for seq, each in self.proposed.items():
            reason = reasons.get(each.change.key)
            if reason is not None:
                self.proposed[seq] = replace(each, withheld=reason)

    def planned(self) -> Iterator[StagedChange]:
        for each in self._in_order():
            if not each.withheld and each.status == PLANNED:
                yield each

    def _in_order(self) -> list[StagedChange]:
        order = writing_order(self.tables, self.number)
        return sorted(self.proposed.values(), key=order)

    def totals(self) -> RunTotals:
        staged, proposed = self.staged, self.proposed.values()
        verdicts = outcomes_by_name(staged.deals.values())
        states = Counter(each.state.value for each in staged.violations.values())
        writable = [each.change for each in proposed if not each.withheld]
        outcomes: Counter[str] = Counter()
        applies: Counter[str] = Counter()
        for (rule_id, outcome), count in verdicts.items():
            outcomes[outcome.value] += count
            if outcome in (Outcome.PASS, Outcome.FAIL):
                applies[rule_id] += count
        return RunTotals(
            deals=len(staged.deals),
            outcomes=dict(outcomes),
            states=dict(states),
            actions=dict(Counter(each.action.value for each in writable)),
            first_fills=sum(each.fills_empty for each in writable),
            per_person=dict(
                Counter(
                    each.person_id
                    for each in writable
                    if each.action is Action.CREATE and each.person_id is not None
                )
            ),
            new_by_rule=dict(
                Counter(e.rule_id for e in staged.violations.values() if is_new(e))
            ),
            applies_by_rule=dict(applies),
            resolved=states.get(State.RESOLVED.value, 0),
            undecided=len(staged.undecided),
            withheld=sum(bool(each.withheld) for each in proposed),
        )

    def retired(self) -> Mapping[str, int]:
        return dict(Counter(each.rule_id for each in self._retired()))

    def _retired(self) -> list[Violation]:
        return [
            each
            for each in self.staged.violations.values()
            if each.state is State.RESOLVED and each.rule_id not in self.row.logics
        ]

    def look_alikes(self) -> Sequence[LookAlike]:
        begins = [
            each
            for each in self.staged.violations.values()
            if each.is_live
            and each.first_seen == self.row.as_of
            and each.rule_id in self.row.logics
        ]
        pairs = Counter(
            (left.rule_id, came.rule_id)
            for left in self._retired()
            for came in begins
            if (left.deal_id, left.pipeline) == (came.deal_id, came.pipeline)
        )
        return [LookAlike(*pair, deals) for pair, deals in sorted(pairs.items())]

    def keep(self, rule_ids: Iterable[str]) -> None:
        self.kept = frozenset(rule_ids)

    def adopt_plan(self, plan: RunRow, without: set[str]) -> None:
        self._check()
        old = self.tables.staged.get(plan.number)
        changes = self.tables.changes.get(plan.number, {})
        if changes and (old is None or not old.deals):
            raise StoreError(
                f"The rows of plan number {plan.number} are no longer kept: too many"
                " runs came after it. Make a new plan."
            )
        take_over(self.staged, old or Staged(), self.tables, plan.number, without)
        offset = max(self.proposed, default=0)
        for seq, each in changes.items():
            if each.change.deal_id not in without:
                fresh = replace(each, seq=seq + offset, status=PLANNED, message="")
                self.proposed[seq + offset] = fresh

    # ---- commit, intents, receipts ----

    def commit(self, *, is_partial: bool, with_tracking: bool) -> None:
        self._check()
        fold(self, is_partial=is_partial, with_tracking=with_tracking)

    def intend(
        self, changes: Sequence[StagedChange], aside: Sequence[Quarantine] = ()
    ) -> None:
        self._check()
        rows = {row.obligation.key: row for row in self.tables.obligations.values()}
        claims: dict[int, Obligation] = {}
        for each in changes:
            row = rows.get(each.change.key)
            known = row.obligation if row else None
            if concerns_row(each.change, known):
                claims[each.seq] = claim(each.change, known, self.row.as_of)
        for each in changes:
            if each.seq in claims:
                self._claim(each.change, claims[each.seq], rows.get(each.change.key))
        for each in changes:
            if each.change.action is Action.FLAG:
                written = self.tables.flags.get(each.change.deal_id, Written())
                self.tables.flags[each.change.deal_id] = written.before(each.change)
        self.tables.quarantine |= {each.subject: each for each in aside}
        self._aside.update(each.subject for each in aside)
        self._note("intent", [(each, "intent", "") for each in changes])
        self._claims.update(claims)

    def _claim(self, task: Change, held: Obligation, row: LedgerRow | None) -> None:
        person_id = row.person_id if row else None
        created_on = row.created_on if row else None
        if task.action is Action.CREATE:
            person_id, created_on = task.person_id, self.day
        self.tables.obligations[episode_of(held)] = LedgerRow(
            held, self.fence, person_id, created_on
        )

    def record(
        self, changes: Sequence[StagedChange], receipts: Sequence[Receipt]
    ) -> None:
        self._check()
        settled: list[tuple[Obligation, Obligation | None]] = []
        for each, receipt in zip(changes, receipts, strict=True):
            held = self._claims.get(each.seq)
            if held is not None:
                outcome = settle(each.change, receipt, held, self.row.as_of)
                if outcome != held:
                    settled.append((held, outcome))
        for held, _ in settled:
            self._refuse_taken_over(held)
        for held, outcome in settled:
            row = self.tables.obligations.pop(episode_of(held))
            if outcome is not None:
                self.tables.obligations[episode_of(held)] = replace(
                    row, obligation=replace(outcome, version=held.version + 1)
                )
        self.tables.count_receipts(changes, receipts)
        spared = untouched([each.change for each in changes], receipts)
        self.tables.release(self._aside & spared & self.tables.quarantine.keys())
        self._note(
            "receipt",
            [
                (each, receipt.status.value, receipt.message)
                for each, receipt in zip(changes, receipts, strict=True)
            ],
        )

    def _refuse_taken_over(self, held: Obligation) -> None:
        row = self.tables.obligations.get(episode_of(held))
        if row is None or (row.obligation.version, row.fence) != (
            held.version,
            self.fence,
        ):
            raise StoppedError("Another run changed tasks that this run was writing.")

    def _note(self, event: str, marks: Sequence[tuple[StagedChange, str, str]]) -> None:
        for each, status, message in marks:
            self.proposed[each.seq] = replace(
                self.proposed[each.seq], status=status, message=message
            )
            self.tables.audit.append((self.number, event, each.change.key))

    def tasks_opened_on(self, day: date) -> Mapping[str, int]:
        rows = self.tables.obligations.values()
        return dict(
            Counter(r.person_id for r in rows if r.created_on == day and r.person_id)
        )

    # ---- the lease ----

    def keep_lease(self) -> None:
        self._check()

    def is_stopped(self) -> bool:
        return self.org in self.tables.stops

    def finish(self, status: RunStatus, report: Mapping[str, object]) -> RunRow:
        self._check()
        now = self.now()
        ended = replace(self.row, status=status, report=report, finished_at=now)
        self.tables.runs[self.number] = ended
        assert self.tables.lease is not None
        self.tables.lease = replace(self.tables.lease, holder="", expires_at=now)
        self.is_finished = True
        return ended

    def _check(self) -> None:
        """Go on only under the newest fence, and renew the lease where it is due."""
        lease, now = self.tables.lease, self.now()
        if lease is None or lease.fence != self.fence:
            raise StoppedError(f"This run lost its lease of {self.org}.")
        if not timedelta() <= now - lease.renewed_at < RENEWAL:
            self.tables.lease = replace(lease, renewed_at=now, expires_at=now + LIFE)


def writing_order(
    tables: Tables, number: int
) -> Callable[[StagedChange], tuple[int, int, int]]:
    """Return the sorting key of a run's changes: tasks before flags, worst first."""
    urgency: dict[tuple[str, str], int] = {}
    of_deal: dict[str, int] = {}
    staged = tables.staged.get(number, Staged())
    for (deal_id, rule_id, _), each in staged.violations.items():
        if each.state is State.OPEN:
            urgent = urgency_of(each.severity)
            urgency[deal_id, rule_id] = urgent
            of_deal[deal_id] = min(urgent, of_deal.get(deal_id, LEAST_URGENT))

    def order(staged: StagedChange) -> tuple[int, int, int]:
        change = staged.change
        places = ((change.deal_id, rule_id) for rule_id in change.rule_ids)
        listed = [urgency[place] for place in places if place in urgency]
        worst = min(listed, default=of_deal.get(change.deal_id, LEAST_URGENT))
        return (change.action is Action.FLAG, worst, staged.seq)

    return order


def _merged(tables: Tables, staged: Staged) -> list[Obligation]:
    """Join both; a task found in the CRM settles a standing intent."""
    found = dict(staged.adopted)
    merged: list[Obligation] = []
    for episode, row in tables.obligations.items():
        known, proof = row.obligation, found.pop(episode, None)
        if proof is not None and known.state is ObligationState.INTENT:
            known = replace(proof, version=known.version)
        merged.append(known)
    return [*merged, *found.values()]


def history_of(
    tables: Tables, staged: Staged, deal_ids: Sequence[str]
) -> dict[str, DealHistory]:
    """Return what is known of some deals; those without history are absent."""
    wanted = set(deal_ids)
    lines: dict[str, dict[str, Violation]] = {}
    standing = sorted(tables.violations.values(), key=lambda each: each.run)
    for each in (one.violation for one in standing if one.violation.deal_id in wanted):
        rules = lines.setdefault(each.deal_id, {})
        last = rules.get(each.rule_id)
        if last is None or not last.is_live or each.is_live:
            rules[each.rule_id] = each
    for each in staged.proved.values():
        rules = lines.setdefault(each.deal_id, {}) if each.deal_id in wanted else {}
        if each.rule_id not in rules or not rules[each.rule_id].is_live:
            rules[each.rule_id] = each
    episodes: dict[str, dict[ObligationId, Obligation]] = {}
    for obligation in sorted(_merged(tables, staged), key=lambda one: one.episode):
        if obligation.id.deal_id in wanted:
            episodes.setdefault(obligation.id.deal_id, {})[obligation.id] = obligation
    return {
        deal_id: DealHistory(lines.get(deal_id, {}), episodes.get(deal_id, {}))
        for deal_id in lines.keys() | episodes.keys()
    }
