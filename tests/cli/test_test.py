"""`gatekeeper test`: what a rule's author sees, and what the shell is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from gatekeeper.cli.main import app
from gatekeeper.errors import PackError, SetupError
from tests.pack.testing.suites import a_test_pack, cases

if TYPE_CHECKING:
    from pathlib import Path

FINE = "- {name: fine, deal: healthy, expect: {violations: []}}\n"
WRONG = """\
- name: quiet for two weeks
  deal: healthy
  change: {meetings: [{start: 2026-10-28 15:00}]}
  expect: {violations: []}
"""
GAP = "- {name: gap, deal: healthy, known_gap: true, expect: {fails: [ent-met]}}\n"


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(base: Path, text: str, *arguments: str) -> Result:
    a_test_pack(base, cases(text))
    return CliRunner().invoke(app, ["test", *arguments])


def test_passing_cases_end_with_a_count_and_code_0(base):
    ended = run(base, FINE + GAP)
    assert ended.stdout == (
        "known gap: gap  rules/tests/a.test.yaml:12\n"
        "2 cases in 1 file: 1 passed, 1 known gap.\n"
    )
    assert ended.exit_code == 0
    assert not (base / "gatekeeper.db").exists()


def test_a_failing_case_shows_the_rule_as_a_tree_and_ends_with_code_1(base):
    ended = run(base, WRONG + FINE)
    assert ended.stdout == (
        "FAIL quiet for two weeks: ent-met also fails: The only meeting does not have"
        " a start within the last 14 days; at least 1 is needed.\n"
        "    rules/tests/a.test.yaml:11  quiet for two weeks\n"
        "x ent-met  The buyer was met  medium, observe  open since 20 Nov 2026\n"
        "    x The only meeting does not have a start within the last 14 days; at least"
        " 1 is needed.\n"
        "        not counted: one (28 Oct 2026 15:00)\n"
        "    Fix: Meet the buyer.\n"
        "\n"
        "2 cases in 1 file: 1 failed, 1 passed.\n"
    )
    assert ended.exit_code == 1


def test_a_failing_case_dates_its_violation_by_the_clock_of_the_project(base):
    """22:00 in New York is 03:00 of the next day in UTC."""
    ended = run(base, WRONG + "  as_of: 2026-11-20 22:00\n")
    assert "  medium, observe  open since 20 Nov 2026\n" in ended.stdout


def test_mistakes_in_a_test_file_are_listed_and_nothing_is_judged(base):
    ended = run(base, FINE.replace("violations: []", "violations: [ent-x]"))
    assert isinstance(ended.exception, PackError)
    assert ended.exception.exit_code == 2
    (message,) = ended.exception.messages
    assert 'error E802: there is no rule "ent-x".' in message


def test_coverage_under_the_least_ends_with_code_1(base):
    assert run(base, FINE, "--coverage").exit_code == 0
    ended = run(base, FINE, "--min", "40")
    assert ended.exit_code == 1
    assert ended.stdout.splitlines()[-1] == "Coverage is 39%."
    assert run(base, FINE, "--min", "39").exit_code == 0


def test_a_program_gets_one_json_value(base):
    ended = run(base, WRONG + GAP, "--json", "--coverage")
    body = json.loads(ended.stdout)
    assert [each["status"] for each in body["cases"]] == ["failed", "known gap"]
    wrong = body["cases"][0]
    assert (wrong["file"], wrong["line"]) == ("rules/tests/a.test.yaml", 11)
    assert wrong["failures"][0]["rule_id"] == "ent-met"
    assert body["coverage"]["rules"][3]["rule_id"] == "ent-met"
    assert ended.exit_code == 1


def test_a_build_server_gets_junit(base):
    run(base, WRONG + GAP + FINE, "--junit", "report.xml")
    root = ElementTree.parse(base / "report.xml").getroot()  # noqa: S314  (our own)
    suite = root[0]
    assert suite.attrib == {
        "name": "rules/tests/a.test.yaml",
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }
    assert [case.attrib["name"] for case in suite] == [
        "quiet for two weeks",
        "gap",
        "fine",
    ]
    assert [[child.tag for child in case] for case in suite] == [
        ["failure"],
        ["skipped"],
        [],
    ]


def test_one_file_or_folder_may_be_named(base):
    run(base, FINE)
    other = base / "rules" / "tests" / "b.test.yaml"
    other.write_text(cases(WRONG), encoding="utf-8")
    runner = CliRunner()
    assert runner.invoke(app, ["test", "rules/tests/a.test.yaml"]).exit_code == 0
    assert runner.invoke(app, ["test", "rules/tests"]).exit_code == 1
    assert runner.invoke(app, ["test"]).exit_code == 1


def test_what_is_not_there_is_said_in_one_sentence(base):
    missing = run(base, FINE, "rules/tests/x.test.yaml")
    assert isinstance(missing.exception, SetupError)
    assert str(missing.exception) == "There is no file rules/tests/x.test.yaml."
    (base / "rules" / "tests" / "a.test.yaml").unlink()
    none = CliRunner().invoke(app, ["test"])
    assert isinstance(none.exception, SetupError)
    assert str(none.exception).startswith("There is no test file.")


def test_a_skeleton_is_printed_for_a_rule(base):
    ended = run(base, FINE, "--new", "ent-amount")
    assert ended.exit_code == 0
    assert ended.stdout.startswith("version: 1\nkind: test\n")
    assert "  - name: 'ent-amount passes'\n" in ended.stdout


BOUND = """\
- {name: fine, deal: healthy, expect: {violations: []}}
- {name: at, deal: healthy, change: {amount: 50_000}, expect: {violations: []}}
- name: under
  deal: healthy
  change: {amount: 49_999.99}
  expect: {fails: [ent-amount]}
"""


def test_what_no_test_notices_is_named_with_its_place_and_ends_with_code_1(base):
    ended = run(base, BOUND, "--mutate")
    first, blank, *lines = ended.stdout.splitlines()
    assert (first, blank) == ("3 cases in 1 file: 3 passed.", "")
    assert (
        "rules/e.rules.yaml:31:56: ent-met: no test notices if 14 days becomes 15 days."
    ) in lines
    assert [line.split() for line in lines if line.startswith(" ent-amount")] == [
        ["ent-amount", "2", "of", "2"]
    ]
    assert lines[-1] == "The tests notice 8 of 17 changes (47%)."
    assert ended.exit_code == 1


def test_with_a_bound_enough_changes_must_be_noticed(base):
    assert run(base, BOUND, "--mutate", "--min", "47").exit_code == 0
    assert run(base, BOUND, "--mutate", "--min", "48").exit_code == 1


def test_a_rule_that_no_case_reaches_is_one_line(base):
    text = """\
- {name: a, deal: healthy, change: {stage: Discovery}, expect: {violations: []}}
"""
    ended = run(base, text, "--mutate")
    lines = [line for line in ended.stdout.splitlines() if "ent-met:" in line]
    assert lines == [
        "rules/e.rules.yaml:31:18: ent-met: no case reaches it; 6 changes not noticed."
    ]


def test_nothing_is_changed_while_a_case_fails(base):
    ended = run(base, WRONG, "--mutate")
    assert ended.stdout.splitlines()[-1] == (
        "No rule was changed: a case that fails anyway notices nothing."
    )
    assert ended.exit_code == 1


def test_a_program_gets_the_changes_as_json(base):
    body = json.loads(run(base, BOUND, "--mutate", "--json").stdout)["mutation"]
    assert {key: body[key] for key in ("percent", "made", "noticed")} == {
        "percent": 47,
        "made": 17,
        "noticed": 8,
    }
    assert body["rules"][0] == {
        "rule": "ent-amount",
        "made": 2,
        "noticed": 2,
        "reached": True,
    }
    assert {
        "rule": "ent-met",
        "file": "rules/e.rules.yaml",
        "line": 31,
        "column": 56,
        "change": "14 days becomes 15 days",
    } in body["survivors"]
