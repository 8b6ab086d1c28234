"""`waivers:` of a case: the only ones that apply, asked of the one waiver book."""

from __future__ import annotations

import pytest

from tests.pack.packs import text
from tests.pack.testing.suites import a_suite, cases, mistakes_of, texts_of

PACK_WAIVERS = """\
version: 1
kind: waivers
waivers:
  - id: w-1
    rule: ent-amount
    deals_where: amount > 0
    max_deals: 5
    reason: Small on purpose.
    requested_by: ann@example.com
    approved_by: revops@example.com
    approved_on: 2026-11-01
    expires: 2026-12-31
"""


def case(waiver: str, expect: str, more: str = "") -> str:
    return cases(
        f"""
        - name: small
          deal: healthy
          change: {{amount: 1}}
          {more}
          waivers: {waiver}
          expect: {expect}
        """
    )


def said(base, *parts: str) -> list[str]:
    return texts_of(a_suite(base, case(*parts)))


def test_a_waiver_works_on_its_last_day_and_not_on_the_next(tmp_path):
    # The clock stands on the 20th at nine, New York time.
    today = "[{rule: ent-amount, expires: 2026-11-20}]"
    assert said(tmp_path, today, "{waived: [ent-amount], violations: []}") == []
    yesterday = "[{rule: ent-amount, expires: 2026-11-19}]"
    assert said(tmp_path, yesterday, "{waived: [ent-amount]}") == [
        "FAIL small: expected ent-amount to be waived, it failed."
    ]


def test_the_last_day_ends_at_midnight_of_the_projects_zone(tmp_path):
    # 04:30 UTC on the 21st is still half past eleven on the 20th in New York.
    waiver = "[{rule: ent-amount, expires: 2026-11-20}]"
    late = "as_of: 2026-11-20 23:30"
    assert said(tmp_path, waiver, "{waived: [ent-amount]}", late) == []
    after = "as_of: 2026-11-21 00:30"
    assert said(tmp_path, waiver, "{fails: [ent-amount]}", after) == []


def test_a_waived_rule_is_no_violation_and_no_pass(tmp_path):
    waiver = "[{id: w-9, rule: ent-amount, expires: 2026-12-31, reason: Strategic.}]"
    expected = "{violations: [ent-amount]}"
    assert said(tmp_path, waiver, expected) == [
        "FAIL small: expected ent-amount to fail, it is waived: Waived until 31 Dec"
        " 2026 by the case (w-9): Strategic."
    ]
    assert said(tmp_path, waiver, "{passes: [ent-amount]}")[0].startswith(
        "FAIL small: expected ent-amount to pass, it is waived:"
    )


def test_a_rule_that_passes_is_not_waived(tmp_path):
    waiver = "[{rule: ent-met, expires: 2026-12-31}]"
    assert said(tmp_path, waiver, "{waived: [ent-met]}") == [
        "FAIL small: expected ent-met to be waived, it passed."
    ]


def test_only_the_waivers_of_the_case_apply(tmp_path):
    test = cases(
        """
        - {name: a, deal: healthy, change: {amount: 1}, expect: {fails: [ent-amount]}}
        """
    )
    (tmp_path / "rules" / "waivers").mkdir(parents=True)
    suite = a_suite(tmp_path, test, **{"waivers/q4_waivers": PACK_WAIVERS})
    assert texts_of(suite) == []


def test_a_waiver_says_since_when_and_when_it_ends_early(tmp_path):
    later = "[{rule: ent-amount, approved_on: 2026-11-21, expires: 2026-12-31}]"
    assert said(tmp_path, later, "{fails: [ent-amount]}") == []
    early = "{rule: ent-amount, expires: 2026-12-31, ends_early_when: amount < %s}"
    assert said(tmp_path, f"[{early % 5}]", "{fails: [ent-amount]}") == []
    assert said(tmp_path, f"[{early % 1}]", "{waived: [ent-amount]}") == []


def test_a_waiver_may_be_for_other_deals(tmp_path):
    other = "[{rule: ent-amount, expires: 2026-12-31, deals: [006Hs00001ABCdE]}]"
    assert said(tmp_path, other, "{fails: [ent-amount]}") == []
    where = "[{rule: ent-amount, expires: 2026-12-31, deals_where: amount < 5}]"
    assert said(tmp_path, where, "{waived: [ent-amount]}") == []


def test_a_timeline_follows_a_waiver_to_its_end(tmp_path):
    # When the waiver ends the violation is open at once, without a new grace.
    waiver = "[{rule: ent-amount, expires: 2026-11-22}]"
    timeline = (
        "{timeline: {2026-11-22: {ent-amount: waived}, 2026-11-23: {ent-amount: open}}}"
    )
    over = "over: {from: 2026-11-20, to: 2026-11-23}"
    assert said(tmp_path, waiver, timeline, over) == []


@pytest.mark.parametrize(
    ("waiver", "message"),
    [
        (
            "[{rule: ent-amuont, expires: 2026-11-20}]",
            """
            rules/tests/a.test.yaml:15:22: error E802: there is no rule "ent-amuont".
               15 |     waivers: [{rule: ent-amuont, expires: 2026-11-20}]
                  |                      ^^^^^^^^^^
              help: did you mean "ent-amount"?
            """,
        ),
        (
            "[{rule: ent-amount}]",
            """
            rules/tests/a.test.yaml:15:16: error E702: this waiver has no "expires".
               15 |     waivers: [{rule: ent-amount}]
                  |                ^^^^
              help: expires: 2026-12-31 (the last day it still works)
            """,
        ),
        (
            "[{rule: '*', expires: 2026-11-20}]",
            """
            rules/tests/a.test.yaml:15:22: error E709: "*" is not accepted; name the rules.
               15 |     waivers: [{rule: '*', expires: 2026-11-20}]
                  |                      ^^^
            """,  # noqa: E501
        ),
        (
            "[w-1]",
            """
            rules/tests/a.test.yaml:15:15: error E206: "waivers" must be a list such as [{rule: ent-prop-discount, expires: 2026-11-20}]; found "w-1".
               15 |     waivers: [w-1]
                  |               ^^^
            """,  # noqa: E501
        ),
    ],
)
def test_a_waiver_that_says_too_little_is_refused(tmp_path, waiver, message):
    test = case(waiver, "{violations: []}", "hidden: []")
    assert mistakes_of(tmp_path, test) == text(message)
