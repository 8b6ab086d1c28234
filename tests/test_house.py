"""What a stranger meets: the commands, the locks, the licence, the files at the top."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNS = "requirements.lock"
DEVELOPS = "requirements-dev.lock"
TOP_LEVEL = {
    "pyproject.toml",
    "gatekeeper",
    "rules",
    "tests",
    "deploy",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    RUNS,
    DEVELOPS,
}


def lock_text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def locked(name: str) -> dict[str, str]:
    """The version of every locked distribution."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^ \\]+)", lock_text(name), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def wanted(*, develops: bool) -> list[Requirement]:
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    texts = [
        *project["dependencies"],
        *project["optional-dependencies"]["sandbox"],
        *groups["build"],
        *(groups["dev"] if develops else ()),
    ]
    return [Requirement(text) for text in texts]


def make(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make")
    if program is None:
        pytest.skip("make is not installed")
    environment = os.environ if path is None else {"PATH": path}
    return subprocess.run(  # noqa: S603  (our own Makefile)
        [program, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def tracked() -> list[str]:
    program = shutil.which("git")
    if program is None or not (ROOT / ".git").exists():
        pytest.skip("not a git clone")
    listing = subprocess.run(  # noqa: S603  (git by its full path)
        [program, "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return listing.stdout.split("\0")[:-1]


@pytest.mark.promise("S26")
@pytest.mark.parametrize(("lock", "develops"), [(RUNS, False), (DEVELOPS, True)])
def test_a_lock_holds_a_fitting_version_of_all_that_is_wanted(
    lock: str, develops: bool
) -> None:
    pins = locked(lock)

    for requirement in wanted(develops=develops):
        assert requirement.specifier.contains(
            pins[canonicalize_name(requirement.name)]
        ), requirement


@pytest.mark.promise("S26")
def test_testing_runs_the_very_versions_that_users_run() -> None:
    developing = locked(DEVELOPS)

    assert {name: developing.get(name) for name in locked(RUNS)} == locked(RUNS)


@pytest.mark.promise("S26")
@pytest.mark.parametrize("lock", [RUNS, DEVELOPS])
def test_every_locked_version_carries_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", lock_text(lock), flags=re.MULTILINE)

    assert len(entries) > 40
    for entry in entries[1:]:
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", [RUNS, DEVELOPS])
def test_a_lock_names_no_index_host_or_folder(lock: str) -> None:
    assert not re.search(r"://|file:|^-e|^--|@ ", lock_text(lock), re.MULTILINE)


def test_only_the_agreed_names_stand_at_the_top() -> None:
    names = {path.partition("/")[0] for path in tracked()}

    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_nothing_built_is_tracked() -> None:
    built = (".venv/", ".build/", "dist/", "gatekeeper.db")

    assert [path for path in tracked() if path.startswith(built)] == []


@pytest.mark.parametrize(
    "target", ["setup", "demo", "test", "lint", "types", "bench", "lock", "clean"]
)
def test_make_knows_its_targets(target: str) -> None:
    assert make("--dry-run", target).returncode == 0


def test_make_alone_lists_what_it_can_do() -> None:
    assert "make demo" in make().stdout


def test_without_a_fitting_python_make_says_what_to_do(tmp_path: Path) -> None:
    for tool in ("sh", "echo", "touch", "mkdir"):
        place = shutil.which(tool)
        assert place is not None
        (tmp_path / tool).symlink_to(place)

    answer = make(f"VENV={tmp_path}/venv", "setup", path=str(tmp_path))

    assert answer.returncode != 0
    assert "gatekeeper needs Python 3.11 or newer" in answer.stderr
    assert not (tmp_path / "venv").exists()


def test_continuous_integration_runs_what_a_person_runs() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text(encoding="utf-8")


def test_the_licence_is_the_one_declared() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_the_readme_starts_with_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "make demo" in readme
    assert "make test" in readme


def wheel_of(folder: Path, out: Path, **environment: str) -> Path:
    """Build the wheel of a source tree."""
    subprocess.run(  # noqa: S603  (the interpreter of the tests)
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        check=True,
    )
    (wheel,) = out.glob("*.whl")
    return wheel


def test_the_wheel_holds_the_tables_of_the_grammar_and_the_default_pack(
    tmp_path: Path,
) -> None:
    names = zipfile.ZipFile(wheel_of(ROOT, tmp_path)).namelist()

    assert "gatekeeper/language/parser/grammar.json" in names
    assert "gatekeeper/default_rules/project.yaml" in names
    assert not [name for name in names if name.startswith(("tests/", "deploy/"))]


@pytest.mark.promise("S26")
def test_a_wheel_built_twice_elsewhere_and_later_is_the_same_bytes(
    tmp_path: Path,
) -> None:
    """Whoever builds it from the same sources can compare it with what was given."""
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    for name in ("gatekeeper", "rules"):
        unbuilt = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, here / name, ignore=unbuilt)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, here)
    shutil.copytree(here, elsewhere)
    for path in elsewhere.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))

    first = wheel_of(here, tmp_path / "first")
    second = wheel_of(elsewhere, tmp_path / "second", TZ="Asia/Tokyo", LC_ALL="C")

    assert first.name == second.name
    assert sha256(first.read_bytes()).digest() == sha256(second.read_bytes()).digest()
