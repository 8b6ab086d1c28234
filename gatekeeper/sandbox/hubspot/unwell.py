"""What an ordered fault of a whole request looks like from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.auth import bearer
from gatekeeper.sandbox.hubspot.call import Answer
from gatekeeper.sandbox.hubspot.errors import HubSpotError
from gatekeeper.sandbox.hubspot.rates import BURST, DAILY, SECONDLY

if TYPE_CHECKING:
    from gatekeeper.sandbox.faults import Fault
    from gatekeeper.sandbox.hubspot.call import Call
    from gatekeeper.sandbox.hubspot.rates import Lane

_HTML = "text/html; charset=utf-8"
_PAGES = {
    "414html": (
        414,
        b"<html><head><title>414 Request-URI Too Large</title></head></html>",
    ),
    "502html": (502, b"<html><head><title>502 Bad Gateway</title></head></html>"),
    "503html": (
        503,
        b"<html><head><title>503 Service Unavailable</title></head></html>",
    ),
}
_POLICIES = {"429burst": BURST, "429daily": DAILY, "429search": SECONDLY}
_ERRORS = {
    "403": ("This account does not have access to this API.", "FORBIDDEN", 403),
    "409": ("A concurrent write won; read again", "CONFLICT", 409),
    "423": ("The account is locked by a bulk operation. Try again.", "LOCKED", 423),
    "500": ("internal error", "INTERNAL_ERROR", 500),
    "503": ("Service temporarily unavailable", "SERVICE_UNAVAILABLE", 503),
}
MIGRATION_S = 3600
URI_TOO_LONG = Answer(*_PAGES["414html"], media_type=_HTML)


def unread(fault: Fault, **context: list[str]) -> list[dict[str, object]]:
    """Return the entries of an input that a batch could not read.

    One that is `unanswered` has none: the answer says nothing of it at all.
    """
    if fault.kind == "unanswered":
        return []
    error = HubSpotError("internal error", "INTERNAL_ERROR", 500)
    return [error.batch_entry(**context)]


def edge_page(faults: list[Fault]) -> Answer | None:
    """Return the answer of the edge, which speaks no JSON, if a fault calls for it."""
    for fault in faults:
        if fault.kind in _PAGES:
            return Answer(*_PAGES[fault.kind], media_type=_HTML)
    return None


def refuse(call: Call, faults: list[Fault], lane: Lane) -> None:
    """Refuse the call if a fault calls for it, before it has done anything.

    Args:
        call: The call.
        faults: What was ordered of it.
        lane: The limits it counts against.

    Raises:
        HubSpotError: In the words of the fault. A late 401 ends the token for good.
    """
    text = bearer(call.headers)
    for fault in faults:
        if fault.kind == "401":
            call.portal.tokens.expire(text)
        elif fault.kind in _POLICIES:
            raise call.portal.rates.refusal(_POLICIES[fault.kind], text, lane)
        elif fault.kind == "477":
            raise HubSpotError(
                "This account is currently being migrated between data hosting "
                "locations.",
                "MIGRATION_IN_PROGRESS",
                477,
                headers={"Retry-After": str(MIGRATION_S)},
            )
        elif fault.kind in _ERRORS:
            raise HubSpotError(*_ERRORS[fault.kind])
