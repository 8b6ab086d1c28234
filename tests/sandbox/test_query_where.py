"""Which deals a WHERE clause selects."""

from __future__ import annotations

import pytest

from tests.sandbox.small_org import (
    ACME,
    ANN,
    BARE,
    PILOT,
    RENEWAL,
    ask,
    deals_where,
    names,
    small_org,
)

RENEWAL_NAME, PILOT_NAME, WON_NAME, BARE_NAME = (
    "Acme renewal",
    "globex pilot",
    "Acme 100% won",
    "Bare",
)
EVERY = [RENEWAL_NAME, PILOT_NAME, WON_NAME, BARE_NAME]


@pytest.mark.parametrize(
    ("condition", "selected"),
    [
        ("Name = 'ACME RENEWAL'", [RENEWAL_NAME]),
        ("name != 'Bare'", [RENEWAL_NAME, PILOT_NAME, WON_NAME]),
        ("Name <> 'Bare' AND IsClosed = TRUE", [WON_NAME]),
        ("Name > 'b'", [PILOT_NAME, BARE_NAME]),
        ("Amount = 120000", [RENEWAL_NAME]),
        ("Amount >= 5000.5", [RENEWAL_NAME, PILOT_NAME]),
        ("Amount < 5000.5", [WON_NAME]),
        ("Amount = null", [BARE_NAME]),
        ("Amount != NULL", [RENEWAL_NAME, PILOT_NAME, WON_NAME]),
        ("Amount != 0", [RENEWAL_NAME, PILOT_NAME, BARE_NAME]),
        ("Amount IN (0, 5000.50)", [PILOT_NAME, WON_NAME]),
        ("Amount NOT IN (0, 120000)", [PILOT_NAME, BARE_NAME]),
        ("FiscalYear = 2025", [WON_NAME]),
        ("IsClosed = false", [RENEWAL_NAME, PILOT_NAME, BARE_NAME]),
        ("(NOT IsClosed = false)", [WON_NAME]),
        (
            "StageName IN ('prospecting', 'closed won')",
            [PILOT_NAME, WON_NAME, BARE_NAME],
        ),
        ("Name LIKE 'acme%'", [RENEWAL_NAME, WON_NAME]),
        (r"Name LIKE '%100\% won'", [WON_NAME]),
        (r"Name LIKE '%10\% won'", []),
        ("Name LIKE 'B_re'", [BARE_NAME]),
        ("Name LIKE 'B.re'", []),
        ("(NOT Name LIKE 'acme%')", [PILOT_NAME, BARE_NAME]),
        ("CloseDate = 2026-11-30", [RENEWAL_NAME]),
        ("CloseDate < 2026-11-01", [PILOT_NAME, WON_NAME]),
        ("CloseDate = null", [BARE_NAME]),
        ("CloseDate = THIS_MONTH", [RENEWAL_NAME]),
        ("CloseDate > LAST_MONTH", [RENEWAL_NAME]),
        ("CloseDate >= LAST_MONTH", [RENEWAL_NAME, PILOT_NAME]),
        ("CloseDate < THIS_YEAR", [WON_NAME]),
        ("CloseDate <= THIS_YEAR", [RENEWAL_NAME, PILOT_NAME, WON_NAME]),
        ("CloseDate != THIS_YEAR", [WON_NAME, BARE_NAME]),
        ("CloseDate IN (LAST_MONTH, 2025-03-15)", [PILOT_NAME, WON_NAME]),
        ("CloseDate NOT IN (LAST_MONTH)", [RENEWAL_NAME, WON_NAME, BARE_NAME]),
        ("CALENDAR_YEAR(CloseDate) = 2026", [RENEWAL_NAME, PILOT_NAME]),
        ("CALENDAR_QUARTER(CloseDate) = 1", [WON_NAME]),
        ("DAY_IN_WEEK(CloseDate) = 2", [RENEWAL_NAME]),
        ("DAY_ONLY(CreatedDate) = 2026-11-19", [PILOT_NAME]),
        ("HOUR_IN_DAY(CreatedDate) = 23", [PILOT_NAME]),
        ("CreatedDate >= 2026-11-19T23:00:00Z", [RENEWAL_NAME, PILOT_NAME]),
        ("CreatedDate > 2026-11-19T23:00:00Z", [RENEWAL_NAME]),
        ("CreatedDate = TODAY", [RENEWAL_NAME]),
        ("Interests__c INCLUDES ('Reporting;Billing')", [RENEWAL_NAME]),
        ("Interests__c INCLUDES ('Reporting', 'billing')", [RENEWAL_NAME, PILOT_NAME]),
        ("Interests__c EXCLUDES ('Reporting')", [PILOT_NAME, WON_NAME, BARE_NAME]),
        ("Interests__c = 'billing'", [PILOT_NAME]),
        ("Key__c = 'aB'", [RENEWAL_NAME]),
        ("Key__c LIKE 'A%'", []),
        (f"Id = '{RENEWAL}'", [RENEWAL_NAME]),
        (f"Id = '{RENEWAL[:15]}'", [RENEWAL_NAME]),
        (f"Id != '{RENEWAL}'", [PILOT_NAME, WON_NAME, BARE_NAME]),
        (f"Id IN ('{BARE}', '{PILOT[:15]}')", [PILOT_NAME, BARE_NAME]),
        (f"Id NOT IN ('{BARE}', '{PILOT}')", [RENEWAL_NAME, WON_NAME]),
        (f"Id > '{PILOT}'", [WON_NAME, BARE_NAME]),
        (f"Id <= '{PILOT[:15]}'", [RENEWAL_NAME, PILOT_NAME]),
        ("Interests__c > 'Billing'", None),
        (f"AccountId = '{ACME}'", [RENEWAL_NAME, WON_NAME]),
        ("AccountId = null", [BARE_NAME]),
        (f"AccountId IN (null, '{ACME}')", [RENEWAL_NAME, WON_NAME, BARE_NAME]),
        ("Account.Name = 'acme'", [RENEWAL_NAME, WON_NAME]),
        ("Account.Name = null", [BARE_NAME]),
        ("Account.Owner.Manager.Name = 'Ann'", [PILOT_NAME]),
        ("Owner.IsActive = false", [PILOT_NAME, WON_NAME]),
        ("Opportunity.Name = 'Bare'", [BARE_NAME]),
        (
            "Id IN (SELECT OpportunityId FROM OpportunityContactRole "
            "WHERE Role LIKE 'Economic%')",
            [RENEWAL_NAME],
        ),
        (
            "AccountId NOT IN (SELECT Id FROM Account WHERE Industry = 'Retail')",
            [PILOT_NAME, BARE_NAME],
        ),
    ],
)
def test_a_condition_selects_deals(condition, selected):
    if selected is None:
        with pytest.raises(Exception, match="invalid operator"):
            deals_where(condition)
    else:
        assert deals_where(condition) == selected


def test_today_is_the_users_day():
    created_just_before = "CreatedDate = YESTERDAY"

    assert deals_where(created_just_before, zone="America/New_York") == [
        RENEWAL_NAME,
        PILOT_NAME,
    ]
    assert deals_where("CreatedDate = TODAY", zone="America/New_York") == []


def test_functions_of_dates_are_utc_unless_converted():
    zone = "America/New_York"

    assert deals_where("DAY_IN_MONTH(CreatedDate) = 20", zone=zone) == [RENEWAL_NAME]
    converted = "DAY_IN_MONTH(convertTimezone(CreatedDate)) = 19"
    assert deals_where(converted, zone=zone) == [RENEWAL_NAME, PILOT_NAME]


def test_an_alias_names_the_object():
    assert names("SELECT o.Name FROM Opportunity o WHERE o.Owner.Name = 'Bob'") == [
        PILOT_NAME,
        WON_NAME,
    ]


def test_rows_of_the_bin_and_the_archive_are_for_query_all():
    assert deals_where("IsDeleted = true") == []
    assert deals_where("IsDeleted = true", include_deleted=True) == ["Gone"]
    archived = f"SELECT Subject FROM Task WHERE OwnerId = '{ANN}' AND IsArchived = true"
    assert ask(archived).total_size == 0
    assert ask(archived, include_deleted=True).total_size == 1


def test_a_deleted_row_is_not_found_by_its_id_either():
    gone = small_org().tables["Opportunity"][4]["Id"]

    assert deals_where(f"Id = '{gone}'") == []
    assert deals_where(f"Id = '{gone}'", include_deleted=True) == ["Gone"]


@pytest.mark.parametrize(
    "condition",
    [
        f"Id IN ('{RENEWAL}')",
        f"AccountId = '{ACME}' AND Amount > 5",
        f"(OwnerId IN ('{ANN}'))",
        "AccountId IN (SELECT Id FROM Account WHERE Id = '" + ACME + "')",
    ],
)
def test_ids_are_looked_up_not_searched_for(condition):
    org = small_org()

    assert deals_where(condition, org=org)
    assert org.scans == 0


def test_what_an_index_finds_comes_in_the_order_of_ids():
    assert deals_where(f"AccountId = '{ACME}'") == [RENEWAL_NAME, WON_NAME]
    assert deals_where(f"AccountId IN ('{ACME}', null)")[-1] == BARE_NAME


def test_a_polymorphic_parent_is_asked_for_its_type():
    tasks = "SELECT Subject FROM Task WHERE What.Type = 'Opportunity'"
    subjects = [row["Subject"] for row in ask(tasks).page(0, 10)]

    assert subjects == ["Call back", "Send quote"]
    by_name = "SELECT COUNT() FROM Task WHERE What.Name LIKE 'Acme%'"
    assert ask(by_name).total_size == 3


def test_tasks_of_selected_deals_are_a_semi_join():
    tasks = (
        "SELECT Subject FROM Task WHERE IsClosed = false AND WhatId IN "
        "(SELECT Id FROM Opportunity WHERE IsClosed = false)"
    )

    assert [row["Subject"] for row in ask(tasks).page(0, 10)] == ["Call back"]


@pytest.mark.parametrize("condition", ["IsClosed = null", "Owner.IsActive = false"])
def test_an_empty_checkbox_is_unchecked(condition):
    org = small_org()
    org.tables["Opportunity"][3]["IsClosed"] = None
    org.tables["Opportunity"][3]["OwnerId"] = None

    assert BARE_NAME in deals_where(condition, org=org)


def test_every_deal_is_selected_without_a_condition():
    assert names("SELECT Name FROM Opportunity") == EVERY
