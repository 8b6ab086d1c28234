"""Text from a CRM is text: no formula in a cell, no order to a terminal (S15, S16)."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.cli.console import print_csv, print_json, safe
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from tests.cli.program import Program

FORMULAS = (
    "=1+1",
    "+SUM(A1:A9)",
    "-2+3",
    "@cmd",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =HYPERLINK(0)",
    '"=1+1"',
    "'=1+1",
    " '\"@x",
    "\u00a0=1+1",
    " \t=1+1",
    "\x0b=1+1",
    "\u3000\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
)
ORDERS = (
    "\x1b[2Jcleared",
    "\x1b]0;title\x07",
    "\x9b31mred",
    "\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\",
    "bell\x07",
    "over\rwritten",
    "two\nlines",
    "\u202edlrow",
    "\u2066isolated\u2069",
    "[bold red]markup[/]",
)


def is_formula(cell: str) -> bool:
    """Whether any spreadsheet, however it trims, may take the cell for a formula."""
    shown = (each for each in cell if not each.isspace() and each != '"')
    return cell[:1] in tuple("\t\r\n") or next(shown, "") in tuple("=+-@＝＋－＠")  # noqa: RUF001


def orders_in(text: str) -> set[str]:
    """Characters that move a cursor, ring, colour or turn the reading direction."""
    turning = {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}
    marks = "\u061c\u200e\u200f\u2028\u2029"
    return {
        each
        for each in text
        if (unicodedata.category(each) == "Cc" and each != "\n")
        or unicodedata.bidirectional(each) in turning
        or each in marks
    }


@pytest.mark.promise("S15")
@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(capsys: pytest.CaptureFixture[str], text: str):
    print_csv(["deal_name"], [{"deal_name": text}])
    raw = capsys.readouterr().out

    (_, (cell,)) = csv.reader(io.StringIO(raw, newline=""))
    assert not is_formula(cell)
    assert cell.startswith("'")
    assert cell[1:].split() == text.split()
    assert raw.startswith('"deal_name"\n"')


@pytest.mark.promise("S15", "S16")
@given(st.text())
def test_a_cell_is_one_line_that_computes_and_orders_nothing(text: str):
    with redirect_stdout(io.StringIO()) as written:
        print_csv(["deal_name"], [{"deal_name": text}])
    raw = written.getvalue()

    (_, (cell,)) = csv.reader(io.StringIO(raw, newline=""))
    assert not is_formula(cell)
    assert orders_in(raw) == set()
    assert raw.count("\n") == 2


@pytest.mark.promise("S15")
@pytest.mark.parametrize("text", ["Acme - renewal", "a=b", "12.50", "O'Hara", ""])
def test_a_cell_that_is_no_formula_stays_as_it_is(
    capsys: pytest.CaptureFixture[str], text: str
):
    print_csv(["deal_name"], [{"deal_name": text}])

    assert capsys.readouterr().out == f'"deal_name"\n"{text}"\n'


@pytest.mark.promise("S16")
@given(st.text())
def test_json_says_what_was_meant_and_orders_nothing(text: str):
    with redirect_stdout(io.StringIO()) as written:
        print_json({text: [text]})

    assert json.loads(written.getvalue()) == {text: [text]}
    assert orders_in(written.getvalue()) == set()


@pytest.mark.promise("S16")
@given(st.text())
def test_safe_text_orders_nothing(text: str):
    assert orders_in(safe(text).plain) == set()
    assert "\n" not in safe(text).plain


@pytest.fixture
def hostile(org: Org, enforcing: Program) -> Program:
    """An org whose deals are named to do harm, and a run over it."""
    deals = [
        deal
        for deal in org.rows("Opportunity", include_deleted=False)
        if not deal["IsClosed"]
    ]
    assert len(deals) >= len(FORMULAS)
    names = (*FORMULAS, *ORDERS)
    for number, deal in enumerate(deals):
        name = "".join(names[number % len(FORMULAS) :: len(FORMULAS)])
        org.put("Opportunity", Row(deal, Name=name, NextStep=None))
    assert enforcing("run").code == 0
    return enforcing


@pytest.mark.promise("S15")
def test_a_spreadsheet_of_violations_holds_no_formula(hostile: Program):
    raw = hostile("violations", "--csv").out

    rows = list(csv.reader(io.StringIO(raw, newline="")))
    assert rows[0] == [
        *("deal_id", "deal_name", "pipeline", "stage", "rule_id", "state"),
        *("severity", "mode", "first_seen", "owner", "owed_by", "amount", "currency"),
    ]
    assert len(rows) > 20
    assert not [cell for row in rows for cell in row if is_formula(cell)]


@pytest.mark.promise("S16")
def test_no_answer_gives_the_terminal_an_order(hostile: Program):
    worst = hostile("violations", "--json").json[0]["deal_id"]
    for words in (
        "violations --all",
        "violations --csv",
        "violations --json",
        "quarantine",
        "plan --ceiling enforce --all",
        "runs show latest --changes",
        f"explain {worst}",
    ):
        ended = hostile(*words.split())
        assert ended.code == 0, words
        assert orders_in(ended.out + ended.err) == set(), words
    assert "[bold red]markup[/]" in hostile("violations", "--all").out
