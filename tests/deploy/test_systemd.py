"""The units: systemd reads them, and lets them do next to nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.deploy.files import DEPLOY, tool

if TYPE_CHECKING:
    from pathlib import Path

UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PROGRAM = "/opt/gatekeeper/venv/bin/gatekeeper"
MOST_EXPOSED = 2.5


def values(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), re.M)


@pytest.fixture
def installed(tmp_path: Path) -> list[Path]:
    """The units with a program in them that is on this machine."""
    program = shutil.which("true")
    assert program is not None
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(PROGRAM, program)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    return sorted(tmp_path.iterdir())


def analyzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (found by us)
        [tool("systemd-analyze"), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_systemd_finds_no_fault_with_the_units(installed: list[Path]) -> None:
    ended = analyzed("verify", *map(str, installed))

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.promise("S28")
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_is_exposed_by_less_than_is_allowed(
    unit: Path, installed: list[Path]
) -> None:
    (mine,) = [each for each in installed if each.name == unit.name]

    ended = analyzed("security", "--offline=true", "--no-pager", str(mine))
    (level,) = re.findall(r"exposure level for \S+: (\d+\.\d)", ended.stdout)

    assert float(level) <= MOST_EXPOSED


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_secrets_come_as_credentials_and_their_settings_find_them(unit: Path) -> None:
    loaded = {each.partition(":")[0] for each in values(unit, "LoadCredential")}
    files = re.findall(r"^Environment=GATEKEEPER_(\w+)_FILE=%d/(\w+)$",
                       unit.read_text(encoding="utf-8"), re.M)  # fmt: skip

    assert loaded == {name for _setting, name in files}
    assert {setting.lower() for setting, _name in files} == loaded


def test_each_timer_starts_the_service_of_its_name() -> None:
    timers = {unit.stem for unit in UNITS if unit.suffix == ".timer"}

    assert timers == {"gatekeeper-run", "gatekeeper-digest"}
    assert timers < {unit.stem for unit in SERVICES}


def test_a_stop_is_given_the_time_it_needs() -> None:
    assert all(int(values(unit, "TimeoutStopSec")[0]) >= 45 for unit in SERVICES)


def test_units_differ_in_what_they_start_and_in_nothing_that_protects() -> None:
    protecting = {
        unit.read_text(encoding="utf-8").partition("# It keeps its database")[2]
        .partition("[Install]")[0].strip()
        for unit in SERVICES
    }  # fmt: skip

    assert len(protecting) == 1
    assert "DynamicUser=yes" in protecting.pop()
