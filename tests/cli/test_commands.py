"""Commands against a sandbox: answers, exit codes, and the sentence for a mistake."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from gatekeeper.pack.load import read_pack
from gatekeeper.sandbox.server import SandboxServer
from tests.cli.program import Program, log_in

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org

RUN_KEYS = {
    "run_id",
    "as_of",
    "org",
    "crm",
    "rules_fingerprint",
    "complete",
    "strictness",
    "mode_ceiling",
    "counts",
    "plan",
    "applied",
    "api",
    "held",
    "duration_s",
}
NESTED = {
    "counts": "deals rules pass fail not_applicable cannot_tell waived exempt"
    " suppressed pending open resolved",
    "plan": "create update close withheld undecided",
    "applied": "create update close rejected unknown",
    "api": "reads writes",
}


# ---- init ----------------------------------------------------------------------------


def test_init_writes_a_pack_that_is_right(program: Program):
    ended = program("init")

    assert ended.code == 0
    assert "GATEKEEPER_SALESFORCE_URL" in ended.out
    assert program("validate", "--offline").code == 0
    assert (program.folder / "rules" / "README.md").is_file()


def test_init_asks_the_crm_where_a_login_is_set(program: Program, org: Org):
    with SandboxServer(org) as server:
        log_in(server.url)
        ended = program("init")
        told = program("init", "other", "--json").json

        assert ended.code == 0
        assert "Closing        Negotiation/Review" in ended.out
        assert "GATEKEEPER_SALESFORCE_URL" not in ended.out
        assert told["org"] == "sf:00D5e0000000001EAA"
        assert told["stages"]["Proposal"] == ["Proposal/Price Quote"]
        for command in ("validate", "lint", "fmt --check"):
            assert program(*command.split()).code == 0, command
        assert program("test", "--coverage", "--min", "100").code == 0


def test_init_goes_on_where_the_crm_does_not_answer(program: Program):
    log_in("http://127.0.0.1:9")

    ended = program("init")

    assert ended.code == 0
    assert "The CRM could not be asked: " in ended.told
    assert program("validate", "--offline").code == 0
    assert not (program.folder / "gatekeeper.db").exists()


def test_init_offline_asks_nobody_and_takes_what_was_read_last(
    program: Program, org: Org
):
    with SandboxServer(org) as server:
        log_in(server.url)
        assert program("init", "--offline").told == ""
        assert program("fields", "pull").code == 0

    told = program("init", "other", "--offline", "--json").json

    assert told["org"] == "sf:00D5e0000000001EAA"


def test_init_leaves_a_folder_alone_that_is_not_empty(program: Program):
    mine = program.folder / "rules" / "mine.rules.yaml"
    mine.parent.mkdir()
    mine.write_text("version: 1\n", encoding="utf-8")

    ended = program("init")

    assert ended.code == 2
    assert ended.told == (
        "error: rules is not empty; nothing was written. Choose another folder:"
        " gatekeeper init FOLDER"
    )
    assert [path.name for path in mine.parent.iterdir()] == ["mine.rules.yaml"]


# ---- what a person mistypes ----------------------------------------------------------

MEANT = "There is no rule qual-amout. Did you mean qual-amount?"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("rules show nope", "There is no rule nope. See: gatekeeper rules list"),
        ("runs show 77", "There is no run 77. See: gatekeeper runs"),
        ("violations", "Nothing has run yet. Start with: gatekeeper plan"),
        ("violations --run 77", "There is no run 77. See: gatekeeper runs"),
        ("apply nope", "There is no plan nope. See: gatekeeper runs"),
        ("stop", "This database belongs to no org yet: nothing has run."),
        ("plan --rule nope", "There is no rule nope. See: gatekeeper rules list"),
        ("plan --rule qual-amout", MEANT),
        ("plan --accept qual-amout", MEANT),
        ("rules show qual-amout", MEANT),
        ("test --new qual-amout", MEANT),
        ("explain 006000000000000 --rule qual-amout", MEANT),
        (
            "explain nonsense",
            "nonsense is no deal: give its id or the link from its page.",
        ),
        (
            "run --as-of yesterday",
            '--as-of "yesterday" is no day; write 2026-11-20 or 2026-11-20T09:00.',
        ),
        (
            "explain 006000000000000",
            "The CRM shows no deal 006000000000000. It may be deleted, or the"
            " integration user may not read it; copy the id or the link from the"
            " deal's page.",
        ),
    ],
)
def test_what_does_not_exist_is_one_sentence(
    started: Program, arguments: str, sentence: str
):
    ended = started(*arguments.split())

    assert (ended.code, ended.out) == (2, "")
    assert ended.told == f"error: {sentence}"


def test_without_a_pack_a_command_says_how_to_get_one(program: Program):
    ended = program("validate", "--offline")

    assert ended.code == 2
    assert "gatekeeper init" in ended.told
    assert len(ended.told.splitlines()) == 1


def test_declining_the_set_up_does_nothing(program: Program, bare_org: Org):
    program("init")
    with SandboxServer(bare_org) as server:
        log_in(server.url)
        ended = program("setup-crm")

        assert ended.code == 2
        assert "Nothing was done." in ended.told
        shown = program("setup-crm", "--show", "--json").json
    assert {each["action"] for each in shown} >= {"create", "grant"}


def test_a_new_database_is_made_without_a_word(program: Program):
    ended = program("runs")

    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "Nothing has run yet. Start with: gatekeeper plan\n"


# ---- validate ------------------------------------------------------------------------


def test_a_mistake_is_framed_with_its_caret_under_the_word(program: Program):
    program("init")
    program.edit("b2b.rules.yaml", "require: amount > 0\n        why: Without", "X")
    program.edit("b2b.rules.yaml", "X", "require: amonut > 0\n        why: Without")
    place = (
        'rules/b2b.rules.yaml:41:18: error E401: there is no field "amonut" on the'
        " deal."
    )

    ended = program("validate", "--offline")

    assert ended.code == 2
    lines = ended.out.splitlines()
    at = lines.index(place)
    assert lines[at + 1 : at + 4] == [
        "   41 |         require: amonut > 0",
        "      |                  ^^^^^^",
        '  help: did you mean "amount" (money)? List all fields with: gatekeeper'
        " fields list",
    ]
    assert program("plan").code == 2


@pytest.mark.parametrize(
    ("crm", "written", "ours"),
    [
        ("salesforce", "NextStep", "next_step"),
        ("salesforce", "CreatedDate", "created_on"),
        ("hubspot", "closedate", "close_date"),
    ],
)
def test_a_name_of_the_crm_is_known_before_it_was_ever_asked(
    program: Program, crm, written, ours
):
    program("init")
    program.edit("project.yaml", "crm: salesforce", f"crm: {crm}")
    program.edit("b2b.rules.yaml", ": amount > 0", f": {written} > 0")
    label = {"salesforce": "Salesforce", "hubspot": "HubSpot"}[crm]

    ended = program("validate", "--offline")

    assert ended.code == 2
    said = f"{written} is {label}'s name; the canonical name is {ours}."
    assert f"error E402: {said}" in ended.out.splitlines()[0]


def test_mistakes_as_json_are_one_list(program: Program):
    program("init")
    program.edit("b2b.rules.yaml", "severity: critical", "severity: urgent")

    ended = program("validate", "--offline", "--json")

    assert ended.code == 2
    assert {each["file"] for each in ended.json} == {"rules/b2b.rules.yaml"}
    assert not any(each["warning"] for each in ended.json)


def many_mistakes(program: Program, count: int) -> None:
    """A file with a line that cannot be read and lines that name nothing."""
    rules = "".join(
        f"      - {{id: r{number}, title: T, require: {check}, fix: F}}\n"
        for number, check in enumerate(["amount >=", *["amonut > 5"] * (count - 1)])
    )
    (program.folder / "rules" / "many.rules.yaml").write_text(
        "version: 1\nkind: rules\npipeline: '*'\nstages:\n  Discovery:\n    exit:\n"
        + rules,
        encoding="utf-8",
    )


def test_twenty_mistakes_of_a_file_are_shown_and_the_rest_is_counted(program: Program):
    program("init")
    many_mistakes(program, 60)

    ended = program("validate", "--offline")

    assert ended.out.count("many.rules.yaml:") - 1 == 20
    assert "rules/many.rules.yaml: and 40 more." in ended.out.splitlines()
    assert "60 mistakes, " in ended.err
    assert "at least" not in ended.err


def test_a_file_that_was_not_read_to_its_end_is_named(program: Program):
    program("init")
    many_mistakes(program, 160)
    cut = "rules/many.rules.yaml: and more; reading stopped at 100 mistakes."

    shown = program("validate", "--offline")
    told = program("validate", "--offline", "--json")

    assert cut in shown.out.splitlines()
    assert "at least 100 mistakes, " in shown.err
    assert len(told.json) == 100
    assert cut in told.err.splitlines()


# ---- plan, apply, run ----------------------------------------------------------------


def test_run_as_json_keeps_its_contract(enforcing: Program):
    ended = enforcing("run", "--json")

    assert ended.code == 0
    assert set(ended.json) >= RUN_KEYS
    for name, keys in NESTED.items():
        assert set(ended.json[name]) >= set(keys.split()), name
    assert ended.json["crm"] == "salesforce"
    assert ended.json["strictness"] == "strict"
    assert ended.json["applied"]["create"] > 0


def test_violations_of_a_rule_that_does_not_exist_are_refused(enforcing: Program):
    ended = enforcing("violations", "--rule", "nope")

    assert ended.code == 2
    assert ended.told == "error: There is no rule nope. See: gatekeeper rules list"


def test_a_word_that_is_no_state_is_told_with_the_states(program: Program):
    ended = program("violations", "--state", "open,waived")

    assert ended.code == 2
    told = " ".join(ended.err.replace("│", " ").split())
    assert (
        "Invalid value for '--state': 'open,waived' is not one of 'pending', 'open',"
        " 'waived', 'suppressed', 'exempt', 'resolved'." in told
    )


def test_a_second_run_has_nothing_to_write(enforcing: Program):
    enforcing("run")

    again = enforcing("run", "--json").json

    assert again["api"]["writes"] == 0
    assert "written: nothing" in enforcing("run").out


@pytest.mark.promise("S29")
def test_a_plan_file_is_written_exactly_and_carries_no_values(enforcing: Program):
    planned = enforcing("plan", "--out", "plan.json", "--rule", "open-owner-active")
    body = json.loads((enforcing.folder / "plan.json").read_text())

    assert planned.code == 0
    assert {"plan_id", "org", "rules_fingerprint", "hash", "changes"} == set(body)
    assert all("values" not in change for change in body["changes"])
    ended = enforcing("apply", "plan.json", "--json")
    assert ended.code == 0
    created = [each for each in body["changes"] if each["action"] == "create"]
    assert ended.json["applied"]["create"] == len(created) > 0


def test_a_changed_plan_file_is_refused_whole(enforcing: Program):
    enforcing("plan", "--out", "plan.json")
    path = enforcing.folder / "plan.json"
    body = json.loads(path.read_text()) | {"hash": "0" * 16}
    path.write_text(json.dumps(body), encoding="utf-8")

    ended = enforcing("apply", "plan.json")

    assert ended.code == 5
    assert ended.told == (
        f"error: plan.json is not the plan stored as {body['plan_id']}; nothing was"
        " written. Make a new one: gatekeeper plan --out FILE"
    )


def test_a_file_that_is_no_plan_is_refused(enforcing: Program):
    ended = enforcing("apply", "rules/project.yaml")

    assert ended.code == 2
    assert "is not a plan file" in ended.told


def test_fail_on_ends_with_one_where_something_that_bad_is_open(enforcing: Program):
    assert enforcing("run", "--fail-on", "low").code == 1
    assert enforcing("run").code == 0


def test_a_replay_writes_nothing_and_lists_its_own_violations(enforcing: Program):
    replay = enforcing("run", "--as-of", "2026-10-01", "--json")

    assert (replay.code, replay.json["status"]) == (0, "replay")
    assert replay.json["api"]["writes"] == 0
    assert enforcing("violations", "--json").json == []
    found = enforcing("violations", "--run", replay.json["run_id"], "--json").json
    counts = replay.json["counts"]
    assert len(found) == counts["open"] + counts["pending"]


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        (
            "UPDATE run SET status = 'running', finished_at = NULL;"
            "DELETE FROM staged_violation WHERE deal_id > (SELECT min(deal_id)"
            " FROM staged_violation)",
            "{run} has not ended: this is what it has found so far.",
        ),
        (
            "UPDATE run SET status = 'running', finished_at = NULL;"
            "DELETE FROM staged_violation",
            "{run} has not ended: this is what it has found so far.",
        ),
        (
            "DELETE FROM staged_violation; DELETE FROM staged_deal",
            "What {run} found is not kept any more, only how much it was. See:"
            " gatekeeper runs show {run}",
        ),
    ],
)
def test_what_a_list_of_a_run_lacks_is_said(
    enforcing: Program, meanwhile: str, said: str
):
    plan = enforcing("plan", "--json").json["run_id"]
    assert enforcing("violations", "--run", plan).told == ""
    with closing(sqlite3.connect(enforcing.folder / "gatekeeper.db")) as database:
        database.executescript(meanwhile)

    assert enforcing("violations", "--run", plan).told == said.format(run=plan)
    assert enforcing("violations", "--run", plan, "--csv").told == said.format(run=plan)


def test_stop_holds_writing_until_resume(enforcing: Program):
    assert enforcing("stop", "--json").json["stopped"] is True
    assert enforcing("run").code == 4

    enforcing("resume")
    assert enforcing("run").code == 0


@pytest.mark.promise("F38")
@pytest.mark.parametrize(
    ("stop_file", "way"),
    [("halt", "create the file {folder}/halt"), ("", "end it with Ctrl-C")],
)
def test_a_stop_that_finds_the_database_in_use_names_another_way(
    enforcing: Program, monkeypatch: pytest.MonkeyPatch, stop_file: str, way: str
):
    enforcing("run")
    database = enforcing.folder / "gatekeeper.db"
    monkeypatch.setenv("GATEKEEPER_DATABASE_URL", f"sqlite:///{database}?timeout=0.05")
    if stop_file:
        monkeypatch.setenv("GATEKEEPER_STOP_FILE", stop_file)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = enforcing("stop")

    assert refused.code == 3
    assert refused.told == (
        f"error: The database {database} is in use by another program. Wait until it"
        " is done. Nothing is stopped yet: to stop a run at once,"
        f" {way.format(folder=enforcing.folder)}."
    )


# ---- lists ---------------------------------------------------------------------------


def test_every_list_is_json_where_asked(enforcing: Program):
    enforcing("run")

    for words in (
        "violations",
        "runs",
        "runs list",
        "runs show latest",
        "runs show latest --changes",
        "rules",
        "rules show qual-amount",
        "fields list",
        "fields pull",
        "doctor",
        "validate",
        "setup-crm --show",
        "plan",
    ):
        ended = enforcing(*words.split(), "--json")
        assert ended.code == 0, words
        assert ended.json or words == "validate"


def test_violations_are_grouped_by_deal_and_counted_by_rule(enforcing: Program):
    enforcing("run")
    rows = enforcing("violations", "--json").json

    shown = enforcing("violations", "--all").out

    for row in rows:
        assert shown.count(f"{row['deal_name']}  {row['deal_id']}") == 1
        assert row["owner"] in shown
    assert "By rule" in shown


def test_violations_tell_days_where_the_project_is(enforcing: Program):
    enforcing("run")
    row = enforcing("violations", "--json").json[0]
    first_seen = datetime.fromisoformat(row["first_seen"])
    project = enforcing.folder / "rules" / "project.yaml"
    text = project.read_text(encoding="utf-8")

    for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # never the same day
        moved = re.sub(r"(?m)^timezone: .*", f"timezone: {name}", text)
        assert moved != text
        project.write_text(moved, encoding="utf-8")
        day = f"{first_seen.astimezone(ZoneInfo(name)):%d %b %Y}"
        shown = enforcing("violations").out
        assert set(re.findall(r"since (.*?)$", shown, re.MULTILINE)) == {day}


def test_rules_show_prints_the_rule_as_it_is_written(started: Program):
    shown = started("rules", "show", "prop-products").out

    assert "    require:\n" in shown
    assert "      - every line_item has quantity > 0\n" in shown
    assert "prop-document" not in shown


def test_lint_says_that_validate_names_what_the_org_lacks(started: Program):
    with (started.folder / "rules" / "fields.yaml").open("a") as fields:
        fields.write("deal:\n  plan: {type: text, salesforce: Plan__c}\n")
    started.edit("b2b.rules.yaml", "require: amount > 0\n", "require: plan is filled\n")
    assert started("fields", "pull").code == 0

    ended = started("lint", "--ignore", "W404")

    said = "1 mistake that no run is stopped by, too. See: gatekeeper validate"
    assert said in ended.told
    assert "E501" in started("validate", "--offline").out


def test_pulled_fields_are_entries_a_pack_takes(started: Program):
    whole = started("fields", "pull", "--all", "--out", "rules/fields.yaml")
    assert whole.code == 0

    pulled = (started.folder / "rules" / "fields.yaml").read_text()
    assert "  push_count: {type: number, salesforce: PushCount}" in pulled
    for known in ("NextStep", "StageName", "Gate_Status__c"):
        assert known not in pulled
    assert read_pack(started.folder / "rules").messages == ()
    assert started("validate").code == 0


def test_fields_that_nobody_fills_are_left_out_unless_asked_for(started: Program):
    shown = started("fields", "pull")

    assert "  description: {type: text, salesforce: Description} " in shown.out
    assert "# Description\n" in shown.out
    assert "PushCount" not in shown.out
    assert "PushCount" in started("fields", "pull", "--all").out
    assert shown.told.startswith("Read 4")


def test_a_name_is_found_with_the_values_it_may_have(started: Program):
    assert started("fields", "pull").code == 0

    (row,) = started("fields", "list", "lead_source", "--json").json
    assert row["values"][:2] == ["Web", "Phone Inquiry"]
    assert (row["type"], row["crm"]) == ("picklist", "Opportunity.LeadSource")
    shown = started("fields", "list", "contacts").out
    assert "Business User, Decision Maker," in shown
    assert "meetings" not in shown
    wrong = started("fields", "list", "lead_sorce")
    assert wrong.code == 2
    assert wrong.told == (
        'error: No name holds "lead_sorce"; did you mean lead_source?'
    )


def test_doctor_is_content_before_the_set_up_while_nothing_is_enforced(
    program: Program, org: Org
):
    program("init")
    with SandboxServer(org) as server:
        log_in(server.url)
        observing = program("doctor")
        program.enforce()
        enforcing = program("doctor")

    assert observing.code == 0
    assert "gatekeeper setup-crm" in observing.out
    assert enforcing.code == 2


def test_doctor_counts_the_mistakes_that_validate_names(started: Program):
    fields = started.folder / "rules" / "fields.yaml"
    fields.write_text(
        "version: 1\nkind: fields\n"
        "deal:\n  next_step: {type: text, salesforce: Not_There__c}\n"
    )

    doctor, validate = started("doctor"), started("validate")

    assert validate.code == doctor.code == 2
    assert validate.out.count("error E501") == 1
    assert "16 rules checked, 1 mistake\n" in doctor.out


def test_explain_says_what_is_what_must_be_and_what_to_do(enforcing: Program):
    enforcing("run")
    row = enforcing("violations", "--rule", "open-close-date", "--json").json[0]

    body = enforcing("explain", row["deal_id"], "--json").json

    assert body["deal"]["id"] == row["deal_id"]
    (rule,) = [one for one in body["rules"] if one["rule_id"] == "open-close-date"]
    assert rule["outcome"] == "fail"
    assert rule["fix"].startswith("Agree a new date with the buyer")
    assert rule["lines"][0]["expected"]
    assert "Close Date is" in enforcing("explain", row["deal_id"]).out
