"""Hold a case against the rules and say where they differ. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import (
    Standing,
    State,
    Verdict,
)
from gatekeeper.pack.testing.expect import Ending, NoViolation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.core.model import Finding, Severity
    from gatekeeper.core.pack import Rule
    from gatekeeper.pack.testing.cases import Case
    from gatekeeper.pack.testing.panel import Look, Panel

_WANTED = {
    Ending.FAILS: "to fail",
    Ending.PASSES: "to pass",
    Ending.NOT_APPLICABLE: "not to apply",
    Ending.CANNOT_TELL: "to be one that cannot be told",
    Ending.WAIVED: "to be waived",
}
_WAS = {
    Ending.FAILS: "failed",
    Ending.PASSES: "passed",
    Ending.NOT_APPLICABLE: "does not apply",
    Ending.CANNOT_TELL: "cannot be told",
    Ending.WAIVED: "is waived",
}


class Status(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    KNOWN_GAP = "known gap"


@dataclass(frozen=True, slots=True)
class Failure:
    """One difference; `rule_id` is None where it is about no single rule."""

    text: str
    rule_id: str | None = None


@dataclass(frozen=True, slots=True)
class CaseReport:
    """How one case ended, and what was seen on the way."""

    case: Case
    status: Status
    failures: tuple[Failure, ...]
    looks: tuple[Look, ...]


def hold_all(cases: Iterable[Case], panel: Panel) -> tuple[CaseReport, ...]:
    """Judge the cases of one suite."""
    return tuple(hold(case, panel) for case in cases)


def hold(case: Case, panel: Panel) -> CaseReport:
    """Judge a case and compare it with what it expects."""
    looks = tuple(panel.looks(case))
    differences = tuple(_differences(case, looks)) if looks else ()
    if not case.known_gap:
        status = Status.FAILED if differences else Status.PASSED
        return CaseReport(case, status, differences, looks)
    if differences:
        return CaseReport(case, Status.KNOWN_GAP, (), looks)
    closed = Failure("FAIL (known gap) now passes: remove known_gap.")
    return CaseReport(case, Status.FAILED, (closed,), looks)


# ---- differences -------------------------------------------------------------------


def _differences(case: Case, looks: tuple[Look, ...]) -> Iterator[Failure]:
    last, expected = looks[-1], case.expected
    rules = last.rules
    lead = f"FAIL {case.name}:"
    wanted = expected.endings
    if expected.violations is not None:
        fails = tuple((rule_id, Ending.FAILS) for rule_id in expected.violations)
        wanted = fails + wanted
        yield from _more(lead, rules, last, expected.violations)
    for rule_id, ending in dict.fromkeys(wanted):
        verdict = last.verdict(rule_id)
        if Ending.of(verdict) is not ending:
            text = f"expected {rule_id} {_WANTED[ending]}, it {_was(verdict)}."
            yield Failure(f"{lead} {text}", rule_id)
    yield from _texts(lead, case, last)
    yield from _consequences(lead, case, rules, last)
    yield from _timeline(lead, case, looks)


def _was(verdict: Verdict) -> str:
    ending, reason = Ending.of(verdict), verdict.reason.rstrip(".")
    if ending is Ending.CANNOT_TELL and not reason:
        reason = "; ".join(
            finding.text.rstrip(".")
            for finding in verdict.findings
            if finding.standing is Standing.CANNOT_TELL
        )
    if ending is Ending.WAIVED and verdict.waived is not None:
        reason = verdict.waived.words.rstrip(".")
    return f"{_WAS[ending]}{': ' + reason if reason else ''}"


def _more(
    lead: str, rules: Mapping[str, Rule], look: Look, expected: tuple[str, ...]
) -> Iterator[Failure]:
    """Name every rule that fails too; optional ones never do (language A32)."""
    for rule_id, verdict in look.verdicts.items():
        is_listed = rule_id in expected or rules[rule_id].is_optional
        if Ending.of(verdict) is Ending.FAILS and not is_listed:
            why = next((each.text for each in verdict.findings), "it is not met.")
            yield Failure(f"{lead} {rule_id} also fails: {why}", rule_id)


def _texts(lead: str, case: Case, look: Look) -> Iterator[Failure]:
    for rule_id, wanted in case.expected.because.items():
        verdict = look.verdict(rule_id)
        said = [verdict.reason, *_sentences(verdict.findings)]
        said = [text for text in dict.fromkeys(said) if text]
        if wanted.strip().rstrip(".") not in {text.rstrip(".") for text in said}:
            shown = f'it says "{said[0].rstrip(".")}"' if said else "it says nothing"
            text = f'expected {rule_id} to say "{wanted.rstrip(".")}", {shown}.'
            yield Failure(f"{lead} {text}", rule_id)


def _sentences(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield finding.text
        yield finding.lasting_text
        yield from _sentences(finding.parts)


def _consequences(
    lead: str, case: Case, rules: Mapping[str, Rule], look: Look
) -> Iterator[Failure]:
    """Compare how bad a violation is and who owes it, after `escalate`."""
    for rule_id, severity in case.expected.severity.items():
        stands = _stands(look, rules[rule_id])
        if stands is None or stands[0] is not severity:
            was = f"is {stands[0]}" if stands else _was(look.verdict(rule_id))
            text = f"expected {rule_id} to be {severity}, it {was}."
            yield Failure(f"{lead} {text}", rule_id)
    for rule_id, role in case.expected.owed_by.items():
        stands = _stands(look, rules[rule_id])
        if stands is None or stands[1] != role:
            was = f"is owed by {stands[1]}" if stands else _was(look.verdict(rule_id))
            text = f"expected {rule_id} to be owed by {role}, it {was}."
            yield Failure(f"{lead} {text}", rule_id)


def _stands(look: Look, rule: Rule) -> tuple[Severity, str] | None:
    """Return how bad it is and who owes it; None where nobody owes anything."""
    violation = look.violations.get(rule.id)
    if violation is not None and violation.state is not State.RESOLVED:
        return violation.severity, violation.role
    if Ending.of(look.verdict(rule.id)) is Ending.FAILS:  # and is optional
        return rule.severity, rule.owed_by
    return None


def _timeline(lead: str, case: Case, looks: tuple[Look, ...]) -> Iterator[Failure]:
    by_day = {local_date(look.context.now, look.context.zone): look for look in looks}
    for day, states in case.expected.timeline.items():
        for rule_id, wanted in states.items():
            violation = by_day[day].violations.get(rule_id)
            actual: State | NoViolation = NoViolation.NONE
            if violation is not None:
                actual = violation.state
            if actual is not wanted:
                text = f"expected {rule_id} to be {wanted} on {day:%-d %b %Y}"
                yield Failure(f"{lead} {text}, it was {actual}.", rule_id)
