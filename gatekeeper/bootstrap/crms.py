"""Settings to a CRM's adapter; nothing is called before it is used."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.bootstrap.machine import WallClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from gatekeeper.crm.salesforce.wire.connection import Access
    from gatekeeper.ports import Crm
    from gatekeeper.settings import Paths, Settings


def own_names() -> dict[str, dict[str, str]]:
    """Return by CRM its own names of built-in fields of the deal, each to ours."""
    from gatekeeper.crm.hubspot import names as of_hubspot
    from gatekeeper.crm.salesforce import names as of_salesforce

    tables = {each.CRM: [*each.DEAL.items()] for each in (of_hubspot, of_salesforce)}
    return {  # of two of ours for one of theirs the first counts
        crm: {path: name for name, paths in reversed(table) for path in paths}
        for crm, table in tables.items()
    }


def hubspot(
    settings: Settings,
    paths: Paths,
    currency: str,
    zones: Mapping[str, tzinfo],
    sleep: Callable[[float], None],
) -> Crm:
    """Return the HubSpot account of the settings' token."""
    from gatekeeper.crm.hubspot.adapter import connect
    from gatekeeper.crm.hubspot.wire.door import PUBLIC
    from gatekeeper.crm.hubspot.wire.patience import Access
    from gatekeeper.crm.meter import Limits
    from gatekeeper.settings import required

    access = Access(
        token=required(settings, "hubspot_token"),
        url=settings.hubspot_url or PUBLIC,
        limits=Limits(
            connect_s=settings.connect_timeout_s,
            read_s=settings.read_timeout_s,
            ca_file=paths.ca_file,
        ),
        deadline=timedelta(seconds=settings.call_deadline_s),
    )
    return connect(
        access, now=WallClock().now, currency=currency, zones=zones, sleep=sleep
    )


def salesforce(
    settings: Settings, paths: Paths, currency: str, sleep: Callable[[float], None]
) -> Crm:
    """Return the Salesforce org of the settings' address and login."""
    from gatekeeper.crm.salesforce.adapter import connect

    access = _access(settings, paths)
    return connect(access, now=WallClock().now, currency=currency, sleep=sleep)


def _access(settings: Settings, paths: Paths) -> Access:
    from gatekeeper.crm.meter import Limits
    from gatekeeper.crm.salesforce.wire.connection import Access
    from gatekeeper.crm.salesforce.wire.login import Credentials
    from gatekeeper.settings import required, salesforce_login

    salesforce_login(settings)

    def secret(setting: str) -> str:
        value = getattr(settings, setting)
        return "" if value is None else str(value.get_secret_value())

    return Access(
        url=required(settings, "salesforce_url"),
        credentials=Credentials(
            client_id=settings.salesforce_client_id or "",
            client_secret=secret("salesforce_client_secret"),
            jwt_key=secret("salesforce_jwt_key"),
            jwt_username=settings.salesforce_jwt_username or "",
            jwt_audience=settings.salesforce_jwt_audience,
            session_id=secret("salesforce_session_id"),
        ),
        limits=Limits(
            connect_s=settings.connect_timeout_s,
            read_s=settings.read_timeout_s,
            ca_file=paths.ca_file,
        ),
        deadline=timedelta(seconds=settings.call_deadline_s),
    )
