"""The tests of whole packs: the long example, and the rules that ship."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from gatekeeper.pack.testing.coverage import Coverage
from gatekeeper.pack.testing.limits import cover_limits
from gatekeeper.pack.testing.mutation.survivors import mutate
from gatekeeper.pack.testing.verdicts import Status
from tests.pack.testing.suites import held, read, standpoint

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "tests" / "packs" / "enterprise"


def test_the_long_example_gives_exactly_the_stated_answers():
    (suite,), mistakes = read(EXAMPLE)
    assert mistakes == ()
    assert {report.case.name: report.failures for report in held(suite)} == {
        "a healthy proposal breaks nothing": (),
        "amount just under the limit": (),
        "amount left empty is a violation, and says so": (),
        "a hidden field is not a violation and does not close one": (),
        "quiet for two weeks": (),
        "waived discount": (),
        "grace ends with the third business day": (),
        "at the limit": (),
        "just under the limit": (),
        "no amount": (),
    }


def test_an_answer_changed_in_the_long_example_fails_its_case(tmp_path):
    folder = tmp_path / "rules"
    shutil.copytree(EXAMPLE, folder)
    tests = folder / "tests" / "enterprise.test.yaml"
    text = tests.read_text(encoding="utf-8")
    for right, wrong in {
        "expires: 2026-11-20": "expires: 2026-11-19",
        "2026-11-25: {ent-disc-criteria: pending}": (
            "2026-11-25: {ent-disc-criteria: open}"
        ),
        "2026-11-26: {ent-disc-criteria: open}": (
            "2026-11-26: {ent-disc-criteria: pending}"
        ),
        "expect: {violations: [ent-prop-active]}": "expect: {violations: []}",
    }.items():
        assert right in text
        text = text.replace(right, wrong)
    tests.write_text(text, encoding="utf-8")
    (suite,), _ = read(folder)
    failed = [report.case.name for report in held(suite) if report.failures]
    assert failed == [
        "quiet for two weeks",
        "waived discount",
        "grace ends with the third business day",
    ]


def test_the_rules_that_ship_pass_their_tests_and_are_covered_whole():
    suites, mistakes = read(ROOT / "rules")
    assert mistakes == ()
    coverage = Coverage()
    for suite in suites:
        reports = held(suite)
        statuses = {report.case.name: report.status for report in reports}
        assert set(statuses.values()) == {Status.PASSED}
        looks = [look for report in reports for look in report.looks]
        coverage.add(suite.pack, looks)
        cover_limits(coverage, suite, looks)
    open_points = {rule.rule_id: rule.missing for rule in coverage.rules.values()}
    assert [name for name, missing in open_points.items() if missing] == []
    assert len(open_points) == 16


def test_the_tests_of_the_rules_that_ship_notice_nine_changes_of_ten():
    suites, _ = read(ROOT / "rules")
    tested = [(suite, tuple(held(suite))) for suite in suites]
    mutation = mutate(tested, standpoint, lambda *_: None)
    assert mutation.made > 60
    assert mutation.percent >= 90


def test_the_test_in_the_reference_of_the_rules_document_passes(tmp_path):
    document = (ROOT / "rules" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder, ignore=shutil.ignore_patterns("tests"))
    (rules,) = (block for block in blocks if "- id: my-evidence\n" in block)
    (folder / "mine.rules.yaml").write_text(rules, encoding="utf-8")
    (folder / "tests").mkdir()
    (example,) = (
        block for block in blocks if "kind: test\n" in block and "my-evidence" in block
    )
    (folder / "tests" / "mine.test.yaml").write_text(example, encoding="utf-8")

    (suite,), mistakes = read(folder)

    assert mistakes == ()
    reports = held(suite)
    assert [failure.text for each in reports for failure in each.failures] == []
    assert len(reports) == 4
