"""What changes next on a deal if nobody does anything, and when.

Pure. Asks the same compiled rules, and tracks their answers, at the end of each coming
day; a day on which a rule's answer or its violation's state differs is the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.former_ids import known_as
from gatekeeper.core.judge.evaluate import Judge
from gatekeeper.core.model import Outcome, Standing, State
from gatekeeper.core.track import Memory, track

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Verdict, Violation
    from gatekeeper.core.pack import RulePack

HORIZON_DAYS = 90
_END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next change of one rule on a deal.

    Attributes:
        on: The first day at whose end it stands differently.
        text: What happens, with absolute dates.
        state: Of the violation from then on; None where there is none.
    """

    on: date
    text: str
    outcome: Outcome
    state: State | None


@dataclass(frozen=True, slots=True)
class _Stand:
    """How one rule stands on the deal at a moment."""

    verdict: Verdict
    violation: Violation | None

    @property
    def state(self) -> State | None:
        return None if self.violation is None else self.violation.state

    def differs(self, other: _Stand) -> bool:
        mine, theirs = self.verdict, other.verdict
        return (
            mine.outcome is not theirs.outcome
            or mine.readiness is not theirs.readiness
            or self.state is not other.state
            or self._severity() is not other._severity()
        )

    def _severity(self) -> object:
        return None if self.violation is None else self.violation.severity


def upcoming(
    deal: Deal,
    pack: RulePack,
    context: Context,
    violations: Mapping[str, Violation],
    days: int = HORIZON_DAYS,
) -> Mapping[str, Upcoming]:
    """Return per rule its next change within some days; absent where none comes.

    Args:
        deal: As read; it stays as it is.
        pack: The rules it is judged by.
        context: The moment to look ahead from.
        violations: What stands on it, by rule id.
        days: How far to look.
    """
    ahead = _Ahead.of(deal, pack, context, violations)
    before = ahead.look(context)
    found: dict[str, Upcoming] = {}
    for moment in _ends_of_days(context, days):
        then = replace(context, now=moment)
        after = ahead.look(then)
        new = [
            rule_id
            for rule_id, stand in after.items()
            if rule_id not in found and stand.differs(before[rule_id])
        ]
        said = ahead.in_words(after, then) if new else {}
        for rule_id in new:
            found[rule_id] = _upcoming(before[rule_id], said[rule_id], then.today)
    return found


def _ends_of_days(context: Context, days: int) -> Iterator[datetime]:
    for ahead in range(days + 1):
        day = context.today + timedelta(days=ahead)
        moment = datetime.combine(day, _END_OF_DAY, tzinfo=context.zone)
        if moment > context.now:
            yield moment


@dataclass(slots=True)
class _Ahead:
    """One deal on its way through the coming days.

    What stands moves only with a verdict or with time; a day that brings neither is
    not tracked.

    Attributes:
        memory: What is known at the moment looked at last.
        stands: How each rule stood then.
        is_settled: Tracking the same verdicts once more changed nothing.
    """

    deal: Deal
    pack: RulePack
    judge: Judge
    memory: Memory
    stands: Mapping[str, _Stand] = field(default_factory=dict)
    is_settled: bool = False

    @staticmethod
    def of(
        deal: Deal,
        pack: RulePack,
        context: Context,
        violations: Mapping[str, Violation],
    ) -> _Ahead:
        """Begin with what is known now."""
        seen = {(rule.id, rule.logic) for rule in pack.rules}
        memory = Memory(known_as(violations, pack), seen)
        return _Ahead(deal, pack, Judge(pack, context, is_brief=True), memory)

    def look(self, context: Context) -> Mapping[str, _Stand]:
        """Say how each rule stands at a later moment."""
        self.judge.context = context
        judged = self.judge.judge(self.deal)
        is_same = bool(self.stands) and all(
            each == self.stands[each.rule_id].verdict for each in judged.verdicts
        )
        if is_same and self.is_settled and not self._moves(context):
            return self.stands
        tracked = {
            each.rule_id: each
            for each in track(judged, self.memory, self.pack, context)
        }
        stands = {
            verdict.rule_id: _Stand(verdict, _live(tracked.get(verdict.rule_id)))
            for verdict in judged.verdicts
        }
        self.is_settled = is_same and not any(
            stand.differs(self.stands[rule_id]) for rule_id, stand in stands.items()
        )
        self.memory = replace(
            self.memory, violations={**self.memory.violations, **tracked}
        )
        self.stands = stands
        return stands

    def _moves(self, context: Context) -> bool:
        """Whether something that stands changes with time alone: grace, exemption."""
        states = {stand.state for stand in self.stands.values()}
        if State.EXEMPT not in states:
            return State.PENDING in states
        return State.PENDING in states or any(
            rule.effective_from is not None and rule.effective_from >= context.today
            for rule in self.pack.rules
        )

    def in_words(
        self, stands: Mapping[str, _Stand], context: Context
    ) -> Mapping[str, _Stand]:
        """Give what stands with the reasons of its verdicts."""
        judged = Judge(self.pack, context).judge(self.deal)
        return {
            verdict.rule_id: replace(stands[verdict.rule_id], verdict=verdict)
            for verdict in judged.verdicts
        }


def _live(violation: Violation | None) -> Violation | None:
    return violation if violation is not None and violation.is_live else None


# ---- words -----------------------------------------------------------------------


def _upcoming(before: _Stand, after: _Stand, on: date) -> Upcoming:
    if before.verdict.outcome is not after.verdict.outcome:
        text = _new_outcome(before.verdict, after.verdict, on)
    elif before.verdict.readiness is not after.verdict.readiness:
        text = _new_readiness(after.verdict, on)
    else:
        text = _new_state(before, after, on)
    return Upcoming(on, text, after.verdict.outcome, after.state)


def _new_outcome(before: Verdict, after: Verdict, on: date) -> str:
    applied = before.outcome is not Outcome.NOT_APPLICABLE
    match after.outcome:
        case Outcome.FAIL if applied:
            return f"will fail on {_day(on)} if nothing happens"
        case Outcome.FAIL:
            return f"will apply from {_day(on)} on, and fail if nothing happens"
        case Outcome.PASS if applied:
            return f"will hold from {_day(on)} on by itself"
        case Outcome.PASS:
            return f"will apply from {_day(on)} on"
        case Outcome.NOT_APPLICABLE:
            return f"will not be asked any more from {_day(on)} on: {after.reason}"
        case Outcome.CANNOT_TELL:
            return f"will not be told any more from {_day(on)} on"


def _new_readiness(after: Verdict, on: date) -> str:
    if after.readiness is Standing.MET:
        return f"will hold from {_day(on)} on by itself"
    if after.readiness is Standing.NOT_MET:
        return f"will not hold any more from {_day(on)} on if nothing happens"
    return f"will be asked differently from {_day(on)} on"


def _new_state(before: _Stand, after: _Stand, on: date) -> str:
    last, new = _day(on - timedelta(days=1)), f"{after.state} from {_day(on)} on"
    match before.state, after.state:
        case State.PENDING, State.OPEN:
            return f"grace ends on {last}, {new}"
        case State.WAIVED, _:
            return f"the waiver ends on {last}, {new}"
        case State.EXEMPT, _:
            return f"exempt until {last}, {new}"
        case _, State.WAIVED:
            return f"a waiver begins on {_day(on)}"
        case _ if before.state is after.state and after.violation is not None:
            return f"will be {after.violation.severity} from {_day(on)} on"
    return f"will be {new}"


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"
