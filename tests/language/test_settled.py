"""Conditions of rows whose words are the same for every deal, so made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.language.checker import check
from gatekeeper.language.compiler.tree import Tree
from gatekeeper.language.explain.view import is_settled, moves
from gatekeeper.language.explain.voice import view_of
from gatekeeper.language.parser.line import parse
from gatekeeper.language.tree import typed
from tests.builders import a_deal
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT

if TYPE_CHECKING:
    from gatekeeper.language.explain.view import Kept


def of_rows(where: str) -> object:
    """Return what `some meetings where ..` asks of each meeting."""
    line = check(parse(f"some meetings where {where}"), SCOPE).test
    assert isinstance(line, typed.Quantified)
    return line.rows.where


@pytest.mark.parametrize(
    ("where", "settled"),
    [
        ('outcome = "Completed"', True),
        ('not outcome in ["Completed", "No Show"]', True),
        ('outcome is filled and subject contains "demo"', True),
        ("start before 2026-12-31", True),
        ("start before 2026-12-31 10:00", False),  # written in the zone of the run
        ("start before now", True),
        ("start within last 14 days", True),  # in words, not in dates
        ("start before deal.close_date", False),
        ("subject = deal.name", False),
    ],
)
def test_rows_fields_against_constants_read_the_same_for_every_deal(
    where: str, *, settled: bool
) -> None:
    assert is_settled(of_rows(where)) is settled


@pytest.mark.parametrize(
    ("line", "moving"),
    [
        ("amount > 5", False),
        ("close_date > 2026-12-31", False),
        ("close_date > today", True),
        ("days_since(close_date) > 5", True),
        ("close_date within last 14 days", True),
        ("changes(amount, last 5 days) > 1", True),
        ('entered("Proposal") > 2026-12-31', False),
        ("days_in_stage() > 5", True),
    ],
)
def test_a_line_moves_where_time_alone_changes_its_answer(
    line: str, *, moving: bool
) -> None:
    assert moves(check(parse(line), SCOPE).test) is moving


def test_what_a_line_says_of_every_deal_is_kept_with_the_line_or_with_nobody() -> None:
    kept: Kept = {}
    first, second = (view_of(Tree(), a_deal(), CONTEXT, kept) for _ in range(2))
    alone = view_of(Tree(), a_deal(), CONTEXT)
    node = of_rows('outcome = "Completed"')
    made: list[str] = []

    def make() -> str:
        made.append("made")
        return "once"

    assert first.once("words", node, make) == second.once("words", node, make) == "once"
    assert made == ["made"]
    assert first.is_settled(node)
    assert second.is_settled(node)
    assert alone.kept == {}
    assert alone.once("words", node, make) == "once"
    assert made == ["made", "made"]
