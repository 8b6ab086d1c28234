"""Look back: how the rules went in stored runs, and what the deals were like.

Reads the store and the CRM, writes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.closing import as_its_stage
from gatekeeper.core.experience import Asking, Experience, RuleRecord, Stays
from gatekeeper.core.history.legs import legs
from gatekeeper.core.judge.conditions import standing
from gatekeeper.core.judge.position import asked_as_of
from gatekeeper.core.model import (
    EMPTY,
    STAGE,
    Group,
    Money,
    Standing,
    Unavailable,
)
from gatekeeper.core.pack import Needs
from gatekeeper.flow.standpoints import Standpoints
from gatekeeper.ports import PullRequest, PullTotals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from gatekeeper.core.context import Context
    from gatekeeper.core.experience import Probe
    from gatekeeper.core.model import Answer, Condition, Deal, FieldValue, Line
    from gatekeeper.core.pack import RulePack
    from gatekeeper.flow.services import Services
    from gatekeeper.flow.standpoints import Standpoint
    from gatekeeper.ports import RunOutcomes

RUNS_BACK = timedelta(days=90)
DEALS_BACK = timedelta(days=365)
_ALWAYS = Needs(
    frozenset({"is_closed", "is_won", "close_date"}), history=frozenset({STAGE})
)
_DAY = Decimal(24 * 60 * 60)


def look_back(
    services: Services, pack: RulePack, probes: Sequence[Probe]
) -> Experience:
    """Count what the runs of 90 days and the deals of a year tell.

    Args:
        services: The CRM and the store; nothing is written to either.
        pack: The rules.
        probes: Values wanted of won deals.
    """
    as_of = services.crm.server_time()
    outcomes = services.store.outcomes(services.crm.org(), as_of - RUNS_BACK)
    standpoints = Standpoints(pack, as_of, services.crm.rates())
    look, totals = _Look(standpoints, probes), PullTotals()
    request = PullRequest(
        needs=pack.needs | _ALWAYS,
        catalogue=pack.catalogue,
        pipelines=pack.project.scope,
        closed_since=standpoints.base.context.today - DEALS_BACK,
    )
    services.progress("deals read", 0, None)  # the first page may take a while
    for batch in services.crm.pull(request, totals):
        for deal in batch.deals:
            look.at(deal)
        services.progress("deals read", look.deals, totals.expected)
    found = look.experience()
    return replace(
        found,
        runs=len(outcomes),
        records=_records(pack, outcomes),
        problems=tuple(totals.problems),
    )


def _records(pack: RulePack, outcomes: Iterable[RunOutcomes]) -> dict[str, RuleRecord]:
    """Add up the runs in which each rule had the logic it has now."""
    records: dict[str, RuleRecord] = {}
    zone = pack.project.zone
    for run in outcomes:
        for rule in pack.rules:
            if run.logics.get(rule.id) == rule.logic:
                known = records.get(rule.id, RuleRecord())
                records[rule.id] = _with(known, run, rule.id, zone)
    return records


def _with(
    record: RuleRecord, run: RunOutcomes, rule_id: str, zone: ZoneInfo
) -> RuleRecord:
    passed = run.counts.get((rule_id, "pass"), 0)
    failed = run.counts.get((rule_id, "fail"), 0)
    day = local_date(run.as_of, zone)
    return RuleRecord(
        runs=record.runs + 1,
        since=min(record.since or day, day),
        judged=record.judged + passed + failed,
        failed=record.failed + failed,
        deals=max(record.deals, passed + failed),
    )


@dataclass(slots=True)
class _Look:
    """Deal after deal, and what has been counted so far."""

    standpoints: Standpoints
    probes: Sequence[Probe]
    deals: int = 0
    won: int = 0
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    empty: Counter[tuple[str, str]] = field(default_factory=Counter)
    kindly: dict[int, Condition] = field(default_factory=dict)
    values: defaultdict[str, list[Decimal]] = field(
        default_factory=lambda: defaultdict(list)
    )
    inside: defaultdict[str, list[Decimal]] = field(
        default_factory=lambda: defaultdict(list)
    )
    after: defaultdict[str, list[Decimal]] = field(
        default_factory=lambda: defaultdict(list)
    )
    whole: list[Decimal] = field(default_factory=list)

    def at(self, deal: Deal) -> None:
        """Count one deal."""
        self.deals += 1
        standpoint = self.standpoints.of(deal)
        deal = as_its_stage(deal, standpoint.context.pipelines)
        self._ask(deal, standpoint)
        self._stay(deal, standpoint.context)
        if deal.fields.get("is_won") is True:
            self.won += 1
            context = _when_won(deal, standpoint.context)
            for probe in self.probes:
                value = _number(probe.read(deal, context), context)
                if value is not None:
                    self.values[probe.name].append(value)

    def experience(self) -> Experience:
        """Return what was counted."""
        return Experience(
            runs=0,
            deals=self.deals,
            won=self.won,
            askings={
                key: Asking(deals, self.empty[key]) for key, deals in self.asked.items()
            },
            stays=Stays(_frozen(self.inside), _frozen(self.after), tuple(self.whole)),
            values=_frozen(self.values),
        )

    def _ask(self, deal: Deal, standpoint: Standpoint) -> None:
        """Ask each `when` of the rules that bind the deal whether it finds anything."""
        for rule in standpoint.pack.rules_of(deal.pipeline):
            if rule.when is None or not standpoint.judge.binds(rule.id, deal):
                continue
            context = asked_as_of(rule, deal, standpoint.context)
            if isinstance(context, Unavailable):
                continue
            answers = [
                (line.text, line.test(deal, context)) for line in _lines(rule.when)
            ]
            is_silent = any(
                answer is EMPTY for _, answer in answers
            ) and self._leaves_out(rule.when, deal, context)
            for text, answer in answers:
                if not isinstance(answer, Unavailable):
                    self.asked[rule.id, text] += 1
                    self.empty[rule.id, text] += is_silent and answer is EMPTY

    def _leaves_out(self, when: Condition, deal: Deal, context: Context) -> bool:
        """Whether only what is empty keeps a condition from being met."""
        kindly = self.kindly.get(id(when))
        if kindly is None:
            kindly = self.kindly[id(when)] = _kindly(when)
        return (
            standing(when, deal, context) is Standing.NOT_MET
            and standing(kindly, deal, context) is Standing.MET
        )

    def _stay(self, deal: Deal, context: Context) -> None:
        pipeline = context.pipelines.get(deal.pipeline)
        if pipeline is None:
            return
        ended: datetime | None = None
        for leg in reversed(legs(deal, context)):
            stage = None if leg.position is None else pipeline.stages[leg.position]
            if stage is not None and stage.is_closed:
                ended = leg.entered
            elif stage is not None and leg.left is not None and leg.has_start:
                self.inside[stage.name].append(_days(leg.left - leg.entered))
                if ended is not None:
                    self.after[stage.name].append(_days(ended - leg.left))
        self._live(deal, context, ended)

    def _live(self, deal: Deal, context: Context, ended: datetime | None) -> None:
        """Count from creation to the end; a deal seen only closed tells neither."""
        first = next(iter(legs(deal, context)), None)
        if first is None or ended is None or ended <= first.entered:
            return
        began = deal.history.began or (first.entered if first.has_start else None)
        if began is not None:
            self.whole.append(_days(ended - began))


def _when_won(deal: Deal, context: Context) -> Context:
    """Return the standpoint of the moment in which a deal was won.

    Of its close date, where the past does not tell; of today, where that lies ahead.
    """
    last = legs(deal, context)[-1:]
    if last and last[0].has_start:
        return replace(context, now=last[0].entered)
    closed_on = deal.fields.get("close_date")
    if not isinstance(closed_on, date) or closed_on >= context.today:
        return context
    return replace(context, now=datetime.combine(closed_on, time(), context.zone))


def _lines(condition: Condition) -> Iterator[Line]:
    if isinstance(condition, Group):
        for part in condition.parts:
            yield from _lines(part)
    else:
        yield condition


def _kindly(condition: Condition) -> Condition:
    """Return a condition in which every empty answer counts as met."""
    if isinstance(condition, Group):
        return replace(condition, parts=tuple(map(_kindly, condition.parts)))
    line = condition

    def test(deal: Deal, context: Context) -> Answer:
        answer = line.test(deal, context)
        return True if answer is EMPTY else answer

    return replace(line, compiled=lambda: (test, line.explain))


def _days(span: timedelta) -> Decimal:
    return Decimal(span.total_seconds()) / _DAY


def _number(value: FieldValue, context: Context) -> Decimal | None:
    """Return a value as a number, money in the project's currency."""
    match value:
        case Decimal():
            return value
        case Money(amount=amount, currency=currency):
            rate = context.rates.get(currency)
            return None if rate is None else amount * rate
    return None


def _frozen(
    found: Mapping[str, Sequence[Decimal]],
) -> dict[str, tuple[Decimal, ...]]:
    return {name: tuple(values) for name, values in found.items()}
