"""Hold one deal against every rule of its pipeline.

Pure and total: each (deal, rule) pair gets exactly one outcome, whatever the deal
holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE
from gatekeeper.core.conditions import findings, standing
from gatekeeper.core.defect import report
from gatekeeper.core.model import (
    EMPTY,
    Cover,
    DealVerdicts,
    Finding,
    Mode,
    Outcome,
    Standing,
    SupportedStage,
    Unavailable,
    Verdict,
)
from gatekeeper.core.pack import Position, Reach
from gatekeeper.core.position import Bound, Place, asked_as_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Condition, Deal, FieldValue, Waived
    from gatekeeper.core.pack import Rule, RulePack


def judge(deal: Deal, pack: RulePack, context: Context) -> DealVerdicts:
    """Give every enabled rule of the deal's pipeline its verdict on the deal."""
    return Judge(pack, context).judge(deal)


def untold(deal: Deal, pack: RulePack, reason: str) -> DealVerdicts:
    """Decide nothing about a deal, where by which rules it is judged is not known."""
    verdicts = (
        Verdict(rule.id, Outcome.CANNOT_TELL, reason=reason)
        for rule in pack.rules_of(deal.pipeline)
    )
    is_closed = deal.fields.get("is_closed") is True
    first = None if is_closed else _Course.of(deal.pipeline, pack).first
    supported = SupportedStage(first, at_least=first is not None)
    return DealVerdicts(deal, tuple(verdicts), supported)


@dataclass(slots=True)
class Judge:
    """Holds deal after deal against one pack from one standpoint.

    What depends on the pipeline alone is worked out once per pipeline.

    Attributes:
        too_broad: Waivers that cover more deals than they may; read anew per deal.
    """

    pack: RulePack
    context: Context
    too_broad: Collection[str] = ()
    _courses: dict[str, _Course] = field(default_factory=dict, init=False)

    def judge(self, deal: Deal) -> DealVerdicts:
        """Give every enabled rule of the deal's pipeline its verdict on the deal."""
        course = self._courses.get(deal.pipeline)
        if course is None:
            course = _Course.of(deal.pipeline, self.pack)
            self._courses[deal.pipeline] = course
        place = Place.of(deal, self.pack, self.context)
        assessments = {rule.id: _Assessment(rule, deal, self) for rule in course.rules}
        supported = _supported_stage(assessments, place, course)
        if course.asking:
            deal = _with_support(deal, supported, place)
            for rule in course.asking:
                assessments[rule.id] = _Assessment(rule, deal, self)
        verdicts = tuple(_verdict(each, place) for each in assessments.values())
        return DealVerdicts(deal, verdicts, supported)


# ---- one rule on one deal --------------------------------------------------------


@dataclass(slots=True)
class _Assessment:
    """A rule's conditions on a deal, computed at most once, position aside."""

    rule: Rule
    deal: Deal
    judge: Judge
    _stands: Standing | None = field(default=None, init=False)
    _asked_from: Context | None = field(default=None, init=False)
    reason: str = field(default="", init=False)

    @property
    def stands(self) -> Standing:
        """`NOT_ASKED` where `when`, `unless` or an undecided param leaves it out."""
        if self._stands is None:
            try:
                self._stands = self._assess()
            except Exception as error:  # noqa: BLE001  a defect of ours must cost one verdict, not the run (language E999)
                self._stands = Standing.CANNOT_TELL
                self.reason = report(self.rule.id, self.deal.id, error)
        return self._stands

    def _assess(self) -> Standing:
        rule = self.rule
        if rule.off_until is not None and self.context.today <= rule.off_until:
            until = f"{rule.off_until:%-d %b %Y}"
            self.reason = f"switched off until {until}: {rule.off_because}"
            return Standing.NOT_ASKED
        if rule.undecided:
            self.reason = "a limit it uses is not decided yet"
            return Standing.NOT_ASKED
        standpoint = asked_as_of(rule, self.deal, self.context)
        if isinstance(standpoint, Unavailable):
            self.reason = f"Cannot tell: {standpoint.reason}."
            return Standing.CANNOT_TELL
        self._asked_from = standpoint
        return self._conditions()

    def _conditions(self) -> Standing:
        rule = self.rule
        for condition, wanted in ((rule.when, True), (rule.unless, False)):
            if condition is None:
                continue
            stands = standing(condition, self.deal, self.context)
            if stands is Standing.CANNOT_TELL:
                self.reason = self._first(condition, Standing.CANNOT_TELL)
                return Standing.CANNOT_TELL
            if (stands is Standing.MET) is not wanted:
                self.reason = self._first(condition, stands)
                return Standing.NOT_ASKED
        return standing(rule.require, self.deal, self.context)

    def _first(self, condition: Condition, stands: Standing) -> str:
        """Say in one sentence which line decided."""
        for finding in findings(condition, self.deal, self.context):
            if finding.standing is stands:
                return finding.text
        return ""

    @property
    def context(self) -> Context:
        """The run's standpoint, or that of the day the deal left the stage."""
        return self._asked_from or self.judge.context

    def waived(self) -> Waived | None:
        """Ask for the waiver that speaks of it, where it does not hold."""
        if self.stands is not Standing.NOT_MET:
            return None
        judge = self.judge
        return judge.pack.waivers.waived_now(
            self.rule.id, self.deal, judge.context, judge.too_broad
        )

    def open_findings(self) -> tuple[Finding, ...]:
        """Explain the lines that are not met or cannot be told."""
        if self.reason.startswith("E999"):
            return ()
        return tuple(
            finding
            for finding in findings(self.rule.require, self.deal, self.context)
            if finding.standing in (Standing.NOT_MET, Standing.CANNOT_TELL)
        )


def _verdict(assessment: _Assessment, place: Place) -> Verdict:
    rule = assessment.rule
    bound, why_not = place.bind(rule)
    if bound is Bound.CANNOT_TELL:
        return Verdict(rule.id, Outcome.CANNOT_TELL, reason=why_not)
    if bound is Bound.NO:
        return Verdict(rule.id, Outcome.NOT_APPLICABLE, reason=why_not)
    stands = assessment.stands
    if stands is Standing.NOT_ASKED:
        return Verdict(rule.id, Outcome.NOT_APPLICABLE, reason=assessment.reason)
    unmet = () if stands is Standing.MET else assessment.open_findings()
    if bound is Bound.AHEAD:
        outcome, reason = Outcome.NOT_APPLICABLE, "not yet due"
        return Verdict(rule.id, outcome, stands, unmet, reason, assessment.waived())
    outcome, reason = _OUTCOMES[stands], assessment.reason
    return Verdict(rule.id, outcome, None, unmet, reason, assessment.waived())


_OUTCOMES = {
    Standing.MET: Outcome.PASS,
    Standing.NOT_MET: Outcome.FAIL,
    Standing.CANNOT_TELL: Outcome.CANNOT_TELL,
}


# ---- supported stage --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Course:
    """A pipeline's rules, and its gates in order.

    Attributes:
        asking: Rules that read the supported stage; they guard no gate.
        first: Its first open stage; None where it has none.
        gates: Per gate the open stage behind it, and the rules that guard it.
    """

    rules: tuple[Rule, ...]
    asking: tuple[Rule, ...] = ()
    first: str | None = None
    gates: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @staticmethod
    def of(name: str, pack: RulePack) -> _Course:
        rules = pack.rules_of(name)
        pipeline = pack.pipelines.get(name)
        stages = [
            stage.name
            for stage in (pipeline.stages if pipeline else ())
            if not stage.is_closed
        ]
        counted = [rule for rule in rules if _counts(rule, pack)]
        gates = tuple(
            (
                entered,
                tuple(rule.id for rule in counted if _guards(rule, left, entered)),
            )
            for left, entered in pairwise(stages)
        )
        asking = tuple(rule for rule in rules if SUPPORTED_STAGE in rule.needs.fields)
        return _Course(rules, asking, stages[0] if stages else None, gates)


def _supported_stage(
    assessments: Mapping[str, _Assessment], place: Place, course: _Course
) -> SupportedStage:
    """Walk the gates in order until one does not hold (language A27, A36)."""
    if course.first is None or place.is_closed:
        return SupportedStage(None)
    reached, is_waived = course.first, False
    for entered, rule_ids in course.gates:
        for rule_id in rule_ids:
            stands = assessments[rule_id].stands
            if stands is Standing.NOT_MET:
                waived = assessments[rule_id].waived()
                if waived is None or waived.cover is Cover.TOO_BROAD:
                    return SupportedStage(reached, waived=is_waived)
                is_waived |= waived.applies
                stands = _WAIVED[waived.cover]
            if stands is Standing.CANNOT_TELL:
                return SupportedStage(reached, at_least=True, waived=is_waived)
        reached = entered
    return SupportedStage(reached, waived=is_waived)


_WAIVED = {Cover.APPLIES: Standing.MET, Cover.CANNOT_TELL: Standing.CANNOT_TELL}


def _with_support(deal: Deal, supported: SupportedStage, place: Place) -> Deal:
    """Put the supported stage beside the deal's fields, as a value of the CRM."""
    value: FieldValue = EMPTY
    if supported.at_least:
        reason = f"a criterion beyond {supported.stage} cannot be told"
        value = Unavailable(reason)
    elif supported.stage is not None and place.pipeline is not None:
        at = place.pipeline.position(supported.stage) or 0
        value = place.pipeline.stages[at].values[0]
    return replace(deal, fields={**deal.fields, SUPPORTED_STAGE: value})


def _counts(rule: Rule, pack: RulePack) -> bool:
    if rule.is_optional:
        return False
    return pack.project.supported_stage == "all" or rule.mode is Mode.ENFORCE


def _guards(rule: Rule, left: str, entered: str) -> bool:
    """Whether the rule is a criterion of the gate between two stages."""
    if rule.position is Position.EXIT:
        return rule.reach is not Reach.STAGE or _same(rule.stage, left)
    return (
        rule.position is Position.ENTRY
        and rule.reach is Reach.STAGE
        and _same(rule.stage, entered)
    )


def _same(name: str | None, stage: str) -> bool:
    return name is not None and name.casefold() == stage.casefold()
