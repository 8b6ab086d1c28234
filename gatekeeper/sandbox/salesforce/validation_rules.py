"""Validation rules: as the Tooling API shows them, and as they refuse a record.

A formula that cannot be read here is shown and refuses nothing. Source: Tooling API
guide, ValidationRule; Salesforce help, "Define Validation Rules".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.field_definitions import DEAL
from gatekeeper.sandbox.salesforce.formulas import (
    Saving,
    UnreadableError,
    read_formula,
)
from gatekeeper.sandbox.salesforce.ids import stamp
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.salesforce.query_answer import QueryAnswer
    from gatekeeper.sandbox.schema import ObjectType

RULES = "ValidationRule"
_ONE_AT_A_TIME = frozenset({"Metadata", "FullName"})


def add_rule(
    org: Org, name: str, formula: str, *, active: bool = True, table: str = DEAL
) -> None:
    """Give an object a validation rule, as an administrator would in the set-up."""
    message = f"{name} refuses the record"
    now = stamp(org.now())
    row = Row(
        Id=org.new_id("03d"),
        ValidationName=name,
        EntityDefinitionId=table,
        Active=active,
        ErrorMessage=message,
        FullName=f"{table}.{name}",
        Metadata={
            "active": active,
            "description": None,
            "errorConditionFormula": formula,
            "errorDisplayField": None,
            "errorMessage": message,
            "shouldEvaluateOnClient": None,
            "urls": None,
        },
        ManageableState="unmanaged",
        CreatedDate=now,
        LastModifiedDate=now,
    )
    org.put(RULES, row)


def check_rules(org: Org, kind: ObjectType, before: Row | None, row: Row) -> None:
    """Refuse a record that an active rule of its object is true of.

    Raises:
        SalesforceError: FIELD_CUSTOM_VALIDATION_EXCEPTION in the administrator's words.
    """
    fields = frozenset(kind.fields)
    saving = Saving(row, before, org.now().date().isoformat())
    for rule in org.state.tables[RULES].in_order():
        if not rule["Active"] or rule["EntityDefinitionId"] != kind.name:
            continue
        metadata = rule["Metadata"]
        formula = (
            metadata["errorConditionFormula"] if isinstance(metadata, dict) else ""
        )
        try:
            refuses = read_formula(str(formula), fields)(saving)
        except UnreadableError:
            continue
        if refuses is True:
            message = str(rule["ErrorMessage"])
            raise SalesforceError(
                "FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields=()
            )


def check_columns(answer: QueryAnswer) -> None:
    """Refuse metadata of several rows at once.

    Raises:
        SalesforceError: MALFORMED_QUERY.
    """
    asked = {path for path, _ in answer.columns}
    if len(answer.rows) > 1 and asked & _ONE_AT_A_TIME:
        message = (
            "When retrieving results with Metadata or FullName fields, the query"
            " qualifications must specify no more than one row for retrieval. Result"
            f" size: {len(answer.rows)}"
        )
        raise SalesforceError("MALFORMED_QUERY", message)
