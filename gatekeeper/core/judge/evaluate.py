"""Hold deals against every rule of their pipelines, a page of them at a time.

Pure and total: each (deal, rule) pair gets exactly one outcome, whatever the deal
holds and whichever deals share its page.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE
from gatekeeper.core.closing import as_its_stage
from gatekeeper.core.history.past import forget_past
from gatekeeper.core.judge.assessment import Assessment
from gatekeeper.core.judge.course import Course
from gatekeeper.core.judge.exempt import is_exempt
from gatekeeper.core.judge.position import Bound, Place
from gatekeeper.core.model import (
    EMPTY,
    Cover,
    DealVerdicts,
    Outcome,
    Standing,
    SupportedStage,
    Unavailable,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gatekeeper.core.context import Context
    from gatekeeper.core.judge.course import Seat
    from gatekeeper.core.model import Deal, FieldValue, Waived
    from gatekeeper.core.pack import RulePack


def judge(deal: Deal, pack: RulePack, context: Context) -> DealVerdicts:
    """Give every enabled rule of the deal's pipeline its verdict on the deal."""
    return Judge(pack, context).judge(deal)


def untold(deal: Deal, pack: RulePack, reason: str) -> DealVerdicts:
    """Decide nothing about a deal, where by which rules it is judged is not known."""
    verdicts = (
        Verdict(rule.id, Outcome.CANNOT_TELL, reason=reason)
        for rule in pack.rules_of(deal.pipeline)
    )
    deal = as_its_stage(deal, pack.pipelines)
    is_closed = deal.fields.get("is_closed") is True
    first = None if is_closed else Course.of(deal.pipeline, pack).first
    supported = SupportedStage(first, at_least=first is not None)
    return DealVerdicts(deal, tuple(verdicts), supported)


@dataclass(slots=True)
class _Sheet:
    """What is written down of one deal while its page is judged.

    Attributes:
        deal: As read, closed or won as its stage counts; with its supported stage
            once that is known and asked for.
    """

    deal: Deal
    place: Place
    is_brief: bool
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    _assessments: dict[str, Assessment] = field(default_factory=dict)

    def assessment(self, seat: Seat) -> Assessment:
        """Return what the rule says of the deal, worked out once."""
        found = self._assessments.get(seat.rule.id)
        if found is None:
            found = Assessment(seat, self.place, self.deal, self.is_brief)
            self._assessments[seat.rule.id] = found
        return found


@dataclass(slots=True)
class Judge:
    """Holds deals against one pack from one standpoint.

    What depends on the pipeline alone is worked out once per pipeline. A page is judged
    rule by rule: a line asked of deal after deal costs a third less than line after
    line asked of one deal, since the processor stays in the same code.

    Attributes:
        too_broad: Waivers that cover more deals than they may; read anew per page.
        is_brief: Gives outcomes alone: no findings, and no reason that needs one.
    """

    pack: RulePack
    context: Context
    too_broad: Collection[str] = ()
    is_brief: bool = False
    _courses: dict[str, Course] = field(default_factory=dict, init=False)

    def judge(self, deal: Deal) -> DealVerdicts:
        """Give every enabled rule of the deal's pipeline its verdict on the deal."""
        (judged,) = self.judge_page([deal])
        return judged

    def judge_page(self, deals: Sequence[Deal]) -> list[DealVerdicts]:
        """Judge deals side by side; what is said of each comes in their order."""
        sheets = [self._sheet(deal) for deal in deals]
        by_pipeline: dict[str, list[_Sheet]] = {}
        for sheet in sheets:
            by_pipeline.setdefault(sheet.deal.pipeline, []).append(sheet)
        for pipeline, alike in by_pipeline.items():
            self._ask(self._courses[pipeline].at_once, alike)
        return [self._judged(sheet) for sheet in sheets]

    def _sheet(self, read: Deal) -> _Sheet:
        deal = as_its_stage(read, self.pack.pipelines)
        return _Sheet(deal, self._place(deal), self.is_brief)

    def _ask(self, seats: Sequence[Seat], sheets: Sequence[_Sheet]) -> None:
        for seat in seats:
            rule_id = seat.rule.id
            for sheet in sheets:
                sheet.verdicts[rule_id] = self._verdict(seat, sheet)

    def _judged(self, sheet: _Sheet) -> DealVerdicts:
        """Ask the rules that read the supported stage, once that is known."""
        course = sheet.place.course
        supported = _in_crm_words(self._supported_stage(sheet), sheet.place)
        if course.asking:
            sheet.deal = _with_support(sheet.deal, supported, course)
            self._ask(course.asking, [sheet])
        forget_past(sheet.place.deal)
        verdicts = tuple([sheet.verdicts[seat.rule.id] for seat in course.seats])
        return DealVerdicts(sheet.deal, verdicts, supported)

    def binds(self, rule_id: str, deal: Deal) -> bool:
        """Whether a rule's position holds the deal to it now."""
        place = self._place(deal)
        seats = (seat for seat in place.course.seats if seat.rule.id == rule_id)
        return any(place.bind(seat)[0] is Bound.YES for seat in seats)

    def _place(self, deal: Deal) -> Place:
        course = self._courses.get(deal.pipeline)
        if course is None:
            course = Course.of(deal.pipeline, self.pack)
            self._courses[deal.pipeline] = course
        lookback = self.pack.project.closed_lookback
        return Place.of(deal, course, self.context, lookback)

    def _verdict(self, seat: Seat, sheet: _Sheet) -> Verdict:
        rule = seat.rule
        bound, why_not = sheet.place.bind(seat)
        if bound is Bound.CANNOT_TELL:
            return Verdict(rule.id, Outcome.CANNOT_TELL, reason=why_not)
        if bound is Bound.NO:
            return Verdict(rule.id, Outcome.NOT_APPLICABLE, reason=why_not)
        assessment = sheet.assessment(seat)
        stands = assessment.stands
        if stands is Standing.MET and bound is Bound.YES:
            return Verdict(rule.id, Outcome.PASS)
        reason = assessment.reason
        if stands is Standing.NOT_ASKED:
            return Verdict(rule.id, Outcome.NOT_APPLICABLE, reason=reason)
        unmet = () if stands is Standing.MET else assessment.open_findings()
        is_ahead = bound is Bound.AHEAD
        waived = self._waived(assessment)
        if not is_ahead and waived is not None and waived.cover is Cover.CANNOT_TELL:
            reason = _in_doubt(waived)
            return Verdict(
                rule.id,
                Outcome.CANNOT_TELL,
                findings=unmet,
                reason=reason,
                waived=waived,
            )
        return Verdict(
            rule.id,
            Outcome.NOT_APPLICABLE if is_ahead else _OUTCOMES[stands],
            readiness=stands if is_ahead else None,
            findings=unmet,
            reason=reason or ("not yet due" if is_ahead else ""),
            waived=waived,
            escalation=None if is_ahead else assessment.escalation,
            is_suspended=assessment.is_suspended,
        )

    def _waived(self, assessment: Assessment) -> Waived | None:
        """Ask for the waiver that speaks of a rule, where it does not hold."""
        if assessment.stands is not Standing.NOT_MET:
            return None
        return self.pack.waivers.waived_now(
            assessment.rule.id, assessment.deal, self.context, self.too_broad
        )

    def _supported_stage(self, sheet: _Sheet) -> SupportedStage:
        """Walk the gates in order until one does not hold (language A27, A36)."""
        course = sheet.place.course
        if course.first is None or sheet.place.is_closed:
            return SupportedStage(None)
        reached, is_waived = course.first, False
        for entered, guards in course.gates:
            stands, by_waiver = self._gate([*map(sheet.assessment, guards)])
            if stands is not Standing.MET:
                untold = stands is Standing.CANNOT_TELL
                return SupportedStage(reached, at_least=untold, waived=is_waived)
            reached, is_waived = entered, is_waived or by_waiver
        return SupportedStage(reached, waived=is_waived)

    def _gate(self, criteria: Sequence[Assessment]) -> tuple[Standing, bool]:
        """Say how a gate stands, and whether by a waiver; order does not matter."""
        stands, is_waived = Standing.MET, False
        for criterion in criteria:
            counts, by_waiver = self._counts(criterion)
            if counts is Standing.NOT_MET:
                return counts, False
            if counts is Standing.CANNOT_TELL:
                stands = counts
            is_waived |= by_waiver
        return stands, is_waived

    def _counts(self, assessment: Assessment) -> tuple[Standing, bool]:
        """Say as what a criterion counts for the walk, and whether by a waiver.

        An exempt one counts as passed, also where it cannot be told: whichever way it
        stands, the deal is not held to it.
        """
        stands = assessment.stands
        if stands in (Standing.MET, Standing.NOT_ASKED):
            return Standing.MET, False
        if is_exempt(assessment.rule, assessment.deal, self.context):
            return Standing.MET, False
        waived = self._waived(assessment)
        if waived is None or waived.cover is Cover.TOO_BROAD:
            return stands, False
        return _WAIVED[waived.cover], waived.applies


_OUTCOMES = {
    Standing.MET: Outcome.PASS,
    Standing.NOT_MET: Outcome.FAIL,
    Standing.CANNOT_TELL: Outcome.CANNOT_TELL,
}
_WAIVED = {Cover.APPLIES: Standing.MET, Cover.CANNOT_TELL: Standing.CANNOT_TELL}


def _in_doubt(waived: Waived) -> str:
    """Say why neither a violation nor an accepted one can be told (product D5)."""
    if waived.doubt.startswith("E999"):
        return waived.doubt
    why = waived.doubt.removeprefix("Cannot tell: ").rstrip(".")
    return f"Cannot tell: waiver {waived.waiver_id} may cover the deal ({why})."


def _in_crm_words(supported: SupportedStage, place: Place) -> SupportedStage:
    """Call the stage what the CRM calls it, where the deal stands in it."""
    pipeline, label = place.course.pipeline, place.deal.stage_label
    if pipeline is None or place.position is None or not label:
        return supported
    here = pipeline.stages[place.position].name
    if supported.stage != here or label == here:
        return supported
    return replace(supported, label=label)


def _with_support(deal: Deal, supported: SupportedStage, course: Course) -> Deal:
    """Put the supported stage beside the deal's fields, as a value of the CRM."""
    value: FieldValue = EMPTY
    if supported.at_least:
        reason = f"a criterion beyond {supported.stage} cannot be told"
        value = Unavailable(reason)
    elif supported.stage is not None and course.pipeline is not None:
        at = course.pipeline.position(supported.stage) or 0
        value = course.pipeline.stages[at].values[0]
    return replace(deal, fields={**deal.fields, SUPPORTED_STAGE: value})
