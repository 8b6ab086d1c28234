"""`fiscal_calendar`: a spreadsheet of fiscal months beside project.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.pack.load import read_pack
from gatekeeper.pack.source.problems import framed
from tests.core.test_fiscal import YEAR_2026
from tests.pack.packs import PROJECT, a_draft, a_pack, text
from tests.pack.testing.suites import a_test_pack, cases, texts_of
from tests.pack.testing.suites import read as read_tests

if TYPE_CHECKING:
    from pathlib import Path

NAMED = PROJECT + "fiscal_calendar: weeks.csv\n"
TABLE = """\
year,quarter,month,starts_on
2026,1,1,2026-02-02
2026,1,2,2026-03-02
2026,1,3,2026-03-30
2026,2,4,2026-05-04
2026,2,5,2026-06-01
2026,2,6,2026-06-29
2026,3,7,2026-08-03
2026,3,8,2026-08-31
2026,3,9,2026-09-28
2026,4,10,2026-11-02
2026,4,11,2026-11-30
2026,4,12,2026-12-28
2027,1,1,2027-02-01
"""
QUARTER = """\
version: 1
kind: rules
pipeline: Enterprise
stages:
  Proposal:
    while_in:
      - id: in-quarter
        title: The deal closes in this quarter
        require: close_date in this fiscal quarter
        fix: Agree a date with the buyer.
"""
DEALS = """\
deals:
  base: {stage: Proposal, close_date: 2026-11-02}
"""


def read(tmp_path: Path, table: str) -> list[str]:
    folder = a_pack(tmp_path, project=NAMED)
    (folder / "weeks.csv").write_text(table, "utf-8")
    return [*framed(read_pack(folder).problems)]


def test_the_rows_are_the_months_and_give_quarters_and_years(tmp_path: Path) -> None:
    folder = a_pack(tmp_path, project=NAMED)
    (folder / "weeks.csv").write_text(TABLE, "utf-8")
    draft = read_pack(folder)
    assert draft.messages == ()
    assert draft.project is not None
    assert draft.project.fiscal == YEAR_2026


def test_the_columns_may_stand_in_any_order_with_others_between(
    tmp_path: Path,
) -> None:
    rows = [line.split(",") for line in TABLE.splitlines()]
    turned = "\n".join(",".join((row[3], "x", *row[2::-1])) for row in rows)
    folder = a_pack(tmp_path, project=NAMED)
    (folder / "weeks.csv").write_text(turned, "utf-8")
    project = read_pack(folder).project
    assert project is not None
    assert project.fiscal == YEAR_2026


def test_another_table_is_another_pack(tmp_path: Path) -> None:
    folder = a_pack(tmp_path, project=NAMED)
    marks = set()
    for table in (TABLE, TABLE.replace("2026-06-29", "2026-07-06")):
        (folder / "weeks.csv").write_text(table, "utf-8")
        marks.add(read_pack(folder).compile(None).fingerprint)
    assert len(marks) == 2


def test_a_file_that_is_not_there_is_told_where_it_is_named(tmp_path: Path) -> None:
    (message,) = a_draft(tmp_path, project=NAMED).messages
    assert message == text(
        """
        rules/project.yaml:5:18: error E211: "fiscal_calendar: weeks.csv" was not found next to this file.
            5 | fiscal_calendar: weeks.csv
              |                  ^^^^^^^^^
        """  # noqa: E501
    )


def test_the_first_month_of_the_year_and_the_calendar_exclude_each_other(
    tmp_path: Path,
) -> None:
    folder = a_pack(tmp_path, project=f"{NAMED}fiscal_year_starts: February\n")
    (folder / "weeks.csv").write_text(TABLE, "utf-8")
    (message,) = read_pack(folder).messages
    assert message == text(
        """
        rules/project.yaml:6:1: error E201: "fiscal_year_starts" says nothing beside "fiscal_calendar".
            6 | fiscal_year_starts: February
              | ^^^^^^^^^^^^^^^^^^
          help: keep one of the two.
        """  # noqa: E501
    )


HEADER = "year,quarter,month,starts_on\n"


@pytest.mark.parametrize(
    ("table", "place", "sentence"),
    [
        ("", "project.yaml:5:18", 'E202: weeks.csv has no column "year".'),
        ("year,quarter,month\n", "weeks.csv:1:1", 'E202: weeks.csv has no column'
         ' "starts_on".'),
        (HEADER + "2026,1,1,2026-02-02\n", "project.yaml:5:18", "E202: weeks.csv needs"
         " two fiscal months at least: the last row only says where the one before it"
         " ends."),
        (HEADER + "2026,1\n", "weeks.csv:2:1", "E202: this row has 2 of the 4"
         " columns."),
        (HEADER + "FY26,1,1,2026-02-02\n", "weeks.csv:2:1", 'E206: "year" must be a'
         ' whole number such as 1; found "FY26".'),
        (HEADER + "2026,1,1,02/02/2026\n", "weeks.csv:2:10", 'E206: "starts_on" must be'
         ' a date such as 2026-02-02; found "02/02/2026".'),
        (HEADER + "2026,1,2,2026-03-02\n2026,1,3,2026-03-30\n", "weeks.csv:2:8",
         'E206: "month" must be 1 in the first row, where a fiscal year begins; found'
         ' "2".'),
        (HEADER + "2026,1,1,2026-02-02\n2026,1,3,2026-03-30\n", "weeks.csv:3:8",
         'E206: "month" must be the fiscal month after month 1 of 2026; found "3".'),
        (HEADER + "2026,1,1,2026-02-02\n2026,3,2,2026-03-02\n", "weeks.csv:3:8",
         'E206: "month" must be the fiscal month after month 1 of 2026; found "2".'),
        (HEADER + "2026,1,1,2026-02-02\n2026,1,2,2026-02-02\n", "weeks.csv:3:8",
         'E206: "month" must be the fiscal month after month 1 of 2026; found "2".'),
        (HEADER + "2026,1,1,2026-02-02\n2028,1,1,2027-02-01\n", "weeks.csv:3:8",
         'E206: "month" must be the fiscal month after month 1 of 2026; found "1".'),
    ],
)  # fmt: skip
def test_each_mistake_of_the_table_is_told_at_its_cell(
    tmp_path: Path, table: str, place: str, sentence: str
) -> None:
    first = read(tmp_path, table)[0].splitlines()[0]
    assert first == f"rules/{place}: error {sentence}"


def in_quarter(tmp_path: Path, case: str) -> list[str]:
    """Hold one deal against the quarter of 20 November 2026; what was found."""
    test = cases(f"- {{name: one, deal: base, {case}}}", deals=DEALS)
    folder = a_test_pack(tmp_path, test, project=NAMED, e_rules=QUARTER)
    (folder / "weeks.csv").write_text(TABLE, "utf-8")
    suites, mistakes = read_tests(folder)
    assert mistakes == ()
    return texts_of(suites[0])


@pytest.mark.parametrize(
    ("closes", "violations"),
    [
        ("2026-11-01", "[in-quarter]"),
        ("2026-11-02", "[]"),
        ("2027-01-31", "[]"),
        ("2027-02-01", "[in-quarter]"),
    ],
)
def test_rules_speak_of_the_quarters_of_the_table(
    tmp_path: Path, closes: str, violations: str
) -> None:
    case = f"change: {{close_date: {closes}}}, expect: {{violations: {violations}}}"
    assert in_quarter(tmp_path, case) == []


def test_beyond_the_table_nobody_can_tell_and_it_says_why(tmp_path: Path) -> None:
    case = 'as_of: "2027-03-01 09:00", expect: {violations: [in-quarter]}'
    (found,) = in_quarter(tmp_path, case)
    assert "the fiscal calendar does not reach that far" in found
