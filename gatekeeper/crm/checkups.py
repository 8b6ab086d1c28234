"""What `doctor` says in the same words of every CRM. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Access, CrmName
from gatekeeper.core.clocks import differ, difference
from gatekeeper.ports import Checkup, Health

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.ports import PullRequest

SETUP = "run gatekeeper setup-crm"


def budget(most: int | None, left: int | None) -> Checkup:
    """Say how many calls of the day are left; None where the CRM does not say."""
    if not most or left is None:
        return Checkup("api calls", Health.WARN, "the daily allowance is not shown")
    text = f"{left:,} of {most:,} calls of the day are left, for all integrations"
    if left < most / 5:
        remedy = "runs stop at 80 % use; wait or buy calls"
        return Checkup("api calls", Health.WARN, text, remedy)
    return Checkup("api calls", Health.OK, text)


def clock(crm: CrmName, ahead: timedelta) -> Checkup:
    """Say whether this machine's clock and the CRM's agree.

    Args:
        crm: Whose clock the other one is.
        ahead: How far that one is ahead.
    """
    if differ(ahead):
        text = difference(crm.label, ahead)
        return Checkup("clock", Health.WARN, text, "set this machine's clock")
    return Checkup("clock", Health.OK, f"this machine and {crm.label} agree")


def missing_rows(
    schema: CrmSchema, request: PullRequest, remedy: str
) -> Iterator[Checkup]:
    """Warn of each collection that rules ask for and the CRM does not show."""
    for collection in request.needs.collections:
        if collection in schema.missing_collections:
            why_not = schema.missing_collections[collection]
            yield Checkup(collection, Health.WARN, why_not, remedy)


def asked_fields(request: PullRequest) -> frozenset[str]:
    """Return the names of all fields that the rules read."""
    needs = request.needs
    return needs.fields | {
        f"{collection}.{name}"
        for collection, fields in needs.collections.items()
        for name in fields
    }


def unreadable(schema: CrmSchema, request: PullRequest) -> list[str]:
    """Name the fields that rules ask for and the CRM does not show."""
    return sorted(
        f"{name} ({field.path})"
        for name in asked_fields(request)
        if (field := schema.fields.get(name)) is not None
        and field.access in {Access.NONE, Access.ABSENT}
    )
