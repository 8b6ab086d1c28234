"""`history:` of a test's deal becomes its past, and rules are asked about it."""

# ruff: noqa: E501  (messages stand as people see them)

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

import pytest

from gatekeeper.core.model import EMPTY, Deal, FieldChange, Money, Person, Stint
from tests.pack.packs import text
from tests.pack.testing.suites import a_suite, cases, mistakes_of, texts_of, the_deal

RULES = """\
version: 1
kind: rules
pipeline: "*"
stages:
  every open stage:
    while_in:
      - {{id: a, title: A, require: '{check}', fix: F.}}
"""
HEAD = """\
version: 1
kind: test
as_of: 2026-11-20 09:00
pipelines: {D: {open: [Qualification, Discovery, Proposal, Negotiation]}}
"""
IN_PROPOSAL = """
stage: Proposal
created_on: 2026-08-03
close_date: 2026-12-18
history:
  2026-08-03: {stage: Qualification, close_date: 2026-10-30}
  2026-08-20 14:30: {stage: Discovery, by: ann@example.com}
  2026-09-15: {close_date: 2026-11-30}
  2026-10-20: {stage: Proposal, close_date: 2026-12-18}
"""


# Of New York as UTC: four hours on in summer, five in winter.
moment = partial(datetime, tzinfo=UTC)


def stays(deal: Deal) -> list[tuple[str, datetime, datetime | None]]:
    return [(each.stage, each.entered, each.left) for each in deal.history.stints]


def answer(base, check: str, deal: str, case: str = "") -> str:
    """Return what a rule with one check says of a deal: the sentence that fails."""
    test = cases(
        f"- {{name: it, deal: it, {case} expect: {{passes: [a]}}}}",
        head=HEAD,
        deals=f"deals:\n  it: {{{deal}}}",
    )
    suite = a_suite(base, test, e_rules=RULES.format(check=check))
    (said,) = texts_of(suite) or ("",)
    return said.removeprefix("FAIL it: expected a to pass, it ").rstrip(".")


# ---- what the evaluator gets ---------------------------------------------------------


def test_each_stage_written_is_a_stay_until_the_next(tmp_path):
    assert the_deal(tmp_path, IN_PROPOSAL).history.stints == (
        Stint(
            "Qualification", moment(2026, 8, 3, 4), moment(2026, 8, 20, 18, 30), EMPTY
        ),
        Stint(
            "Discovery",
            moment(2026, 8, 20, 18, 30),
            moment(2026, 10, 20, 4),
            Person("ann@example.com", "ann@example.com", "ann@example.com"),
        ),
        Stint("Proposal", moment(2026, 10, 20, 4), None, EMPTY),
    )


def test_a_value_given_at_creation_is_no_change(tmp_path):
    assert the_deal(tmp_path, IN_PROPOSAL).history.changes["close_date"] == (
        FieldChange(
            "close_date",
            moment(2026, 9, 15, 4),
            date(2026, 10, 30),
            date(2026, 11, 30),
            EMPTY,
        ),
        FieldChange(
            "close_date",
            moment(2026, 10, 20, 4),
            date(2026, 11, 30),
            date(2026, 12, 18),
            EMPTY,
        ),
    )


def test_nothing_of_the_past_is_missing(tmp_path):
    history = the_deal(tmp_path, IN_PROPOSAL).history
    assert history.began == moment(2026, 8, 3, 4)
    for name in ("stage", "close_date", "next_step", "discount", "amount"):
        assert history.reaches(name)


def test_a_field_that_is_first_written_later_was_empty_before(tmp_path):
    deal = the_deal(
        tmp_path,
        """
        stage: Proposal
        created_on: 2026-08-03
        history: {2026-11-02: {next_step: Call Dana, by: ann@example.com}}
        """,
    )
    (change,) = deal.history.changes["next_step"]
    assert (change.old, change.new) == (EMPTY, "Call Dana")
    assert deal.fields["next_step"] == "Call Dana"
    assert stays(deal) == [("Proposal", moment(2026, 8, 3, 4), None)]


def test_history_gives_what_the_deal_does_not_say_itself(tmp_path):
    deal = the_deal(
        tmp_path,
        """
        amount: 1
        history:
          2026-08-03: {stage: Qualification, close_date: 2026-10-30}
          2026-10-20: {stage: Proposal}
          2026-12-24: {stage: Closed Won, close_date: 2026-12-24}
        """,
    )
    assert deal.stage == "Proposal"
    assert deal.fields["close_date"] == date(2026, 10, 30)
    assert deal.fields["amount"] == Money(Decimal(1), "USD")


def test_the_first_line_of_the_day_of_creation_is_the_creation(tmp_path):
    deal = the_deal(
        tmp_path,
        """
        created_on: 2026-08-03
        history:
          2026-08-03 10:15: {stage: Qualification, by: ann@example.com}
          2026-10-20: {stage: Proposal}
        """,
    )
    assert deal.history.began == moment(2026, 8, 3, 14, 15)
    assert deal.fields["created_at"] == moment(2026, 8, 3, 14, 15)
    creator = deal.fields["created_by"]
    assert isinstance(creator, Person)
    assert creator.email == "ann@example.com"


def test_an_owner_who_changed_brings_name_and_address_along(tmp_path):
    deal = the_deal(
        tmp_path,
        """
        created_on: 2026-08-03
        stage: Proposal
        history:
          2026-08-03: {owner: {email: bob@example.com, team: EMEA}}
          2026-10-20: {owner: ann@example.com}
        """,
    )
    assert deal.owner_id == "ann@example.com"
    assert deal.fields["owner.email"] == "ann@example.com"
    assert deal.fields["owner.team"] is EMPTY
    (change,) = deal.history.changes["owner"]
    assert isinstance(change.old, Person)
    assert change.old.email == "bob@example.com"


def test_the_past_is_seen_as_it_was_on_each_day_of_a_span(tmp_path):
    test = cases(
        """
        - name: it moves on
          deal: it
          over: {from: 2026-11-20, to: 2026-11-24}
          expect: {violations: []}
        """,
        head=HEAD,
        deals="""
        deals:
          it:
            history:
              2026-11-01: {stage: Discovery, amount: 5}
              2026-11-23: {stage: Proposal, amount: 7}
        """,
    )
    (case,) = a_suite(tmp_path, test).cases
    assert [(deal.stage, deal.fields["amount"]) for _, deal in case.looks] == [
        *[("Discovery", Money(Decimal(5), "USD"))] * 3,
        *[("Proposal", Money(Decimal(7), "USD"))] * 2,
    ]
    assert len(case.looks[0][1].history.stints) == 1


# ---- change: {stage: X} --------------------------------------------------------------


def test_a_changed_stage_is_entered_at_the_clock_of_the_case(tmp_path):
    test = cases(
        """
        - name: a
          deal: healthy
          change: {stage: Proposal, history: {2026-08-03: {stage: Discovery}}}
          as_of: 2026-11-20 09:00
          expect: {violations: []}
        - {name: b, deal: healthy, change: {stage: Proposal}, expect: {violations: []}}
        """
    )
    moved, stayed = a_suite(tmp_path, test).cases
    assert stays(moved.looks[0][1]) == [
        ("Discovery", moment(2026, 8, 3, 4), moment(2026, 11, 20, 14)),
        ("Proposal", moment(2026, 11, 20, 14), None),
    ]
    assert [stage for stage, _, _ in stays(stayed.looks[0][1])] == ["Proposal"]


def test_a_stage_in_a_spreadsheet_is_a_change_too(tmp_path):
    folder = tmp_path / "rules" / "tests"
    folder.mkdir(parents=True)
    (folder / "x.csv").write_text(
        "name,deal,stage,expect_violations\na,it,Negotiation,a\nb,it,Proposal,\n",
        encoding="utf-8",
    )
    test = f"{HEAD}deals: {{it: {{stage: Proposal, created_on: 2026-11-01}}}}\n"
    rules = RULES.format(check="days_in_stage() >= 5")
    suite = a_suite(tmp_path, test + "cases_from: x.csv\n", e_rules=rules)
    assert texts_of(suite) == []


def test_what_a_case_changes_is_how_the_last_change_ended(tmp_path):
    test = cases(
        """
        - name: a
          deal: it
          change: {close_date: 2027-01-31}
          expect: {violations: []}
        """,
        head=HEAD,
        deals=f"deals:\n  it:{IN_PROPOSAL.replace(chr(10), chr(10) + '    ')}",
    )
    (case,) = a_suite(tmp_path, test).cases
    deal = case.looks[0][1]
    assert deal.fields["close_date"] == date(2027, 1, 31)
    assert [change.new for change in deal.history.changes["close_date"]] == [
        date(2026, 11, 30),
        date(2027, 1, 31),
    ]


# ---- what rules say of it ------------------------------------------------------------

TWO_STAGES = (
    "history: {2026-08-03: {stage: Qualification}, 2026-10-20: {stage: Proposal}}"
)


@pytest.mark.parametrize(
    ("check", "said"),
    [
        # From the 20th of October to the 20th of November.
        ("days_in_stage() >= 31", ""),
        ("days_in_stage() >= 32", "failed"),
        ('visited("Qualification")', ""),
        ('visited("Discovery")', "failed"),
        ("moves_back(last 90 days) = 0", ""),
        ("stage changed within last 31 days", ""),
        ("stage changed within last 30 days", "failed"),
        ('first_stage() = "Qualification"', ""),
    ],
)
def test_rules_ask_about_the_history_written(tmp_path, check, said):
    check = check.replace("'", "''")
    assert answer(tmp_path, check, TWO_STAGES) == said


def test_who_changed_it_is_asked_by_address(tmp_path):
    deal = (
        "stage: Proposal, created_on: 2026-08-03, owner: ann@example.com,"
        " history: {2026-11-02: {next_step: Call, by: {email: Ann@example.com}}}"
    )
    assert answer(tmp_path, "changed_by(next_step) = owner", deal) == ""
    other = deal.replace("Ann@", "Bob@")
    assert answer(tmp_path, "changed_by(next_step) = owner", other) == "failed"


def test_a_deal_that_nobody_says_when_it_began_has_an_unknown_age(tmp_path):
    said = answer(tmp_path, "days_in_stage() <= 45", "stage: Proposal")
    assert said.startswith("cannot be told")
    # What happened lately is known all the same: nothing did.
    assert answer(tmp_path, "moves_back(last 30 days) = 0", "stage: Proposal") == ""
    dated = "stage: Proposal, created_on: 2026-11-01"
    assert answer(tmp_path, "days_in_stage() <= 45", dated) == ""


def test_a_changed_stage_counts_even_where_the_beginning_is_unknown(tmp_path):
    case = "change: {stage: Discovery},"
    back = answer(tmp_path, "moves_back(last 30 days) = 1", "stage: Proposal", case)
    assert back == ""


def test_a_hidden_field_hides_its_changes_too(tmp_path):
    deal = "stage: Proposal, created_on: 2026-08-03"
    check = "next_step changed within last 30 days"
    assert answer(tmp_path, check, deal) == "failed"
    hidden = "hidden: [next_step],"
    assert answer(tmp_path, check, deal, hidden).startswith("cannot be told")


def test_the_whole_history_may_be_hidden(tmp_path):
    check = 'visited("Qualification")'
    assert answer(tmp_path, check, TWO_STAGES) == ""
    hidden = answer(tmp_path, check, TWO_STAGES, "hidden: [history],")
    assert hidden.startswith("cannot be told")


# ---- mistakes ------------------------------------------------------------------------


def test_a_case_before_the_deal_is_told_at_its_clock(tmp_path):
    deals = (
        "deals:\n  it:\n    {stage: Proposal, history: {2026-08-03: {stage: Proposal}}}"
    )
    test = cases(
        """
        - {name: a, deal: it, as_of: 2026-01-01, expect: {violations: []}}
        - {name: b, deal: it, over: {from: 2026-01-01, to: 2026-01-04}, expect: {violations: []}}
        """,
        deals=deals,
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:8:32: error E807: deal it did not exist yet on 1 Jan 2026.
            8 |   - {name: a, deal: it, as_of: 2026-01-01, expect: {violations: []}}
              |                                ^^^^^^^^^^
          help: judge it later, or let its history begin earlier.
        rules/tests/a.test.yaml:9:32: error E807: deal it did not exist yet on 1 Jan 2026.
            9 |   - {name: b, deal: it, over: {from: 2026-01-01, to: 2026-01-04}, expect: {violations: []}}
              |                                ^^^^
          help: judge it later, or let its history begin earlier.
        """,
    )


def test_a_case_that_moves_the_creation_is_told_at_its_own_line(tmp_path):
    deals = (
        "deals:\n  it:\n    {stage: Proposal, history: {2026-08-03: {stage: Proposal}}}"
    )
    test = cases(
        """
        - {name: a, deal: it, change: {created_on: 2026-09-03}, expect: {violations: []}}
        - {name: b, deal: it, change: {created_on: 2026-07-03}, expect: {violations: []}}
        """,
        deals=deals,
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:8:46: error E807: 2026-08-03 lies before the deal's creation on 3 Sep 2026.
            8 |   - {name: a, deal: it, change: {created_on: 2026-09-03}, expect: {violations: []}}
              |                                              ^^^^^^^^^^
          help: begin the history with 2026-09-03, or correct the day of creation.
        rules/tests/a.test.yaml:9:46: error E807: the history does not say in which stage the deal was created on 3 Jul 2026.
            9 |   - {name: b, deal: it, change: {created_on: 2026-07-03}, expect: {violations: []}}
              |                                              ^^^^^^^^^^
          help: 2026-07-03: {stage: ...}
        """,
    )


def test_a_case_with_another_history_is_told_at_its_own_line(tmp_path):
    test = cases(
        "- {name: a, deal: it, change: {history: {2026-08-03: {stage: Proposal}}},"
        " expect: {violations: []}}",
        deals="deals:\n  it: {stage: Discovery}",
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:7:64: error E807: stage is "Discovery", but the history ends with "Proposal".
            7 |   - {name: a, deal: it, change: {history: {2026-08-03: {stage: Proposal}}}, expect: {violations: []}}
              |                                                                ^^^^^^^^
          help: write down the day it changed, or take one of them out.
        """,
    )


@pytest.mark.parametrize("history", ["", ", history: {2026-08-03: {stage: Proposal}}"])
def test_a_case_that_takes_the_stage_away_is_told_at_its_own_line(tmp_path, history):
    test = cases(
        """
        - {name: a, deal: it, change: {stage: ~}, expect: {violations: []}}
        - {name: b, deal: it, change: {stage: Propsal}, expect: {violations: []}}
        """,
        deals=f"deals:\n  it: {{stage: Proposal{history}}}",
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:7:34: error E202: deal it has no "stage".
            7 |   - {name: a, deal: it, change: {stage: ~}, expect: {violations: []}}
              |                                  ^^^^^
          help: stage: Discovery
        rules/tests/a.test.yaml:8:41: error E503: pipeline Enterprise has no stage "Propsal".
            8 |   - {name: b, deal: it, change: {stage: Propsal}, expect: {violations: []}}
              |                                         ^^^^^^^
          help: did you mean "Proposal"? Stages in order: Qualification, Discovery, Proposal, Closed Won, Closed Lost
        """,
    )


@pytest.mark.parametrize(
    ("deal", "message"),
    [
        (
            "history: {2026-10-20: {stage: Proposal}, 2026-08-03: {stage: Proposal}}",
            """
            rules/tests/a.test.yaml:6:46: error E807: 2026-08-03 does not come after 2026-10-20.
                6 |     history: {2026-10-20: {stage: Proposal}, 2026-08-03: {stage: Proposal}}
                  |                                              ^^^^^^^^^^
              help: write the history with the oldest day first.
            """,
        ),
        (
            "history: {2026-10-20: {stage: Propsal}}",
            """
            rules/tests/a.test.yaml:6:35: error E503: pipeline Enterprise has no stage "Propsal".
                6 |     history: {2026-10-20: {stage: Propsal}}
                  |                                   ^^^^^^^
              help: did you mean "Proposal"? Stages in order: Qualification, Discovery, Proposal, Closed Won, Closed Lost
            """,
        ),
        (
            "history: {2026-10-20: {stage: Proposal, amonut: 5}}",
            """
            rules/tests/a.test.yaml:6:45: error E401: there is no field "amonut" on the deal.
                6 |     history: {2026-10-20: {stage: Proposal, amonut: 5}}
                  |                                             ^^^^^^
              help: did you mean "amount"?
            """,
        ),
        (
            "history: {2026-10-20: {stage: Proposal, contacts: []}}",
            """
            rules/tests/a.test.yaml:6:45: error E807: "contacts" keeps no history here; other fields of the deal do.
                6 |     history: {2026-10-20: {stage: Proposal, contacts: []}}
                  |                                             ^^^^^^^^
              help: write it at the deal itself.
            """,
        ),
        (
            "history: {2026-10-20: {stage: Proposal, pipeline: Enterprise}}",
            """
            rules/tests/a.test.yaml:6:45: error E807: "pipeline" keeps no history here; other fields of the deal do.
                6 |     history: {2026-10-20: {stage: Proposal, pipeline: Enterprise}}
                  |                                             ^^^^^^^^
              help: write it at the deal itself.
            """,
        ),
        (
            "{created_on: 2026-09-01, history: {2026-08-03: {stage: Proposal}}}",
            """
            rules/tests/a.test.yaml:6:40: error E807: 2026-08-03 lies before the deal's creation on 1 Sep 2026.
                6 |     {created_on: 2026-09-01, history: {2026-08-03: {stage: Proposal}}}
                  |                                        ^^^^^^^^^^
              help: begin the history with 2026-09-01, or correct the day of creation.
            """,
        ),
        (
            "{created_on: 2026-08-03, history: {2026-10-20: {stage: Proposal}}}",
            """
            rules/tests/a.test.yaml:6:40: error E807: the history does not say in which stage the deal was created on 3 Aug 2026.
                6 |     {created_on: 2026-08-03, history: {2026-10-20: {stage: Proposal}}}
                  |                                        ^^^^^^^^^^
              help: 2026-08-03: {stage: ...}
            """,
        ),
        (
            "{stage: Discovery, history: {2026-10-20: {stage: Proposal}}}",
            """
            rules/tests/a.test.yaml:6:13: error E807: stage is "Discovery", but the history ends with "Proposal".
                6 |     {stage: Discovery, history: {2026-10-20: {stage: Proposal}}}
                  |             ^^^^^^^^^
              help: write down the day it changed, or take one of them out.
            """,
        ),
        (
            "{stage: Proposal, history: {2026-12-01: {stage: Proposal}}}",
            """
            rules/tests/a.test.yaml:8:6: error E807: deal it did not exist yet on 20 Nov 2026.
                8 |   - {name: a, deal: it, expect: {violations: []}}
                  |      ^^^^
              help: judge it later, or let its history begin earlier.
            """,
        ),
        (
            "history: {2026-10-20: {stage: Proposal, by: Ann}}",
            """
            rules/tests/a.test.yaml:6:49: error E206: "by" must be an e-mail address; found "Ann".
                6 |     history: {2026-10-20: {stage: Proposal, by: Ann}}
                  |                                                 ^^^
            """,
        ),
    ],
)
def test_a_history_that_cannot_be_is_refused(tmp_path, deal, message):
    test = cases(
        "- {name: a, deal: it, expect: {violations: []}}",
        deals=f"deals:\n  it:\n    {deal}",
    )
    assert mistakes_of(tmp_path, test) == text(message)


def test_a_history_written_as_a_list_shows_how_it_is_written(tmp_path):
    test = cases(
        "- {name: it, deal: it, expect: {passes: [a]}}",
        head=HEAD,
        deals="deals:\n  it: {stage: Proposal, history: [{2026-11-02: {stage: X}}]}",
    )

    assert mistakes_of(
        tmp_path, test, e_rules=RULES.format(check="amount > 5")
    ) == text(
        """
        rules/tests/a.test.yaml:6:34: error E206: "history" must be a mapping of keys and values; found the list [{2026-11-02: {stage: X}}].
            6 |   it: {stage: Proposal, history: [{2026-11-02: {stage: X}}]}
              |                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^
          help: history: {2026-11-02: {stage: Discovery}, 2026-11-09: {stage: Proposal}}
        """
    )
