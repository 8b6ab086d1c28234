"""Validation rules as the Tooling API shows them; their formulas are kept, not run.

Source: Tooling API guide, ValidationRule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.field_definitions import DEAL
from gatekeeper.sandbox.salesforce.ids import stamp
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.salesforce.query_answer import QueryAnswer

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
