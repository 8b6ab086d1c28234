"""Mistakes in a test file: each with its place, all at once, the whole text."""

from __future__ import annotations

import pytest

from tests.pack.packs import text
from tests.pack.testing.suites import DEALS, RULES, cases, mistakes_of

FINE = "- {name: fine, deal: healthy, expect: {violations: []}}"


def test_a_test_without_a_clock_is_refused(tmp_path):
    test = cases(FINE, head="version: 1\nkind: test\n")
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:10:6: error E801: this test has no "as_of".
           10 |   - {name: fine, deal: healthy, expect: {violations: []}}
              |      ^^^^
          help: as_of: 2026-11-20 09:00
        """
    )


def test_a_clock_that_cannot_be_read_is_one_mistake(tmp_path):
    test = cases(FINE, head="version: 1\nkind: test\nas_of: 11/20/2026\n")
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:3:8: error E206: "as_of" must be a day and time such as 2026-11-20 09:00; found "11/20/2026".
            3 | as_of: 11/20/2026
              |        ^^^^^^^^^^
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("written", "said", "help"),
    [
        ("120,000", "numbers have no commas.", "write 120000, 120_000 or 120k."),
        ("120, 000", "numbers have no commas.", "write 120000, 120_000 or 120k."),
        (
            "50.000",
            "a point marks decimals, so 50.000 is 50.",
            "write 50000, 50_000 or 50k; or 50, if that is meant.",
        ),
    ],
)
def test_an_amount_with_signs_between_thousands_is_refused(
    tmp_path, written, said, help
):
    case = f"- {{name: a, deal: healthy, change: {{amount: {written}}}, expect: {{}}}}"
    found = mistakes_of(tmp_path, cases(case)).splitlines()
    assert found[0].endswith(f"error E306: {said}")
    assert found[2].count("^") == len(written)
    assert found[3] == f"  help: {help}"


def test_an_unknown_rule_is_refused_wherever_it_is_named(tmp_path):
    test = cases(
        """
        - name: a
          deal: healthy
          expect:
            violations: [ent-amuont]
            because: {ent-mett: "No meeting"}
        """
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:14:20: error E802: there is no rule "ent-amuont".
           14 |       violations: [ent-amuont]
              |                    ^^^^^^^^^^
          help: did you mean "ent-amount"?
        rules/tests/a.test.yaml:15:17: error E802: there is no rule "ent-mett".
           15 |       because: {ent-mett: "No meeting"}
              |                 ^^^^^^^^
          help: did you mean "ent-met"?
        """
    )


def test_a_rule_that_was_renamed_is_named_as_it_is_called_now(tmp_path):
    rules = RULES.replace("id: ent-met\n", "id: ent-met\n        formerly: old-met\n")
    test = cases(
        "- {name: a, deal: healthy, expect: {violations: []},"
        " waivers: [{rule: old-met, expires: 2026-11-20}]}"
    )
    assert mistakes_of(tmp_path, test, e_rules=rules) == text(
        """
        rules/tests/a.test.yaml:11:73: error E802: there is no rule "old-met".
           11 |   - {name: a, deal: healthy, expect: {violations: []}, waivers: [{rule: old-met, expires: 2026-11-20}]}
              |                                                                         ^^^^^^^
          help: it is called ent-met now.
        """  # noqa: E501
    )


def test_a_rule_of_another_file_is_named_as_such(tmp_path):
    head = "version: 1\nkind: test\nrules: ../f.rules.yaml\nas_of: 2026-11-20\n"
    test = cases(
        "- {name: a, deal: it, expect: {violations: [ent-met]}}",
        head=head,
        deals="deals: {it: {stage: Proposal}}",
    )
    other = """\
        version: 1
        kind: rules
        pipeline: Enterprise
        stages:
          Proposal:
            exit: [{id: smb-a, title: A, require: amount > 0, fix: F.}]
        """
    assert mistakes_of(tmp_path, test, f_rules=other) == text(
        """
        rules/tests/a.test.yaml:7:47: error E802: ent-met is not in the files this test is for.
            7 |   - {name: a, deal: it, expect: {violations: [ent-met]}}
              |                                               ^^^^^^^
          help: add its file under rules: at the top of the test.
        """  # noqa: E501
    )


def test_an_unknown_deal_is_refused(tmp_path):
    test = cases("- {name: a, deal: healty, expect: {violations: []}}")
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:11:21: error E803: there is no deal "healty" in this test.
           11 |   - {name: a, deal: healty, expect: {violations: []}}
              |                     ^^^^^^
          help: did you mean "healthy"?
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "{amonut: 5}",
            """
            rules/tests/a.test.yaml:13:14: error E401: there is no field "amonut" on the deal.
               13 |     change: {amonut: 5}
                  |              ^^^^^^
              help: did you mean "amount"?
            """,  # noqa: E501
        ),
        (
            "{contacts: [{rol: User}]}",
            """
            rules/tests/a.test.yaml:13:26: error E401: there is no field "rol" on contacts.
               13 |     change: {contacts: [{rol: User}]}
                  |                          ^^^
              help: did you mean "role"?
            """,  # noqa: E501
        ),
        (
            "{account: {segmnt: SMB}}",
            """
            rules/tests/a.test.yaml:13:24: error E401: there is no field "segmnt" on the account.
               13 |     change: {account: {segmnt: SMB}}
                  |                        ^^^^^^
              help: did you mean "segment"?
            """,  # noqa: E501
        ),
        (
            "{stage: Proposl}",
            """
            rules/tests/a.test.yaml:13:21: error E503: pipeline Enterprise has no stage "Proposl".
               13 |     change: {stage: Proposl}
                  |                     ^^^^^^^
              help: did you mean "Proposal"? Stages in order: Qualification, Discovery, Proposal, Closed Won, Closed Lost
            """,  # noqa: E501
        ),
        (
            "{pipeline: Enterprize}",
            """
            rules/tests/a.test.yaml:13:24: error E503: there is no pipeline "Enterprize" in this test.
               13 |     change: {pipeline: Enterprize}
                  |                        ^^^^^^^^^^
              help: did you mean "Enterprise"? Pipelines: Enterprise
            """,  # noqa: E501
        ),
        (
            "{amount: lots}",
            """
            rules/tests/a.test.yaml:13:22: error E206: "amount" must be an amount such as 50_000; found "lots".
               13 |     change: {amount: lots}
                  |                      ^^^^
            """,  # noqa: E501
        ),
        (
            "{close_date: 2026-09-31}",
            """
            rules/tests/a.test.yaml:13:26: error E107: 2026-09-31 is not a date (September has 30 days).
               13 |     change: {close_date: 2026-09-31}
                  |                          ^^^^^^^^^^
            """,  # noqa: E501
        ),
        (
            "{is_won: true}",
            """
            rules/tests/a.test.yaml:13:14: error E805: "is_won" follows from "stage" and "pipelines".
               13 |     change: {is_won: true}
                  |              ^^^^^^
              help: take it out.
            """,  # noqa: E501
        ),
        (
            "{siblings: [{stage: Porposal}]}",
            """
            rules/tests/a.test.yaml:13:33: error E503: pipeline Enterprise has no stage "Porposal".
               13 |     change: {siblings: [{stage: Porposal}]}
                  |                                 ^^^^^^^^
              help: did you mean "Proposal"? Stages in order: Qualification, Discovery, Proposal, Closed Won, Closed Lost
            """,  # noqa: E501
        ),
        (
            "{siblings: [{pipeline: Enterprize}]}",
            """
            rules/tests/a.test.yaml:13:36: error E503: there is no pipeline "Enterprize" in this test.
               13 |     change: {siblings: [{pipeline: Enterprize}]}
                  |                                    ^^^^^^^^^^
              help: did you mean "Enterprise"? Pipelines: Enterprise
            """,  # noqa: E501
        ),
        (
            "{siblings: [{stage: Proposal, is_won: true}]}",
            """
            rules/tests/a.test.yaml:13:43: error E805: "is_won" follows from "stage" and "pipelines".
               13 |     change: {siblings: [{stage: Proposal, is_won: true}]}
                  |                                           ^^^^^^
              help: take it out.
            """,  # noqa: E501
        ),
        (
            "{discount: 0.3}",
            """
            rules/tests/a.test.yaml:13:24: error E417: discount is a percentage; 0.3 would mean 0.3%.
               13 |     change: {discount: 0.3}
                  |                        ^^^
              help: write 30%.
            """,  # noqa: E501
        ),
        (
            "{activities: []}",
            """
            rules/tests/a.test.yaml:13:14: error E805: "activities" is put together from meetings, calls, emails, tasks and notes.
               13 |     change: {activities: []}
                  |              ^^^^^^^^^^
              help: take it out.
            """,  # noqa: E501
        ),
        (
            "{owner: Ann}",
            """
            rules/tests/a.test.yaml:13:21: error E206: "owner" must be an e-mail address; found "Ann".
               13 |     change: {owner: Ann}
                  |                     ^^^
            """,  # noqa: E501
        ),
    ],
)
def test_what_no_deal_can_hold_is_refused(tmp_path, change, message):
    test = cases(
        f"""
        - name: a
          deal: healthy
          change: {change}
          expect: {{violations: []}}
        """
    )
    assert mistakes_of(tmp_path, test) == text(message)


def test_a_deal_needs_a_stage(tmp_path):
    deals = "deals: {it: {amount: 1}}"
    test = cases("- {name: a, deal: it, expect: {violations: []}}", deals=deals)
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:4:9: error E202: deal it has no "stage".
            4 | deals: {it: {amount: 1}}
              |         ^^
          help: stage: Discovery
        """
    )


def test_a_case_must_expect_something(tmp_path):
    test = cases(
        """
        - {name: a, deal: healthy}
        - {name: b, deal: healthy, expect: {because: }}
        """
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:11:6: error E202: case "a" has no "expect".
           11 |   - {name: a, deal: healthy}
              |      ^^^^
        rules/tests/a.test.yaml:12:39: error E804: case "b" expects nothing.
           12 |   - {name: b, deal: healthy, expect: {because: }}
              |                                       ^^^^^^^
          help: violations: []
        """
    )


def test_a_rule_that_is_expected_to_end_in_two_ways_is_refused(tmp_path):
    test = cases(
        """
        - name: a
          deal: healthy
          expect: {violations: [ent-met], passes: [ent-met], fails: [ent-met]}
        - name: b
          deal: healthy
          expect: {passes: [ent-amount], waived: [ent-amount]}
        """
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:13:46: error E804: ent-met stands under "violations" and under "passes".
           13 |     expect: {violations: [ent-met], passes: [ent-met], fails: [ent-met]}
              |                                              ^^^^^^^
          help: a rule ends in one way: keep it under one of them.
        rules/tests/a.test.yaml:16:45: error E804: ent-amount stands under "passes" and under "waived".
           16 |     expect: {passes: [ent-amount], waived: [ent-amount]}
              |                                             ^^^^^^^^^^
          help: a rule ends in one way: keep it under one of them.
        """  # noqa: E501
    )


def test_an_optional_rule_is_never_expected_among_the_violations(tmp_path):
    test = cases("- {name: a, deal: healthy, expect: {violations: [ent-tidy]}}")
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:11:52: error E804: ent-tidy is optional, so it is never among the violations.
           11 |   - {name: a, deal: healthy, expect: {violations: [ent-tidy]}}
              |                                                    ^^^^^^^^
          help: fails: [ent-tidy]
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "expect", ["passes: []", "cannot_tell: []", "timeline: {2026-11-20: {}}"]
)
def test_a_case_that_no_rule_can_break_is_refused(tmp_path, expect):
    test = cases(f"- {{name: a, deal: healthy, expect: {{{expect}}}}}")
    assert 'error E804: case "a" expects nothing.' in mistakes_of(tmp_path, test)


def test_a_role_that_nobody_plays_is_refused(tmp_path):
    test = cases("- {name: a, deal: healthy, expect: {owed_by: {ent-met: deal_onwer}}}")
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:11:58: error E216: owed_by "deal_onwer" is not a role of people.yaml.
           11 |   - {name: a, deal: healthy, expect: {owed_by: {ent-met: deal_onwer}}}
              |                                                          ^^^^^^^^^^
          help: did you mean "deal_owner"?
        """  # noqa: E501
    )


def test_a_test_without_a_case_is_refused(tmp_path):
    test = f"version: 1\nkind: test\nas_of: 2026-11-20\n{DEALS}cases: []\n"
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:10:1: error E804: this test has no case, so it holds no rule to anything.
           10 | cases: []
              | ^^^^^
          help: cases: [{name: a healthy deal, deal: healthy, expect: {violations: []}}]
        """  # noqa: E501
    )


def test_unknown_keys_and_states_are_refused(tmp_path):
    test = cases(
        """
        - name: a
          deal: healthy
          over: {from: 2026-11-20, to: 2026-11-21}
          expect: {violation: [], timeline: {2026-11-20: {ent-met: opened}}}
        """
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:14:14: error E201: "violation" is not a key of "expect".
           14 |     expect: {violation: [], timeline: {2026-11-20: {ent-met: opened}}}
              |              ^^^^^^^^^
          help: did you mean "violations"? Allowed keys: violations, fails, passes, not_applicable, cannot_tell, ...
        rules/tests/a.test.yaml:14:62: error E207: state "opened" is not one of pending, open, waived, suppressed, exempt, resolved, none.
           14 |     expect: {violation: [], timeline: {2026-11-20: {ent-met: opened}}}
              |                                                              ^^^^^^
          help: did you mean "open"?
        """  # noqa: E501
    )


def test_a_timeline_needs_its_days(tmp_path):
    test = cases(
        """
        - name: a
          deal: healthy
          expect: {timeline: {2026-11-20: {ent-met: open}}}
        - name: b
          deal: healthy
          over: {from: 2026-11-20, to: 2026-11-21}
          expect: {timeline: {2026-11-22: {ent-met: open}}}
        """
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:13:14: error E806: a "timeline" needs the days it is about.
           13 |     expect: {timeline: {2026-11-20: {ent-met: open}}}
              |              ^^^^^^^^
          help: over: {from: 2026-11-20, to: 2026-11-26}
        rules/tests/a.test.yaml:16:12: error E806: 2026-11-22 of the timeline lies outside 2026-11-20 to 2026-11-21.
           16 |     over: {from: 2026-11-20, to: 2026-11-21}
              |            ^^^^
          help: widen over: {from:, to:}
        """  # noqa: E501
    )


def test_files_that_are_not_there_are_named(tmp_path):
    head = "version: 1\nkind: test\nrules: ../x.rules.yaml\nas_of: 2026-11-20\n"
    test = f"{head}{DEALS}cases_from: x.csv\n"
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:3:8: error E211: "rules: ../x.rules.yaml" was not found next to this file.
            3 | rules: ../x.rules.yaml
              |        ^^^^^^^^^^^^^^^
        rules/tests/a.test.yaml:11:13: error E211: "cases_from: x.csv" was not found next to this file.
           11 | cases_from: x.csv
              |             ^^^^^
        """  # noqa: E501
    )


def test_a_spreadsheet_knows_the_place_of_its_mistakes(tmp_path):
    folder = tmp_path / "rules" / "tests"
    folder.mkdir(parents=True)
    (folder / "x.csv").write_text(
        "name,deal,amount,nextstep,expect_violations\na,healthy,lots,Call,ent-mett\n",
        encoding="utf-8",
    )
    test = f"version: 1\nkind: test\nas_of: 2026-11-20\n{DEALS}cases_from: x.csv\n"
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/x.csv:2:11: error E206: "amount" must be an amount such as 50_000; found "lots".
            2 | a,healthy,lots,Call,ent-mett
              |           ^^^^
        rules/tests/x.csv:2:16: error E401: there is no field "nextstep" on the deal.
            2 | a,healthy,lots,Call,ent-mett
              |                ^^^^
          help: did you mean "next_step"?
        rules/tests/x.csv:2:21: error E802: there is no rule "ent-mett".
            2 | a,healthy,lots,Call,ent-mett
              |                     ^^^^^^^^
          help: did you mean "ent-met"?
        """  # noqa: E501
    )


def test_a_spreadsheet_needs_its_columns(tmp_path):
    folder = tmp_path / "rules" / "tests"
    folder.mkdir(parents=True)
    (folder / "x.csv").write_text("name,deal,amount\na,healthy,1\n", encoding="utf-8")
    test = f"version: 1\nkind: test\nas_of: 2026-11-20\n{DEALS}cases_from: x.csv\n"
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/x.csv:1:1: error E202: x.csv has no column "expect_violations".
            1 | name,deal,amount
              | ^^^^
          help: columns: name, deal, one per field, expect_violations
        """
    )


def test_mistakes_of_the_rules_and_of_the_test_come_together(tmp_path):
    rules = """\
        version: 1
        kind: rules
        pipeline: Enterprise
        stages:
          Proposal:
            exit: [{id: a, title: A, require: amonut > 0, fix: F.}]
        """
    test = cases(
        "- {name: a, deal: it, change: {amonut: 1}, expect: {fails: [b]}}",
        deals="deals: {it: {stage: Proposal}}",
    )
    found = mistakes_of(tmp_path, test, e_rules=rules)
    assert 'e.rules.yaml:6:39: error E401: there is no field "amonut"' in found
    assert 'a.test.yaml:6:34: error E401: there is no field "amonut"' in found
    assert 'a.test.yaml:6:63: error E802: there is no rule "b"' in found
