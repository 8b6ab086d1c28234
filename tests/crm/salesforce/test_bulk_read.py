"""Large reads through Bulk API 2.0 give what page-by-page reads give."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.core.pack import Needs
from gatekeeper.crm.salesforce.adapter import connect
from gatekeeper.crm.salesforce.wire.connection import Access
from gatekeeper.crm.salesforce.wire.login import Credentials
from gatekeeper.ports import PullRequest, PullTotals
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.server import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.core.model import Deal
    from gatekeeper.sandbox.salesforce.org import Org

REQUEST = PullRequest(
    Needs(
        frozenset(
            {"amount", "close_date", "is_won", "probability", "account.name", "owner"}
        ),
        {
            "contacts": frozenset({"role", "is_primary", "name"}),
            "line_items": frozenset({"quantity", "total"}),
            "meetings": frozenset({"start", "completed", "subject"}),
            "activities": frozenset({"at", "kind"}),
        },
    ),
    BUILT_IN,
    (),
    date(2026, 10, 21),
)
NEVER = 10**9


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Org:
    folder: Path = tmp_path_factory.mktemp("org")
    seed_org(120, 5, date(2026, 11, 20), folder)
    loaded = load_org(folder, Clock(as_of_instant("2026-11-20")))
    loaded.settings.page_size = 25
    return loaded


@pytest.fixture(scope="module")
def url(org: Org) -> Iterator[str]:
    with SandboxServer(org) as server:
        yield server.url


def pulled(org: Org, url: str, bulk_from: int) -> tuple[dict[str, Deal], PullTotals]:
    app = next(iter(org.logins.apps.values()))
    credentials = Credentials(client_id=app.client_id, client_secret=app.client_secret)
    crm = connect(
        Access(url, credentials, bulk_from=bulk_from),
        now=lambda: datetime.now(UTC),
        sleep=lambda _seconds: None,
    )
    totals = PullTotals()
    batches = crm.pull(REQUEST, totals)
    return {deal.id: deal for batch in batches for deal in batch.deals}, totals


@pytest.mark.trap("S12b")
def test_a_large_read_is_one_job_and_gives_the_same_deals(org: Org, url: str) -> None:
    page_by_page, totals = pulled(org, url, NEVER)
    assert totals.is_complete
    before = org.requests["bulk"]
    in_jobs, totals = pulled(org, url, 50)

    assert org.requests["bulk"] > before
    assert totals.is_complete
    assert totals.read == totals.expected == len(page_by_page)
    assert in_jobs == page_by_page


@pytest.mark.trap("S12c")
def test_a_job_that_cannot_be_had_leaves_the_read_to_pages(org: Org, url: str) -> None:
    expected, _ = pulled(org, url, NEVER)
    org.faults.add("bulk:500")
    try:
        found, totals = pulled(org, url, 50)
    finally:
        org.faults.clear()

    assert totals.is_complete
    assert found == expected


def test_a_busy_moment_of_a_job_is_waited_out(org: Org, url: str) -> None:
    expected, _ = pulled(org, url, NEVER)
    org.faults.add("bulk:503html:2")

    found, totals = pulled(org, url, 50)

    assert totals.is_complete
    assert found == expected
