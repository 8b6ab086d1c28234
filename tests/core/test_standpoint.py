"""Where a run stands: its day, its rates, the places of stages, what is known when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from gatekeeper.core.context import rates_in
from gatekeeper.core.model import EMPTY, FieldChange, History
from gatekeeper.core.pack import DUE_IN, Needs
from gatekeeper.core.pipeline import Path, Pipeline, Stage
from tests.builders import NOW, a_context, a_pack, a_rule


def test_today_is_the_local_date_of_now():
    late = datetime(2026, 11, 20, 4, 59, tzinfo=UTC)
    assert a_context(late).today == date(2026, 11, 19)
    assert a_context(late + timedelta(minutes=1)).today == date(2026, 11, 20)


def test_rates_are_told_in_the_currency_of_the_project():
    """One euro is 1.25 dollars; a yen is a hundredth of a euro."""
    rates = {"EUR": Decimal(1), "USD": Decimal("0.8"), "JPY": Decimal("0.01")}
    assert rates_in("USD", rates) == {
        "EUR": Decimal("1.25"),
        "USD": Decimal(1),
        "JPY": Decimal("0.0125"),
    }


@pytest.mark.parametrize("rates", [{}, {"EUR": Decimal(1)}, {"USD": Decimal(0)}])
def test_without_a_rate_of_its_own_nothing_can_be_converted(rates):
    assert rates_in("USD", rates) == {}


# ---- stages --------------------------------------------------------------------------

PIPELINE = Pipeline(
    "Enterprise",
    (
        Stage("Discovery", ("1", "2"), former=("Proposal", "Intro")),
        Stage("Parked", ("3",), path=Path.SIDE),
        Stage("Proposal", ("4", "2"), path=Path.OPTIONAL, former=("Intro",)),
        Stage("Won", ("5",), is_closed=True, is_won=True),
        Stage("Lost", ("6",), is_closed=True),
    ),
)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("discovery", 0),
        ("PROPOSAL", 2),  # a name in use goes before a former one
        ("Intro", 0),  # of two that had it, the first
        ("Lost", 4),
        ("Elsewhere", None),
    ],
)
def test_a_stage_is_found_by_its_name_or_a_former_one(name, place):
    assert replace(PIPELINE).position(name) == place


def test_a_stage_is_found_by_each_value_it_covers_the_first_of_two():
    found = [PIPELINE.position_of_value(each) for each in "1234569"]
    assert found == [0, 0, 1, 2, 3, 4, None]


def test_side_stages_have_no_order_and_lost_ones_are_known():
    assert [PIPELINE.has_order(at) for at in (0, 1, 2, None)] == [
        True,
        False,
        True,
        False,
    ]
    assert PIPELINE.sides == frozenset({1})
    assert PIPELINE.lost == frozenset({4})


def test_equal_pipelines_are_one_key():
    twin = Pipeline("Enterprise", PIPELINE.stages)
    assert {PIPELINE: 1}[twin] == 1
    assert twin != replace(PIPELINE, stages=())


# ---- what is known of the past -------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "began", "start", "reaches"),
    [
        (0, None, 0, True),
        (1, None, 0, False),
        (0, None, 1, True),
        (0, None, None, False),
        (1, 1, 0, True),
        (1, 2, None, True),
        (2, 1, None, False),
        (2, 1, 0, False),
    ],
)
def test_a_history_reaches_back_to_a_moment_or_to_the_beginning(
    since, began, start, reaches
):
    def day(number):
        return None if number is None else NOW + timedelta(days=number)

    history = History(complete_since={"amount": day(since)}, began=day(began))
    assert history.reaches("amount", day(start)) == reaches
    assert not history.reaches("stage", day(start))


def test_a_change_of_unknown_moment_surely_happened_after_the_look_before():
    exact = FieldChange("amount", NOW, EMPTY, "x", EMPTY)
    assert exact.surely_at == NOW
    before = NOW - timedelta(days=1)
    assert replace(exact, after=before).surely_at == before


# ---- the pack ------------------------------------------------------------------------


def test_needs_add_up():
    one = Needs(
        frozenset({"amount"}),
        {"contacts": frozenset({"role"}), "notes": frozenset()},
        frozenset({"stage"}),
    )
    other = Needs(
        frozenset({"next_step"}),
        {"contacts": frozenset({"name"}), "files": frozenset({"kind"})},
        frozenset({"amount"}),
    )
    assert one | other == Needs(
        frozenset({"amount", "next_step"}),
        {
            "contacts": frozenset({"name", "role"}),
            "files": frozenset({"kind"}),
            "notes": frozenset(),
        },
        frozenset({"amount", "stage"}),
    )
    assert list((other | one).collections) == ["contacts", "files", "notes"]


def test_a_rule_of_no_pipeline_belongs_to_all():
    everywhere, here = a_rule("a"), a_rule("b", pipelines=("Default", "SMB"))
    pack = a_pack(here, everywhere)
    assert pack.rules_of("SMB") == (here, everywhere)
    assert pack.rules_of("Partner") == (everywhere,)


def test_a_rule_says_itself_when_its_task_is_due_or_the_severity_does():
    for severity, days in DUE_IN.items():
        assert a_rule().due_after(severity) == days
        assert a_rule(due_in=0).due_after(severity) == 0
