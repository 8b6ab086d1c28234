"""Waivers, and the one answer to "is this waived now?".

Pure. `evaluate` asks for every failing rule, so a run, a plan, `explain` and rule
tests cannot differ: they all read the answer off the verdict.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.history.legs import legs
from gatekeeper.core.judge.conditions import findings, standing
from gatekeeper.core.model import Cover, Standing, State, Waived

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from zoneinfo import ZoneInfo

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Condition, Deal, Violation

NOTICE = timedelta(days=7)
"""How long before its last day people are told."""

SHORT_ID = 15
"""Characters of an id as people copy it from a list; the CRM adds three to it."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A person accepts that some deals do not meet some rules, until a day.

    Attributes:
        rules: Present ids of the rules it is for.
        approved_on: The first day it works.
        expires: The last day it works.
        deals: Ids of the deals it names, as written; empty with `deals_where`.
        max_deals: A run in which it would cover more does not apply it (E708).
        ends_early_when: It does not cover a deal for which this holds.
        outdated: Rules that changed since the approval, as far as it says.
        logic: Fingerprint of its conditions.
        place: `file:line`.
    """

    id: str
    rules: tuple[str, ...]
    reason: str
    requested_by: str
    approved_by: str
    approved_on: date
    expires: date
    deals: frozenset[str] = frozenset()
    deals_where: Condition | None = None
    max_deals: int | None = None
    ends_early_when: Condition | None = None
    ticket: str = ""
    outdated: frozenset[str] = frozenset()
    logic: str = ""
    place: str = ""

    @property
    def words(self) -> str:
        """Until when, why and by whom, in one sentence."""
        ticket = f", {self.ticket}" if self.ticket else ""
        return (
            f"Waived until {self.expires:%-d %b %Y} by {self.approved_by}"
            f" ({self.id}{ticket}): {self.reason}"
        )

    def works_on(self, day: date) -> bool:
        """Whether the day lies within its term, both ends included."""
        return self.approved_on <= day <= self.expires

    def ends_soon(self, day: date) -> bool:
        """Whether the notice of its end is due."""
        return self.works_on(day) and self.expires - day <= NOTICE


@dataclass(frozen=True, slots=True)
class WaiverPolicy:
    """Who may waive what, and for how long.

    Attributes:
        max_duration: From the approval to the last day; None sets no bound.
        approvers: Severity, or `*` for all others, to the people who may approve;
            empty lets everybody but the requester.
        void_on_change: A waiver ends for a rule whose logic changed.
    """

    max_duration: timedelta | None = None
    approvers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    void_on_change: bool = False

    def may_approve(self, severity: str) -> tuple[str, ...] | None:
        """Return who may approve a waiver of such a rule; None means everybody."""
        if not self.approvers:
            return None
        return self.approvers.get(severity, self.approvers.get("*", ()))


@dataclass(frozen=True, slots=True)
class WaiverBook:
    """All waivers of a pack.

    Attributes:
        zone: The project's time zone, in which terms begin and end.
    """

    waivers: tuple[Waiver, ...] = ()
    zone: ZoneInfo | None = None
    policy: WaiverPolicy = WaiverPolicy()
    _by_rule: Mapping[str, tuple[Waiver, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        by_rule: defaultdict[str, list[Waiver]] = defaultdict(list)
        # A waiver that names the deal comes first: it uses up nobody's max_deals.
        for waiver in sorted(self.waivers, key=lambda each: not each.deals):
            for rule_id in waiver.rules:
                if not (self.policy.void_on_change and rule_id in waiver.outdated):
                    by_rule[rule_id].append(waiver)
        filed = {rule_id: tuple(found) for rule_id, found in by_rule.items()}
        object.__setattr__(self, "_by_rule", filed)

    def today(self, context: Context) -> date:
        """Return the day by which terms are judged."""
        return local_date(context.now, self.zone or context.zone)

    def get(self, waiver_id: str) -> Waiver | None:
        """Return a waiver by its id."""
        return next((each for each in self.waivers if each.id == waiver_id), None)

    def waived_now(
        self,
        rule_id: str,
        deal: Deal,
        context: Context,
        too_broad: Collection[str] = (),
    ) -> Waived | None:
        """Tell whether the rule is waived for the deal at this moment.

        Args:
            rule_id: A rule that does not hold.
            deal: The deal as read.
            context: The moment, and what conditions consult.
            too_broad: Waivers that cover more deals than they may in this run.

        Returns:
            The first waiver that applies; else the first of which that cannot be
            told, else the first that covers too much; None without.
        """
        doubtful: Waived | None = None
        too_much: Waived | None = None
        for waiver in self._by_rule.get(rule_id, ()):
            if not self._works_for(waiver, deal, context):
                continue
            waived = _waived(waiver, deal, context, too_broad)
            if waived is not None and waived.applies:
                return waived
            if waived is not None and waived.cover is Cover.CANNOT_TELL:
                doubtful = doubtful or waived
            too_much = too_much or waived
        return doubtful or too_much

    def _works_for(self, waiver: Waiver, deal: Deal, context: Context) -> bool:
        """Whether it is in force, or was when the deal was won (language A18)."""
        today = self.today(context)
        if waiver.works_on(today):
            return True
        won_on = self._won_on(deal, context)
        return won_on is not None and won_on <= today and waiver.works_on(won_on)

    def _won_on(self, deal: Deal, context: Context) -> date | None:
        """Return when the deal was won: by its stages where told, else its close date.

        A close date is what people expect or enter; the stages say what happened.
        """
        if deal.fields.get("is_won") is not True:
            return None
        pipeline, past = context.pipelines.get(deal.pipeline), legs(deal, context)
        last = past[-1] if past else None
        if pipeline is not None and last is not None and last.position is not None:
            is_won = pipeline.stages[last.position].is_won
            if is_won and last.has_start:
                return local_date(last.entered, self.zone or context.zone)
        closed_on = deal.fields.get("close_date")
        return closed_on if isinstance(closed_on, date) else None


def accept(
    violation: Violation,
    waived: Waived | None,
    before: Violation | None,
    context: Context,
) -> Violation:
    """Let a waiver accept a failure; where that is in doubt, what stood stands.

    When a waiver ends the violation is open at once, without a new grace.

    Args:
        violation: As it would stand without any waiver.
        waived: What the verdict says of waivers.
        before: The violation as the last run left it.
        context: The run's moment.
    """
    if violation.state is State.EXEMPT:
        return replace(violation, accepted="", accepted_until=None)
    if waived is not None and waived.applies:
        return replace(
            violation,
            state=State.WAIVED,
            waiver=waived.waiver_id,
            accepted=waived.words,
            accepted_until=waived.until,
        )
    was_waived = before is not None and before.state is State.WAIVED
    if was_waived and waived is not None and waived.waiver_id == violation.waiver:
        return replace(violation, state=State.WAIVED)
    opened_at = violation.opened_at
    if was_waived and violation.state is State.OPEN:
        opened_at = opened_at or context.now
    accepted = violation.opened_at, violation.accepted, violation.accepted_until
    if accepted == (opened_at, "", None):
        return violation
    return replace(violation, opened_at=opened_at, accepted="", accepted_until=None)


def _waived(
    waiver: Waiver, deal: Deal, context: Context, too_broad: Collection[str]
) -> Waived | None:
    """Tell whether a waiver in force takes the deal out; None where it does not."""
    try:
        stands = _covers(waiver, deal, context)
        untold = stands is Standing.CANNOT_TELL
        doubt = _doubt(waiver, deal, context) if untold else ""
    except Exception as error:  # noqa: BLE001  a defect of ours must cost one verdict, not the run (language E999)
        words = _e999(waiver, deal, error)
        return Waived(waiver.id, Cover.CANNOT_TELL, words, waiver.expires, words)
    if stands is Standing.NOT_MET:
        return None
    cover = Cover.APPLIES
    if untold:
        cover = Cover.CANNOT_TELL
    elif waiver.id in too_broad:
        cover = Cover.TOO_BROAD
    return Waived(waiver.id, cover, waiver.words, waiver.expires, doubt)


def _doubt(waiver: Waiver, deal: Deal, context: Context) -> str:
    """Say which line of its conditions cannot be told."""
    told = (
        finding.text
        for condition in (waiver.deals_where, waiver.ends_early_when)
        if condition is not None
        for finding in findings(condition, deal, context)
        if finding.standing is Standing.CANNOT_TELL
    )
    return next(told, "its condition cannot be told")


def _covers(waiver: Waiver, deal: Deal, context: Context) -> Standing:
    """Tell whether it is for this deal, and has not ended early for it."""
    if waiver.deals_where is None:
        if deal.id not in waiver.deals and deal.id[:SHORT_ID] not in waiver.deals:
            return Standing.NOT_MET
        chosen = Standing.MET
    else:
        chosen = standing(waiver.deals_where, deal, context)
        if chosen not in (Standing.MET, Standing.CANNOT_TELL):
            return Standing.NOT_MET
    if waiver.ends_early_when is None:
        return chosen
    ended = standing(waiver.ends_early_when, deal, context)
    if ended is Standing.MET:
        return Standing.NOT_MET
    return Standing.CANNOT_TELL if ended is Standing.CANNOT_TELL else chosen


def _e999(waiver: Waiver, deal: Deal, error: Exception) -> str:
    return (
        f"E999: gatekeeper could not evaluate waiver {waiver.id} on {deal.id}"
        f" ({type(error).__name__}). This is a bug in gatekeeper, not in your waiver."
    )
