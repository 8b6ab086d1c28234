"""An org that sells in several currencies, judged in one of them.

One US dollar is 0.8 pounds and 0.5 euros, so a euro is 1.6 pounds. The pack counts in
pounds, the org in dollars.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.program import PROJECT, Sandbox, Workspace, serving_here
from tests.sandbox.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAGES = (
    ("Prospecting", False, False),
    ("Closed Won", True, True),
    ("Closed Lost", True, False),
)
RATES = {"USD": 1.0, "GBP": 0.8, "EUR": 0.9}
DATED = (
    ("EUR", "2026-01-01", "2026-11-01", 0.7),
    ("EUR", "2026-11-01", "9999-12-31", 0.5),
)
"""Of advanced currency management; the one in force beats the static rate."""
DEALS = {
    "at the limit in dollars": (1250.00, "USD"),  # x 0.8 = 1,000.00
    "a cent under in dollars": (1249.98, "USD"),  # x 0.8 =   999.98
    "at the limit in euros": (625.00, "EUR"),  # x 1.6 = 1,000.00
    "under in euros": (624.00, "EUR"),  # x 1.6 =   998.40
    "at the limit in pounds": (1000.00, "GBP"),
    "in yen": (900_000.00, "JPY"),  # no rate at all
}
QUOTES = {
    # 500 x 0.8 + 375 x 1.6 = 400 + 600 = 1,000.00
    "at the limit in dollars": ((500.00, "USD"), (375.00, "EUR")),
    # 500 x 0.8 + 374 x 1.6 = 400 + 598.40 = 998.40
    "at the limit in euros": ((500.00, "USD"), (374.00, "EUR")),
    "in yen": ((2000.00, "GBP"), (1.00, "JPY")),
}
RULES = """\
version: 1
kind: rules
pipeline: "*"
defaults: {maintainer: revops@example.com, mode: observe}
stages:
  every open stage:
    while_in:
      - id: worth-it
        title: The deal is worth a thousand pounds
        require: amount >= 1_000
        fix: Sell more.
      - id: quoted
        title: The quotes come to a thousand pounds
        when: some quotes
        require: sum(quotes.total) >= 1_000
        fix: Quote more.
"""


def ids(prefix: str, number: int) -> str:
    return f"{prefix}Cu{number:010}AAA"


def write_org(folder: Path) -> None:
    deals = {name: ids("006", place) for place, name in enumerate(DEALS)}
    rows: dict[str, list[dict[str, Any]]] = {
        "OpportunityStage": [
            {
                "Id": ids("01J", place),
                "MasterLabel": name,
                "ApiName": name,
                "SortOrder": place,
                "IsActive": True,
                "IsClosed": is_closed,
                "IsWon": is_won,
            }
            for place, (name, is_closed, is_won) in enumerate(STAGES)
        ],
        "CurrencyType": [
            {
                "Id": ids("01L", place),
                "IsoCode": code,
                "ConversionRate": rate,
                "IsCorporate": code == "USD",
                "IsActive": True,
            }
            for place, (code, rate) in enumerate(RATES.items())
        ],
        "DatedConversionRate": [
            {
                "Id": ids("04w", place),
                "IsoCode": code,
                "StartDate": start,
                "NextStartDate": following,
                "ConversionRate": rate,
            }
            for place, (code, start, following, rate) in enumerate(DATED)
        ],
        "Opportunity": [
            {
                "Id": deals[name],
                "Name": name,
                "StageName": "Prospecting",
                "CloseDate": "2026-12-31",
                "OwnerId": "005Sb0000000000AAA",
                "Amount": amount,
                "CurrencyIsoCode": code,
            }
            for name, (amount, code) in DEALS.items()
        ],
        "Quote": [
            {
                "Id": ids("0Q0", 10 * place + number),
                "Name": f"Quote {number}",
                "OpportunityId": deals[name],
                "GrandTotal": total,
                "CurrencyIsoCode": code,
            }
            for place, (name, quotes) in enumerate(QUOTES.items())
            for number, (total, code) in enumerate(quotes)
        ],
    }
    folder.mkdir()
    for name, records in rows.items():
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("currencies") / "org"
    write_org(folder)
    with serving_here(folder) as sandbox:
        yield sandbox


@pytest.fixture
def pounds(served: Sandbox, tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "work", dict(served.settings))
    workspace.write("project.yaml", PROJECT.replace("USD", "GBP"))
    workspace.write("sales.rules.yaml", RULES)
    return workspace


def test_amounts_and_sums_are_compared_in_the_projects_currency(
    pounds: Workspace,
) -> None:
    ended = pounds.run("run", "--json")

    assert ended.code == 0, ended.err
    counts = ended.body["counts"]
    assert (counts["deals"], counts["cannot_tell"]) == (6, 2)
    listed = pounds.run("violations", "--csv").out
    found = {
        (row["rule_id"], row["deal_name"]): (row["amount"], row["currency"])
        for row in csv.DictReader(listed.splitlines())
    }
    assert set(found) == {
        ("worth-it", "a cent under in dollars"),
        ("worth-it", "under in euros"),
        ("quoted", "at the limit in euros"),
    }
    assert found["worth-it", "under in euros"] == ("624", "EUR")


def test_a_currency_without_a_rate_is_told_and_stops_nothing(
    pounds: Workspace, served: Sandbox
) -> None:
    soql = "SELECT Id FROM Opportunity WHERE Name = 'in yen'"
    yen = Client(served.url).query(soql)[0]["Id"]

    explained = pounds.run("explain", yen).out
    doctor = pounds.run("doctor", "--json")

    assert explained.count("there is no exchange rate for JPY") == 2
    said = [each["text"] for each in json.loads(doctor.out) if "E406" in each["text"]]
    assert said == [
        "E406: amount is in JPY on some deals and this org has no exchange rate for"
        " JPY; gatekeeper cannot compare them with amounts in GBP, so those lines are"
        ' "cannot tell".'
    ]


def test_a_project_currency_the_org_has_not_is_told(pounds: Workspace) -> None:
    pounds.write("project.yaml", PROJECT.replace("USD", "CHF"))

    ended = pounds.run("run", "--json")
    doctor = pounds.run("doctor", "--json")

    assert ended.code == 0, ended.err
    assert ended.body["counts"]["cannot_tell"] == 6 + 3
    assert any("counts in CHF" in each["text"] for each in json.loads(doctor.out))
