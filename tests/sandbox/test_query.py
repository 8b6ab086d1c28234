"""How the answer to a query is written: records, parents, children, aggregates."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox.salesforce.query import Paging, QueryAnswer
from tests.sandbox.small_org import (
    ACME,
    ANN,
    BOB,
    GLOBEX,
    OPPORTUNITY,
    PILOT,
    RENEWAL,
    SmallOrg,
    ask,
    deal,
    field,
    kind,
    names,
    record_id,
    reference,
    small_org,
)

if TYPE_CHECKING:
    from pathlib import Path


def attributes(type_name: str, of: str) -> dict[str, str]:
    url = f"/services/data/v59.0/sobjects/{type_name}/{of}"
    return {"type": type_name, "url": url}


def records(soql: str, **options: object) -> list[dict[str, object]]:
    return ask(soql, **options).page(0, 1000)  # type: ignore[arg-type]


@pytest.mark.trap("S1a")
def test_names_come_back_in_canonical_case_in_the_order_asked():
    (record,) = records("select AMOUNT, id, account.NAME from opportunity limit 1")

    assert list(record) == ["attributes", "Amount", "Id", "Account"]
    assert record == {
        "attributes": attributes("Opportunity", RENEWAL),
        "Amount": 120000.0,
        "Id": RENEWAL,
        "Account": {"attributes": attributes("Account", ACME), "Name": "Acme"},
    }


def test_money_has_a_decimal_point_and_a_whole_number_has_none():
    soql = "SELECT Amount, Probability, FiscalYear FROM Opportunity LIMIT 1"
    (record,) = records(soql)

    assert json.dumps([record["Amount"], record["Probability"]]) == "[120000.0, 60.0]"
    assert json.dumps(record["FiscalYear"]) == "2026"


def test_an_empty_field_and_an_empty_parent_are_null():
    soql = "SELECT Amount, Account.Name, Account.Owner.Name FROM Opportunity "
    (record,) = records(soql + "WHERE Name = 'Bare'")

    assert record["Amount"] is None
    assert record["Account"] is None


def test_paths_through_one_parent_share_one_record():
    soql = (
        "SELECT Owner.Name, Owner.Manager.Name, Owner.IsActive FROM Opportunity "
        f"WHERE Id = '{PILOT}'"
    )
    (record,) = records(soql)

    assert record["Owner"] == {
        "attributes": attributes("User", BOB),
        "Name": "Bob",
        "Manager": {"attributes": attributes("User", ANN), "Name": "Ann"},
        "IsActive": False,
    }


def test_a_polymorphic_parent_says_what_it_is():
    tasks = records("SELECT What.Name, What.Type, Owner.Type FROM Task ORDER BY Id")

    assert tasks[2]["What"] == {
        "attributes": attributes("Account", ACME),
        "Name": "Acme",
        "Type": "Account",
    }
    assert tasks[3]["What"] is None


def test_typeof_writes_the_fields_of_the_type_at_hand():
    soql = (
        "SELECT TYPEOF What WHEN opportunity THEN Name, StageName "
        "WHEN Account THEN Industry END FROM Task"
    )
    first, _, third, fourth = (record["What"] for record in records(soql))

    assert first == {
        "attributes": attributes("Opportunity", RENEWAL),
        "Name": "Acme renewal",
        "StageName": "Proposal/Price Quote",
    }
    assert third == {"attributes": attributes("Account", ACME), "Industry": "Retail"}
    assert fourth is None


def test_typeof_falls_back_to_else():
    soql = "SELECT TYPEOF What WHEN Opportunity THEN StageName ELSE Name END FROM Task"

    assert records(soql)[2]["What"] == {
        "attributes": attributes("Account", ACME),
        "Name": "Acme",
    }


def test_child_rows_come_in_an_envelope_and_none_are_null():
    soql = (
        "SELECT Name, (SELECT Subject FROM Tasks ORDER BY Subject DESC), "
        "(SELECT Role FROM OpportunityContactRoles WHERE IsPrimary = true) "
        "FROM Opportunity"
    )
    renewal, pilot, *_ = records(soql)

    assert renewal["Tasks"] == {
        "totalSize": 2,
        "done": True,
        "records": [
            {
                "attributes": attributes("Task", record_id("00T", 2)),
                "Subject": "Send quote",
            },
            {
                "attributes": attributes("Task", record_id("00T", 1)),
                "Subject": "Call back",
            },
        ],
    }
    assert pilot["Tasks"] is None
    assert pilot["OpportunityContactRoles"] is None


def test_child_rows_have_conditions_and_limits_of_their_own():
    soql = (
        "SELECT Name, (SELECT Id FROM Tasks WHERE IsClosed = false LIMIT 1) "
        f"FROM Opportunity WHERE Id = '{RENEWAL}'"
    )
    (renewal,) = records(soql, include_deleted=True)

    assert renewal["Tasks"] == {
        "totalSize": 1,
        "done": True,
        "records": [{"attributes": attributes("Task", first), "Id": first}]
        if (first := record_id("00T", 1))
        else [],
    }


def test_child_rows_beyond_a_page_are_kept_behind_a_locator():
    kept: list[tuple[QueryAnswer, int]] = []

    def locate(answer: QueryAnswer, start: int) -> str:
        kept.append((answer, start))
        return "/services/data/v59.0/query/0r8child-1"

    answer = ask("SELECT (SELECT Subject FROM Tasks) FROM Opportunity LIMIT 1")
    (record,) = answer.page(0, 1, Paging(child_size=1, locate=locate))

    children = record["Tasks"]
    assert isinstance(children, dict)
    assert children["done"] is False
    assert children["nextRecordsUrl"] == "/services/data/v59.0/query/0r8child-1"
    assert len(children["records"]) == 1
    ((rest, start),) = kept
    assert [row["Subject"] for row in rest.page(start, 10)] == ["Send quote"]


def test_count_has_a_size_and_no_records():
    answer = ask("SELECT COUNT() FROM Opportunity WHERE IsClosed = false")

    assert answer.total_size == 3
    assert answer.page(0, 10) == []


def test_the_version_of_the_request_is_in_every_url():
    (record,) = records("SELECT Id FROM Account LIMIT 1")

    assert record["attributes"] == attributes("Account", ACME)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("Name", ["Acme 100% won", "Acme renewal", "Bare", "globex pilot"]),
        ("Name DESC", ["globex pilot", "Bare", "Acme renewal", "Acme 100% won"]),
        ("Amount", ["Bare", "Acme 100% won", "globex pilot", "Acme renewal"]),
        ("Amount DESC", ["Bare", "Acme renewal", "globex pilot", "Acme 100% won"]),
        (
            "Amount DESC NULLS LAST",
            ["Acme renewal", "globex pilot", "Acme 100% won", "Bare"],
        ),
        (
            "Amount ASC NULLS LAST",
            ["Acme 100% won", "globex pilot", "Acme renewal", "Bare"],
        ),
        (
            "StageName, Name DESC",
            ["globex pilot", "Bare", "Acme renewal", "Acme 100% won"],
        ),
        (
            "Account.Name NULLS LAST, CloseDate",
            ["Acme 100% won", "Acme renewal", "globex pilot", "Bare"],
        ),
    ],
)
def test_rows_are_ordered(order, expected):
    assert names(f"SELECT Name FROM Opportunity ORDER BY {order}") == expected


def test_limit_and_offset_cut_the_ordered_rows():
    answer = ask("SELECT Name FROM Opportunity ORDER BY Name LIMIT 2 OFFSET 1")

    assert answer.total_size == 2
    assert [row["Name"] for row in answer.page(0, 9)] == ["Acme renewal", "Bare"]
    assert names("SELECT Name FROM Opportunity LIMIT 0") == []


def test_pages_together_are_the_whole_answer():
    answer = ask("SELECT Name FROM Opportunity")

    pages = [answer.page(start, 3) for start in (0, 3, 6)]
    assert [len(page) for page in pages] == [3, 1, 0]


@given(st.lists(st.none() | st.integers(-5, 5), max_size=12), st.booleans())
def test_sorting_puts_every_row_somewhere_and_empty_ones_first(amounts, descending):
    rows = [
        deal(record_id("006", n), str(n), Amount=amount)
        for n, amount in enumerate(amounts)
    ]
    org = SmallOrg([OPPORTUNITY], {"Opportunity": rows})
    word = "DESC" if descending else "ASC"
    found = ask(f"SELECT Amount FROM Opportunity ORDER BY Amount {word}", org)

    values = [row["Amount"] for row in found.page(0, 99)]
    full = [value for value in amounts if value is not None]
    assert values[: amounts.count(None)] == [None] * amounts.count(None)
    assert values[amounts.count(None) :] == sorted(full, reverse=descending)


def test_aggregates_of_the_whole_have_numbered_names_and_no_url():
    soql = "SELECT COUNT(Id), SUM(Amount), AVG(Amount), MIN(CloseDate) FROM Opportunity"

    assert records(soql) == [
        {
            "attributes": {"type": "AggregateResult"},
            "expr0": 4,
            "expr1": 125000.5,
            "expr2": pytest.approx(41666.8333, abs=0.001),
            "expr3": "2025-03-15",
        }
    ]


def test_groups_carry_the_field_and_the_alias():
    soql = (
        "SELECT Account.Name, COUNT(Id) deals, COUNT_DISTINCT(OwnerId) "
        "FROM Opportunity WHERE AccountId != null GROUP BY Account.Name "
        "ORDER BY COUNT(Id) DESC"
    )

    assert [dict(list(row.items())[1:]) for row in records(soql)] == [
        {"Name": "Acme", "deals": 2, "expr0": 2},
        {"Name": "Globex", "deals": 1, "expr0": 1},
    ]


def test_groups_may_be_years_of_a_date():
    soql = (
        "SELECT CALENDAR_YEAR(CloseDate) y, MAX(Amount) FROM Opportunity "
        "WHERE CloseDate != null GROUP BY CALENDAR_YEAR(CloseDate)"
    )

    assert [(row["y"], row["expr0"]) for row in records(soql)] == [
        (2026, 120000.0),
        (2025, 0.0),
    ]


def test_an_account_reads_its_deals_through_the_other_end():
    soql = "SELECT Name, (SELECT Name FROM Account.Opportunities) FROM Account"
    acme, globex = records(soql)

    assert [row["Name"] for row in acme["Opportunities"]["records"]] == [  # type: ignore[index]
        "Acme renewal",
        "Acme 100% won",
    ]
    assert globex["attributes"] == attributes("Account", GLOBEX)


def shape(value: object) -> object:
    """Keep keys and the kinds of values; a list is the shape of its first entry."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def recorded(shared_reference: Path, name: str) -> object:
    text = (shared_reference / name).read_text(encoding="utf-8")
    return json.loads(text)["response"]["body"]


@pytest.fixture
def samples(shared_data: Path) -> Path:
    folder = shared_data.parent / "reference" / "salesforce_samples"
    if not folder.is_dir():
        pytest.skip("the recorded replies are not beside this clone")
    return folder


def test_the_refusal_of_an_object_is_the_recorded_one(samples: Path):
    body = recorded(samples, "composite_invalid_type.json")
    assert isinstance(body, dict)
    (error,) = body["compositeResponse"][1]["body"]

    with pytest.raises(Exception, match="XYZZY") as caught:
        ask("select count() from XYZZY")
    assert caught.value.message == error["message"]  # type: ignore[attr-defined]
    assert caught.value.code == error["errorCode"]  # type: ignore[attr-defined]


def test_children_have_the_recorded_shape(samples: Path):
    body = recorded(samples, "query_child_subquery_with_null.json")
    assert isinstance(body, dict)
    without, *_, with_child = body["records"]
    contact = kind("Contact", "003", field("FirstName", "string"))
    contact.children.extend(small_org().types["account"].children)
    opportunity = kind(
        "Opportunity",
        "006",
        field("Name", "string"),
        reference("AccountId", "Contact", "Contact"),
    )
    people: list[dict[str, object]] = [
        {"Id": record_id("003", 1), "FirstName": "Lindsay"},
        {"Id": record_id("003", 2), "FirstName": "Annyong"},
    ]
    deals = [deal(RENEWAL, "Espionage", AccountId=record_id("003", 2))]
    org = SmallOrg([contact, opportunity], {"Contact": people, "Opportunity": deals})

    answer = ask("select FirstName,(select Name from Opportunities) from Contact", org)
    assert [shape(record) for record in answer.page(0, 9)] == [
        shape(without),
        shape(with_child),
    ]


def test_an_aggregate_has_the_recorded_shape(samples: Path):
    body = recorded(samples, "query_aggregate_count.json")
    assert isinstance(body, dict)

    answer = ask("select count(Id) from Account")
    assert shape(answer.page(0, 1)) == shape(body["records"])


def test_real_deals_are_counted_as_their_export_says(shared_data: Path):
    source = shared_data / "salesforce" / "maven_crm" / "Opportunity.jsonl.gz"
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    org = SmallOrg([OPPORTUNITY], {"Opportunity": rows})

    engaging = "SELECT COUNT() FROM Opportunity WHERE StageName = 'engaging'"
    assert ask(engaging, org).total_size == 1589
    assert ask(engaging + " AND AccountId = null", org).total_size == 1088
    won = "SELECT COUNT() FROM Opportunity WHERE StageName = 'Won'"
    assert ask(won, org).total_size == 4238
