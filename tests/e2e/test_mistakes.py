"""What people get wrong outside the rules: one sentence with its remedy, no trace."""

from __future__ import annotations

import gzip
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import HUBSPOT, RULES, SALESFORCE, Workspace, serving_here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.program import Ended, Sandbox

HURRY = {"GATEKEEPER_CALL_DEADLINE_S": "2"}
NO_LOGIN = {
    SALESFORCE: (
        "error: No Salesforce login is set. Put GATEKEEPER_SALESFORCE_CLIENT_ID and"
        " GATEKEEPER_SALESFORCE_CLIENT_SECRET of a connected app into the environment"
        " or .env."
    ),
    HUBSPOT: (
        "error: GATEKEEPER_HUBSPOT_TOKEN is not set. Put it into the environment or"
        " .env: the token of a HubSpot private app or service key."
    ),
}
STAGES = {
    SALESFORCE: (
        "Prospecting, Qualification, Needs Analysis, Value Proposition,"
        " Id. Decision Makers, Perception Analysis, Proposal/Price Quote,"
        " Negotiation/Review, Closed Won, Closed Lost"
    ),
    HUBSPOT: (
        "Appointment Scheduled, Qualified To Buy, Presentation Scheduled,"
        " Decision Maker Bought-In, Contract Sent, Closed Won, Closed Lost"
    ),
}


@pytest.fixture(scope="module", params=[SALESFORCE, HUBSPOT])
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def org(crm: str, folders: dict[str, Path]) -> Iterator[Sandbox]:
    """One org for all of them: nothing here writes to it."""
    with serving_here(folders[crm], crm) as served:
        yield served


@pytest.fixture
def workspace(tmp_path: Path, org: Sandbox) -> Workspace:
    return Workspace(tmp_path / "work", dict(org.settings))


def expect(ended: Ended, code: int, sentence: str) -> None:
    assert (ended.code, ended.out, ended.sentence) == (code, "", sentence)


def test_missing_settings_are_named(workspace: Workspace, crm: str) -> None:
    workspace.settings = {}
    expect(workspace.run("run"), 2, NO_LOGIN[crm])


@pytest.mark.parametrize("crm", [SALESFORCE], indirect=True)
def test_a_missing_address_is_named(workspace: Workspace) -> None:
    expect(
        workspace.run("run", GATEKEEPER_SALESFORCE_URL=""),
        2,
        "error: GATEKEEPER_SALESFORCE_URL is not set. Put it into the environment or"
        " .env: the org's address, such as https://acme.my.salesforce.com.",
    )


def test_settings_are_read_from_the_file_beside_the_rules(
    workspace: Workspace,
) -> None:
    lines = [f"{name}={value}" for name, value in workspace.settings.items()]
    (workspace.folder / ".env").write_text("\n".join(lines), encoding="utf-8")
    workspace.settings = {}

    assert workspace.run("plan").code == 0


WRONG_LOGINS = [
    (
        SALESFORCE,
        "GATEKEEPER_SALESFORCE_CLIENT_SECRET",
        "error: Salesforce refuses the login: invalid client credentials. Check"
        " GATEKEEPER_SALESFORCE_CLIENT_SECRET.",
    ),
    (
        HUBSPOT,
        "GATEKEEPER_HUBSPOT_TOKEN",
        "error: HubSpot refuses the token: The OAuth token used to make this call"
        " expired 20777 day(s) ago. Set GATEKEEPER_HUBSPOT_TOKEN to the token of a"
        " private app or a service key.",
    ),
]


@pytest.mark.promise("S0")
@pytest.mark.parametrize(
    ("crm", "setting", "sentence"), WRONG_LOGINS, indirect=["crm"], ids=lambda _: ""
)
def test_a_wrong_password_is_refused_and_not_repeated_in_words(
    workspace: Workspace, setting: str, sentence: str
) -> None:
    ended = workspace.run("run", **{setting: "hunter22"})

    expect(ended, 3, sentence)
    assert "hunter22" not in ended.err


NO_ADDRESSES = [
    (
        SALESFORCE,
        {"GATEKEEPER_SALESFORCE_URL": "http://127.0.0.1:1", **HURRY},
        3,
        "error: logging in at http://127.0.0.1:1: nothing answers there. Check"
        " GATEKEEPER_SALESFORCE_URL and the network.",
    ),
    (
        SALESFORCE,
        {"GATEKEEPER_SALESFORCE_URL": "https://acme.example"},
        2,
        "error: https://acme.example is not the address of a Salesforce org. Set"
        " GATEKEEPER_SALESFORCE_URL to its My Domain, such as"
        " https://acme.my.salesforce.com",
    ),
    (
        HUBSPOT,
        {"GATEKEEPER_HUBSPOT_URL": "http://127.0.0.1:1", **HURRY},
        3,
        "error: reading properties of deals: nothing answers at http://127.0.0.1:1."
        " Check GATEKEEPER_HUBSPOT_URL and the network.",
    ),
    (
        HUBSPOT,
        {"GATEKEEPER_HUBSPOT_URL": "https://acme.example"},
        2,
        "error: https://acme.example is not the address of HubSpot. Leave"
        " GATEKEEPER_HUBSPOT_URL empty: https://api.hubapi.com is asked then.",
    ),
]


@pytest.mark.parametrize(
    ("crm", "settings", "code", "sentence"),
    NO_ADDRESSES,
    indirect=["crm"],
    ids=["unreachable", "no org", "HubSpot unreachable", "not HubSpot"],
)
def test_an_address_that_leads_nowhere_is_one_sentence(
    workspace: Workspace, settings: dict[str, str], code: int, sentence: str
) -> None:
    expect(workspace.run("run", **settings), code, sentence)


@pytest.mark.parametrize(
    ("settings", "code", "sentence"),
    [
        (
            {"GATEKEEPER_DATABSE_URL": "sqlite:///other.db"},
            2,
            "error: GATEKEEPER_DATABSE_URL is no setting of gatekeeper. Did you mean"
            " GATEKEEPER_DATABASE_URL?",
        ),
        (
            {"GATEKEEPER_DATABASE_URL": "sqlite:////proc/nowhere/gatekeeper.db"},
            3,
            "error: The folder /proc/nowhere for the database does not exist. Create"
            " it, or name another file in GATEKEEPER_DATABASE_URL.",
        ),
    ],
    ids=["no setting", "no folder"],
)
def test_an_unusable_setting_is_one_sentence(
    workspace: Workspace, settings: dict[str, str], code: int, sentence: str
) -> None:
    expect(workspace.run("run", **settings), code, sentence)


def test_a_file_that_is_no_database_is_left_as_it_is(workspace: Workspace) -> None:
    file = workspace.database
    file.write_text("my notes", encoding="utf-8")

    expect(
        workspace.run("run"),
        3,
        f"error: The database {file} is not a gatekeeper database. Name another file"
        " in GATEKEEPER_DATABASE_URL.",
    )
    assert file.read_text(encoding="utf-8") == "my notes"


PIPELINES = {SALESFORCE: "Default", HUBSPOT: "Sales Pipeline"}


@pytest.mark.promise("F35")
def test_an_unknown_stage_is_shown_where_it_stands(
    workspace: Workspace, crm: str
) -> None:
    likely = {SALESFORCE: "Qualification", HUBSPOT: "Qualified To Buy"}[crm]
    wrong = {SALESFORCE: "Qualifikation", HUBSPOT: "Qualified For Buy"}[crm]
    workspace.write("sales.rules.yaml", RULES.replace("every open stage", wrong))

    expect(
        workspace.run("run"),
        2,
        f"rules/sales.rules.yaml:6:3: error E503: pipeline {PIPELINES[crm]} has no"
        f' stage "{wrong}".\n'
        f"    6 |   {wrong}:\n"
        f"      |   {'^' * (len(wrong))}\n"
        f'  help: did you mean "{likely}"? Stages in order: {STAGES[crm]}\n'
        "1 mistake; nothing was run.",
    )


@pytest.mark.promise("F35")
def test_broken_yaml_is_shown_where_it_breaks(workspace: Workspace) -> None:
    workspace.write(
        "sales.rules.yaml", RULES.replace("- id: open-next", "  - id: open-next")
    )

    expect(
        workspace.run("run"),
        2,
        "rules/sales.rules.yaml:12:9: error E100: this line is indented by 8 blanks,"
        ' and no "- " above it begins there.\n'
        "   12 |         - id: open-next-step\n"
        "      |         ^\n"
        '  help: indent it by 6, like "- id" on line 8.\n'
        "1 mistake; nothing was run.",
    )


def copied_org(folder: Path, to: Path) -> None:
    """Copy an org under another id, as a full copy for trials has one."""
    shutil.copytree(folder, to)
    file = to / "Organization.jsonl.gz"
    record = json.loads(gzip.decompress(file.read_bytes()))
    record["Id"] = "00D5e0000000002EAA"
    file.write_bytes(gzip.compress(json.dumps(record).encode()))


def copied_portal(folder: Path, to: Path) -> None:
    """Copy a portal under another number."""
    shutil.copytree(folder, to)
    file = to / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest["portal"]["portal_id"] = 87_654_321
    file.write_text(json.dumps(manifest), encoding="utf-8")


COPIES = {
    SALESFORCE: (copied_org, "sf:00D5e0000000001EAA", "sf:00D5e0000000002EAA"),
    HUBSPOT: (copied_portal, "hs:12345678", "hs:87654321"),
}


@pytest.mark.promise("F19")
@pytest.mark.slow
def test_another_org_than_the_databases_is_refused(
    workspace: Workspace, crm: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    copy, pinned, came = COPIES[crm]
    assert workspace.run("plan").code == 0
    copy(folders[crm], tmp_path / "other")

    with serving_here(tmp_path / "other", crm) as copied:
        ended = workspace.run("run", **copied.settings)
        assert copied.tasks() == []

    assert ended.code == 2
    assert pinned in ended.sentence
    assert came in ended.sentence
    assert len(ended.sentence.splitlines()) == 1
