"""A case passes or fails with the sentence a rule's author needs."""

from __future__ import annotations

import pytest

from gatekeeper.pack.testing.verdicts import Status
from tests.pack.testing.suites import RULES, a_suite, cases, held, texts_of


def differences(base, text: str, **files: str) -> list[str]:
    return texts_of(a_suite(base, cases(text), **files))


def test_a_healthy_deal_breaks_nothing(tmp_path):
    text = "- {name: fine, deal: healthy, expect: {violations: []}}"
    suite = a_suite(tmp_path, cases(text))
    (report,) = held(suite)
    assert report.status is Status.PASSED
    assert report.failures == ()


def test_a_rule_that_should_fail_and_passes_is_named(tmp_path):
    text = "- {name: quiet, deal: healthy, expect: {violations: [ent-met]}}"
    assert differences(tmp_path, text) == [
        "FAIL quiet: expected ent-met to fail, it passed."
    ]


def test_an_extra_violation_says_what_is_wrong(tmp_path):
    text = """
        - name: nothing is wrong
          deal: healthy
          change: {amount: 49_999.99}
          expect: {violations: []}
        """
    assert differences(tmp_path, text) == [
        "FAIL nothing is wrong: ent-amount also fails: Amount is 49,999.99; it must be"
        " at least 50,000.00."
    ]


def test_the_violations_are_the_exact_set_in_any_order(tmp_path):
    text = """
        - name: two
          deal: healthy
          change: {amount: 49_999.99, next_step: ~}
          expect: {violations: [ent-next-step, ent-amount]}
        """
    assert differences(tmp_path, text) == []


def test_optional_rules_are_never_listed(tmp_path):
    # ent-tidy fails on every deal here, and no case above names it.
    text = "- {name: a, deal: healthy, expect: {violations: [], fails: [ent-tidy]}}"
    assert differences(tmp_path, text) == []


def test_grace_and_mode_play_no_part(tmp_path):
    # ent-amount has three business days of grace and is only observed.
    text = """
        - name: a
          deal: healthy
          change: {amount: 1}
          expect: {violations: [ent-amount]}
        """
    assert differences(tmp_path, text) == []


@pytest.mark.parametrize(
    ("expect", "sentence"),
    [
        ("fails: [ent-met]", "expected ent-met to fail, it passed."),
        (
            "passes: [ent-amount]",
            "expected ent-amount to pass, it cannot be told: Cannot tell: the"
            " integration user may not read amount.",
        ),
        (
            "not_applicable: [ent-met]",
            "expected ent-met not to apply, it passed.",
        ),
        (
            "cannot_tell: [ent-met]",
            "expected ent-met to be one that cannot be told, it passed.",
        ),
    ],
)
def test_each_outcome_that_differs_is_said(tmp_path, expect, sentence):
    text = f"""
        - name: a
          deal: healthy
          hidden: [amount]
          expect: {{{expect}}}
        """
    assert differences(tmp_path, text) == [f"FAIL a: {sentence}"]


def test_a_rule_that_does_not_apply_says_why(tmp_path):
    text = """
        - name: early
          deal: healthy
          change: {stage: Discovery}
          expect: {passes: [ent-met]}
        """
    assert differences(tmp_path, text) == [
        "FAIL early: expected ent-met to pass, it does not apply: the deal is in"
        " another stage."
    ]


def test_because_compares_the_sentence_with_or_without_its_stop(tmp_path):
    text = """
        - name: same
          deal: healthy
          change: {amount: ~}
          expect:
            because: {ent-amount: "Amount is empty; it must be at least 50,000.00"}
        - name: other
          deal: healthy
          change: {amount: ~}
          expect:
            because: {ent-amount: "Amount is too small."}
        - name: silent
          deal: healthy
          expect: {because: {ent-amount: "Amount is too small."}}
        """
    assert differences(tmp_path, text) == [
        'FAIL other: expected ent-amount to say "Amount is too small", it says "Amount'
        ' is empty; it must be at least 50,000.00".',
        'FAIL silent: expected ent-amount to say "Amount is too small", it says'
        " nothing.",
    ]


def test_severity_and_owing_role_assert_what_stands(tmp_path):
    text = """
        - name: right
          deal: healthy
          change: {amount: 1}
          expect: {severity: {ent-amount: high}, owed_by: {ent-amount: deal_owner}}
        - name: wrong
          deal: healthy
          change: {amount: 1}
          expect: {severity: {ent-amount: low}, owed_by: {ent-amount: owner_manager}}
        - name: optional
          deal: healthy
          expect: {severity: {ent-tidy: medium}, owed_by: {ent-tidy: deal_owner}}
        """
    assert differences(tmp_path, text) == [
        "FAIL wrong: expected ent-amount to be low, it is high.",
        "FAIL wrong: expected ent-amount to be owed by owner_manager, it is owed by"
        " deal_owner.",
    ]


def test_what_nobody_owes_has_no_severity_and_no_role(tmp_path):
    text = """
        - name: met
          deal: healthy
          expect: {severity: {ent-amount: high}, owed_by: {ent-amount: deal_owner}}
        - name: met again
          deal: healthy
          change:
            created_on: 2026-11-01
            history: {2026-11-01: {stage: Proposal, amount: 1}, 2026-11-18: {amount: 120_000}}
          over: {from: 2026-11-17, to: 2026-11-19}
          expect: {severity: {ent-amount: high}}
        - name: early
          deal: healthy
          change: {stage: Discovery}
          expect: {severity: {ent-met: medium}}
        """  # noqa: E501
    assert differences(tmp_path, text) == [
        "FAIL met: expected ent-amount to be high, it passed.",
        "FAIL met: expected ent-amount to be owed by deal_owner, it passed.",
        "FAIL met again: expected ent-amount to be high, it passed.",
        "FAIL early: expected ent-met to be medium, it does not apply: the deal is in"
        " another stage.",
    ]


def test_a_timeline_follows_the_grace_over_the_weekend(tmp_path):
    # Friday the 20th; three business days later is Wednesday the 25th.
    text = """
        - name: grace
          deal: healthy
          change: {amount: 1}
          over: {from: 2026-11-20, to: 2026-11-26}
          expect:
            violations: [ent-amount]
            timeline:
              2026-11-20: {ent-amount: pending, ent-met: none}
              2026-11-25: {ent-amount: pending}
              2026-11-26: {ent-amount: open}
        """
    assert differences(tmp_path, text) == []


def test_a_timeline_that_differs_names_the_day(tmp_path):
    text = """
        - name: grace
          deal: healthy
          change: {amount: 1}
          over: {from: 2026-11-20, to: 2026-11-26}
          expect: {timeline: {2026-11-25: {ent-amount: open, ent-met: open}}}
        """
    assert differences(tmp_path, text) == [
        "FAIL grace: expected ent-amount to be open on 25 Nov 2026, it was pending.",
        "FAIL grace: expected ent-met to be open on 25 Nov 2026, it was none.",
    ]


def test_the_deal_is_judged_at_the_end_of_a_span(tmp_path):
    # The meeting of the 12th is 14 days ago on the 26th and 15 on the 27th.
    for last, expected in (("2026-11-26", "[]"), ("2026-11-27", "[ent-met]")):
        text = f"""
            - name: a
              deal: healthy
              over: {{from: 2026-11-20, to: {last}}}
              expect: {{violations: {expected}}}
            """
        assert differences(tmp_path, text) == []


def test_a_case_may_have_its_own_clock(tmp_path):
    text = """
        - {name: a, deal: healthy, as_of: 2026-11-27, expect: {violations: [ent-met]}}
        """
    assert differences(tmp_path, text) == []


def test_a_known_gap_should_fail_and_is_reported_when_it_passes(tmp_path):
    text = """
        - {name: gap, deal: healthy, known_gap: true, expect: {violations: [ent-met]}}
        - {name: shut, deal: healthy, known_gap: true, expect: {violations: []}}
        """
    gap, shut = held(a_suite(tmp_path, cases(text)))
    assert gap.status is Status.KNOWN_GAP
    assert gap.failures == ()
    assert shut.status is Status.FAILED
    (failure,) = shut.failures
    assert failure.text == "FAIL (known gap) now passes: remove known_gap."


def test_change_replaces_the_whole_key(tmp_path):
    text = """
        - name: the rows are gone
          deal: healthy
          change: {meetings: [{subject: Lunch}]}
          expect: {violations: [ent-met]}
        """
    assert differences(tmp_path, text) == []


def test_only_the_rules_of_the_files_that_are_named_are_tested(tmp_path):
    other = RULES.replace("ent-", "smb-").replace("Enterprise", '"*"')
    head = "version: 1\nkind: test\nrules: [../e.rules.yaml]\nas_of: 2026-11-20\n"
    text = """
        - name: a
          deal: healthy
          change: {amount: 1}
          expect: {violations: [ent-amount]}
        """
    suite = a_suite(tmp_path, cases(text, head=head), f_rules=other)
    assert {rule.id for rule in suite.pack.rules} == {
        "ent-amount",
        "ent-next-step",
        "ent-tidy",
        "ent-met",
    }
    assert texts_of(suite) == []


def test_cases_come_from_a_spreadsheet_too(tmp_path):
    test = cases("", head="version: 1\nkind: test\nas_of: 2026-11-20\n")
    test = test.replace("cases:\n", "cases_from: limits.csv\n")
    folder = tmp_path / "rules" / "tests"
    folder.mkdir(parents=True)
    (folder / "limits.csv").write_text(
        "name,deal,amount,account.segment,expect_violations\n"
        "at the limit,healthy,50000,,\n"
        '"under, by a cent",healthy,49999.99,SMB,ent-amount\n'
        "none,healthy,~,,ent-amount\n"
        "kept,healthy,,,ent-met\n",
        encoding="utf-8",
    )
    suite = a_suite(tmp_path, test)
    assert [case.name for case in suite.cases] == [
        "at the limit",
        "under, by a cent",
        "none",
        "kept",
    ]
    assert suite.cases[1].place.line == 3
    # With no amount ent-next-step is not asked, so only the amount fails.
    assert texts_of(suite) == ["FAIL kept: expected ent-met to fail, it passed."]


GRANDFATHERED = """\
version: 1
kind: rules
pipeline: "*"
defaults: {effective_from: 2026-11-01}
stages:
  every open stage:
    while_in:
      - {id: a, title: A, require: amount is filled, fix: F.}
      - id: b
        title: B
        require: amount is filled
        fix: F.
        effective_from: 2026-11-01
"""


def test_old_deals_are_left_alone_only_where_the_rule_itself_says_so(tmp_path):
    test = cases(
        """
        - name: old
          deal: it
          over: {from: 2026-11-20, to: 2026-11-20}
          expect: {timeline: {2026-11-20: {a: open, b: exempt}}, violations: [a, b]}
        """,
        deals="deals: {it: {stage: Discovery, created_on: 2026-08-03}}",
        head=(
            "version: 1\nkind: test\nas_of: 2026-11-20\n"
            "pipelines: {D: {open: Discovery}}\n"
        ),
    )
    assert texts_of(a_suite(tmp_path, test, e_rules=GRANDFATHERED)) == []


EMEA = """\
version: 1
kind: overlay
for: {team: [EMEA]}
params: {min_amount: 40_000}
rules:
  ent-amount: {severity: low, grace: 0 days}
  ent-next-step: {enabled: false, reason: Later., until: 2027-01-01}
"""


def test_a_deal_under_an_overlay_is_judged_by_its_rules(tmp_path):
    text = """
        - name: here
          deal: healthy
          change: {amount: 45_000, next_step: ~}
          expect: {violations: [ent-amount, ent-next-step]}
        - name: there
          deal: healthy
          change: {amount: 45_000, next_step: ~, owner: {email: a@b.eu, team: EMEA}}
          expect: {violations: [], not_applicable: [ent-next-step]}
        - name: there too little
          deal: healthy
          change: {amount: 39_000, owner: {email: a@b.eu, team: EMEA}}
          over: {from: 2026-11-20, to: 2026-11-20}
          expect:
            severity: {ent-amount: low}
            timeline: {2026-11-20: {ent-amount: open}}
        - name: nobody can tell where
          deal: healthy
          change: {owner: {email: a@b.eu, team: EMEA}}
          hidden: [owner]
          expect: {cannot_tell: [ent-amount, ent-met]}
        """
    (tmp_path / "rules" / "overlays").mkdir(parents=True)
    assert differences(tmp_path, text, **{"overlays/emea_overlay": EMEA}) == []


def test_waivers_of_the_case_apply_under_an_overlay_too(tmp_path):
    text = """
        - name: waived there
          deal: healthy
          change: {amount: 5, owner: {email: a@b.eu, team: EMEA}}
          waivers: [{rule: ent-amount, expires: 2026-11-20}]
          expect: {waived: [ent-amount]}
        """
    (tmp_path / "rules" / "overlays").mkdir(parents=True)
    assert differences(tmp_path, text, **{"overlays/emea_overlay": EMEA}) == []
