"""The demo org: the same every time, believable, and flawed exactly as announced.

What is planted is counted here again from the written rows alone.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox.salesforce.catalog import standard_objects
from gatekeeper.sandbox.salesforce.ids import full_id, numbered_id
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.seed_rows import seeded_id
from gatekeeper.sandbox.seed_words import company

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = date(2026, 11, 20)
OPEN = (
    "Prospecting",
    "Qualification",
    "Needs Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
)
PLACEHOLDERS = {"tbd", "n/a", "follow up", "?", "-", "TBD next week"}

Table = list[dict[str, object]]


class Demo:
    """A written org, read back."""

    def __init__(self, folder: Path) -> None:
        self.tables: dict[str, Table] = {}
        for path in folder.glob("*.jsonl.gz"):
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                rows = [json.loads(line) for line in lines]
            self.tables[path.name.removesuffix(".jsonl.gz")] = rows
        self.manifest = json.loads((folder / "manifest.json").read_text())

    def by(self, table: str, key: str) -> defaultdict[object, Table]:
        grouped: defaultdict[object, Table] = defaultdict(list)
        for row in self.tables[table]:
            grouped[row[key]].append(row)
        return grouped

    def open_deals(self, *, from_stage: int = 0) -> Table:
        return [
            deal
            for deal in self.tables["Opportunity"]
            if deal["StageName"] in OPEN[from_stage:]
        ]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    seed_org(300, 7, AS_OF, folder)
    return Demo(folder)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        seed_org(25, 3, AS_OF, tmp_path / name)
    seed_org(25, 4, AS_OF, tmp_path / "other")

    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    deals = "Opportunity.jsonl.gz"
    one, other = tmp_path / "one" / deals, tmp_path / "other" / deals
    assert one.read_bytes() != other.read_bytes()


def test_the_manifest_counts_what_was_written(demo: Demo):
    counts = {name: len(rows) for name, rows in demo.tables.items()}

    assert demo.manifest["counts"] == counts
    assert counts["Opportunity"] == 300
    assert demo.manifest["as_of"] == "2026-11-20"
    assert demo.manifest["shape"] == "salesforce"


def test_there_are_twelve_reps_under_three_managers_under_one_head(demo: Demo):
    users = demo.tables["User"]
    by_manager = demo.by("User", "ManagerId")
    (head,) = by_manager[None]

    managers = by_manager[head["Id"]]
    reps = [rep for manager in managers for rep in by_manager[manager["Id"]]]
    assert len(managers) == 3
    assert len([rep for rep in reps if rep["IsActive"]]) == 12
    assert len([rep for rep in reps if not rep["IsActive"]]) == 1
    assert len({user["Username"] for user in users}) == len(users)


def test_only_standard_fields_are_written(demo: Demo):
    objects = standard_objects()

    for name, rows in demo.tables.items():
        known = set(objects[name].fields) | {"attributes"}
        assert set().union(*rows) <= known, name
        assert all(row["attributes"] == {"type": name} for row in rows)


def test_ids_are_whole_ordered_and_unique(demo: Demo):
    objects = standard_objects()
    for name, rows in demo.tables.items():
        ids = [str(row["Id"]) for row in rows]
        assert ids == sorted(set(ids)), name
        assert all(full_id(record_id[:15]) == record_id for record_id in ids)
        assert {record_id[:3] for record_id in ids} == {objects[name].key_prefix}


def test_every_reference_leads_to_a_row(demo: Demo):
    objects = standard_objects()
    known = {row["Id"] for rows in demo.tables.values() for row in rows}
    for name, rows in demo.tables.items():
        references = [
            field.name
            for field in objects[name].fields.values()
            if field.type == "reference"
        ]
        for row in rows:
            for field in references:
                assert row.get(field) is None or row[field] in known, (name, field)


def test_nothing_that_happened_is_later_than_the_day(demo: Demo):
    end = "2026-11-20T23:59:59"
    for name, rows in demo.tables.items():
        for row in rows:
            assert str(row.get("CreatedDate", "")) <= end, name
            assert str(row.get("SystemModstamp", "")) <= end, name
    done = [task for task in demo.tables["Task"] if task["IsClosed"]]
    assert max(str(task["ActivityDate"]) for task in done) < "2026-11-20"


def test_values_are_of_the_picklists(demo: Demo):
    objects = standard_objects()
    for name, rows in demo.tables.items():
        for field in objects[name].fields.values():
            choices = {choice.value for choice in field.picklist}
            if field.type != "picklist" or field.name == "TimeZoneSidKey":
                continue
            values = {row.get(field.name) for row in rows} - {None}
            assert not choices or values <= choices, (name, field.name)


def test_history_ends_where_the_deal_stands(demo: Demo):
    history = demo.by("OpportunityHistory", "OpportunityId")
    for deal in demo.tables["Opportunity"]:
        rows = history[deal["Id"]]
        stamps = [str(row["CreatedDate"]) for row in rows]
        assert stamps == sorted(stamps)
        first, last = rows[0], rows[-1]
        assert first["StageName"] == "Prospecting"
        for field in ("StageName", "Amount", "CloseDate", "Probability"):
            assert last[field] == deal[field], field
        before = "2026-11-20"
        assert str(first["CreatedDate"])[:10] == str(deal["CreatedDate"])[:10] < before


def test_amounts_are_the_sum_of_the_products(demo: Demo):
    items = demo.by("OpportunityLineItem", "OpportunityId")
    for deal in demo.tables["Opportunity"]:
        rows = items[deal["Id"]]
        assert deal["HasOpportunityLineItem"] is bool(rows)
        if rows:
            assert deal["Amount"] == sum(float(str(row["TotalPrice"])) for row in rows)


def test_closed_deals_have_their_evidence(demo: Demo):
    links = demo.by("ContentDocumentLink", "LinkedEntityId")
    roles = demo.by("OpportunityContactRole", "OpportunityId")
    won = [deal for deal in demo.tables["Opportunity"] if deal["IsWon"]]

    assert len(won) > 30
    for deal in won:
        assert deal["Amount"]
        assert str(deal["CloseDate"]) < "2026-11-20"
        assert links[deal["Id"]]
        assert "Economic Buyer" in {row["Role"] for row in roles[deal["Id"]]}


def test_a_quarter_of_the_open_deals_or_so_is_flawed(demo: Demo):
    share = demo.manifest["flawed_deals"] / len(demo.open_deals())

    assert 0.22 <= share <= 0.34


def test_every_kind_of_flaw_is_planted(demo: Demo):
    assert min(demo.manifest["planted"].values()) >= 1


def counted(demo: Demo, kind: str) -> int:
    """Count the open deals with a flaw, from the rows alone."""
    return sum(map(CHECKS[kind](demo), demo.open_deals()))


def no_amount(_demo: Demo):
    return lambda deal: deal["StageName"] != OPEN[0] and deal["Amount"] is None


def past_close(_demo: Demo):
    return lambda deal: str(deal["CloseDate"]) < AS_OF.isoformat()


def no_next_step(_demo: Demo):
    return lambda deal: deal["StageName"] != OPEN[0] and deal["NextStep"] is None


def placeholder(_demo: Demo):
    return lambda deal: deal["NextStep"] in PLACEHOLDERS


def no_contact(demo: Demo):
    roles = demo.by("OpportunityContactRole", "OpportunityId")
    return lambda deal: deal["StageName"] != OPEN[0] and not roles[deal["Id"]]


def no_economic_buyer(demo: Demo):
    roles = demo.by("OpportunityContactRole", "OpportunityId")

    def check(deal: dict[str, object]) -> bool:
        held = {row["Role"] for row in roles[deal["Id"]]}
        late = deal["StageName"] in OPEN[3:]
        return late and bool(held) and "Economic Buyer" not in held

    return check


def no_products(_demo: Demo):
    return lambda deal: (
        deal["StageName"] in OPEN[3:] and not deal["HasOpportunityLineItem"]
    )


def no_recent_activity(demo: Demo):
    recent = (AS_OF - timedelta(days=30)).isoformat()
    rows = [task for task in demo.tables["Task"] if task["IsClosed"]]
    touched = {
        row["WhatId"]
        for row in rows + demo.tables["Event"]
        if str(row["ActivityDate"]) >= recent
    }
    return lambda deal: deal["Id"] not in touched


def no_meeting(demo: Demo):
    held = {
        event["WhatId"]
        for event in demo.tables["Event"]
        if str(event["ActivityDate"]) < AS_OF.isoformat()
    }
    return lambda deal: deal["StageName"] in OPEN[2:] and deal["Id"] not in held


def stuck(_demo: Demo):
    long_ago = (AS_OF - timedelta(days=60)).isoformat()
    return lambda deal: (
        str(deal["LastStageChangeDate"] or deal["CreatedDate"]) < long_ago
    )


def pushed(demo: Demo):
    moves = demo.by("OpportunityFieldHistory", "OpportunityId")

    def check(deal: dict[str, object]) -> bool:
        later = [row for row in moves[deal["Id"]] if row["Field"] == "CloseDate"]
        return len(later) >= 3

    return check


def inactive_owner(demo: Demo):
    active = {user["Id"] for user in demo.tables["User"] if user["IsActive"]}
    return lambda deal: deal["OwnerId"] not in active


def no_reply(demo: Demo):
    answered = {
        mail["RelatedToId"] for mail in demo.tables["EmailMessage"] if mail["Incoming"]
    }
    return lambda deal: deal["StageName"] in OPEN[2:] and deal["Id"] not in answered


def no_file(demo: Demo):
    linked = demo.by("ContentDocumentLink", "LinkedEntityId")
    return lambda deal: deal["StageName"] == OPEN[4] and not linked[deal["Id"]]


def skipped(demo: Demo):
    history = demo.by("OpportunityHistory", "OpportunityId")

    def check(deal: dict[str, object]) -> bool:
        passed = OPEN[: OPEN.index(str(deal["StageName"])) + 1]
        return not set(passed) <= {row["StageName"] for row in history[deal["Id"]]}

    return check


CHECKS = {
    "no_amount": no_amount,
    "close_date_in_the_past": past_close,
    "no_next_step": no_next_step,
    "placeholder_next_step": placeholder,
    "no_contact_role": no_contact,
    "no_economic_buyer": no_economic_buyer,
    "no_products": no_products,
    "no_recent_activity": no_recent_activity,
    "no_meeting_held": no_meeting,
    "stuck_in_stage": stuck,
    "close_date_pushed_often": pushed,
    "inactive_owner": inactive_owner,
    "no_reply_from_buyer": no_reply,
    "no_file": no_file,
    "stage_skipped": skipped,
}


@pytest.mark.parametrize("kind", sorted(CHECKS))
def test_a_flaw_occurs_exactly_as_often_as_announced(demo: Demo, kind: str):
    assert counted(demo, kind) == demo.manifest["planted"][kind]


def test_every_announced_flaw_is_checked(demo: Demo):
    assert set(CHECKS) == set(demo.manifest["planted"])


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2024, 2, 29)])
def test_flaws_are_exact_on_any_day(tmp_path: Path, day: date):
    seed_org(400, 5, day, tmp_path)
    written = Demo(tmp_path)

    past = [deal for deal in written.open_deals() if str(deal["CloseDate"]) < str(day)]
    assert len(past) == written.manifest["planted"]["close_date_in_the_past"]


def test_an_org_of_one_deal_is_whole(tmp_path: Path):
    seed_org(1, 1, AS_OF, tmp_path)

    assert len(Demo(tmp_path).tables["Opportunity"]) == 1


@given(st.integers(1, 10**8))
def test_a_seeded_id_is_no_id_the_sandbox_gives_out(number: int):
    record_id = seeded_id("006", number)

    assert record_id == full_id(record_id[:15])
    assert record_id != numbered_id("006", number)
    assert record_id[3:5] == "5e"


def test_the_first_accounts_have_names_of_their_own():
    names = [company(number)[0] for number in range(10_000)]

    assert len(set(names)) == len(names)
