"""Test files and spreadsheets that cannot be read: the whole messages."""

from __future__ import annotations

import pytest

from tests.pack.packs import text
from tests.pack.testing.suites import DEALS, a_test_pack, cases, mistakes_of, read

TEST = f"version: 1\nkind: test\nas_of: 2026-11-20\n{DEALS}cases_from: x.csv\n"


def found(tmp_path, raw: bytes) -> str:
    folder = a_test_pack(tmp_path, TEST)
    (folder / "tests" / "x.csv").write_bytes(raw)
    return "\n".join(read(folder)[1])


def test_a_spreadsheet_is_utf_8(tmp_path):
    raw = b"name,deal,expect_violations\nCaf\xe9,healthy,\n"
    assert found(tmp_path, raw) == text(
        """
        rules/tests/x.csv:2:4: error E110: the file is not UTF-8 text (byte 0xE9 on line 2).
            2 | Caf\N{REPLACEMENT CHARACTER},healthy,
              |    ^
        """  # noqa: E501
    )


def test_a_spreadsheet_over_a_mebibyte_is_not_read(tmp_path):
    assert found(tmp_path, b"x" * (1024 * 1024 + 1)) == text(
        """
        rules/tests/x.csv:1:1: error E110: the file is larger than 1 MiB.
            1 |
              | ^
        """
    )


def test_a_cell_longer_than_any_is_no_table(tmp_path):
    assert found(tmp_path, b'name,"' + b"x" * 200_000) == text(
        """
        rules/tests/a.test.yaml:10:13: error E110: x.csv is no table of comma-separated cells (field larger than field limit (131072)).
           10 | cases_from: x.csv
              |             ^^^^^
        """  # noqa: E501
    )


def test_a_spreadsheet_of_more_cells_than_anybody_fills_is_refused(tmp_path):
    raw = b"name,deal,amount,expect_violations\n" + b"a,healthy,5,\n" * 5_000
    assert found(tmp_path, raw) == text(
        """
        rules/tests/a.test.yaml:10:13: error E110: x.csv is no table of comma-separated cells (it has more than 20,000 cells).
           10 | cases_from: x.csv
              |             ^^^^^
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("row", "column"), [("a,,50000,", "deal"), (",healthy,50000,", "name")]
)
def test_a_row_names_its_case_and_its_deal(tmp_path, row, column):
    raw = f"name,deal,amount,expect_violations\n{row}\n".encode()
    assert found(tmp_path, raw) == text(
        f"""
        rules/tests/x.csv:2:1: error E202: this row has no "{column}".
            2 | {row}
              | ^
        """
    )


def test_no_cell_of_a_spreadsheet_is_lost(tmp_path):
    raw = b"""\
name,deal,amount,expect_violations,amount,
a,healthy,50000,,1,
c,healthy,50000,,,,,x
d,healthy,,,,y
"""
    assert found(tmp_path, raw) == text(
        """
        rules/tests/x.csv:1:36: error E102: column "amount" is written twice.
            1 | name,deal,amount,expect_violations,amount,
              |                                    ^^^^^^
          help: keep one of them.
        rules/tests/x.csv:3:21: error E201: the cell "x" stands under no column.
            3 | c,healthy,50000,,,,,x
              |                     ^
          help: name its column; a text that holds a comma stands in double quotes.
        rules/tests/x.csv:4:14: error E201: the cell "y" stands under no column.
            4 | d,healthy,,,,y
              |              ^
          help: name its column; a text that holds a comma stands in double quotes.
        """
    )


def test_a_spreadsheet_without_a_row_is_refused(tmp_path):
    assert found(tmp_path, b"name,deal,amount,expect_violations\n") == text(
        """
        rules/tests/x.csv:1:1: error E804: x.csv has no row, so it holds no rule to anything.
            1 | name,deal,amount,expect_violations
              | ^^^^
          help: write one row for each case below the columns.
        """  # noqa: E501
    )


def test_only_picklists_have_values_to_name(tmp_path):
    test = cases(
        "- {name: a, deal: healthy, expect: {violations: []}}",
        head="version: 1\nkind: test\nas_of: 2026-11-20\npicklists: {amount: [A]}\n",
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:4:13: error E206: amount is money, not a picklist.
            4 | picklists: {amount: [A]}
              |             ^^^^^^
        """
    )
