"""What the query engine refuses, word for word."""

from __future__ import annotations

import pytest

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from tests.sandbox.small_org import PILOT, RENEWAL, ask

NO_COLUMN = (
    "No such column '{}' on entity '{}'. If you are attempting to use a custom field, "
    "be sure to append the '__c' after the custom field name. Please reference your "
    "WSDL or the describe call for the appropriate names."
)
NO_RELATION = (
    "Didn't understand relationship '{}' in {}. If you are attempting to use a custom "
    "relationship, be sure to append the '__r' after the custom relationship name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)
CRITERION = (
    "value of filter criterion for field '{}' must be of type {} and should{} be "
    "enclosed in quotes"
)


def refusal(soql: str) -> tuple[str, str]:
    with pytest.raises(SalesforceError) as caught:
        ask(soql)
    assert caught.value.status == 400
    return caught.value.code, caught.value.message


def last_line(soql: str) -> tuple[str, str]:
    code, message = refusal(soql)
    return code, message.splitlines()[-1]


@pytest.mark.trap("S1b")
def test_an_unknown_object_is_refused_as_recorded():
    code, message = refusal("select count() from XYZZY")

    assert code == "INVALID_TYPE"
    assert message == (
        "\nselect count() from XYZZY\n                    ^\n"
        "ERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported. If you are "
        "attempting to use a custom object, be sure to append the '__c' after the "
        "entity name. Please reference your WSDL or the describe call for the "
        "appropriate names."
    )


@pytest.mark.trap("S1b")
def test_an_unknown_field_is_refused_with_its_place():
    code, message = refusal("SELECT Id, Foo__c FROM Opportunity")

    assert code == "INVALID_FIELD"
    assert message == (
        "\nSELECT Id, Foo__c FROM Opportunity\n           ^\n"
        "ERROR at Row:1:Column:12\n" + NO_COLUMN.format("Foo__c", "Opportunity")
    )


@pytest.mark.trap("S1b", "S4c")
@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        (
            "SELECT Account.Foo FROM Opportunity",
            "INVALID_FIELD",
            NO_COLUMN.format("Foo", "Account"),
        ),
        (
            "SELECT What.StageName FROM Task",
            "INVALID_FIELD",
            NO_COLUMN.format("StageName", "Name"),
        ),
        (
            "SELECT Account FROM Opportunity",
            "INVALID_FIELD",
            NO_COLUMN.format("Account", "Opportunity"),
        ),
        (
            "SELECT Partner.Name FROM Opportunity",
            "INVALID_FIELD",
            NO_RELATION.format("Partner", "field path"),
        ),
        (
            "SELECT (SELECT Id FROM Notes) FROM Opportunity",
            "INVALID_TYPE",
            NO_RELATION.format("Notes", "FROM part of query call"),
        ),
        (
            "SELECT Id, Name, id FROM Opportunity",
            "INVALID_FIELD",
            "duplicate field selected: Id",
        ),
        (
            "SELECT Id FROM Opportunity WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Opportunity ORDER BY Description",
            "INVALID_FIELD",
            "field 'Description' can not be sorted in a query call",
        ),
        (
            "SELECT Id FROM Opportunity WHERE Amount > '5'",
            "INVALID_FIELD",
            CRITERION.format("Amount", "double", " not"),
        ),
        (
            "SELECT Id FROM Opportunity WHERE FiscalYear = 2026.5",
            "INVALID_FIELD",
            CRITERION.format("FiscalYear", "int", " not"),
        ),
        (
            "SELECT Id FROM Opportunity WHERE Name = 5",
            "INVALID_FIELD",
            CRITERION.format("Name", "string", ""),
        ),
        (
            "SELECT Id FROM Opportunity WHERE CloseDate = '2026-01-01'",
            "INVALID_FIELD",
            CRITERION.format("CloseDate", "date", " not"),
        ),
        (
            "SELECT Id FROM Opportunity WHERE CloseDate > 2026-01-01T00:00:00Z",
            "INVALID_FIELD",
            CRITERION.format("CloseDate", "date", " not"),
        ),
        (
            "SELECT Id FROM Opportunity WHERE CreatedDate > 2026-01-01",
            "INVALID_FIELD",
            CRITERION.format("CreatedDate", "dateTime", " not"),
        ),
        (
            "SELECT Id FROM Opportunity WHERE IsClosed = 'true'",
            "INVALID_FIELD",
            CRITERION.format("IsClosed", "boolean", " not"),
        ),
        (
            "SELECT Id FROM Opportunity WHERE CloseDate = 2026-02-30",
            "MALFORMED_QUERY",
            "Invalid date: 2026-02-30",
        ),
        (
            "SELECT Id FROM Opportunity WHERE StageName = Closed",
            "MALFORMED_QUERY",
            "Bind variables only allowed in Apex code",
        ),
        (
            "SELECT Id FROM Opportunity WHERE Id = '006short'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: 006short",
        ),
        (
            "SELECT Id FROM Opportunity WHERE CloseDate LIKE '2026%'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator",
        ),
        (
            "SELECT Id FROM Opportunity WHERE IsClosed > true",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator",
        ),
        (
            "SELECT Id FROM Opportunity WHERE Name INCLUDES ('a')",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator",
        ),
        (
            "SELECT FIELDS(ALL) FROM Opportunity LIMIT 200",
            "MALFORMED_QUERY",
            "unexpected token: '('",
        ),
        (
            "SELECT toLabel(StageName) FROM Opportunity",
            "MALFORMED_QUERY",
            "unexpected token: '('",
        ),
        (
            "SELECT Name n FROM Opportunity",
            "MALFORMED_QUERY",
            "only aggregate expressions use field aliasing",
        ),
        (
            "SELECT Id FROM Opportunity OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        (
            "SELECT Id FROM Opportunity ALL ROWS",
            "MALFORMED_QUERY",
            "ALL ROWS not allowed in this context",
        ),
        (
            "SELECT COUNT(), Id FROM Opportunity",
            "MALFORMED_QUERY",
            "unexpected token: ','",
        ),
        (
            "SELECT Name, COUNT(Id) FROM Opportunity",
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Name",
        ),
        (
            "SELECT SUM(Name) FROM Opportunity",
            "MALFORMED_QUERY",
            "field Name does not support aggregate operator SUM",
        ),
        (
            "SELECT COUNT(Id) FROM Opportunity GROUP BY Description",
            "MALFORMED_QUERY",
            "field 'Description' can not be grouped in a query call",
        ),
        (
            "SELECT CALENDAR_YEAR(Name), COUNT(Id) FROM Opportunity "
            "GROUP BY CALENDAR_YEAR(Name)",
            "INVALID_FIELD",
            "Invalid field for date function: Name",
        ),
        (
            "SELECT Id FROM Opportunity WHERE DISTANCE(Name) < 5",
            "MALFORMED_QUERY",
            "unexpected token: 'DISTANCE'",
        ),
        (
            "SELECT TYPEOF Account WHEN Account THEN Name END FROM Opportunity",
            "MALFORMED_QUERY",
            "Cannot use TYPEOF with non-polymorphic field 'Account'",
        ),
    ],
)
def test_a_refusal_says_what_salesforce_says(soql, code, message):
    assert last_line(soql) == (code, message)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (
            "IsClosed = true OR Id IN "
            "(SELECT OpportunityId FROM OpportunityContactRole)",
            "Semi join sub-selects are not allowed with the 'OR' operator",
        ),
        (
            "Amount > 1 AND (IsClosed = true AND Id IN "
            "(SELECT OpportunityId FROM OpportunityContactRole))",
            "Semi join sub-selects are only allowed at the top level WHERE expressions "
            "and not in nested WHERE expressions.",
        ),
        (
            "AccountId IN (SELECT Id FROM Account) AND OwnerId IN (SELECT Id FROM User)"
            " AND AccountId NOT IN (SELECT ParentId FROM Account)",
            "Maximum 2 semi join sub-selects are allowed",
        ),
        (
            "Id IN (SELECT WhatId FROM Task)",
            "Entity 'Task' is not supported for semi join inner selects",
        ),
        (
            "Id IN (SELECT Id FROM Opportunity)",
            "The inner and outer selects should not be on the same object type",
        ),
        (
            "AccountId IN (SELECT Id FROM Account WHERE OwnerId IN "
            "(SELECT Id FROM User))",
            "Nesting of semi join sub-selects is not supported",
        ),
        (
            "Id IN (SELECT OwnerId FROM Account)",
            "The selected field 'OwnerId' in the subquery and the left operand field "
            "in the where expression in the outer query 'Id' should point to the "
            "same object type",
        ),
        (
            "AccountId IN (SELECT Name FROM Account)",
            "Semi join sub-selects can only query id fields, cannot use: 'Name'",
        ),
        (
            "Name IN (SELECT Id FROM Account)",
            "The left operand field in the where expression for outer query should be "
            "an id field, cannot use: 'Name'",
        ),
        (
            "Account.OwnerId IN (SELECT Id FROM User)",
            "The left operand 'Account.OwnerId' cannot have more than one level of "
            "relationships",
        ),
        ("AccountId IN (SELECT Id FROM Account LIMIT 5)", "unexpected token: 'LIMIT'"),
        (
            "AccountId IN (SELECT Id FROM Account ORDER BY Name)",
            "unexpected token: 'ORDER'",
        ),
    ],
)
def test_a_semi_join_has_its_rules(condition, message):
    soql = f"SELECT Id FROM Opportunity WHERE {condition}"

    assert last_line(soql) == ("MALFORMED_QUERY", message)


NEEDS_IDS = (
    "Implementation restriction: ContentDocumentLink requires a filter by a single Id "
    "on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's "
    "using the IN operator."
)
ONLY_IDS = (
    "Implementation restriction: filtering on non-id fields is only permitted when "
    "filtering by ContentDocumentLink.LinkedEntityId using the equals operator."
)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("", NEEDS_IDS),
        (" WHERE ShareType = 'V'", NEEDS_IDS),
        (f" WHERE LinkedEntityId != '{RENEWAL}'", NEEDS_IDS),
        (f" WHERE Id = '{RENEWAL}' OR LinkedEntityId = '{RENEWAL}'", NEEDS_IDS),
        (f" WHERE LinkedEntityId IN ('{RENEWAL}') AND ShareType = 'V'", ONLY_IDS),
    ],
)
def test_file_links_are_listed_by_ids_alone(where, message):
    soql = "SELECT ContentDocumentId FROM ContentDocumentLink" + where

    assert refusal(soql) == ("MALFORMED_QUERY", message)


@pytest.mark.parametrize(
    "where",
    [
        f"LinkedEntityId = '{RENEWAL}'",
        f"LinkedEntityId = '{RENEWAL}' AND ShareType = 'V'",
        f"LinkedEntityId IN ('{RENEWAL}', '{PILOT}')",
        "LinkedEntityId IN (SELECT Id FROM Opportunity WHERE IsClosed = false)",
    ],
)
def test_file_links_of_known_records_are_listed(where):
    soql = f"SELECT ContentDocumentId FROM ContentDocumentLink WHERE {where}"

    assert ask(soql).total_size == 1


def test_parents_are_five_levels_at_most():
    soql = "SELECT {}Name FROM Account"
    ask(soql.format("Parent." * 5))

    code, message = last_line(soql.format("Parent." * 6))
    assert code == "MALFORMED_QUERY"
    assert "more than 5 levels deep" in message


def test_twenty_child_relationships_are_the_most():
    children = ", ".join(["(SELECT Id FROM Tasks)"] * 21)

    code, message = last_line(f"SELECT {children} FROM Opportunity")
    assert code == "MALFORMED_QUERY"
    assert "20 parent-to-child relationships" in message


def test_a_quoted_text_has_four_thousand_characters_at_most():
    soql = "SELECT Id FROM Opportunity WHERE Name = '{}'"
    ask(soql.format("x" * 4000))

    code, message = last_line(soql.format("x" * 4001))
    assert code == "MALFORMED_QUERY"
    assert "4000" in message
