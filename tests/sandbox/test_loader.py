from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.loader import LoadError
from gatekeeper.sandbox.salesforce.ids import full_id
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.salesforce.stock import INTEGRATION_USER
from gatekeeper.sandbox.server import SandboxServer
from tests.sandbox.client import Client

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatekeeper.sandbox.salesforce.org import Org

DEAL = full_id("006000000000001")
ACCOUNT = full_id("001000000000001")


def write(folder: Path, name: str, *records: Mapping[str, object]) -> None:
    lines = "\n".join(json.dumps(record) for record in records)
    (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")


def deal(**values: object) -> dict[str, object]:
    return {"Id": DEAL, "Name": "Acme", "StageName": "Prospecting", **values}


def load(folder: Path, as_of: str = "2026-11-20") -> Org:
    return load_org(folder, Clock(as_of_instant(as_of)))


def fields(org: Org, kind: str) -> set[str]:
    seen = org.visible(org.logins.open(INTEGRATION_USER), kind)
    assert seen is not None
    return set(seen.fields)


def test_an_absent_column_is_absent_from_describe_and_a_null_one_is_empty(
    tmp_path: Path,
):
    write(tmp_path, "Opportunity", deal(NextStep=None))
    org = load(tmp_path)
    assert "NextStep" in fields(org, "Opportunity")
    assert "Amount" not in fields(org, "Opportunity")
    assert {"Id", "Name", "StageName", "CloseDate", "IsClosed", "SystemModstamp"} <= (
        fields(org, "Opportunity")
    )
    row = org.find("Opportunity", DEAL)
    assert row is not None
    assert row["NextStep"] is None


def test_what_org_settings_call_for_is_there_only_if_loaded(tmp_path: Path):
    write(tmp_path, "Opportunity", deal(CurrencyIsoCode=None))
    shown = fields(load(tmp_path), "Opportunity")
    assert "CurrencyIsoCode" in shown
    assert not {"RecordTypeId", "LastStageChangeDate", "PushCount"} & shown


def test_custom_columns_become_fields_of_the_type_their_values_have(tmp_path: Path):
    write(
        tmp_path,
        "Opportunity",
        deal(
            Score__c=1,
            Big__c=2.5,
            Day__c="2026-01-02",
            At__c="2026-01-02T03:04:05.000+0000",
            Yes__c=True,
            Note__c="x" * 300,
            Word__c="x",
            Nothing__c=None,
            Buyer__c=ACCOUNT,
        ),
    )
    kind = load(tmp_path).kinds["Opportunity"]
    types = {
        name: kind.fields[name].type for name in kind.fields if name.endswith("__c")
    }
    assert types == {
        "Score__c": "double",
        "Big__c": "double",
        "Day__c": "date",
        "At__c": "datetime",
        "Yes__c": "boolean",
        "Note__c": "textarea",
        "Word__c": "string",
        "Nothing__c": "string",
        "Buyer__c": "reference",
    }
    assert not kind.fields["Note__c"].filterable


def test_numbers_come_out_with_a_point_where_the_field_has_one(tmp_path: Path):
    write(tmp_path, "Opportunity", deal(Amount=48456))
    row = load(tmp_path).find("Opportunity", DEAL)
    assert row is not None
    assert repr(row["Amount"]) == "48456.0"


def test_an_import_is_not_validated(tmp_path: Path):
    write(tmp_path, "Opportunity", deal(Name=None, CloseDate=None, OwnerId=None))
    org = load(tmp_path)
    row = org.find("Opportunity", DEAL)
    assert row is not None
    assert (row["CloseDate"], row["OwnerId"]) == (None, None)


def test_a_loaded_derived_value_stands_until_a_write_would_change_it(tmp_path: Path):
    write(
        tmp_path,
        "Opportunity",
        deal(
            IsClosed=True, Probability=77, LastActivityDate="2026-01-01", CloseDate=None
        ),
    )
    org = load(tmp_path)
    row = org.find("Opportunity", DEAL)
    assert row is not None
    assert (row["IsClosed"], row["Probability"]) == (True, 77.0)
    with SandboxServer(org) as server, Client(server.url) as client:
        client.create("Task", WhatId=DEAL, Subject="open", ActivityDate="2026-12-01")
        assert client.get("Opportunity", DEAL)["LastActivityDate"] == "2026-01-01"
        client.update("Opportunity", DEAL, Name="Acme Ltd")
        changed = client.get("Opportunity", DEAL)
        assert (changed["IsClosed"], changed["Probability"]) == (False, 77.0)
        assert changed["LastActivityDate"] == "2026-01-01"


def test_what_the_folder_leaves_out_is_derived_from_its_rows(tmp_path: Path):
    write(tmp_path, "Opportunity", deal(StageName="Closed Won", CloseDate="2026-02-03"))
    write(
        tmp_path,
        "Task",
        {"Id": full_id("00T000000000001"), "WhatId": DEAL, "Status": "Completed"}
        | {"ActivityDate": "2026-11-01"},
        {"Id": full_id("00T000000000002"), "WhatId": DEAL, "Status": "Not Started"}
        | {"ActivityDate": "2026-11-30"},
    )
    row = load(tmp_path).find("Opportunity", DEAL)
    assert row is not None
    assert (row["IsClosed"], row["IsWon"], row["LastActivityDate"]) == (
        True,
        True,
        "2026-11-01",
    )
    assert (row["HasOpenActivity"], row["HasOverdueTask"]) == (True, False)


def test_loaded_stages_replace_the_stock_ones_and_show_in_describe(tmp_path: Path):
    write(
        tmp_path,
        "OpportunityStage",
        *(
            {"Id": full_id(f"01J00000000000{n}"), "ApiName": name, "MasterLabel": name}
            | {"SortOrder": 3 - n, "IsActive": True, "IsClosed": False, "IsWon": False}
            for n, name in enumerate(["Later", "Sooner"])
        ),
    )
    write(tmp_path, "Opportunity", deal(StageName="Sooner"))
    org = load(tmp_path)
    choices = org.kinds["Opportunity"].fields["StageName"].picklist
    assert [choice.value for choice in choices] == ["Sooner", "Later"]


def test_old_activities_are_archived_by_the_clock_of_the_import(tmp_path: Path):
    task = {"Id": full_id("00T000000000001"), "Status": "Completed"}
    write(tmp_path, "Task", task | {"ActivityDate": "2024-01-01"})
    org = load(tmp_path)
    assert list(org.rows("Task", include_deleted=False)) == []
    assert len(list(org.rows("Task", include_deleted=True))) == 1


def test_tracked_fields_are_those_with_loaded_history(tmp_path: Path):
    write(
        tmp_path,
        "OpportunityFieldHistory",
        {"Id": full_id("017000000000001"), "OpportunityId": DEAL, "Field": "Owner"},
        {"Id": full_id("017000000000002"), "OpportunityId": DEAL, "Field": "created"},
        {"Id": full_id("017000000000003"), "OpportunityId": DEAL, "Field": "Amount"},
    )
    write(tmp_path, "Opportunity", deal(Amount=1))
    assert load(tmp_path).settings.tracked == {"OwnerId", "Amount"}


def test_an_object_no_catalogue_knows_is_made_from_its_columns(tmp_path: Path):
    write(tmp_path, "Visit__c", {"Id": full_id("a01000000000001"), "City__c": "Rome"})
    org = load(tmp_path)
    assert fields(org, "visit__C") == {"Id", "IsDeleted", "City__c"}


def test_packed_files_load_as_well(tmp_path: Path):
    line = json.dumps(deal()).encode()
    (tmp_path / "Opportunity.jsonl.gz").write_bytes(gzip.compress(line + b"\n\n"))
    assert load(tmp_path).find("Opportunity", DEAL) is not None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("Opportunity.jsonl", b'{"Id": "1"}\n{oops', "Opportunity.jsonl:2:"),
        (
            "Opportunity.jsonl",
            b"[]",
            "Opportunity.jsonl:1: a record must be a JSON obj",
        ),
        ("Opportunity.jsonl", b"{}", "Opportunity.jsonl:1: the record has no Id"),
        ("Task.jsonl.gz", b"plain", "Task.jsonl.gz: not a gzip file"),
        ("notes.txt", b"", "holds no *.jsonl or *.jsonl.gz file"),
        ("Task.jsonl", b'{"Id":"1"}\n{"Id":"1"}', "Task: the Id 1 occurs twice"),
    ],
)
def test_a_folder_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, name: str, content: bytes, message: str
):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LoadError) as caught:
        load(tmp_path)
    assert message in str(caught.value)


def test_a_missing_folder_and_a_wrong_count_are_told(tmp_path: Path):
    with pytest.raises(LoadError, match="there is no folder"):
        load(tmp_path / "nowhere")
    write(tmp_path, "Opportunity", deal())
    manifest = {"counts": {"Opportunity": 2}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(LoadError, match="the manifest says 2 records, read 1"):
        load(tmp_path)


def test_a_new_record_never_takes_the_id_of_a_loaded_one(tmp_path: Path):
    taken = full_id("006Sb0000000030")
    write(tmp_path, "Opportunity", deal() | {"Id": taken})
    org = load(tmp_path)
    assert all(org.new_id("006") != taken for _ in range(500))


@pytest.mark.parametrize(
    ("name", "as_of"),
    [
        ("maven_crm", "2017-12-31"),
        ("leadforge_intermediate", "2024-04-30"),
        ("preppin_2022_38", "2029-08-23"),
        ("sf_devedition_export", "2025-04-08"),
        ("simple_crm_activities", "2025-07-09"),
    ],
)
def test_a_public_data_set_loads_whole(shared_data: Path, name: str, as_of: str):
    folder = shared_data / "salesforce" / name
    counts = json.loads((folder / "manifest.json").read_text())["counts"]
    org = load(folder, as_of)
    held = {kind: len(org.state.tables[kind]) for kind in counts}
    own = {"User": 1}  # the integration user comes on top
    assert held == {kind: n + own.get(kind, 0) for kind, n in counts.items()}


def test_the_published_pipeline_is_read_as_published(shared_data: Path):
    org = load(shared_data / "salesforce" / "maven_crm", "2017-12-31")
    with SandboxServer(org) as server, Client(server.url) as client:
        count = "SELECT COUNT(Id) n FROM Opportunity WHERE "

        def number(condition: str) -> int:
            return int(client.query(count + condition)[0]["n"])

        # The figures of the data set's own task.
        assert number("StageName = 'Engaging'") == 1589
        assert number("StageName = 'Engaging' AND AccountId = null") == 1088
        assert number("IsClosed = false") == 2089
        assert number("IsClosed = false AND AccountId = null") == 1425
        assert number("IsWon = true") == 4238
