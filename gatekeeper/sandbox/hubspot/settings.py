"""What an admin, a subscription or a test may set of a portal."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Allowance:
    """How much the subscription allows."""

    burst: int = 190
    daily: int = 625_000
    association_burst: int = 150
    association_daily: int = 500_000
    search_per_second: int = 5


@dataclass(slots=True)
class PortalSettings:
    """The settings of one portal.

    Args:
        portal_id: HubSpot's number of the account.
        name: What people call it.
        time_zone: The account's zone; the daily limit ends at its midnight.
        currency: The company currency.
        currencies: Further currencies of the account.
        index_lag_s: The least and the most a change takes to reach the search index.
        rollup_lag_s: What a roll-up takes to follow its cause.
        created_status: 201 as documented, or 200 as newer specifications declare it.
        shuffles: Batch answers come in no order.
        unique_tasks: Tasks may have properties with unique values.
        sends_retry_after: A 429 says when to come back, which HubSpot does not
            document.
        keeps_merged_id: A merged record keeps the id of the first of the two, as in
            accounts that try this out; otherwise it gets a new one.
        dates_stages: Deals carry `hs_v2_date_entered_*` for every stage.
        has_all_properties: A loaded portal has all of HubSpot's own properties and
            its roll-ups, as one that grew; otherwise only what its folder carries.
        allowance: The limits of calls.
    """

    portal_id: int = 12_345_678
    name: str = "Gatekeeper demo"
    time_zone: str = "America/New_York"
    currency: str = "USD"
    currencies: tuple[str, ...] = ()
    index_lag_s: tuple[float, float] = (2.0, 10.0)
    rollup_lag_s: float = 3.0
    created_status: int = 201
    shuffles: bool = True
    unique_tasks: bool = True
    sends_retry_after: bool = False
    keeps_merged_id: bool = False
    dates_stages: bool = True
    has_all_properties: bool = False
    allowance: Allowance = field(default_factory=Allowance)
