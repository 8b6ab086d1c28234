"""Public data sets in their HubSpot form, deal for deal as calculated independently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.hubspot.importing import load_portal
from tests.figures.public_orgs import DataSet, expected_criteria, expected_failing
from tests.figures.public_portals import ACTIVITIES, FLOORS, SALES_ORDERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.figures.public_orgs import Judged

pytestmark = pytest.mark.slow
READING = ("list", "associations", "batch_read")


@pytest.fixture(scope="module", params=FLOORS, ids=lambda each: each.name)
def chosen(request: pytest.FixtureRequest) -> DataSet:
    data_set: DataSet = request.param
    return data_set


@pytest.fixture(scope="module")
def judged(chosen: DataSet, judged_portal: Callable[[DataSet], Judged]) -> Judged:
    return judged_portal(chosen)


def test_every_criterion_fails_for_exactly_the_expected_deals(
    shared_data: Path, chosen: DataSet, judged: Judged
) -> None:
    assert judged.failing() == expected_failing(shared_data, chosen, "hubspot_id")
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


def test_reading_takes_at_most_five_percent_more_than_the_fewest_calls(
    chosen: DataSet, judged: Judged
) -> None:
    calls = sum(judged.requests.get(route, 0) for route in READING)

    assert calls <= FLOORS[chosen].calls() * 1.05
    # Who it is, its definitions, its people, and one search for our own tasks.
    assert judged.requests["search"] == 1
    assert sum(judged.requests.values()) - calls <= 20


def test_the_portal_of_activities_lacks_the_sales_order_that_is_put_in(
    shared_data: Path,
) -> None:
    portal = load_portal(shared_data / "hubspot" / ACTIVITIES.name)

    assert SALES_ORDERS not in portal.kinds["deals"].properties
