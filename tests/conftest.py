"""What every test stands on: no settings of the machine, no network, no leftovers.

Sockets beyond loopback are refused and warnings are errors by `pyproject.toml`.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir
from time import process_time
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import settings as hypothesis_settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.exchanges import CHECKED, summary
from tests.postgres import serving
from tests.shared_data import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.postgres import Postgres

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


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer `--timed`, with which `make bench` makes time bounds binding."""
    parser.addoption("--timed", action="store_true", help="fail what takes too long")


class _ToldAtOnce:
    """Names a failed test when it fails: a run cut off ends without a summary."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._reporter.ensure_newline()
            self._reporter.write_line(f"{report.when}: {report.nodeid}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Clear the environment before fixtures of any scope can read it."""
    _forget_settings()
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        config.pluginmanager.register(_ToldAtOnce(reporter))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the count of a process that runs a part of the tests to the one above."""
    above = getattr(session.config, "workeroutput", None)
    if above is not None:
        above["exchanges"] = dict(CHECKED)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Add the count of a process that ran a part of the tests."""
    CHECKED.update(getattr(node, "workeroutput", {}).get("exchanges", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was held against HubSpot's contract."""
    if CHECKED:
        terminalreporter.write_line(summary())


@pytest.fixture(autouse=True)
def _no_settings_leak_between_tests() -> None:
    _forget_settings()


@pytest.fixture
def log_as_it_was() -> Iterator[None]:
    """Give back the log after a test that sets it up."""
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    root.handlers, logging.raiseExceptions = handlers, raising
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets; the test skips where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the public data sets are not beside this clone")
    return folder


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """A real PostgreSQL server, one for all processes that run tests."""
    part = getattr(request.config, "workerinput", {})  # of what xdist shares out
    testrun_uid = part.get("testrunuid", os.getpid())
    # Not below pytest's own folder, which the next pytest closes to the server's user.
    folder = Path(gettempdir()) / f"gatekeeper-{testrun_uid}"
    folder.mkdir(exist_ok=True)
    with serving(folder) as server:
        yield server
    if not (folder / "data" / "postmaster.pid").exists():
        rmtree(folder, ignore_errors=True)


@pytest.fixture
def within(
    request: pytest.FixtureRequest,
) -> Callable[[float], AbstractContextManager[None]]:
    """Bound a block's processor seconds; binding under `--timed` only.

    A busy machine is no failure, so elsewhere the block just runs.
    """
    is_binding = request.config.getoption("--timed")

    @contextmanager
    def bound(seconds: float) -> Iterator[None]:
        began = process_time()
        yield
        spent = process_time() - began
        assert spent < seconds or not is_binding, f"took {spent:.3f} s of {seconds} s"

    return bound
