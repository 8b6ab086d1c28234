"""What people get wrong outside the rules: one sentence with its remedy, no trace."""

from __future__ import annotations

import gzip
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import RULES, Workspace, serving_here
from tests.sandbox.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.program import Ended, Sandbox

HURRY = {"GATEKEEPER_CALL_DEADLINE_S": "2"}
NO_LOGIN = (
    "error: No Salesforce login is set. Put GATEKEEPER_SALESFORCE_CLIENT_ID and"
    " GATEKEEPER_SALESFORCE_CLIENT_SECRET of a connected app into the environment or"
    " .env."
)


@pytest.fixture(scope="module")
def org(org_folder: Path) -> Iterator[Sandbox]:
    """One org for all of them: nothing here writes to it."""
    with serving_here(org_folder) as served:
        yield served


@pytest.fixture
def workspace(tmp_path: Path, org: Sandbox) -> Workspace:
    return Workspace(tmp_path / "work", dict(org.settings))


def expect(ended: Ended, code: int, sentence: str) -> None:
    assert (ended.code, ended.out, ended.sentence) == (code, "", sentence)


def test_missing_settings_are_named(workspace: Workspace, org: Sandbox) -> None:
    workspace.settings = {}
    expect(workspace.run("run"), 2, NO_LOGIN)

    workspace.settings = {**org.settings, "GATEKEEPER_SALESFORCE_URL": ""}
    expect(
        workspace.run("run"),
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


@pytest.mark.promise("S0")
def test_a_wrong_password_is_refused_and_not_repeated_in_words(
    workspace: Workspace,
) -> None:
    ended = workspace.run("run", GATEKEEPER_SALESFORCE_CLIENT_SECRET="hunter22")

    expect(
        ended,
        3,
        "error: Salesforce refuses the login: invalid client credentials. Check"
        " GATEKEEPER_SALESFORCE_CLIENT_SECRET.",
    )
    assert "hunter22" not in ended.err


@pytest.mark.parametrize(
    ("settings", "code", "sentence"),
    [
        (
            {"GATEKEEPER_SALESFORCE_URL": "http://127.0.0.1:1", **HURRY},
            3,
            "error: logging in at http://127.0.0.1:1: nothing answers there. Check"
            " GATEKEEPER_SALESFORCE_URL and the network.",
        ),
        (
            {"GATEKEEPER_SALESFORCE_URL": "https://acme.example"},
            2,
            "error: https://acme.example is not the address of a Salesforce org. Set"
            " GATEKEEPER_SALESFORCE_URL to its My Domain, such as"
            " https://acme.my.salesforce.com",
        ),
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
    ids=["unreachable", "no org", "no setting", "no folder"],
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


def test_an_unknown_stage_is_shown_where_it_stands(
    workspace: Workspace, org: Sandbox
) -> None:
    stages = [
        row["MasterLabel"]
        for row in Client(org.url).query(
            "SELECT MasterLabel FROM OpportunityStage ORDER BY SortOrder"
        )
    ]
    workspace.write(
        "sales.rules.yaml", RULES.replace("every open stage", "Qualifikation")
    )

    expect(
        workspace.run("run"),
        2,
        "rules/sales.rules.yaml:6:3: error E503: pipeline Default has no stage"
        ' "Qualifikation".\n'
        "    6 |   Qualifikation:\n"
        "      |   ^^^^^^^^^^^^^\n"
        '  help: did you mean "Qualification"? Stages in order: '
        + ", ".join(stages)
        + "\n1 mistake; nothing was run.",
    )


def test_broken_yaml_is_shown_where_it_breaks(workspace: Workspace) -> None:
    workspace.write(
        "sales.rules.yaml", RULES.replace("- id: open-next", "  - id: open-next")
    )

    expect(
        workspace.run("run"),
        2,
        "rules/sales.rules.yaml:12:9: error E100: this is not valid YAML: did not find"
        " expected key.\n"
        "   12 |         - id: open-next-step\n"
        "      |         ^\n"
        "  help: look at the indentation, quotes and brackets of this line and the one"
        " above.\n"
        "1 mistake; nothing was run.",
    )


@pytest.mark.slow
def test_another_org_than_the_databases_is_refused(
    workspace: Workspace, org_folder: Path, tmp_path: Path
) -> None:
    assert workspace.run("plan").code == 0
    other = tmp_path / "other"
    shutil.copytree(org_folder, other)
    file = other / "Organization.jsonl.gz"
    record = json.loads(gzip.decompress(file.read_bytes()))
    record["Id"] = "00D5e0000000002EAA"
    file.write_bytes(gzip.compress(json.dumps(record).encode()))

    with serving_here(other) as copied:
        ended = workspace.run("run", **copied.settings)
        assert copied.tasks() == []

    assert ended.code == 2
    assert "sf:00D5e0000000001EAA" in ended.sentence
    assert "sf:00D5e0000000002EAA" in ended.sentence
    assert len(ended.sentence.splitlines()) == 1
