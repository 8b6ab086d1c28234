"""The validation rules of an org's opportunities, as far as our words can say them.

Touches the network through the client it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Guard, Kind
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.metadata.conditions import Named
from gatekeeper.crm.salesforce.metadata.formula import always_holds
from gatekeeper.crm.salesforce.wire.envelope import read_page
from gatekeeper.crm.salesforce.wire.soql import AllOf, Compare, Select, render
from gatekeeper.errors import CrmRejectedError

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.crm.reader import WireRow
    from gatekeeper.crm.salesforce.wire.client import Client

MOST_READ = 200
"""Rules looked at: each costs a call, because Metadata comes for one row at a time.
Source: Tooling API guide, ValidationRule."""
_TABLE = "ValidationRule"


def read_guards(client: Client, schema: CrmSchema) -> tuple[Guard, ...] | None:
    """Return what active validation rules keep out; None where nobody may see them."""
    wanted = AllOf(
        (
            Compare("EntityDefinition.QualifiedApiName", "=", names.DEAL_OBJECT),
            Compare("Active", "=", True),  # noqa: FBT003  a value of SOQL
        )
    )
    try:
        listed = _ask(client, Select(("Id", "ValidationName"), _TABLE, wanted))
    except CrmRejectedError:
        return None
    known = _names(schema)
    return tuple(
        Guard(str(row["ValidationName"]), check)
        for row in listed[:MOST_READ]
        for check in always_holds(_formula(client, row["Id"]), known.get)
    )


def _ask(client: Client, select: Select) -> list[WireRow]:
    return list(read_page(client.get("tooling/query/", q=render(select))).rows)


def _formula(client: Client, rule_id: object) -> str:
    """Return the condition under which a rule refuses a record; "" if it is hidden."""
    by_id = Compare("Id", "=", str(rule_id))
    for row in _ask(client, Select(("Id", "Metadata"), _TABLE, by_id)):
        metadata = row.get("Metadata")
        if isinstance(metadata, dict):
            return str(metadata.get("errorConditionFormula") or "")
    return ""


def _names(schema: CrmSchema) -> dict[str, Named]:
    """Map the name of a field in formulas to what rules call it."""
    has_currencies = "CurrencyIsoCode" in schema.by_path

    def named(name: str, kind: Kind) -> Named:
        return Named(name, kind, of_record=has_currencies and kind is Kind.MONEY)

    found = {
        path: named(f"custom.{path}", field.kinds[0])
        for path, field in schema.by_path.items()
        if field.kinds
    }
    for name, field in schema.fields.items():
        owner, _, path = field.path.rpartition(".")
        if owner == names.DEAL_OBJECT and "." not in name and field.kinds:
            found[path] = named(name, field.kinds[0])
    return found
