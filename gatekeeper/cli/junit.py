"""Test reports as JUnit XML, which build servers read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from gatekeeper.core.wording import visible
from gatekeeper.pack.testing.verdicts import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gatekeeper.pack.testing.verdicts import CaseReport


def write_junit(path: Path, reports: Mapping[str, Sequence[CaseReport]]) -> None:
    """Write one suite per test file, one test per case.

    A known gap is a skipped test: it fails as foretold.
    """
    root = Element("testsuites", name="gatekeeper test")
    for file, cases in reports.items():
        failed = sum(each.status is Status.FAILED for each in cases)
        skipped = sum(each.status is Status.KNOWN_GAP for each in cases)
        suite = SubElement(
            root,
            "testsuite",
            name=file,
            tests=str(len(cases)),
            failures=str(failed),
            errors="0",
            skipped=str(skipped),
        )
        for report in cases:
            _case(suite, file, report)
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _case(suite: Element, file: str, report: CaseReport) -> None:
    place = report.case.place
    case = SubElement(
        suite,
        "testcase",
        classname=file,
        name=visible(report.case.name),
        file=place.path,
        line=str(place.line),
    )
    if report.status is Status.KNOWN_GAP:
        SubElement(case, "skipped", message="known gap")
    for failure in report.failures:
        node = SubElement(case, "failure", message=visible(failure.text))
        node.text = f"{place.path}:{place.line}"
