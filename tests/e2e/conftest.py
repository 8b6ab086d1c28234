"""A seeded org of sixty deals, sandboxes that serve it, workspaces beside them."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.seed import seed_org
from tests.e2e.program import Sandbox, Workspace, serving, serving_here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def org_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded") / "org"
    seed_org(60, 1, date(2026, 11, 20), folder)
    return folder


@pytest.fixture
def process(org_folder: Path) -> Iterator[Sandbox]:
    """The org behind `gatekeeper sandbox serve`."""
    with serving(org_folder) as served:
        yield served


@pytest.fixture
def sandbox(org_folder: Path) -> Iterator[Sandbox]:
    """The same org, served by a thread of this process."""
    with serving_here(org_folder) as served:
        yield served


@pytest.fixture
def workspace(tmp_path: Path, sandbox: Sandbox) -> Workspace:
    return Workspace(tmp_path / "work", dict(sandbox.settings))


@pytest.fixture(scope="session")
def planned_database(
    tmp_path_factory: pytest.TempPathFactory, org_folder: Path
) -> Path:
    """A database that has seen the rules of the workspaces once."""
    with serving_here(org_folder) as sandbox:
        folder = tmp_path_factory.mktemp("planned") / "work"
        workspace = Workspace(folder, dict(sandbox.settings))
        ended = workspace.run("plan")
        assert ended.code == 0, ended.err
    return workspace.database


@pytest.fixture
def observed(workspace: Workspace, planned_database: Path) -> Workspace:
    """A workspace whose rules have had their observed run: the next run writes."""
    shutil.copy(planned_database, workspace.database)
    return workspace


@pytest.fixture
def settled(observed: Workspace) -> Workspace:
    """A workspace that has brought the CRM in line."""
    ended = observed.run("run", "--json")
    assert ended.code == 0, ended.err
    assert ended.body["applied"]["create"] > 0
    return observed
