"""How the cases of rule tests ended, as a person or a program reads it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gatekeeper.cli.console import counted, safe, say, show_table, table
from gatekeeper.cli.explained import show_rule
from gatekeeper.flow.explain import explained
from gatekeeper.pack.testing.verdicts import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.cli.test import Held
    from gatekeeper.pack.testing.coverage import Coverage
    from gatekeeper.pack.testing.verdicts import CaseReport, Failure

MOST_MISSING = 3


def show_reports(held: Held) -> None:
    """Show each difference with the rule it is about, then count the cases."""
    for suite in held.suites:
        for report in held.reports[suite.path]:
            for failure in report.failures:
                _show_failure(report, failure)
            if report.status is Status.KNOWN_GAP:
                place = report.case.place
                say(f"known gap: {report.case.name}  {place.path}:{place.line}", "dim")
    counts = Counter(
        report.status for reports in held.reports.values() for report in reports
    )
    failed = counts[Status.FAILED]
    parts = [f"{counts[Status.PASSED]} passed"]
    if failed:
        parts.insert(0, f"{failed} failed")
    if gaps := counts[Status.KNOWN_GAP]:
        parts.append(counted(gaps, "known gap"))
    cases = counted(counts.total(), "case")
    files = counted(len(held.suites), "file")
    say(f"{cases} in {files}: {', '.join(parts)}.", "red" if failed else "green")


def _show_failure(report: CaseReport, failure: Failure) -> None:
    place = report.case.place
    say(failure.text, "bold red")
    say(f"    {place.path}:{place.line}  {report.case.name}", "dim")
    look = report.looks[-1]
    rule = look.rules.get(failure.rule_id or "")
    if rule is not None:
        verdict = look.verdict(rule.id)
        show_rule(explained(rule, verdict, look.deal, look.context, look.violations))
    say()


def show_coverage(coverage: Coverage) -> None:
    """Show per rule how much is seen, and what to write a case for."""
    shown = table("Coverage", "rule", "seen", "no case yet for")
    for rule in coverage.rules.values():
        missing = rule.missing
        text = "; ".join(missing[:MOST_MISSING])
        if len(missing) > MOST_MISSING:
            text += f"; and {len(missing) - MOST_MISSING} more"
        shown.add_row(
            safe(rule.rule_id), f"{rule.seen} of {len(rule.points)}", safe(text)
        )
    show_table(shown)
    say(f"Coverage is {coverage.percent}%.")


def body_of(
    reports: Mapping[str, Sequence[CaseReport]], coverage: Coverage | None
) -> dict[str, object]:
    """Return the same as one JSON value."""
    body: dict[str, object] = {
        "cases": [
            {
                "file": report.case.place.path,
                "line": report.case.place.line,
                "name": report.case.name,
                "status": report.status.value,
                "failures": [
                    {"text": each.text, "rule_id": each.rule_id}
                    for each in report.failures
                ],
            }
            for cases in reports.values()
            for report in cases
        ]
    }
    if coverage is not None:
        body["coverage"] = {
            "percent": coverage.percent,
            "rules": [
                {
                    "rule_id": rule.rule_id,
                    "seen": rule.seen,
                    "of": len(rule.points),
                    "missing": rule.missing,
                }
                for rule in coverage.rules.values()
            ],
        }
    return body
