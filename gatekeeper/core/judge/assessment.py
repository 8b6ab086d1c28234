"""What one rule says of one deal, its position aside.

Pure. Worked out when it is asked for, and at most once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Path
from gatekeeper.core.history.stages import visited
from gatekeeper.core.judge.conditions import findings, standing
from gatekeeper.core.judge.defect import report
from gatekeeper.core.judge.escalation import escalated
from gatekeeper.core.judge.position import asked_as_of
from gatekeeper.core.model import Standing, Unavailable

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.judge.course import Seat
    from gatekeeper.core.judge.position import Place
    from gatekeeper.core.model import Condition, Deal, Escalation, Finding
    from gatekeeper.core.pack import Rule


@dataclass(slots=True)
class Assessment:
    """A rule's conditions on a deal.

    Attributes:
        deal: With what was worked out for its rules.
        is_brief: Explains nothing: there are no findings.
        reason: Why it is not asked, or why it cannot be told; "" otherwise.
        escalation: What is different about the failure, where it does not hold.
        is_suspended: Its file suspends it for now.
    """

    seat: Seat
    place: Place
    deal: Deal
    is_brief: bool = False
    _stands: Standing | None = field(default=None, init=False)
    _asked_from: Context | None = field(default=None, init=False)
    reason: str = field(default="", init=False)
    escalation: Escalation | Unavailable | None = field(default=None, init=False)
    is_suspended: bool = field(default=False, init=False)

    @property
    def rule(self) -> Rule:
        """The rule it is about."""
        return self.seat.rule

    @property
    def stands(self) -> Standing:
        """`NOT_ASKED` where a condition, the path or an open limit leaves it out."""
        if self._stands is None:
            try:
                self._stands = self._assess()
            except Exception as error:  # noqa: BLE001  a defect of ours must cost one verdict, not the run (language E999)
                self._stands = Standing.CANNOT_TELL
                self.reason = report(self.rule.id, self.deal.id, error)
        return self._stands

    @property
    def context(self) -> Context:
        """The run's standpoint, or that of the day the deal left the stage."""
        return self._asked_from or self.place.context

    def open_findings(self) -> tuple[Finding, ...]:
        """Explain the lines that are not met or cannot be told."""
        if self.is_brief or self._asked_from is None or self.reason[:4] == "E999":
            return ()
        return tuple(
            finding
            for finding in findings(self.rule.require, self.deal, self.context)
            if finding.standing in (Standing.NOT_MET, Standing.CANNOT_TELL)
        )

    # ---- in the order in which it is asked -------------------------------------------

    def _assess(self) -> Standing:
        if self.seat.is_plain:
            return self._asked()
        left_out = self._switched_off() or self._spared() or self._suspended()
        return left_out or self._asked()

    def _switched_off(self) -> Standing | None:
        rule = self.rule
        if rule.off_until is not None and self.context.today <= rule.off_until:
            until = f"{rule.off_until:%-d %b %Y}"
            return self._not_asked(f"switched off until {until}: {rule.off_because}")
        if rule.undecided:
            return self._not_asked("a limit it uses is not decided yet")
        return None

    def _spared(self) -> Standing | None:
        """Ask nothing of a stage the deal may leave out (language A23)."""
        seat, stage = self.seat, self.seat.stage
        if stage is None or seat.at is None:
            return None
        if seat.path is not Path.MAIN:
            was_there = self.place.position == seat.at or visited(
                self.deal, self.place.context, stage.name
            )
            if isinstance(was_there, Unavailable):
                return self._untold(was_there)
            if was_there is not True:
                return self._not_asked(f"the deal was never in {stage.name}")
        if seat.path is Path.SIDE or not self._may_have_begun_later(seat.at):
            return None
        began = self.place.began_at()
        if isinstance(began, Unavailable):
            return self._untold(began)
        if began > seat.at:
            return self._not_asked("the deal was allowed to begin after this stage")
        return None

    def _may_have_begun_later(self, at: int) -> bool:
        return any(start > at for start, _ in self.place.course.starts)

    def _suspended(self) -> Standing | None:
        condition = self.rule.suspend_when
        if condition is None:
            return None
        why = self.place.suspension(condition)
        if isinstance(why, Unavailable):
            self.reason = why.reason
            return Standing.CANNOT_TELL
        self.reason, self.is_suspended = why, bool(why)
        return Standing.CANNOT_TELL if why else None

    def _asked(self) -> Standing:
        rule = self.seat.rule
        standpoint = asked_as_of(rule, self.deal, self.place.context)
        if isinstance(standpoint, Unavailable):
            return self._untold(standpoint)
        self._asked_from = standpoint
        if rule.when is not None or rule.unless is not None:
            left_out = self._left_out(rule, standpoint)
            if left_out is not None:
                return left_out
        stands = standing(rule.require, self.deal, standpoint)
        if stands is Standing.NOT_ASKED:
            self.reason = self._why_nothing(rule.require)
        if rule.escalate and stands is Standing.NOT_MET:
            self.escalation = escalated(rule, self.deal, self.place.context)
        return stands

    def _left_out(self, rule: Rule, context: Context) -> Standing | None:
        for condition, wanted in ((rule.when, True), (rule.unless, False)):
            if condition is None:
                continue
            stands = standing(condition, self.deal, context)
            if stands is Standing.CANNOT_TELL:
                self.reason = self._first(condition, Standing.CANNOT_TELL)
                return Standing.CANNOT_TELL
            if (stands is Standing.MET) is not wanted:
                return self._not_asked(self._first(condition, stands))
        return None

    # ---- words -----------------------------------------------------------------------

    def _not_asked(self, reason: str) -> Standing:
        self.reason = reason
        return Standing.NOT_ASKED

    def _untold(self, unavailable: Unavailable) -> Standing:
        self.reason = f"Cannot tell: {unavailable.reason}."
        return Standing.CANNOT_TELL

    def _why_nothing(self, condition: Condition) -> str:
        """Say of each line why it is left out, where none is asked."""
        if self.is_brief:
            return ""
        told = findings(condition, self.deal, self.context)
        return " ".join(dict.fromkeys(finding.text for finding in told))

    def _first(self, condition: Condition, stands: Standing) -> str:
        """Say in one sentence which line decided."""
        if self.is_brief:
            return ""
        for finding in findings(condition, self.deal, self.context):
            if finding.standing is stands:
                return finding.text
        return ""
