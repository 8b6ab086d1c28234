"""Compiled conditions, and what they say of a deal. Pure, frozen values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from gatekeeper.core.model.values import Deal, Empty, Unavailable

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model.violations import Severity

Answer = bool | Empty | Unavailable
"""True, false, empty (a side has no value) or unavailable (the CRM did not say)."""


class Standing(StrEnum):
    """How one line of a rule stands."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one line stands, in a seller's words; shown, never used to decide.

    Attributes:
        line: The check as the rule's author wrote it.
        text: One sentence with what is and what must be; may speak of ages.
        lasting_text: The same without anything that changes with time alone, for
            texts that stay in the CRM.
        observed: The actual value, formatted once.
        expected: What it must be, formatted once.
        fix: What to do about it, where the line has its own.
        title: The line's own title, if it has one.
        because_empty: The line failed because a value is empty.
        details: Further lines: rows counted and not counted.
        parts: Findings of the lines inside an any, all or at_least.
    """

    line: str
    standing: Standing
    text: str
    lasting_text: str
    observed: str = ""
    expected: str = ""
    fix: str | None = None
    title: str | None = None
    because_empty: bool = False
    details: tuple[str, ...] = ()
    parts: tuple[Finding, ...] = ()

    @property
    def sentence(self) -> str:
        """What is and what must be, under the line's own title if it has one."""
        return self._titled(self.text)

    @property
    def lasting_sentence(self) -> str:
        """The same for texts that stay in the CRM."""
        return self._titled(self.lasting_text)

    def _titled(self, text: str) -> str:
        return f"{self.title}: {text}" if self.title else text


Ask = Callable[[Deal, "Context"], Answer]
Explain = Callable[[Deal, "Context"], Finding]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a condition, compiled when it is first asked.

    Whoever only reads and checks rules asks none, and compiling takes a third of the
    time that reading a line takes. Once compiled, a line is asked without a detour.

    Attributes:
        said: Gives the check as written, blanks folded.
        compiled: Gives `test` and `explain`.
        blank_passes: An empty answer counts as met (`on_blank: pass`).
        when: The line is asked only where this holds.
        test: Decides; pure and total: it never raises for any deal.
        explain: Tells why, for a deal on which `test` has the given outcome.
    """

    said: Callable[[], str]
    compiled: Callable[[], tuple[Ask, Explain]]
    blank_passes: bool = False
    when: Condition | None = None
    test: Ask = field(init=False, repr=False, compare=False)
    explain: Explain = field(init=False, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The check as written."""
        return self.said()

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Fill what is asked for while it is empty; afterwards it is found."""
            if name not in {"test", "explain"}:
                raise AttributeError(name, name=name, obj=self)
            test, explain = self.compiled()
            object.__setattr__(self, "test", test)
            object.__setattr__(self, "explain", explain)
            return test if name == "test" else explain


class Quorum(StrEnum):
    """How many of a group's lines must hold."""

    ALL = "all"
    ANY = "any"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions of which all, any or at least `count` must hold."""

    quorum: Quorum
    parts: tuple[Condition, ...]
    count: int = 0


Condition = Line | Group

Message = Callable[[Deal, "Context"], str]
"""A text with placeholders, ready to be filled for one deal."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """What is different about a failure while a condition holds (language A22).

    Attributes:
        when: Asked only of a deal that fails the rule.
        severity: None keeps the rule's own, as do the two below.
        fix_text: The fix as written; "" where the rule's own stays.
        logic: Fingerprint of `when`.
    """

    when: Condition = field(compare=False)
    severity: Severity | None = None
    owed_by: str | None = None
    fix: Message | None = field(default=None, compare=False)
    fix_text: str = ""
    logic: str = ""


# ---- verdicts ----------------------------------------------------------------


class Outcome(StrEnum):
    """What a rule says of a deal; every pair gets exactly one (product D5)."""

    PASS = "pass"  # noqa: S105  (an outcome, not a password)
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    CANNOT_TELL = "cannot_tell"


class Cover(StrEnum):
    """Whether a waiver takes a deal out of a rule in this run."""

    APPLIES = "applies"
    CANNOT_TELL = "cannot_tell"  # its condition could not be read
    TOO_BROAD = "too_broad"  # it would cover more deals than it may (E708)


@dataclass(frozen=True, slots=True)
class Waived:
    """The waiver that speaks of a criterion that does not hold.

    Attributes:
        words: Until when, why and who approved it; nothing that changes with time.
        until: The last day of its term.
        doubt: Why it cannot be told whether it covers the deal; "" where it can.
    """

    waiver_id: str
    cover: Cover
    words: str
    until: date | None = None
    doubt: str = ""

    @property
    def applies(self) -> bool:
        """Whether the failure is accepted in this run."""
        return self.cover is Cover.APPLIES


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule on one deal.

    Attributes:
        readiness: For a criterion that does not bind yet (the gate is ahead), how
            it stands; None where it binds or can never bind.
        findings: Per line, only where the outcome is fail or cannot_tell, or the
            readiness is not met or cannot be told.
        reason: Why it does not apply, or why it cannot be told; "" otherwise.
        waived: The waiver that speaks of it, where it does not hold.
        escalation: What is different about the failure; unavailable where that cannot
            be told.
        is_suspended: Its file suspends it for now; that it cannot be told is wanted.
    """

    rule_id: str
    outcome: Outcome
    readiness: Standing | None = None
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    waived: Waived | None = None
    escalation: Escalation | Unavailable | None = None
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class SupportedStage:
    """The furthest stage the evidence supports (product D11, language A27, A36).

    Attributes:
        stage: Name in the rules, or None for a closed deal.
        at_least: True when a criterion could not be told: the stage may be further.
        waived: True when a waiver carried the walk over a failing criterion.
        label: What the CRM calls it, where the deal stands in it; "" elsewhere.
    """

    stage: str | None
    at_least: bool = False
    waived: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class DealVerdicts:
    """Every enabled rule of the deal's pipeline on one deal."""

    deal: Deal
    verdicts: tuple[Verdict, ...]
    supported: SupportedStage
