"""A parameter that is a date and time means that time in the project's zone."""

from __future__ import annotations

import pytest

from tests.pack.packs import text
from tests.pack.testing.suites import FIELDS, a_suite, cases, held, mistakes_of

RULES = """\
version: 1
kind: rules
pipeline: Enterprise
params:
  day: {{type: datetime, value: 2026-11-10}}
  hour: {{type: datetime, value: {hour}}}
  by_segment:
    type: datetime
    by: account.segment
    values: {{SMB: 2026-11-10 09:00}}
    else: 2026-11-11 9:00
stages:
  Proposal:
    while_in:
      - {{id: day, title: T, require: demo_at after $day, fix: F.}}
      - {{id: hour, title: T, require: demo_at after $hour, fix: F.}}
      - {{id: chosen, title: T, require: demo_at after $by_segment, fix: F.}}
"""
WITH_DEMO = FIELDS.replace(
    "deal:\n", "deal:\n  demo_at: {type: datetime, salesforce: Demo__c}\n"
)


def rules(hour: str = "2026-11-10 09:00") -> str:
    return RULES.format(hour=hour)


@pytest.mark.parametrize(
    ("demo", "segment", "failing"),
    [
        ("2026-11-10 09:01", "SMB", "[]"),
        ("2026-11-10 09:00", "SMB", "[hour, chosen]"),
        ("2026-11-10 00:01", "SMB", "[hour, chosen]"),
        ("2026-11-10 00:00", "SMB", "[day, hour, chosen]"),
        ("2026-11-10 23:00", "Other", "[chosen]"),
        ("2026-11-11 09:01", "Other", "[]"),
        ("2026-11-10 14:00Z", "SMB", "[hour, chosen]"),  # 09:00 in New York
        ("2026-11-10 14:01Z", "SMB", "[]"),
    ],
)
def test_a_moment_is_held_to_the_minute_in_the_zone_of_the_project(
    tmp_path, demo, segment, failing
):
    test = cases(
        f"- {{name: a, deal: it, change: {{demo_at: {demo},"
        f" account: {{segment: {segment}}}}}, expect: {{violations: {failing}}}}}",
        deals="deals: {it: {stage: Proposal}}",
    )
    suite = a_suite(tmp_path, test, e_rules=rules(), fields=WITH_DEMO)

    assert [report.failures for report in held(suite)] == [()]


def test_an_hour_that_no_clock_shows_is_named(tmp_path):
    test = cases(
        "- {name: a, deal: it, expect: {violations: []}}",
        deals="deals: {it: {stage: Proposal}}",
    )
    wrong = rules("2026-11-10 25:00")
    said = mistakes_of(tmp_path, test, e_rules=wrong, fields=WITH_DEMO)
    first = "\n".join(said.splitlines()[:3])
    assert first == text(
        """
        rules/e.rules.yaml:6:33: error E206: "value" must be a date and time such as 2026-12-31 15:00; found "2026-11-10 25:00".
            6 |   hour: {type: datetime, value: 2026-11-10 25:00}
              |                                 ^^^^^^^^^^^^^^^^
        """  # noqa: E501
    )
