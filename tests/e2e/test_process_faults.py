"""Faults that need a process, a socket or a server, on both kinds of database."""

from __future__ import annotations

import json
import signal
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url

from tests.e2e.kills.ledger import Ledger
from tests.e2e.program import LONGEST_S, Ended, Workspace, serving_here, wait_for
from tests.e2e.relays import cut_line, detour

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.program import Sandbox
    from tests.postgres import Postgres

pytestmark = pytest.mark.slow
MOST_ASKED = 8
"""So often a run asks at most for what answers with an error."""
FLAGS_AFTER = 1
"""In Salesforce one request carries all tasks, and the next one all flags."""


@pytest.fixture(scope="session")
def planned_server(
    postgres: Postgres, org_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A database that has seen the rules of the workspaces once."""
    url = postgres.fresh()
    with serving_here(org_folder) as sandbox:
        place = tmp_path_factory.mktemp("planned") / "work"
        settings = {**sandbox.settings, "GATEKEEPER_DATABASE_URL": url}
        ended = Workspace(place, settings).run("plan")
        assert ended.code == 0, ended.err
    return url


on_both = pytest.mark.parametrize("work", ["sqlite", "postgres"], indirect=True)
on_server = pytest.mark.parametrize("work", ["postgres"], indirect=True)


@pytest.fixture
def work(request: pytest.FixtureRequest, workspace: Workspace) -> Workspace:
    """A workspace whose rules have had their observed run: the next run writes."""
    if request.param == "sqlite":
        request.getfixturevalue("observed")
        return workspace
    planned = request.getfixturevalue("planned_server")
    url = request.getfixturevalue("postgres").fresh(planned)
    workspace.settings["GATEKEEPER_DATABASE_URL"] = url
    return workspace


@pytest.fixture
def ledger(work: Workspace) -> Iterator[Ledger]:
    """A look into the database of the workspace."""
    url = work.settings.get("GATEKEEPER_DATABASE_URL", f"sqlite:///{work.database}")
    with closing(Ledger(url)) as opened:
        yield opened


@pytest.fixture
def owing(sandbox: Sandbox) -> set[str]:
    return sandbox.deals_without("amount", "next_step")


def expect_finished(work: Workspace, sandbox: Sandbox, owing: set[str]) -> None:
    """The next run leaves one task per deal."""
    ended = work.run("run", "--json")
    assert (ended.code, ended.body["status"]) == (0, "done"), ended.err
    sandbox.expect_one_task_per_deal(owing)


def killed_at(work: Workspace, sandbox: Sandbox, ledger: Ledger, *faults: str) -> None:
    """Kill a run that sent the write of these faults and has no answer to it."""
    before = sandbox.requests().get("collections", 0)
    sandbox.order(*faults)
    with work.start("run", "--json") as command:
        wait_for(command, sandbox, "collections", before + len(faults))
        command.send_signal(signal.SIGKILL)
        command.communicate(timeout=LONGEST_S)
    sandbox.calm()
    # On a server nobody knows that the holder is dead until its minute is over.
    if ledger.is_server:
        assert work.run("run").code == 5
        while not ledger.let_lease_run_out():
            pass


@on_server
@pytest.mark.promise("F06", "W1", "W3")
def test_a_write_that_never_arrived_is_sent_again(
    work: Workspace, sandbox: Sandbox, ledger: Ledger, owing: set[str]
) -> None:
    sandbox.order("collections:reset_before:1")
    first = work.run("run", "--json")
    assert (first.code, first.body["applied"]["unknown"]) == (4, len(owing))
    assert sandbox.tasks() == []
    assert ledger.intents() == len(owing)

    expect_finished(work, sandbox, owing)


@on_server
@pytest.mark.promise("F03", "F05", "W1", "W3")
def test_killed_after_its_write_was_applied(
    work: Workspace, sandbox: Sandbox, ledger: Ledger, owing: set[str]
) -> None:
    killed_at(work, sandbox, ledger, "collections:slow=9:1")
    assert len(sandbox.open_tasks()) == ledger.intents() == len(owing)

    expect_finished(work, sandbox, owing)


@on_both
@pytest.mark.promise("F04")
def test_killed_between_the_tasks_and_the_flags(
    work: Workspace, sandbox: Sandbox, ledger: Ledger, owing: set[str]
) -> None:
    faults = (  # never carried out, and nine seconds to be killed in
        f"collections:slow=9:1:after={FLAGS_AFTER}",
        f"collections:reset_before:1:after={FLAGS_AFTER}",
    )
    sandbox.order(*faults)
    with work.start("run", "--json") as command:
        wait_for(command, sandbox, "collections", 2)
        command.send_signal(signal.SIGKILL)
        command.communicate(timeout=LONGEST_S)
    sandbox.calm()
    while not ledger.let_lease_run_out():
        pass
    assert len(sandbox.open_tasks()) == len(owing)
    created = sandbox.writes()

    again = work.run("run", "--json")

    assert (again.code, again.body["applied"]["create"]) == (0, 0), again.err
    assert again.body["applied"]["flag"] > 0
    assert sandbox.writes() == created + 1
    sandbox.expect_one_task_per_deal(owing)


@on_both
@pytest.mark.promise("F07", "W1")
@pytest.mark.parametrize("arrives", ["before the next run", "after the next run"])
def test_a_write_that_arrives_late_is_one_task(
    work: Workspace, sandbox: Sandbox, owing: set[str], arrives: str
) -> None:
    with detour(sandbox.url) as way:
        way.holds = "/composite/sobjects"
        first = work.run("run", "--json", GATEKEEPER_SALESFORCE_URL=way.url)
    assert (first.code, first.body["applied"]["unknown"]) == (4, len(owing)), first.err
    assert sandbox.tasks() == []
    assert len(way.held) == 1

    if arrives == "before the next run":
        assert way.let_go().status_code == 200
    else:
        assert work.run("run").code == 0
        late = way.let_go()
        assert {each["errors"][0]["statusCode"] for each in late.json()} == {
            "DUPLICATE_VALUE"
        }
    expect_finished(work, sandbox, owing)


@on_both
@pytest.mark.promise("F11")
def test_a_storm_of_errors_ends_each_run_after_a_few_calls_and_changes_nothing(
    work: Workspace, sandbox: Sandbox, ledger: Ledger, owing: set[str]
) -> None:
    for route in ("query", "collections"):
        before = sandbox.requests().get(route, 0)
        sandbox.order(f"{route}:503html")
        ended = work.run("run", "--json")
        sandbox.calm()
        assert ended.code in (3, 4), ended.err
        assert ended.sentence.count("error:") <= 1
        assert sandbox.requests().get(route, 0) - before <= MOST_ASKED
        assert sandbox.tasks() == []
    # Nobody knows yet whether the writes were done, so what was meant stays noted.
    assert ledger.intents() in (0, len(owing))

    expect_finished(work, sandbox, owing)


@on_server
@pytest.mark.promise("F14", "W8")
def test_two_at_once_and_the_second_is_refused(
    work: Workspace, sandbox: Sandbox, owing: set[str]
) -> None:
    sandbox.order("collections:slow=30:1")
    with work.start("run", "--json") as first:
        wait_for(first, sandbox, "collections")
        second = work.run("run")
        sandbox.calm()
        out, err = first.communicate(timeout=LONGEST_S)

    assert (second.code, first.returncode) == (5, 0), err
    assert "has held the lease for" in second.sentence
    assert Ended(0, out, err).body["applied"]["create"] == len(owing)
    expect_finished(work, sandbox, owing)


@on_both
@pytest.mark.promise("F15", "W9")
def test_a_run_paused_past_its_lease_commits_nothing_more(
    work: Workspace, sandbox: Sandbox, ledger: Ledger, owing: set[str]
) -> None:
    sandbox.order("collections:slow=3:1")
    with work.start("run", "--json") as paused:
        wait_for(paused, sandbox, "collections")
        paused.send_signal(signal.SIGSTOP)
        assert ledger.let_lease_run_out()
        rival = work.run("run", "--json")
        paused.send_signal(signal.SIGCONT)
        _, err = paused.communicate(timeout=LONGEST_S)

    assert (rival.code, rival.body["status"]) == (0, "done"), rival.err
    assert paused.returncode == 4
    assert "lost its lease" in err
    listed = [row["status"] for row in json.loads(work.run("runs", "--json").out)]
    assert sorted(listed[:2]) == ["done", "failed"]
    expect_finished(work, sandbox, owing)


@on_both
@pytest.mark.promise("F30")
def test_a_signal_ends_a_run_in_time_and_gives_its_lease_back(
    work: Workspace, sandbox: Sandbox, ledger: Ledger, owing: set[str]
) -> None:
    sandbox.order("collections:slow=2:1")
    with work.start("run", "--json") as command:
        wait_for(command, sandbox, "collections")
        command.send_signal(signal.SIGTERM)
        out, err = command.communicate(timeout=45)

    assert command.returncode == 4, err
    assert Ended(4, out, err).body["status"] == "stopped"
    assert ledger.holder() == ""
    expect_finished(work, sandbox, owing)


@on_both
@pytest.mark.promise("F16")
def test_a_clock_that_is_days_off_is_told_and_changes_nothing(
    work: Workspace, sandbox: Sandbox, owing: set[str]
) -> None:
    """The CRM lives on another day than this machine; the database does not."""
    ended = work.run("run", "--json")

    assert (ended.code, ended.body["status"]) == (0, "done"), ended.err
    (said,) = (each for each in ended.body["messages"] if each.startswith("Clocks: "))
    assert "that of Salesforce." in said
    sandbox.expect_one_task_per_deal(owing)


@on_both
@pytest.mark.promise("F38")
def test_the_switch_of_a_person_lets_at_most_one_more_request_leave(
    work: Workspace, sandbox: Sandbox, owing: set[str]
) -> None:
    sandbox.order("collections:slow=20:1")
    with work.start("run", "--json") as command:
        wait_for(command, sandbox, "collections")
        assert work.run("stop").code == 0
        pressed = sandbox.writes()
        sandbox.calm()
        out, err = command.communicate(timeout=LONGEST_S)

    assert command.returncode == 4, err
    assert Ended(4, out, err).body["status"] == "stopped"
    assert sandbox.writes() - pressed <= 1
    assert work.run("run", "--json").body["status"] == "stopped"
    assert work.run("resume").code == 0
    expect_finished(work, sandbox, owing)


@on_server
@pytest.mark.promise("F19")
def test_another_org_than_the_one_of_the_first_run_is_refused(
    work: Workspace, sandbox: Sandbox, ledger: Ledger
) -> None:
    assert work.run("run").code == 0
    before = sandbox.writes()
    ledger.pin("sf:00D000000000009EAA")

    refused = work.run("run")

    assert refused.code == 2
    assert "belongs to sf:00D000000000009EAA" in refused.sentence
    assert sandbox.writes() == before


@on_server
@pytest.mark.promise("F29", "W3")
@pytest.mark.enable_socket  # the server has a file for a socket
@pytest.mark.parametrize("is_heard", [True, False], ids=["heard", "unheard"])
@pytest.mark.parametrize("nth", [1, 2], ids=["intents", "receipts"])
def test_a_connection_that_drops_amid_a_commit_leaves_one_task(
    work: Workspace,
    sandbox: Sandbox,
    ledger: Ledger,
    owing: set[str],
    nth: int,
    *,
    is_heard: bool,
) -> None:
    direct = make_url(work.settings["GATEKEEPER_DATABASE_URL"])
    folder = str(direct.query["host"])
    with cut_line(f"{folder}/.s.PGSQL.5432") as line:
        line.about, line.left, line.is_heard = b"obligation", nth, is_heard
        over = direct.set(host="127.0.0.1", port=line.port, query={})
        ended = work.run(
            "run",
            "--json",
            GATEKEEPER_DATABASE_URL=over.render_as_string(hide_password=False),
        )

    assert (ended.code, line.cuts) == (3, 1), ended.err
    assert ended.sentence.startswith("error: The database")
    assert {task.key for task in sandbox.tasks()} <= ledger.keys()
    while not ledger.let_lease_run_out():
        pass
    expect_finished(work, sandbox, owing)
    assert work.run("audit", "verify").code == 0
