"""The installed command over SQLite and PostgreSQL: run, back up, restore, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.store.values import edit

if TYPE_CHECKING:
    from tests.e2e.program import Sandbox, Workspace


@pytest.fixture(params=["sqlite", "postgres"])
def on_database(request: pytest.FixtureRequest, workspace: Workspace) -> Workspace:
    """A workspace over a fresh database whose rules have had their observed run."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").fresh()
        workspace.settings["GATEKEEPER_DATABASE_URL"] = url
    planned = workspace.run("plan", "--json")
    assert planned.code == 0, planned.err
    return workspace


@pytest.mark.promise("F17")
@pytest.mark.slow
def test_an_old_backup_is_restored_and_no_task_is_doubled(
    on_database: Workspace, sandbox: Sandbox
) -> None:
    work = on_database
    owing = sandbox.deals_without("amount", "next_step")
    assert work.run("backup", "old.db").code == 0
    assert work.run("run").code == 0
    assert work.run("backup", "new.db").code == 0

    restored = work.run("restore", "old.db", "--verify", "--json")

    assert restored.code == 0, restored.err
    kept = restored.body["kept"]
    assert kept.startswith("before-restore-")
    again = work.run("run", "--json")
    assert again.code == 0, again.err
    assert again.body["recovery"] is True
    assert again.body["applied"]["create"] == 0
    sandbox.expect_one_task_per_deal(owing)
    whole = work.run("audit", "verify", "--json")
    assert (whole.code, whole.body["sound"]) == (0, True)

    assert work.run("restore", kept, "--verify").code == 0
    undone = work.run("undo", "2", "--json")
    assert undone.code == 0, undone.err
    assert undone.body["applied"]["close"] + len(undone.body["left_alone"]) >= len(
        owing
    )
    assert work.run("run").code == 0
    assert work.run("audit", "verify").code == 0


@pytest.mark.promise("F40", "A1")
@pytest.mark.slow
def test_an_edited_audit_row_ends_with_1_and_its_position(
    settled: Workspace, sandbox: Sandbox
) -> None:
    sound = settled.run("audit", "verify", "--json")
    assert sandbox.open_tasks()
    edit(settled.database, "UPDATE audit SET entry = '{}' WHERE seq = 3")

    damaged = settled.run("audit", "verify")

    assert (sound.code, damaged.code) == (0, 1)
    assert "is damaged at row 3: it was edited." in damaged.sentence
