"""Four public orgs, deal for deal as an independent calculation found them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.figures.public_orgs import (
    ACTIVITIES,
    LEADFORGE,
    MAVEN,
    PREPPIN,
    READING,
    DataSet,
    Judged,
    expected_criteria,
    expected_failing,
    fewest_calls,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

MAVEN_FIGURES = {
    "engaging_has_account": (1_088, 1_589),
    "open_has_account": (1_425, 2_089),
    "engaging_not_stale_120": (1_376, 1_589),
    "won_has_value_and_date": (0, 4_238),
}


@pytest.fixture(
    scope="module",
    params=[MAVEN, LEADFORGE, PREPPIN, ACTIVITIES],
    ids=lambda each: each.name,
)
def chosen(request: pytest.FixtureRequest) -> DataSet:
    data_set: DataSet = request.param
    return data_set


@pytest.fixture(scope="module")
def judged(chosen: DataSet, judged_org: Callable[[DataSet], Judged]) -> Judged:
    return judged_org(chosen)


def test_every_criterion_fails_for_exactly_the_expected_deals(
    shared_data: Path, chosen: DataSet, judged: Judged
) -> None:
    assert judged.failing() == expected_failing(shared_data, chosen)
    assert judged.report.body["complete"] is True


def test_every_deal_in_scope_was_judged_and_none_beyond(
    shared_data: Path, chosen: DataSet, judged: Judged
) -> None:
    criteria = expected_criteria(shared_data, chosen)
    counts = judged.counts()

    assert counts["rules"] == len(criteria)
    assert counts["pass"] == sum(each["compliant"] for each in criteria)
    assert counts["fail"] == sum(each["violations"] for each in criteria)
    assert counts["cannot_tell"] == 0


def test_reading_takes_at_most_one_call_per_two_thousand_rows(
    shared_data: Path, chosen: DataSet, judged: Judged
) -> None:
    calls = judged.reading_calls() - chosen.lists

    assert calls <= fewest_calls(shared_data, chosen) * 1.05
    # "tooling" is one call, for the fields whose history is kept.
    assert set(judged.requests) <= {"describe", "tooling", *READING}
    assert judged.requests["tooling"] == 1


@pytest.mark.parametrize("chosen", [MAVEN], indirect=True, ids=["maven_crm"])
def test_the_figures_of_maven_are_the_published_ones(
    shared_data: Path, chosen: DataSet, judged: Judged
) -> None:
    scope = {
        each["id"]: each["deals_in_scope"]
        for each in expected_criteria(shared_data, chosen)
    }
    failing = judged.failing()

    found = {name: (len(failing.get(name, ())), scope[name]) for name in MAVEN_FIGURES}

    assert found == MAVEN_FIGURES
