"""`doctor` on teams and digests: whom nothing reaches, and what to do about it."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.server import SandboxServer
from gatekeeper.sandbox.state import Row
from tests.cli.program import log_in_to_hubspot
from tests.store.values import edit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.salesforce.org import Org
    from tests.cli.program import Program

pytestmark = pytest.mark.promise("F34")


def found(program: Program, name: str) -> dict[str, Any]:
    """Return what `doctor` says under a name."""
    (checkup,) = [e for e in program("doctor", "--json").json if e["name"] == name]
    return dict(checkup)


def with_mail() -> None:
    """Set a mail server; nothing is sent there."""
    os.environ["GATEKEEPER_SMTP_URL"] = "smtp://127.0.0.1:9"
    os.environ["GATEKEEPER_MAIL_FROM"] = "gatekeeper@acme.example"


@pytest.fixture(scope="module")
def portal_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("portal") / "org"
    seed_org(40, 1, date(2026, 11, 20), folder, "hubspot")
    return folder


@pytest.fixture
def portal(portal_folder: Path) -> Portal:
    return load_portal(portal_folder, Clock(as_of_instant("2026-11-20")))


@pytest.fixture
def in_hubspot(program: Program, portal: Portal) -> Iterator[Program]:
    """The default pack beside a portal that knows teams and no managers."""
    with SandboxServer(portal) as server:
        log_in_to_hubspot(server.url)
        assert program("init").code == 0
        yield program


def add_people(program: Program, text: str) -> None:
    with (program.folder / "rules" / "people.yaml").open("a") as people:
        people.write(text)


@pytest.mark.promise("F19")
def test_a_database_of_another_org_is_told_in_the_words_of_a_run(
    started: Program,
) -> None:
    assert found(started, "org")["text"] == "the database is of no other one"
    started("run")
    assert found(started, "org")["health"] == "ok"
    (database,) = started.folder.glob("*.db")
    edit(database, "UPDATE org SET org = 'hs:7'")

    said, looked, ran = found(started, "org"), started("doctor"), started("run")

    assert (said["health"], looked.code, ran.code) == ("fail", 2, 2)
    assert said["text"].startswith(f"The database {database} belongs to hs:7, but")
    assert said["text"] in ran.err


def test_without_a_way_to_people_no_digest_is_sent(started: Program) -> None:
    said = found(started, "digests")

    assert (said["health"], said["text"]) == ("warn", "none is sent")
    assert "GATEKEEPER_SMTP_URL" in said["remedy"]
    assert "GATEKEEPER_SLACK_TOKEN" in said["remedy"]


def test_mail_without_a_sender_is_told(started: Program) -> None:
    os.environ["GATEKEEPER_SMTP_URL"] = "smtp://127.0.0.1:9"

    said = found(started, "digests")

    assert (said["health"], said["text"]) == ("warn", "none is sent")
    assert "GATEKEEPER_MAIL_FROM" in said["remedy"]


def test_before_the_first_run_nobody_can_say_whom_they_reach(started: Program) -> None:
    with_mail()

    said = found(started, "digests")

    assert said["health"] == "ok"
    assert said["text"] == "whom they reach shows after a run"


def test_managers_of_the_crm_are_reached(started: Program) -> None:
    with_mail()
    started("run")

    said = found(started, "digests")

    assert said["health"] == "ok"
    assert said["text"].endswith(" digests a day, nobody is left out")


def test_two_managers_at_one_address_are_named(started: Program, org: Org) -> None:
    with_mail()
    started("run")
    listed = started("digest", "--json").json
    first, second = (each["who"]["email"] for each in listed[:2])
    users = org.rows("User", include_deleted=False)
    (row,) = [each for each in users if each["Email"] == second]
    org.put("User", Row(row, Email=first.upper()))

    said = found(started, "digests")

    assert said["health"] == "warn"
    assert f"are told of their teams at {first}" in said["text"]
    assert said["remedy"] == "give each an address of their own in the CRM"


def test_where_nobody_manages_anybody_the_first_are_named_and_the_rest_counted(
    in_hubspot: Program,
) -> None:
    with_mail()
    in_hubspot("run")

    said = found(in_hubspot, "digests")

    assert said["health"] == "warn"
    assert said["text"].startswith("0 digests a day; not as they should: ")
    assert said["text"].count(" has no manager (") == 3
    assert said["text"].endswith(" more: gatekeeper digest")
    assert said["remedy"].startswith("name a manager in people.yaml")


def test_a_misspelt_team_is_named_with_the_nearest(in_hubspot: Program) -> None:
    add_people(
        in_hubspot,
        "teams:\n"
        "  Team Carmen Daltn: {manager: carmen.dalton@gatekeeperdemo.example.com}\n",
    )

    said = found(in_hubspot, "teams")
    validated = in_hubspot("validate", "--json")

    assert said["health"] == "warn"
    assert said["text"] == 'nobody in HubSpot is in the team "Team Carmen Daltn"'
    assert said["remedy"] == 'did you mean "Team Carmen Dalton"?'
    (lost,) = [each for each in validated.json if each["code"] == "W513"]
    assert lost["file"] == "rules/people.yaml"
    assert (lost["text"], lost["help"]) == (f"{said['text']}.", said["remedy"])
    assert validated.code == 0


def test_where_owners_may_not_be_read_names_of_teams_stop_nothing(
    in_hubspot: Program, portal: Portal
) -> None:
    add_people(in_hubspot, "teams:\n  West: {manager: li@example.com}\n")
    with_mail()
    portal.tokens.rescope(frozenset({"crm.objects.owners.read"}), frozenset())

    said, digests = found(in_hubspot, "teams"), found(in_hubspot, "digests")
    validated = in_hubspot("validate")

    assert (said["health"], said["text"]) == ("warn", "their names are not checked")
    assert "crm.objects.owners.read" in said["remedy"]
    assert (digests["health"], digests["text"]) == ("warn", "cannot be looked at")
    assert validated.code == 0
    assert "Names of teams are not checked" in validated.err
