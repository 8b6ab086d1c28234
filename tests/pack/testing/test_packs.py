"""The tests of whole packs: the long example, and the rules that ship."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from gatekeeper.pack.testing.coverage import Coverage
from gatekeeper.pack.testing.limits import cover_limits
from gatekeeper.pack.testing.verdicts import Status
from tests.pack.testing.suites import held, read

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "tests" / "packs" / "enterprise"
# What needs history is asked in the plainest way that needs none.
WITHOUT_HISTORY = {
    "        asked: when_leaving": "        asked: always",
    "pushes(close_date, last 90 days)": "0",
    "days_in_stage()": "0",
    "moves_back(last 30 days)": "0",
    'visited("Discovery")': "is_won is false",
    "changed within last 30 days": "is filled",
}


def example_without(base: Path, *names: str) -> Path:
    """Copy the long example without what needs history, and without some cases."""
    folder = base / "rules"
    shutil.copytree(EXAMPLE, folder)
    rules = folder / "enterprise.rules.yaml"
    text = rules.read_text(encoding="utf-8")
    for old, new in WITHOUT_HISTORY.items():
        text = text.replace(old, new)
    rules.write_text(text, encoding="utf-8")
    tests = folder / "tests" / "enterprise.test.yaml"
    blocks = tests.read_text(encoding="utf-8").split("\n\n")
    kept = [block for block in blocks if not any(name in block for name in names)]
    tests.write_text("\n\n".join(kept), encoding="utf-8")
    return folder


def test_the_long_example_gives_exactly_the_stated_answers(tmp_path):
    (suite,), mistakes = read(example_without(tmp_path, "waived discount"))
    assert mistakes == ()
    assert {report.case.name: report.failures for report in held(suite)} == {
        "a healthy proposal breaks nothing": (),
        "amount just under the limit": (),
        "amount left empty is a violation, and says so": (),
        "a hidden field is not a violation and does not close one": (),
        "quiet for two weeks": (),
        "grace ends with the third business day": (),
        "at the limit": (),
        "just under the limit": (),
        "no amount": (),
    }


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


def test_the_example_of_the_rules_document_passes(tmp_path):
    document = (ROOT / "rules" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder, ignore=shutil.ignore_patterns("tests"))
    (folder / "mine.rules.yaml").write_text(blocks[0], encoding="utf-8")
    (folder / "tests").mkdir()
    (example,) = (block for block in blocks if "kind: test\n" in block)
    (folder / "tests" / "mine.test.yaml").write_text(example, encoding="utf-8")

    (suite,), mistakes = read(folder)

    assert mistakes == ()
    reports = held(suite)
    assert [failure.text for each in reports for failure in each.failures] == []
    assert len(reports) == 5
