"""`gatekeeper worker`, installed: a sandbox, a mail server, signals and restarts."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
import requests

from gatekeeper.sandbox.letterbox import letterbox
from tests.e2e.program import LONGEST_S, serving_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gatekeeper.sandbox.letterbox import Letterbox
    from tests.e2e.program import Sandbox, Workspace


def ids(box: Letterbox) -> list[str]:
    """The Message-ID of every mail that arrived."""
    return [str(message_from_bytes(mail)["Message-ID"]) for mail in box.mails]


def a_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def sandbox(crm: str, folders: dict[str, Path]) -> Iterator[Sandbox]:
    """The org as it is today: a worker judges by now, not by a day of the past."""
    today = datetime.now(UTC).date().isoformat()
    with serving_here(folders[crm], crm, as_of=today) as served:
        yield served


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as listening:
        yield listening


@pytest.fixture
def staffed(
    request: pytest.FixtureRequest, workspace: Workspace, box: Letterbox
) -> Workspace:
    """A workspace whose run was due a quarter of an hour ago, and its digest too."""
    if getattr(request, "param", "sqlite") == "postgres":
        url = request.getfixturevalue("postgres").fresh()
        workspace.settings["GATEKEEPER_DATABASE_URL"] = url
    workspace.settings |= {
        "GATEKEEPER_SMTP_URL": box.url,
        "GATEKEEPER_MAIL_FROM": "gatekeeper@acme.example",
        "GATEKEEPER_HEALTH_ADDRESS": f"127.0.0.1:{a_port()}",
    }
    due = datetime.now(UTC) - timedelta(minutes=1)
    project = (workspace.folder / "rules" / "project.yaml").read_text("utf-8")
    # In a zone where it is the morning, a digest of today is still wanted.
    behind = due.hour - 8 if due.hour <= 20 else due.hour - 32
    zone = f"Etc/GMT{behind:+d}"
    local = f"08:{due.minute:02}"
    project = project.replace("timezone: UTC", f"timezone: {zone}")
    times = f"{{at: {local}, days: every day}}"
    workspace.write(
        "project.yaml", f"{project}schedule: {{run: {times}, digest: {times}}}\n"
    )
    return workspace


def page(workspace: Workspace, path: str) -> requests.Response | None:
    address = workspace.settings["GATEKEEPER_HEALTH_ADDRESS"]
    with suppress(requests.ConnectionError):
        return requests.get(f"http://{address}/{path}", timeout=10)
    return None


def until(process: subprocess.Popen[str], is_so: Callable[[], bool]) -> None:
    """Wait until something holds, as long as the worker lives."""
    for _ in range(LONGEST_S * 5):
        if is_so():
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.2)
            raise AssertionError(process.communicate())
    process.kill()  # it would work on for ever
    raise AssertionError(process.communicate())


def runs_of(workspace: Workspace) -> list[str]:
    listed = json.loads(workspace.run("runs", "list", "--json").out)
    return [each["status"] for each in listed]


@pytest.mark.promise("F30", "F32", "D1")
@pytest.mark.slow
@pytest.mark.parametrize("staffed", ["sqlite", "postgres"], indirect=True)
def test_a_worker_makes_the_run_mails_the_digests_and_ends_on_a_signal(
    staffed: Workspace, box: Letterbox
) -> None:
    managers = 4
    with staffed.start("worker") as worker:
        until(worker, lambda: len(box.mails) == managers)
        ready, metrics = page(staffed, "readyz"), page(staffed, "metrics")
        worker.send_signal(signal.SIGTERM)
        _, err = worker.communicate(timeout=45)

    assert worker.returncode == 0, err
    assert ready is not None
    assert ready.text == "database: ok\nrules and settings: ok\n"
    assert metrics is not None
    assert 'status="done"} 1.0' in metrics.text
    assert err.count('"event": "run_finished"') == 1
    assert len(set(ids(box))) == managers

    again = staffed.run("worker", "--once")
    coming = json.loads(staffed.run("worker", "--next", "--json").out)

    assert again.code == 0
    assert len(box.mails) == managers
    assert runs_of(staffed) == ["done"]
    assert [each["kind"] for each in coming] == ["run"] + ["digest"] * managers
    assert not any(each["is_due"] for each in coming)


@pytest.mark.promise("F32")
@pytest.mark.slow
def test_a_worker_killed_in_its_run_makes_it_after_the_next_start(
    staffed: Workspace, sandbox: Sandbox, box: Letterbox
) -> None:
    sandbox.order("query:slow=2:5")
    with staffed.start("worker") as worker:
        until(worker, lambda: _is_running(staffed))
        worker.kill()
        worker.communicate()
    sandbox.calm()

    ended = staffed.run("worker", "--once")

    assert ended.code == 0, ended.err
    statuses = runs_of(staffed)
    assert statuses.count("done") == 1
    assert set(statuses) <= {"done", "failed"}
    assert len(set(ids(box))) == len(box.mails) == 4


def _is_running(workspace: Workspace) -> bool:
    told = page(workspace, "metrics")
    return told is not None and 'work_under_way{kind="run"} 1.0' in told.text


@pytest.mark.promise("F35")
@pytest.mark.slow
def test_mistakes_in_the_rules_are_told_nothing_is_run_and_a_mended_file_is_seen(
    staffed: Workspace, box: Letterbox
) -> None:
    good = (staffed.folder / "rules" / "sales.rules.yaml").read_text("utf-8")
    staffed.write("sales.rules.yaml", good.replace("amount > 0", "amuont > 0"))
    with staffed.start("worker") as worker:
        until(worker, lambda: _is_unready(staffed))
        told = page(staffed, "readyz")
        assert told is not None
        assert "rules/sales.rules.yaml:" in told.text
        assert "amuont" in told.text
        staffed.write("sales.rules.yaml", good)
        until(worker, lambda: len(box.mails) == 4)
        worker.send_signal(signal.SIGINT)
        _, err = worker.communicate(timeout=45)

    assert worker.returncode == 0, err
    assert err.count('"event": "person_needed"') >= 1
    assert runs_of(staffed) == ["done"]


def _is_unready(workspace: Workspace) -> bool:
    told = page(workspace, "readyz")
    return told is not None and told.status_code == 503


@pytest.mark.slow
def test_without_a_mail_server_runs_are_made_and_the_reason_is_told(
    staffed: Workspace,
) -> None:
    del staffed.settings["GATEKEEPER_SMTP_URL"]

    ended = staffed.run("worker", "--once")

    assert ended.code == 0, ended.err
    assert "No way to send digests is set. By mail: GATEKEEPER_SMTP_URL" in ended.err
    assert runs_of(staffed) == ["done"]


def test_an_unusable_health_address_is_named(staffed: Workspace) -> None:
    ended = staffed.run("worker", GATEKEEPER_HEALTH_ADDRESS="9464")

    assert ended.code == 2
    assert "GATEKEEPER_HEALTH_ADDRESS cannot be" in ended.err
