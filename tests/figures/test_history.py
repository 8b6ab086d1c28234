"""The past of public orgs, read through the sandbox and worked out by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.core.history import fields as field_history
from gatekeeper.core.history import stages as stage_history
from gatekeeper.core.model import STAGE, Deal, FieldValue, Unavailable
from gatekeeper.core.pack import Needs
from gatekeeper.ports import PullRequest, PullTotals
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from tests.builders import a_context
from tests.contracts.worlds import sandbox_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gatekeeper.core.context import Context

pytestmark = pytest.mark.slow

Past = tuple[dict[str, Deal], "Context"]
ASKED = frozenset({STAGE, "close_date", "amount"})


def past_of(folder: Path, as_of: str) -> Past:
    """Every deal of a data set with its history, as the adapter reads it."""
    org = load_org(folder, Clock(as_of_instant(as_of)))
    needs = Needs(frozenset({"stage", "close_date", "amount"}), {}, ASKED)
    request = PullRequest(needs, BUILT_IN, (), date(1900, 1, 1))
    with sandbox_world(org) as world:
        totals = PullTotals()
        batches = world.crm.pull(request, totals)
        deals = {deal.id: deal for batch in batches for deal in batch.deals}
        # open deals of this export have no close date and are read all the same
        pipelines = world.crm.schema(BUILT_IN).pipelines
    assert totals.problems == []
    context = a_context(
        as_of_instant(as_of),
        zone=ZoneInfo("UTC"),
        pipelines={each.name: each for each in pipelines},
    )
    return deals, context


@pytest.fixture(scope="module")
def maven(shared_data: Path) -> Past:
    return past_of(shared_data / "salesforce" / "maven_crm", "2017-12-31")


@pytest.fixture(scope="module")
def export(shared_data: Path) -> Past:
    return past_of(shared_data / "salesforce" / "sf_devedition_export", "2025-04-08")


@pytest.fixture(scope="module")
def leadforge(shared_data: Path) -> Past:
    folder = shared_data / "salesforce" / "leadforge_intermediate"
    return past_of(folder, "2024-04-30")


def counted(past: Past, ask: Callable[[Deal, Context], FieldValue]) -> Counter[str]:
    """How many deals give which answer."""
    deals, context = past
    answers = (ask(deal, context) for deal in deals.values())
    return Counter(
        "cannot tell" if isinstance(each, Unavailable) else str(each)
        for each in answers
    )


# ---- maven: one row when a deal is engaged, one when it is closed -------------------


def test_the_stale_deals_of_the_expected_figures_are_found_by_their_history(
    maven: Past,
) -> None:
    deals, context = maven
    engaging = [deal for deal in deals.values() if deal.stage == "Engaging"]
    days = [stage_history.days_in_stage(deal, context, None) for deal in engaging]
    assert len(engaging) == 1_589
    assert sum(each > 120 for each in days) == 1_376  # type: ignore[operator]


def test_a_closed_deal_was_engaged_for_the_days_between(maven: Past) -> None:
    deals, context = maven
    deal = deals["0066uwjgriUNBTuAAP"]
    # 20 October 2016 to 1 March 2017: 11 + 30 + 31 + 31 + 28 + 1
    assert stage_history.days_in_stage(deal, context, "Engaging") == 132
    assert stage_history.entered(deal, context, "Won") == datetime(
        2017, 3, 1, tzinfo=UTC
    )
    # its amount and close date were empty until then: set, not pushed
    assert field_history.count_pushes("close_date", deal, context, None) == 0
    assert field_history.count_changes("close_date", deal, context, None) == 1


def test_every_closed_deal_moved_once(maven: Past) -> None:
    # 15,011 rows of 8,300 deals; the 500 others have none
    found = counted(
        maven, lambda deal, ctx: field_history.count_changes(STAGE, deal, ctx, None)
    )
    assert found == {"1": 6_711, "0": 1_589, "cannot tell": 500}


def test_a_replay_before_the_close_sees_the_deal_engaged(maven: Past) -> None:
    deals, context = maven
    then = replace(context, now=datetime(2016, 12, 31, 12, tzinfo=UTC))
    deal = deals["0066uwjgriUNBTuAAP"]
    assert stage_history.visited(deal, then, "Won") is False
    assert stage_history.days_in_stage(deal, then, "Engaging") == 72


# ---- an export: two rows each in the second the deals were made ---------------------


def test_every_sample_deal_was_pushed_once_as_it_was_made(export: Past) -> None:
    deals, context = export
    pushes = counted(
        export,
        lambda deal, ctx: field_history.count_pushes("close_date", deal, ctx, None),
    )
    assert pushes == {"1": 31}
    deal = deals["006Hp000015Yh7kIAC"]
    # 1 October 2018 to 6 September 2023: five years of 1,826 days less 25
    days = field_history.pushed_days("close_date", deal, context, None)
    assert days == 1_801
    assert field_history.previous("close_date", deal, context) == date(2018, 10, 1)
    # 28 October 2023 to 8 April 2025: a year of 366 days, and 162
    assert stage_history.days_in_stage(deal, context, None) == 528
    assert stage_history.first_stage(deal, context) == "Qualification"


# ---- leadforge: only the last step of a closed deal is proved -----------------------


def test_what_only_the_last_row_proves_is_not_taken_for_a_whole_past(
    leadforge: Past,
) -> None:
    deals, context = leadforge
    deal = deals["006f5uavg4h4IKSAA2"]  # created 14 February, lost 4 March 2024
    assert stage_history.visited(deal, context, "closed_lost") is True
    unknown = stage_history.visited(deal, context, "negotiation")
    assert isinstance(unknown, Unavailable)
    days = stage_history.days_in_stage(deal, context, None)
    assert isinstance(days, Unavailable)
    assert days.at_least == 57  # 27 days of March and 30 of April
