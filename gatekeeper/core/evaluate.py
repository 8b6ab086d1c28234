"""Hold one deal against every rule of its pipeline.

Pure and total: each (deal, rule) pair gets exactly one outcome, whatever the deal
holds. Lines are combined here (language B5, rule 4), the lines themselves were
compiled by the language room.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    EMPTY,
    DealVerdicts,
    Finding,
    Group,
    Line,
    Mode,
    Outcome,
    Quorum,
    Standing,
    SupportedStage,
    Unavailable,
    Verdict,
)
from gatekeeper.core.pack import Position, Reach
from gatekeeper.core.position import Bound, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Condition, Deal
    from gatekeeper.core.pack import Rule, RulePack


def judge(deal: Deal, pack: RulePack, context: Context) -> DealVerdicts:
    """Give every enabled rule of the deal's pipeline its verdict on the deal."""
    place = Place.of(deal, pack, context)
    assessments = {
        rule.id: _Assessment(rule, deal, context)
        for rule in pack.rules_of(deal.pipeline)
    }
    return DealVerdicts(
        deal,
        tuple(_verdict(each, place) for each in assessments.values()),
        _supported_stage(tuple(assessments.values()), place, pack),
    )


# ---- conditions ----------------------------------------------------------------


def standing(condition: Condition, deal: Deal, context: Context) -> Standing:
    """Tell how a condition stands; an empty answer at the end of a line is not met."""
    if isinstance(condition, Group):
        return _group_standing(condition, deal, context)
    if condition.when is not None:
        asked = standing(condition.when, deal, context)
        if asked is not Standing.MET:
            return _not_asked(asked)
    answer = condition.test(deal, context)
    if answer is True:
        return Standing.MET
    if answer is EMPTY:
        return Standing.MET if condition.blank_passes else Standing.NOT_MET
    if isinstance(answer, Unavailable):
        return Standing.CANNOT_TELL
    return Standing.NOT_MET


def findings(condition: Condition, deal: Deal, context: Context) -> tuple[Finding, ...]:
    """Explain every line of a condition, met ones included, in order."""
    if isinstance(condition, Line):
        return (_finding(condition, deal, context),)
    if condition.quorum is Quorum.ALL:
        return tuple(
            finding
            for part in condition.parts
            for finding in findings(part, deal, context)
        )
    parts = tuple(
        finding for part in condition.parts for finding in findings(part, deal, context)
    )
    return (_group_finding(condition, parts, standing(condition, deal, context)),)


def _not_asked(asked: Standing) -> Standing:
    return asked if asked is Standing.CANNOT_TELL else Standing.NOT_ASKED


def _group_standing(group: Group, deal: Deal, context: Context) -> Standing:
    asked = [
        each
        for part in group.parts
        if (each := _part_standing(group, part, deal, context))
        is not Standing.NOT_ASKED
    ]
    met = asked.count(Standing.MET)
    possible = met + asked.count(Standing.CANNOT_TELL)
    match group.quorum:
        case Quorum.ALL:
            needed = len(asked)
        case Quorum.ANY:
            needed = min(1, len(asked))
        case Quorum.AT_LEAST:
            needed = group.count
    if met >= needed:
        return Standing.MET if asked else Standing.NOT_ASKED
    return Standing.CANNOT_TELL if possible >= needed else Standing.NOT_MET


def _part_standing(
    group: Group, part: Condition, deal: Deal, context: Context
) -> Standing:
    """Leave an empty line with `on_blank: pass` out of an `any` (language A33)."""
    if (
        group.quorum is not Quorum.ALL
        and isinstance(part, Line)
        and part.blank_passes
        and part.test(deal, context) is EMPTY
    ):
        return Standing.NOT_ASKED
    return standing(part, deal, context)


def _finding(line: Line, deal: Deal, context: Context) -> Finding:
    if line.when is not None:
        asked = standing(line.when, deal, context)
        if asked is Standing.NOT_ASKED or asked is Standing.NOT_MET:
            return Finding(
                line.text,
                Standing.NOT_ASKED,
                text=f"Not asked: {line.text}",
                lasting_text=f"Not asked: {line.text}",
            )
    return line.explain(deal, context)


def _group_finding(
    group: Group, parts: tuple[Finding, ...], stands: Standing
) -> Finding:
    is_met = stands is Standing.MET
    telling = [part for part in parts if (part.standing is Standing.MET) is is_met]
    lead = _group_lead(group, parts, is_met=is_met)
    fixes = tuple(dict.fromkeys(part.fix for part in telling if part.fix))
    return Finding(
        line=" or ".join(part.line for part in parts),
        standing=stands,
        text=_joined(lead, (part.text for part in telling)),
        lasting_text=_joined(lead, (part.lasting_text for part in telling)),
        fix=None if is_met else " ".join(fixes) or None,
        because_empty=bool(telling) and all(part.because_empty for part in telling),
        parts=parts,
    )


def _group_lead(group: Group, parts: tuple[Finding, ...], *, is_met: bool) -> str:
    if group.quorum is Quorum.AT_LEAST:
        met = sum(part.standing is Standing.MET for part in parts)
        return f"{met} of the {group.count} needed"
    return "One of several is enough" if is_met else "None of these holds"


def _joined(lead: str, texts: Iterable[str]) -> str:
    return f"{lead}: {'; '.join(text.rstrip('.') for text in texts)}."


# ---- one rule on one deal --------------------------------------------------------


@dataclass(slots=True)
class _Assessment:
    """A rule's conditions on a deal, computed at most once, position aside."""

    rule: Rule
    deal: Deal
    context: Context
    _stands: Standing | None = field(default=None, init=False)
    reason: str = field(default="", init=False)

    @property
    def stands(self) -> Standing:
        """`NOT_ASKED` where `when`, `unless` or an undecided param leaves it out."""
        if self._stands is None:
            try:
                self._stands = self._assess()
            except Exception as error:  # noqa: BLE001  a defect of ours must cost one verdict, not the run (language E999)
                self._stands = Standing.CANNOT_TELL
                self.reason = (
                    f"E999: gatekeeper could not evaluate {self.rule.id} on"
                    f" {self.deal.id} ({type(error).__name__}). This is a bug in"
                    " gatekeeper, not in your rule."
                )
        return self._stands

    def _assess(self) -> Standing:
        rule = self.rule
        if rule.undecided:
            self.reason = "a limit it uses is not decided yet"
            return Standing.NOT_ASKED
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
        return Verdict(
            rule.id, Outcome.NOT_APPLICABLE, stands, unmet, reason="not yet due"
        )
    return Verdict(rule.id, _OUTCOMES[stands], None, unmet, assessment.reason)


_OUTCOMES = {
    Standing.MET: Outcome.PASS,
    Standing.NOT_MET: Outcome.FAIL,
    Standing.CANNOT_TELL: Outcome.CANNOT_TELL,
}


# ---- supported stage --------------------------------------------------------------


def _supported_stage(
    assessments: tuple[_Assessment, ...], place: Place, pack: RulePack
) -> SupportedStage:
    """Walk the gates in order until one does not hold (language A27, A36)."""
    if place.pipeline is None or place.is_closed:
        return SupportedStage(None)
    open_stages = [stage for stage in place.pipeline.stages if not stage.is_closed]
    if not open_stages:
        return SupportedStage(None)
    counted = [each for each in assessments if _counts(each.rule, pack)]
    reached = open_stages[0].name
    for left, entered in pairwise(open_stages):
        for each in counted:
            if not _guards(each.rule, left.name, entered.name):
                continue
            if each.stands is Standing.NOT_MET:
                return SupportedStage(reached)
            if each.stands is Standing.CANNOT_TELL:
                return SupportedStage(reached, at_least=True)
        reached = entered.name
    return SupportedStage(reached)


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
