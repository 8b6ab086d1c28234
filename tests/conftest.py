"""What every test stands on: no settings of the machine, no network, no leftovers.

Sockets beyond loopback are refused and warnings are errors by `pyproject.toml`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.shared_data import SHARED

set_hypothesis_home_dir(Path(__file__).parents[1] / ".build" / "hypothesis")
hypothesis_settings.register_profile(
    "gatekeeper",
    database=None,  # nothing is left in the work tree
    deadline=None,  # a busy machine is no failure
)
hypothesis_settings.load_profile("gatekeeper")


def _forget_settings() -> None:
    for name in [name for name in os.environ if name.startswith("GATEKEEPER_")]:
        del os.environ[name]


def pytest_configure() -> None:
    """Clear the environment before fixtures of any scope can read it."""
    _forget_settings()


@pytest.fixture(autouse=True)
def _no_settings_leak_between_tests() -> None:
    _forget_settings()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets; the test skips where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the public data sets are not beside this clone")
    return folder
