"""Lines of the language on the past of public orgs, with answers found by hand."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.core.model import EMPTY, FieldChange, History, Unavailable, by_field
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import Scope
from tests.builders import a_context, a_deal
from tests.figures.test_history import Past, past_of

if TYPE_CHECKING:
    from pathlib import Path


def answers(text: str, past: Past) -> dict[str, int]:
    """How many deals give which answer to a line."""
    deals, context = past
    scope = Scope(BUILT_IN, pipelines=context.pipelines)
    line = compile_line(check(parse(text), scope))
    found = (line.test(deal, context) for deal in deals.values())
    return dict(Counter(map(_word, found)))


def _word(answer: object) -> str:
    if isinstance(answer, Unavailable):
        return "cannot tell"
    return "unknown" if answer is EMPTY else str(answer).lower()


# ---- an export of 62 rows ------------------------------------------------------------
#
# Two rows for each of 31 deals, both of the second in which the deal was made, on
# 28 October 2023 at 20:45:25. In the first the close date is 1 October 2018, in the
# second a day between 11 July and 30 October 2023; nothing else differs. Stages: 18
# Closed Won, 3 Id. Decision Makers, 2 each of Negotiation/Review, Proposal/Price Quote
# and Value Proposition, one each of Prospecting, Qualification, Needs Analysis and
# Perception Analysis. 528 days lie between that day and 8 April 2025.
EXPORT = [
    ("pushes(close_date, since creation) = 1", {"true": 31}),
    ("pushes(close_date, last 528 days) = 1", {"true": 31}),
    ("pushes(close_date, last 527 days) = 0", {"true": 31}),
    ("close_date changed within last 527 days", {"false": 31}),
    # 1,800 days after 1 October 2018 is 5 September 2023: later are 6, 18 September,
    # 2, 5, 7, 9, 16, 17, 18, 21, 24, 24 and 30 October
    (
        "pushed_days(close_date, since creation) > 1800",
        {"true": 13, "false": 18},
    ),
    ("previous(close_date) = 2018-10-01", {"true": 31}),
    # what was written in the moment of entry belongs to it
    ("value_on_entry(close_date) = close_date", {"true": 31}),
    ("last_changed(close_date) = 2023-10-28", {"true": 31}),
    ("changes(amount, since creation) = 0", {"true": 31}),
    ("changes(stage, since creation) = 0", {"true": 31}),
    ("days_in_stage() = 528", {"true": 31}),
    ("first_stage() = stage", {"true": 31}),
    ("furthest_stage() = stage", {"true": 31}),
    ('visited("Closed Won")', {"true": 18, "false": 13}),
    ('total_days_in_stage("Closed Won") = 528', {"true": 18, "false": 13}),
    ('entered("Closed Won") is empty', {"true": 13, "false": 18}),
    # all are past Prospecting without a stay there, but the one that is in it
    ('skipped("Prospecting")', {"true": 30, "false": 1}),
    ("moves_back(since creation) = 0", {"true": 31}),
    ("moved_back()", {"false": 31}),
]


@pytest.fixture(scope="module")
def export(shared_data: Path) -> Past:
    return past_of(shared_data / "salesforce" / "sf_devedition_export", "2025-04-08")


@pytest.mark.slow
@pytest.mark.parametrize(("text", "expected"), EXPORT)
def test_a_line_on_the_export(
    export: Past, text: str, expected: dict[str, int]
) -> None:
    assert answers(text, export) == expected


# ---- leadforge: only the last step of a closed deal is recorded ----------------------
#
# 2,129 rows, one for each closed deal, of the day it closed: 1,094 closed_won, 1,035
# closed_lost. 115 and 424 of these days lie more than 60 days before 30 April 2024.
# The other 2,313 deals are open and have no row at all; 104 of them stand in
# demo_scheduled. 23 deals were won on the very day they were made, one of them within
# these 60 days: that row is their whole past.
LEADFORGE = [
    ('visited("closed_won")', {"true": 1_094, "cannot tell": 3_348}),
    (
        'visited("demo_scheduled")',
        {"true": 104, "false": 23, "cannot tell": 4_315},
    ),
    ("first_stage() is filled", {"true": 23, "cannot tell": 4_419}),
    # it has been closed for so long at least; when it came there is not proved
    ("days_in_stage() <= 60", {"true": 1, "false": 539, "cannot tell": 3_902}),
    (
        'total_days_in_stage("closed_lost") > 60',
        {"true": 424, "false": 23, "cannot tell": 3_995},
    ),
    ("moves_back(since creation) = 0", {"true": 23, "cannot tell": 4_419}),
]


@pytest.fixture(scope="module")
def leadforge(shared_data: Path) -> Past:
    folder = shared_data / "salesforce" / "leadforge_intermediate"
    return past_of(folder, "2024-04-30")


@pytest.mark.slow
@pytest.mark.parametrize(("text", "expected"), LEADFORGE)
def test_a_line_on_what_only_the_last_row_proves(
    leadforge: Past, text: str, expected: dict[str, int]
) -> None:
    assert answers(text, leadforge) == expected


# ---- a property history as a connector delivers it, hashed ---------------------------
#
# Of the property kept here there are 60 rows of 59 deals: two of deal 956062319, of
# 22 October 2019 at 16:08:05 and 29 October at 16:14:44, one of each other deal. When
# the deals were made is not told, so a deal's past is known from its first row on:
# that row lies before 29 October for 30 deals, that one among them.
PROPERTY = "ky4p2Nx3U/ctHYnc+rKWvg=="
TWICE = "956062319"
FIRST_VALUE = "4Zgv71rp/YYziCeYjh2zzA=="


@pytest.fixture(scope="module")
def property_history(shared_data: Path) -> Past:
    folder = shared_data / "real" / "dbt_hubspot_seeds"
    path = folder / "deal_property_history_data.csv"
    versions: dict[str, list[tuple[datetime, str]]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["name"] == PROPERTY:
                at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
                versions.setdefault(row["deal_id"], []).append((at, row["value"]))
    deals = {name: _with_past(sorted(each)) for name, each in versions.items()}
    as_of = datetime(2019, 11, 5, 12, tzinfo=UTC)
    return deals, a_context(as_of, zone=ZoneInfo("UTC"))


def _with_past(versions: list[tuple[datetime, str]]):
    """A deal whose next step had these values, known from the first of them on."""
    changes = tuple(
        FieldChange("next_step", at, old, new, EMPTY)
        for (_, old), (at, new) in pairwise(versions)
    )
    past = History((), by_field(changes), {"next_step": versions[0][0]})
    return replace(a_deal(next_step=versions[-1][1]), history=past)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # as of 5 November, so the window begins with 29 October
        (
            "changes(next_step, last 7 days) = 0",
            {"true": 29, "false": 1, "cannot tell": 29},
        ),
        (
            "next_step changed within last 7 days",
            {"true": 1, "false": 29, "cannot tell": 29},
        ),
        ("changes(next_step, since 2019-10-01) >= 1", {"true": 1, "cannot tell": 58}),
        ("changes(next_step, since 2019-10-01) <= 1", {"cannot tell": 59}),
        ("changes(next_step, since 2019-10-01) < 1", {"false": 1, "cannot tell": 58}),
        (f'previous(next_step) = "{FIRST_VALUE}"', {"true": 1, "cannot tell": 58}),
        ("last_changed(next_step) = 2019-10-29", {"true": 1, "cannot tell": 58}),
    ],
)
def test_a_line_on_a_property_history(
    property_history: Past, text: str, expected: dict[str, int]
) -> None:
    assert answers(text, property_history) == expected


def test_a_window_that_begins_after_the_change_holds_none(
    property_history: Past,
) -> None:
    deals, context = property_history
    twice = {TWICE: deals[TWICE]}, context
    for text, word in (
        ("changes(next_step, last 6 days) = 0", "true"),
        ("next_step changed since 2019-10-29 16:14", "true"),
        ("next_step changed since 2019-10-29 16:15", "false"),
    ):
        assert answers(text, twice) == {word: 1}
