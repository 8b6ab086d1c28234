"""Rows of accounts, siblings and attendees cost a call per page, and one per batch."""

from __future__ import annotations

from collections import Counter
from datetime import date
from math import ceil
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.core.pack import Needs
from gatekeeper.ports import PullRequest, PullTotals
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.server import SandboxServer
from tests.contracts.worlds import sandbox_crm
from tests.figures.public_orgs import READING, ROWS_PER_CALL

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.core.model import Deal

DEALS = 3_000
NEEDS = Needs(
    frozenset({"account"}),
    {
        "account.meetings": frozenset({"start"}),
        "account.contacts": frozenset({"email"}),
        "contacts": frozenset({"role"}),
        "meetings": frozenset({"start", "contact_roles"}),
        "siblings": frozenset({"stage", "amount"}),
    },
)
STREAMED = ("contacts", "meetings")
OF_ACCOUNT = ("account.meetings", "account.contacts", "siblings")


def pages(rows: int) -> int:
    return max(1, ceil(rows / ROWS_PER_CALL))


def fewest_calls(batches: list[tuple[Deal, ...]]) -> int:
    """Count a call per page of deals and of each stream, and per batch of the rest."""
    deals = [deal for batch in batches for deal in batch]
    calls = pages(len(deals))
    calls += sum(pages(sum(count(deal, name) for deal in deals)) for name in STREAMED)
    for batch in batches:
        by_account = {str(deal.fields["account"]): deal for deal in batch}
        calls += sum(
            pages(sum(count(deal, name) for deal in by_account.values()))
            for name in OF_ACCOUNT
        )
        calls += pages(0)  # who was invited to the meetings: nobody in a seeded org
    return calls


def count(deal: Deal, name: str) -> int:
    rows = deal.related[name]
    assert isinstance(rows, tuple)
    return len(rows) + (name == "siblings")


@pytest.mark.slow
def test_related_rows_cost_at_most_five_percent_more_calls_than_pages(
    tmp_path: Path,
) -> None:
    seed_org(DEALS, 1, date(2026, 11, 20), tmp_path)
    org = load_org(tmp_path, Clock(as_of_instant("2026-11-20")))
    asked = PullRequest(NEEDS, BUILT_IN, (), date(2026, 10, 21))
    with SandboxServer(org) as server:
        crm = sandbox_crm(server.url)
        list(crm.pull(asked, PullTotals()))  # what is asked once is remembered
        before, totals = Counter(org.requests), PullTotals()
        batches = [batch.deals for batch in crm.pull(asked, totals)]
        calls = Counter(org.requests) - before
        crm.client.close()

    assert totals.problems == []
    assert len(batches) == 2
    assert set(calls) <= set(READING)
    assert sum(calls.values()) <= fewest_calls(batches) * 1.05
