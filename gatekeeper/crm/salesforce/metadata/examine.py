"""What `doctor` says of a Salesforce org: login, rights, fields, limits, clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Access, CrmName
from gatekeeper.crm.checkups import (
    SETUP,
    asked_fields,
    budget,
    clock,
    missing_rows,
    unreadable,
)
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.metadata.reach import past_checkups
from gatekeeper.crm.salesforce.wire.soql import AllOf, Among, Compare, Select
from gatekeeper.errors import CrmRejectedError, StopError
from gatekeeper.ports import Checkup, Health

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.crm.salesforce.metadata.org import Org
    from gatekeeper.crm.salesforce.wire.client import Client
    from gatekeeper.ports import PullRequest

_SAMPLE = 200
_SYSTEM_RIGHTS = ("PermissionsModifyAllData", "PermissionsViewAllData")


def examine(client: Client, org: Org, request: PullRequest) -> list[Checkup]:
    """Look at everything a run depends on; one line each, worst news included."""
    try:
        schema = org.schema(request.catalogue)
    except StopError as error:
        return [Checkup("login", Health.FAIL, str(error))]
    return [
        Checkup("login", Health.OK, f"logged in to {schema.org}"),
        _budget(client),
        *_fields(schema, request),
        *past_checkups(org, request),
        *_currencies(client, org),
        _key(schema),
        _flags(schema),
        _access(client, org),
        *_excess(client, org),
        clock(CrmName.SALESFORCE, client.meter.ahead),
    ]


def _currencies(client: Client, org: Org) -> Iterator[Checkup]:
    """Name a currency of open deals that this org has no rate for (E406)."""
    deals = org.described(names.DEAL_OBJECT)
    if deals is None or not deals.has("CurrencyIsoCode"):
        return
    known = dict.fromkeys((None, *org.rates()))
    if org.currency not in known:
        yield Checkup(
            "currencies",
            Health.WARN,
            f"project.yaml counts in {org.currency}, which this org has no exchange"
            " rate for; amounts in other currencies cannot be compared, so those lines"
            ' are "cannot tell".',
            f"add {org.currency} under Manage Currencies, or correct project.yaml",
        )
        return
    while (code := _unpriced(client, known)) is not None:
        known[code] = None
        yield Checkup(
            "currencies",
            Health.WARN,
            f"E406: amount is in {code} on some deals and this org has no exchange rate"
            f" for {code}; gatekeeper cannot compare them with amounts in"
            f' {org.currency}, so those lines are "cannot tell".',
            f"add {code} with its rate under Manage Currencies",
        )


def _unpriced(client: Client, known: Iterable[str | None]) -> str | None:
    """Return a currency of an open deal that is not among the known ones."""
    priced = tuple(Compare("CurrencyIsoCode", "!=", code) for code in known)
    where = AllOf((Compare("IsClosed", "=", value=False), *priced))
    select = Select(("CurrencyIsoCode",), names.DEAL_OBJECT, where, (), 1)
    return next(
        (str(row["CurrencyIsoCode"]) for row in client.query(select).rows), None
    )


def _budget(client: Client) -> Checkup:
    try:
        answer = client.get("limits/")
    except (CrmRejectedError, StopError):
        answer = None
    daily = answer.get("DailyApiRequests") if isinstance(answer, dict) else None
    if isinstance(daily, dict) and daily.get("Max"):
        return budget(int(daily["Max"]), int(daily["Remaining"]))
    most = client.meter.allowed
    return budget(most, most - (client.meter.used or 0) if most else None)


def _fields(schema: CrmSchema, request: PullRequest) -> Iterator[Checkup]:
    remedy = "grant read access, or disable the rules that need it"
    yield from missing_rows(schema, request, remedy)
    hidden = unreadable(schema, request)
    if hidden:
        text = f"the integration user may not read {', '.join(hidden)}"
        remedy = "grant read access in the permission set, or disable the rules"
        yield Checkup("fields", Health.WARN, text, remedy)
    else:
        text = f"all {len(asked_fields(request))} fields the rules need are readable"
        yield Checkup("fields", Health.OK, text)


def _key(schema: CrmSchema) -> Checkup:
    if schema.strict:
        text = "strict: Salesforce enforces one task per key"
        return Checkup("task key", Health.OK, text)
    text = (
        "best effort: Task.Gatekeeper_Key__c is absent, hidden, or not unique and "
        "external id"
    )
    return Checkup("task key", Health.FAIL, text, SETUP)


def _flags(schema: CrmSchema) -> Checkup:
    writable = [
        name for name, field in schema.flags.items() if field.access is Access.WRITE
    ]
    missing = sorted(
        path for name, path in names.FLAG_FIELDS.items() if name not in writable
    )
    if not missing:
        return Checkup("flags", Health.OK, "all our fields on the deal are writable")
    text = f"not writable: {', '.join(missing)}"
    return Checkup("flags", Health.FAIL, text, SETUP)


def _access(client: Client, org: Org) -> Checkup:
    user, deals = client.user_id(), _open_deals(client)
    name = "access to deals"
    if user is None or not deals or org.described("UserRecordAccess") is None:
        return Checkup(name, Health.WARN, "could not be sampled")
    select = Select(
        ("RecordId", "HasReadAccess", "HasEditAccess"),
        "UserRecordAccess",
        AllOf((Compare("UserId", "=", user), Among("RecordId", deals))),
    )
    try:
        rows = client.query(select).rows
    except (CrmRejectedError, StopError) as error:
        return Checkup(name, Health.WARN, f"could not be sampled: {error}")
    editable = sum(row["HasEditAccess"] is True for row in rows)
    text = f"{editable} of {len(deals)} open deals in a sample are editable"
    if editable == len(deals):
        return Checkup(name, Health.OK, text)
    return Checkup(
        name,
        Health.WARN,
        text,
        "share the deals with edit access, or object-level Modify All as a compromise",
    )


def _open_deals(client: Client) -> tuple[str, ...]:
    select = Select(
        ("Id",),
        names.DEAL_OBJECT,
        Compare("IsClosed", "=", value=False),
        ("Id",),
        limit=_SAMPLE,
    )
    return tuple(str(row["Id"]) for row in client.rows(select))


def _excess(client: Client, org: Org) -> Iterator[Checkup]:
    for name in (names.DEAL_OBJECT, "Task"):
        described = org.described(name)
        if described is not None and described.deletable:
            yield Checkup(
                "excess rights",
                Health.WARN,
                f"the user may delete {name} records, which gatekeeper never does",
                "take the right away",
            )
    system = _system_rights(client, org)
    if system:
        yield Checkup(
            "excess rights",
            Health.WARN,
            f"the integration user has {', '.join(system)}",
            "use the permission set Gatekeeper_Integration instead of an admin's",
        )


def _system_rights(client: Client, org: Org) -> Sequence[str]:
    described, user = org.described("PermissionSet"), client.user_id()
    if described is None or user is None or not described.has(*_SYSTEM_RIGHTS):
        return ()
    select = Select(
        tuple(f"PermissionSet.{right}" for right in _SYSTEM_RIGHTS),
        "PermissionSetAssignment",
        Compare("AssigneeId", "=", user),
    )
    try:
        rows = client.query(select).rows
    except (CrmRejectedError, StopError):
        return ()
    sets = [row["PermissionSet"] for row in rows]
    return [
        right.removeprefix("Permissions")
        for right in _SYSTEM_RIGHTS
        if any(isinstance(each, dict) and each.get(right) is True for each in sets)
    ]
