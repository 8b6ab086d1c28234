"""A seeded org of sixty deals, sandboxes that serve it, workspaces beside them."""

from __future__ import annotations

import shutil
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.seed import seed_org
from tests.e2e.program import (
    HUBSPOT,
    SALESFORCE,
    Sandbox,
    Workspace,
    serving,
    serving_here,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same sixty deals as each CRM holds them."""
    folder = tmp_path_factory.mktemp("seeded")
    for crm in (SALESFORCE, HUBSPOT):
        seed_org(60, 1, date(2026, 11, 20), folder / crm, crm)
    return {crm: folder / crm for crm in (SALESFORCE, HUBSPOT)}


@pytest.fixture(scope="session")
def org_folder(folders: dict[str, Path]) -> Path:
    return folders[SALESFORCE]


@pytest.fixture
def crm() -> str:
    """The CRM behind the sandbox; modules that hold for both have their own."""
    return SALESFORCE


@pytest.fixture
def process(crm: str, folders: dict[str, Path]) -> Iterator[Sandbox]:
    """The org behind `gatekeeper sandbox serve`."""
    with serving(folders[crm], "--crm", crm) as served:
        yield served


@pytest.fixture
def sandbox(crm: str, folders: dict[str, Path]) -> Iterator[Sandbox]:
    """The same org, served by a thread of this process."""
    with serving_here(folders[crm], crm) as served:
        yield served


@pytest.fixture
def workspace(tmp_path: Path, sandbox: Sandbox) -> Workspace:
    return Workspace(tmp_path / "work", dict(sandbox.settings))


@pytest.fixture(scope="session")
def planned_databases(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Databases that have seen the rules of the workspaces once, one per CRM."""

    @cache
    def planned(crm: str, folder: Path) -> Path:
        with serving_here(folder, crm) as sandbox:
            place = tmp_path_factory.mktemp("planned") / "work"
            workspace = Workspace(place, dict(sandbox.settings))
            ended = workspace.run("plan")
            assert ended.code == 0, ended.err
        return workspace.database

    return planned


@pytest.fixture
def planned_database(
    crm: str, folders: dict[str, Path], planned_databases: Callable[..., Path]
) -> Path:
    return planned_databases(crm, folders[crm])


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
