"""A portal that sells in several currencies, judged in one of them.

HubSpot shows a rate on deals alone: a pound is 1.25 dollars there and a euro 2, so a
dollar is 0.8 pounds and a euro 1.6. The amounts are those of the Salesforce org beside.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import HUBSPOT, PROJECT, Workspace, serving_here
from tests.e2e.test_currencies import DEALS, QUOTES, RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.sandbox.wire import Reply, Request

MOMENT = "2026-11-02T09:00:00.000Z"
RATES = {"USD": "1", "GBP": "1.25", "EUR": "2"}
Record = dict[str, object]


def record(number: int, **values: str | None) -> Record:
    return {
        "id": str(number),
        "properties": {"createdate": MOMENT, "hs_lastmodifieddate": MOMENT, **values},
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
        "archived": False,
    }


def write_portal(folder: Path) -> None:
    ids = {name: 100 + place for place, name in enumerate(DEALS)}
    deals = [
        record(
            ids[name],
            dealname=name,
            dealstage="qualifiedtobuy",
            pipeline="default",
            amount=f"{amount:.10g}",
            deal_currency_code=code,
            hs_exchange_rate=RATES.get(code),
            hs_is_closed="false",
        )
        for name, (amount, code) in DEALS.items()
    ]
    quotes: list[Record] = []
    links: list[Record] = []
    for name, owned in QUOTES.items():
        for total, code in owned:
            id_ = 900 + len(quotes)
            quotes.append(
                record(id_, hs_quote_amount=f"{total:.10g}", hs_currency=code)
            )
            types = [{"category": "HUBSPOT_DEFINED", "typeId": 63, "label": None}]
            links.append(
                {
                    "fromObjectType": "deals",
                    "fromObjectId": str(ids[name]),
                    "toObjectType": "quotes",
                    "toObjectId": str(id_),
                    "associationTypes": types,
                }
            )
    files = {"deals": deals, "quotes": quotes, "associations": links}
    folder.mkdir()
    for name, rows in files.items():
        lines = "".join(json.dumps(each) + "\n" for each in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    account = {"currency": "USD", "currencies": ["GBP", "EUR", "JPY"]}
    manifest = {"portal": {**account, "has_all_properties": True}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def searched() -> list[str]:
    """The currencies whose rates were asked for, in the order of the questions."""
    return []


@pytest.fixture
def pounds(tmp_path: Path, searched: list[str]) -> Iterator[Workspace]:
    write_portal(tmp_path / "portal")

    def observe(request: Request, _reply: Reply) -> None:
        if request.raw_path.endswith("/deals/search"):
            filters = json.loads(request.body)["filterGroups"][0]["filters"]
            searched.extend(
                each["value"]
                for each in filters
                if each["propertyName"] == "deal_currency_code"
            )

    with serving_here(tmp_path / "portal", HUBSPOT, observe=observe) as sandbox:
        workspace = Workspace(tmp_path / "work", dict(sandbox.settings))
        project = PROJECT.replace("USD", "GBP").replace("salesforce", HUBSPOT)
        workspace.write("project.yaml", project)
        workspace.write("sales.rules.yaml", RULES)
        yield workspace


def test_amounts_and_sums_on_hubspot_are_compared_in_the_projects_currency(
    pounds: Workspace, searched: list[str]
) -> None:
    ended = pounds.run("run", "--json")

    assert ended.code == 0, ended.err
    # Each rate is asked for once, however many lines need it.
    assert sorted(searched) == ["EUR", "GBP", "JPY"]
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


def test_a_deal_in_a_currency_without_a_rate_says_so(pounds: Workspace) -> None:
    yen = str(100 + list(DEALS).index("in yen"))

    explained = pounds.run("explain", yen)

    assert explained.out.count("there is no exchange rate for JPY") == 2, explained.err
