"""What an ordered fault of a whole request looks like from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.call import Answer
from gatekeeper.sandbox.salesforce.errors import SalesforceError

if TYPE_CHECKING:
    from gatekeeper.sandbox.faults import Fault
    from gatekeeper.sandbox.salesforce.call import Call
    from gatekeeper.sandbox.salesforce.org import Org

MAINTENANCE = b"""<!DOCTYPE html>
<html><head><title>Salesforce - Maintenance</title></head>
<body><h1>We are down for maintenance.</h1>
<p>Sorry for the inconvenience. We'll be back shortly.</p></body></html>
"""
_ERRORS = {
    "limit403": ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403),
    "concurrent403": (
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        403,
    ),
    "500": (
        "UNKNOWN_EXCEPTION",
        "An unexpected error occurred. Please include this ErrorId if you contact "
        "support: 1700000000-1234 (-1234567890)",
        500,
    ),
    "lock_row_500": (
        "UNABLE_TO_LOCK_ROW",
        "unable to obtain exclusive access to this record or 1 records",
        500,
    ),
    "locator_expired": ("INVALID_QUERY_LOCATOR", "invalid query locator", 400),
    "query_timeout": (
        "QUERY_TIMEOUT",
        "Your query request was running for too long.",
        400,
    ),
}


def refusal(org: Org, call: Call, faults: list[Fault]) -> SalesforceError | None:
    """Return the error the faults call for, before the call has done anything.

    A late 401 ends the session, as an expiry does: the same token never works again.
    """
    if org.settings.calls_used >= org.settings.daily_calls and call.route != "token":
        return SalesforceError(*_ERRORS["limit403"])
    for fault in faults:
        if fault.kind == "401":
            token = call.headers.get("authorization", "").partition(" ")[2]
            org.logins.revoke(token)
            return SalesforceError(
                "INVALID_SESSION_ID", "Session expired or invalid", 401
            )
        if fault.kind in _ERRORS:
            return SalesforceError(*_ERRORS[fault.kind])
    return None


def edge_page(faults: list[Fault]) -> Answer | None:
    """Return the answer of the edge, which speaks no JSON, if a fault calls for it."""
    kinds = {fault.kind for fault in faults}
    if "503html" in kinds:
        return Answer(503, MAINTENANCE, media_type="text/html;charset=utf-8")
    if "429" in kinds:
        page = b"<html><body><h1>Too Many Requests</h1></body></html>"
        return Answer(429, page, media_type="text/html;charset=utf-8")
    return None
