"""Each public data set is judged once in each form, however many tests look at it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.figures.public_orgs import judge_data_set
from tests.figures.public_portals import judge_portal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.figures.public_orgs import DataSet, Judged


@pytest.fixture(scope="session")
def judged_org(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[DataSet], Judged]:
    """What a run over the Salesforce form of a data set says."""

    @cache
    def judged(chosen: DataSet) -> Judged:
        folder = tmp_path_factory.mktemp(chosen.name)
        return judge_data_set(shared_data, chosen, folder)

    return judged


@pytest.fixture(scope="session")
def judged_portal(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[DataSet], Judged]:
    """What a run over the HubSpot form of a data set says."""

    @cache
    def judged(chosen: DataSet) -> Judged:
        return judge_portal(shared_data, chosen, tmp_path_factory.mktemp(chosen.name))

    return judged
