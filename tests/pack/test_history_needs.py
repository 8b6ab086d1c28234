"""What of a deal's past a pack makes the pull read: only what some rule asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.pack.packs import a_draft, rule

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.core.pack import Needs

HEAD = ("id: ent-a", "title: T", "fix: Fill in the amount.")


def needs(base: Path, *lines: str, position: str = "exit") -> Needs:
    written = rule(*HEAD, *lines).replace("    exit:", f"    {position}:")
    return a_draft(base, e_rules=written).compile(None).needs


@pytest.mark.parametrize(
    ("lines", "history"),
    [
        (("require: amount is filled",), set()),
        (("require: days_in_stage() < 9",), {"stage"}),
        (("require: changes(is_closed, last 9 days) = 0",), {"stage"}),
        (("require: pushes(close_date, last 9 days) = 0",), {"close_date"}),
        (
            ("require: next_step changed since stage entry",),
            {"next_step", "stage"},
        ),
        (("require: amount is filled", "asked: when_leaving"), {"stage"}),
        (("require: amount is filled", "applies_until: next_stage"), {"stage"}),
        (("require: amount is filled", "effective_from: 2026-01-01"), {"stage"}),
        (
            (
                "require: amount is filled",
                "effective_from: 2026-01-01",
                "existing_deals: include",
            ),
            set(),
        ),
    ],
)
def test_history_is_read_only_where_a_rule_asks_for_it(
    tmp_path: Path, lines: tuple[str, ...], history: set[str]
) -> None:
    assert needs(tmp_path, *lines).history == history


def test_a_rule_of_a_stage_needs_no_history_for_the_day_it_counts_from(
    tmp_path: Path,
) -> None:
    lines = ("require: amount is filled", "effective_from: 2026-01-01")
    assert needs(tmp_path, *lines, position="while_in").history == set()


@pytest.mark.parametrize("word", ["asked: when_leaving", "applies_until: next_stage"])
def test_how_long_and_as_of_when_a_rule_is_asked_are_its_logic(
    tmp_path: Path, word: str
) -> None:
    plain, other = (
        a_draft(tmp_path, e_rules=rule(*HEAD, "require: amount is filled", *more))
        for more in ((), (word,))
    )
    (one,), (two,) = plain.compile(None).rules, other.compile(None).rules
    assert one.logic != two.logic
    assert one.wording == two.wording


def test_the_changes_of_a_field_need_its_present_value_and_who_made_the_deal(
    tmp_path: Path,
) -> None:
    found = needs(tmp_path, "require: changed_by(amount) is filled")
    assert {"amount", "created_by"} <= found.fields
