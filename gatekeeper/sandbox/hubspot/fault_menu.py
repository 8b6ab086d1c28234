"""What can be ordered to go wrong with a HubSpot portal."""

from __future__ import annotations

from gatekeeper.sandbox.faults import FaultMenu

HUBSPOT_FAULTS = FaultMenu(
    routes=frozenset(
        [
            "account",
            "any",
            "archive",
            "associate",
            "associations",
            "batch_archive",
            "batch_create",
            "batch_read",
            "batch_update",
            "batch_upsert",
            "create",
            "daily_usage",
            "labels",
            "list",
            "merge",
            "owners",
            "pipelines",
            "properties",
            "read",
            "search",
            "token",
            "token_info",
            "update",
        ]
    ),
    request_kinds=frozenset(
        [
            "401",
            "403",
            "409",
            "414html",
            "423",
            "429burst",
            "429daily",
            "429search",
            "477",
            "500",
            "502html",
            "503",
            "503html",
            "empty200",
            "reset_after",
            "reset_before",
            "slow",
            "truncated",
        ]
    ),
    record_kinds=frozenset(
        {"conflict", "page_again", "rejected", "unanswered", "unread"}
    ),
    write_routes=frozenset(
        [
            "any",
            "associations",
            "batch_create",
            "batch_read",
            "batch_update",
            "batch_upsert",
            "create",
            "list",
            "update",
        ]
    ),
)
