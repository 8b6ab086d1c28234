"""`lint --with-data` on two public orgs: what it finds there, and where it is silent.

The figures are those of the data sets' own calculation, or counted here from the raw
records; none is taken from what the program prints.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.pack.lint.codes import CODES, Needs
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.server import SandboxServer
from tests.cli.program import Program, log_in
from tests.figures.public_orgs import LEADFORGE, MAVEN, PACKS, expected_criteria

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.program import Ended
    from tests.figures.public_orgs import DataSet

pytestmark = pytest.mark.slow

OF_DATA = {each.code for each in CODES if each.needs is Needs.DATA}
HEAD = """\
version: 1
kind: rules
pipeline: "*"
defaults: {maintainer: revops@example.com}
"""
MAVEN_RULES = f"""\
{HEAD}params:
  most_days: {{type: number, value: undecided}}
stages:
  Engaging:
    while_in:
      - id: has-account
        title: The deal names an account
        when: owner is filled
        require: account is filled
        fix: Link the deal to its account.
        grace: 44 days
      - id: of-an-account
        title: A deal of a known account has a day of engagement
        when: account.name != "Acme Corporation"
        require: engaged_on is filled
        fix: Enter the day.
        grace: 46 days
  Won:
    entry:
      - id: in-time
        title: The deal was won in time
        require: days_between(engaged_on, close_date) <= $most_days
        fix: Learn from it.
"""
LEADFORGE_RULES = f"""\
{HEAD}params:
  least: {{type: money, value: undecided}}
stages:
  closed_won:
    entry:
      - id: worth-it
        title: A won deal is worth the work
        require: amount >= $least
        fix: Learn from it.
  every open stage:
    while_in:
      - id: has-buyer
        title: An economic buyer or a champion is known
        when: stage in ["proposal_sent", "negotiation"]
        require: some contacts where role in ["economic_buyer", "champion"]
        fix: Add the economic buyer or the champion to the deal.
        grace: 10 days
      - id: has-senior
        title: A large deal has a senior contact
        when: amount >= 100_000
        require: some contacts where seniority in ["vp", "c_suite"]
        fix: Win a contact at the level of a vice president or above.
      - id: has-contact
        title: Somebody is named
        when: next_step not contains "import"
        require: some contacts
        fix: Add a contact.
"""


@dataclass(frozen=True)
class Case:
    """A data set, the rules that are held against its past, and the days of two runs.

    The first day is more than thirty days before the second: less says nothing of a
    rule that never failed.
    """

    data: DataSet
    rules: str
    earlier: str


CASES = {
    "maven": Case(MAVEN, MAVEN_RULES, "2017-11-20"),
    "leadforge": Case(LEADFORGE, LEADFORGE_RULES, "2024-03-20"),
}


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def looked(
    case: Case, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[Case, Ended]]:
    """Plan on both days, then ask what the past says."""
    program = Program(tmp_path, capsys)
    rules = tmp_path / "rules"
    rules.mkdir()
    for name in ("project.yaml", "fields.yaml"):
        text = (PACKS / case.data.pack / name).read_text(encoding="utf-8")
        (rules / name).write_text(text, encoding="utf-8")
    (rules / "e.rules.yaml").write_text(case.rules, encoding="utf-8")
    clock = Clock(as_of_instant(case.earlier))
    org = load_org(shared_data / "salesforce" / case.data.name, clock)
    with SandboxServer(org) as server:
        log_in(server.url)
        for day in (case.earlier, case.data.as_of):
            clock.set(as_of_instant(day))
            assert program("plan").code == 0
        yield case, program("lint", "--with-data", "--json")


def found(case: Case, ended: Ended) -> dict[str, str]:
    """What data alone can tell: the code and the words it is said of, to the text."""
    lines = case.rules.splitlines()
    return {
        f"{each['code']} {_words(lines[each['line'] - 1], each['column'])}": each[
            "text"
        ]
        for each in ended.json
        if each["code"] in OF_DATA
    }


def _words(line: str, column: int) -> str:
    """Return the name at a place, or all of the value."""
    return line[column - 1 :].partition(":")[0]


def rows(data: Path, chosen: DataSet, name: str) -> list[dict[str, Any]]:
    path = data / "salesforce" / chosen.name / f"{name}.jsonl.gz"
    with gzip.open(path) as lines:
        return [json.loads(line) for line in lines]


def failing_of(data: Path, chosen: DataSet, criterion: str) -> tuple[int, int]:
    """How many deals fail a criterion, of how many, by the data set's own count."""
    (figures,) = (
        each for each in expected_criteria(data, chosen) if each["id"] == criterion
    )
    return figures["violations"], figures["deals_in_scope"]


def days_to_the_end(data: Path) -> dict[str, list[int]]:
    """Count days from engagement to the end in Maven's history, by the end."""
    entered: defaultdict[str, dict[str, date]] = defaultdict(dict)
    for each in rows(data, MAVEN, "OpportunityHistory"):
        day = date.fromisoformat(each["CreatedDate"][:10])
        entered[each["OpportunityId"]][each["StageName"]] = day
    return {
        end: [
            (stages[end] - stages["Engaging"]).days
            for stages in entered.values()
            if end in stages
        ]
        for end in ("Won", "Lost")
    }


@pytest.mark.parametrize("case", [CASES["maven"]], indirect=True, ids=["maven"])
def test_the_past_of_maven(looked: tuple[Case, Ended], shared_data: Path) -> None:
    """A short grace, a filled condition and an enforceable rule draw nothing."""
    case, ended = looked
    days = days_to_the_end(shared_data)
    won, lost = days["Won"], days["Lost"]
    assert (median(won + lost), len(won) + len(lost)) == (45, 6_711)
    kept = sum(each <= 110 for each in won) / len(won)
    assert sum(each <= 100 for each in won) / len(won) < 0.9 < kept
    assert failing_of(shared_data, MAVEN, "engaging_has_account") == (1_088, 1_589)
    acme = {
        each["Id"]
        for each in rows(shared_data, MAVEN, "Account")
        if each["Name"] == "Acme Corporation"
    }
    asked = sum(
        each["StageName"] == "Engaging" and each["AccountId"] not in {None, *acme}
        for each in rows(shared_data, MAVEN, "Opportunity")
    )

    runs = "in 2 runs since 20 Nov 2017 on up to"
    assert found(case, ended) == {
        "W506 most_days": (
            f"$most_days is undecided; of 4,238 won deals {100 * kept:.0f}% had"
            " days_between(engaged_on, close_date) of 110 or less."
        ),
        "W502 has-account": f"has-account failed 68% of the time {runs} 1,589 deals.",
        "W501 of-an-account": f"of-an-account never failed {runs} {asked} deals.",
        'W405 account.name != "Acme Corporation"': (
            "1,088 of 1,589 deals (68%) have nothing here, so of-an-account silently"
            " leaves them out."
        ),
        "W503 46 days": (
            "a grace of 46 days is longer than half of the deals take in Engaging"
            " (median 45.0 days of 6,711): most violations of this rule are never seen."
        ),
    }
    assert ended.told.splitlines() == [
        "Looked at 2 stored runs of the last 90 days and at 8,800 deals of the last"
        " year, 4,238 of them won."
    ]


@pytest.mark.parametrize("case", [CASES["leadforge"]], indirect=True, ids=["leadforge"])
def test_the_past_of_leadforge(looked: tuple[Case, Ended], shared_data: Path) -> None:
    """Half of the deals lack a buyer, which is no finding; no stay is known."""
    case, ended = looked
    lacking, of = failing_of(shared_data, LEADFORGE, "large_deal_senior_contact")
    assert (lacking, of) == (269, 338)
    assert failing_of(shared_data, LEADFORGE, "proposal_plus_has_buyer") == (978, 1_902)
    deals = rows(shared_data, LEADFORGE, "Opportunity")
    amounts = [each["Amount"] for each in deals if each["IsWon"]]
    kept = sum(each >= 24_000 for each in amounts) / len(amounts)
    assert sum(each >= 25_000 for each in amounts) / len(amounts) < 0.9 < kept
    is_open = [each for each in deals if not each["IsClosed"]]
    assert all(each["NextStep"] is None for each in is_open)

    assert found(case, ended) == {
        "W506 least": (
            f"$least is undecided; of 1,094 won deals {100 * kept:.0f}% had amount of"
            " 24_000 or more."
        ),
        "W502 has-senior": (
            "has-senior failed 80% of the time in 2 runs since 20 Mar 2024 on up to"
            " 338 deals."
        ),
        'W405 next_step not contains "import"': (
            "2,313 of 2,313 deals (100%) have nothing here, so has-contact silently"
            " leaves them out."
        ),
    }
    assert ended.told.splitlines() == [
        "Looked at 2 stored runs of the last 90 days and at 4,442 deals of the last"
        " year, 1,094 of them won.",
        "Too little to tell: graces with too few finished stays to compare (1), rules"
        " judged on too few deals in runs (1).",
    ]


def test_every_warning_that_needs_data_is_shown_above() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    shown = set(re.findall(r"[\"'](W\d{3}) ", text))

    assert shown == OF_DATA
