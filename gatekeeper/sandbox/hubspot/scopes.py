"""Which scope a call needs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.errors import ErrorDetail, HubSpotError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.sandbox.hubspot.kinds import ObjectKind

_TEXT = (
    "This app hasn't been granted all required scopes to make this call. Read more "
    "about required scopes here: https://developers.hubspot.com/scopes."
)
_LINK = {"scopes": "https://developers.hubspot.com/scopes"}
EMAIL_BODIES = "sales-email-read"
ALL_SCOPES = frozenset(
    {
        "oauth",
        EMAIL_BODIES,
        "crm.objects.owners.read",
        "settings.users.read",
        *(
            f"crm.{part}.{name}.{right}"
            for part in ("objects", "schemas")
            for name in ("contacts", "companies", "deals", "line_items", "quotes")
            for right in ("read", "write")
        ),
    }
)


class Need(StrEnum):
    """What a route asks of a token."""

    NOTHING = "nothing"
    TOKEN = "token"  # noqa: S105 - a name, no secret
    OWNERS = "owners"
    READ = "read"
    WRITE = "write"
    SCHEMA_READ = "schema read"
    SCHEMA_WRITE = "schema write"
    PIPELINE_READ = "pipeline read"


def check_scopes(
    need: Need, kinds: Sequence[ObjectKind], granted: frozenset[str]
) -> None:
    """Refuse a call whose token lacks a scope.

    Raises:
        HubSpotError: 403 MISSING_SCOPES, naming those that are missing.
    """
    missing = [
        choices[0]
        for kind in kinds or (None,)
        for choices in [_choices(need, kind)]
        if choices and not granted.intersection(choices)
    ]
    if missing:
        detail = ErrorDetail(
            "One or more of the following scopes are required.",
            context={"requiredGranularScopes": list(dict.fromkeys(missing))},
        )
        raise HubSpotError(
            _TEXT, "MISSING_SCOPES", 403, errors=(detail,), extra={"links": _LINK}
        )


def _choices(need: Need, kind: ObjectKind | None) -> tuple[str, ...]:
    """Return scopes any one of which will do; none where a token is enough."""
    if need is Need.OWNERS:
        return ("crm.objects.owners.read",)
    if kind is None:
        return ()
    name = kind.scope
    match need:
        case Need.READ:
            return (f"crm.objects.{name}.read",)
        case Need.WRITE:
            return (f"crm.objects.{name}.write",)
        case Need.SCHEMA_READ:
            return (f"crm.schemas.{name}.read",)
        case Need.SCHEMA_WRITE:
            return (f"crm.schemas.{name}.write",)
        case Need.PIPELINE_READ:
            return (f"crm.objects.{name}.read", f"crm.schemas.{name}.read")
        case _:
            return ()
