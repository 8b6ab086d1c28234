"""The rules that ship: complete, right on any stock org, and true deal for deal."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.pack.load import read_pack
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.server import SandboxServer
from tests.cli.program import Program, log_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.salesforce.org import Org

    Rows = list[Mapping[str, object]]

PACK = Path(__file__).parents[2] / "rules"
TODAY = date(2026, 11, 20)
STAGES = (
    "Prospecting",
    "Qualification",
    "Needs Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
)
DECIDERS = {"Economic Buyer", "Decision Maker", "Executive Sponsor"}


@pytest.mark.parametrize(
    "rule", read_pack(PACK).compile(None).rules, ids=lambda rule: rule.id
)
def test_a_rule_says_why_what_to_do_and_whom_to_ask(rule):
    assert rule.title
    assert rule.why.endswith(".")
    assert rule.fix_text.endswith(".")
    assert rule.maintainer


def test_the_pack_has_no_mistake_without_a_crm():
    assert read_pack(PACK).messages == ()
    assert read_pack(PACK).compile(None).remarks == ()


def test_the_pack_has_no_finding_on_a_stock_org(program: Program, bare_org: Org):
    program("init")
    with SandboxServer(bare_org) as server:
        log_in(server.url)
        ended = program("validate", "--json")

    assert (ended.code, ended.json) == (0, [])


# ---- what was planted is found, and nothing else -------------------------------------


class Seeded:
    """An org of 300 deals, asked by hand what a rule should find."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.open = [
            deal
            for deal in org.rows("Opportunity", include_deleted=False)
            if deal["StageName"] in STAGES
        ]

    def past(self, stage: str) -> Rows:
        """Open deals that have left a stage."""
        after = STAGES[STAGES.index(stage) + 1 :]
        return [deal for deal in self.open if deal["StageName"] in after]

    def by_deal(self, table: str, key: str) -> Mapping[object, Rows]:
        rows: defaultdict[object, Rows] = defaultdict(list)
        for row in self.org.rows(table, include_deleted=False):
            rows[row[key]].append(row)
        return rows

    def expected(self) -> dict[str, set[object]]:
        """Deals that violate each rule, by the words of the rule."""
        roles = self.by_deal("OpportunityContactRole", "OpportunityId")
        meetings = self.by_deal("Event", "WhatId")
        products = self.by_deal("OpportunityLineItem", "OpportunityId")
        files = self.by_deal("ContentDocumentLink", "LinkedEntityId")
        mails = self.by_deal("EmailMessage", "RelatedToId")
        return {
            "qual-amount": _ids(
                deal for deal in self.past("Qualification") if not deal["Amount"]
            ),
            "qual-contact": _ids(
                deal
                for deal in self.past("Qualification")
                if not any(row["Role"] for row in roles[deal["Id"]])
            ),
            "disc-decider": _ids(
                deal
                for deal in self.past("Needs Analysis")
                if not any(row["Role"] in DECIDERS for row in roles[deal["Id"]])
            ),
            "disc-met": _ids(
                deal
                for deal in self.past("Needs Analysis")
                if not any(_is_over(row) for row in meetings[deal["Id"]])
            ),
            "disc-buyer-answered": _ids(
                deal
                for deal in self.past("Needs Analysis")
                if not any(row["Incoming"] for row in mails[deal["Id"]])
            ),
            "prop-products": _ids(
                deal
                for deal in self.past("Proposal/Price Quote")
                if not products[deal["Id"]]
            ),
            "prop-document": _ids(
                deal
                for deal in self.past("Proposal/Price Quote")
                if not files[deal["Id"]]
            ),
            "open-close-date": _ids(
                deal for deal in self.open if str(deal["CloseDate"]) < str(TODAY)
            ),
            "open-next-step": _ids(
                deal
                for deal in self.past("Prospecting")
                if len(str(deal["NextStep"] or "")) < 15
            ),
            "open-owner-active": _ids(
                deal for deal in self.open if not self._owner(deal)["IsActive"]
            ),
        }

    def _owner(self, deal: Mapping[str, object]) -> Mapping[str, object]:
        return self.org.find("User", str(deal["OwnerId"])) or {}


def _ids(deals) -> set[object]:
    return {deal["Id"] for deal in deals}


def _is_over(meeting: Mapping[str, object]) -> bool:
    end = datetime.fromisoformat(str(meeting["EndDateTime"]).replace("+0000", "+00:00"))
    return end < as_of_instant(str(TODAY)) + timedelta(seconds=1)


def test_a_seeded_org_has_exactly_the_planted_violations(
    program: Program, tmp_path: Path
):
    manifest = seed_org(300, 1, TODAY, tmp_path / "org")
    org = load_org(tmp_path / "org", Clock(as_of_instant(str(TODAY))))
    program("init")
    with SandboxServer(org) as server:
        log_in(server.url)
        planned = program("plan", "--json").json
        found = program("violations", "--run", planned["run_id"], "--json").json

    by_rule: defaultdict[str, set[object]] = defaultdict(set)
    for row in found:
        by_rule[row["rule_id"]].add(row["deal_id"])
    expected = Seeded(org).expected()
    assert {rule: by_rule[rule] for rule in expected} == expected
    assert all(expected.values())

    planted = manifest["planted"]
    assert isinstance(planted, dict)
    assert len(by_rule["open-owner-active"]) == planted["inactive_owner"]
    assert len(by_rule["open-close-date"]) == planted["close_date_in_the_past"]
    assert len(by_rule["open-quiet"]) == planted["no_recent_activity"]
    assert len(by_rule["open-next-step"]) == (
        planted["no_next_step"] + planted["placeholder_next_step"]
    )
    assert planned["counts"]["cannot_tell"] == 0
