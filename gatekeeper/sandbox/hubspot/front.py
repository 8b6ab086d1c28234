"""What the server needs of the HubSpot dialect, gathered around one portal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.http import reply
from gatekeeper.sandbox.hubspot.pages import page_routes
from gatekeeper.sandbox.hubspot.side import side_actions
from gatekeeper.sandbox.wire import Front

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal


def hubspot_front(portal: Portal) -> Front:
    """Return what the server needs to serve a portal."""
    return Front(
        answer=partial(reply, portal),
        mounts=("/crm", "/oauth", "/account-info"),
        lock=portal.lock,
        side_actions=side_actions(portal),
        pages=page_routes(portal),
        exports=partial(_exports, portal),
    )


def _exports(portal: Portal, url: str) -> dict[str, str]:
    return {
        "GATEKEEPER_CRM": "hubspot",
        "GATEKEEPER_HUBSPOT_URL": url,
        "GATEKEEPER_HUBSPOT_TOKEN": portal.tokens.first.text,
    }
