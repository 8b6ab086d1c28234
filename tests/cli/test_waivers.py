"""`waivers` in a folder of its own, without a CRM."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.program import Ended, Program

IN_A_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


@pytest.fixture
def pack(program: Program) -> Program:
    program("init")
    return program


def add(program: Program, *more: str, rule: str = "qual-amount") -> Ended:
    return program(
        *("waivers", "add", "--rule", rule, "--reason", "It's a: logo #1"),
        *("--requested-by", "ana@example.com", "--approved-by", "ops@example.com"),
        *("--expires", IN_A_MONTH, *more),
    )


def test_a_pack_without_waivers_says_how_to_add_one(pack: Program):
    assert "gatekeeper waivers add --help" in pack("waivers").out
    assert pack("waivers", "check").code == 0


def test_a_waiver_is_added_listed_and_checked(pack: Program):
    ended = add(pack, "--deal", "006Hs00001ABCdE", "--json")
    assert ended.code == 0
    waiver_id = ended.json["id"]
    (row,) = pack("waivers", "list", "--json").json
    assert row["id"] == waiver_id
    assert row["reason"] == "It's a: logo #1"
    assert (row["rules"], row["deals"]) == (["qual-amount"], ["006Hs00001ABCdE"])
    assert (row["status"], row["covers"], row["expires"]) == (
        "in force",
        None,
        IN_A_MONTH,
    )
    listed = pack("waivers")
    assert waiver_id in listed.out
    assert listed.told == "No run has kept track yet, so what they cover is not known."
    assert pack("waivers", "check", "--json").json == []
    assert pack("validate", "--offline").code == 0


def test_the_second_waiver_has_the_next_number(pack: Program):
    first = add(pack, "--deal", "006Hs00001ABCdE", "--json").json["id"]
    second = add(pack, "--deal", "006Hs00001ABCdE", "--json").json["id"]
    assert (first[-2:], second[-2:]) == ("-1", "-2")


def test_a_waiver_passes_over_a_name_that_a_file_of_others_has(pack: Program):
    first = add(pack, "--deal", "006Hs00001ABCdE", "--json").json["id"]
    folder = pack.folder / "rules" / "waivers"
    written = (folder / f"{first}.waivers.yaml").read_text("utf-8")
    named = f"{first.removesuffix('-1')}-2.waivers.yaml"
    (folder / named).write_text(written.replace(first, "q4"), "utf-8")
    third = add(pack, "--deal", "006Hs00001ABCdE", "--json")
    assert (third.code, third.json["id"][-2:]) == (0, "-3")


def test_a_waiver_of_a_former_rule_keeps_the_version_approved(pack: Program):
    """With void_on_change a file without that version would be refused."""
    for file in (pack.folder / "rules").glob("*.rules.yaml"):
        text = file.read_text("utf-8")
        renamed = "id: qual-amount\n        formerly: [old-amount]\n"
        file.write_text(text.replace("id: qual-amount\n", renamed), "utf-8")
    folder = pack.folder / "rules" / "waivers"
    folder.mkdir()
    (folder / "policy.waivers.yaml").write_text(
        "version: 1\nkind: waivers\npolicy: {void_on_change: true}\nwaivers: []\n",
        "utf-8",
    )
    more = ("--rule", "qual-amount", "--deal", "006Hs00001ABCdE")
    ended = add(pack, *more, "--json", rule="old-amount")
    assert (ended.code, ended.err) == (0, "")
    written = (pack.folder / ended.json["file"]).read_text("utf-8")
    assert "\n    rule: ['qual-amount']\n" in written
    assert "\n    approved_logic: {qual-amount: '" in written


@pytest.mark.parametrize(
    ("more", "rule", "said"),
    [
        (("--deal", "006"), "qual-amonut", "error E701: waiver w-"),
        (("--deal", "006"), "*", 'error E709: "*" is not accepted; name the rules.'),
        ((), "qual-amount", 'has neither "deals" nor "deals_where".'),
        (("--where", "amonut > 5", "--max-deals", "3"), "qual-amount", "E401"),
    ],
)
def test_a_waiver_with_a_mistake_is_not_kept(pack: Program, more, rule, said):
    ended = add(pack, *more, rule=rule)
    assert ended.code == 2
    assert said in ended.err
    assert pack("waivers", "list", "--json").json == []
    assert pack("validate", "--offline").code == 0


def test_an_end_that_is_no_day_is_named(pack: Program):
    ended = add(pack, "--deal", "006", "--expires", "soon")
    assert ended.code == 2
    assert '--expires "soon" is no day' in ended.err


def keep(program: Program, approved_on: str, expires: str) -> None:
    folder = program.folder / "rules" / "waivers"
    folder.mkdir()
    (folder / "old.waivers.yaml").write_text(
        "version: 1\nkind: waivers\nwaivers:\n"
        "  - {id: w-1, rule: qual-amount, deals: [006], reason: A logo,"
        " requested_by: a@x.example, approved_by: b@x.example,"
        f" approved_on: {approved_on}, expires: {expires}}}\n",
        encoding="utf-8",
    )


def test_before_any_run_no_waiver_is_called_unused(pack: Program):
    approved_on = datetime.now(UTC) - timedelta(days=60)
    keep(pack, approved_on.date().isoformat(), IN_A_MONTH)
    ended = pack("waivers", "check")
    assert (ended.code, ended.out) == (0, "Nothing to say about the waivers.\n")


def test_a_waiver_that_ended_is_to_be_taken_out(pack: Program):
    keep(pack, "2024-01-01", "2024-02-01")
    ended = pack("waivers", "check")
    assert ended.code == 1
    assert ended.out == (
        "w-1 (old.waivers.yaml:4): It ended with 1 Feb 2024; take it out.\n"
    )
