"""One line explained for deal after deal: what is kept with it is true of each."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given

from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from tests.builders import dollars
from tests.language import checks, deals
from tests.language.logic import homes
from tests.language.test_explain import with_rows
from tests.language.test_logic import CONTEXT

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Line


def a_line(text: str, home: str | None = None) -> Line:
    return compile_line(check(parse(text), replace(checks.ALL, stage=home)))


@given(checks.checks, homes, deals.deals, deals.deals, deals.contexts, deals.contexts)
def test_a_deal_explained_before_leaves_no_word_behind(
    text: str, home: str | None, before: Deal, deal: Deal, then: Context, now: Context
) -> None:
    line = a_line(text, home)
    line.explain(before, then)
    assert line.explain(deal, now) == a_line(text, home).explain(deal, now)


def test_rows_held_against_the_deal_are_told_with_the_amount_of_each_deal() -> None:
    line = a_line("every line_item has total < deal.amount")
    rows = with_rows("line_items", {"product": "Seats", "total": Decimal(90_000)})
    small, large = (
        replace(rows, fields={**rows.fields, "amount": dollars(amount)})
        for amount in (20_000, 70_000)
    )
    told = [line.explain(deal, CONTEXT).text for deal in (small, large)]
    assert told == [
        "The only line item does not have total less than Amount (20,000.00);"
        " every one must.",
        "The only line item does not have total less than Amount (70,000.00);"
        " every one must.",
    ]
