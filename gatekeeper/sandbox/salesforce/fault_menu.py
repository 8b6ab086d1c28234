"""What can be ordered to go wrong with a Salesforce org."""

from __future__ import annotations

from gatekeeper.sandbox.faults import FaultMenu

SALESFORCE_FAULTS = FaultMenu(
    routes=frozenset(
        [
            "any",
            "bulk",
            "collections",
            "composite",
            "create",
            "delete",
            "deleted",
            "describe",
            "describeglobal",
            "limits",
            "picklists",
            "query",
            "queryall",
            "querymore",
            "resources",
            "retrieve",
            "revoke",
            "token",
            "tooling",
            "update",
            "updated",
            "upsert",
            "userinfo",
            "versions",
        ]
    ),
    request_kinds=frozenset(
        [
            "401",
            "429",
            "500",
            "503html",
            "concurrent403",
            "limit403",
            "locator_expired",
            "lock_row_500",
            "query_timeout",
            "reset_after",
            "reset_before",
            "slow",
            "truncated",
        ]
    ),
    record_kinds=frozenset({"inactive_owner", "lock_row", "validation"}),
    chunk_kinds=frozenset({"trigger"}),
    write_routes=frozenset({"any", "collections", "create", "update", "upsert"}),
)
