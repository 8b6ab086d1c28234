"""The container image: what it is built from, and that its steps work."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING

import pytest

from tests.deploy.files import DEPLOY, ROOT, USER, tool

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = DEPLOY / "Dockerfile"
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
HOME = "/opt/gatekeeper"


@dataclass(frozen=True)
class Step:
    """One instruction of a Dockerfile, its continued lines joined."""

    word: str
    rest: str


def steps() -> list[Step]:
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.M)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [Step(*line.split(maxsplit=1)) for line in lines if line.strip()]


def stages() -> list[list[Step]]:
    """The steps of each stage, from its FROM on."""
    found: list[list[Step]] = []
    for step in steps():
        if step.word == "FROM":
            found.append([])
        if found:
            found[-1].append(step)
    return found


def of(stage: list[Step], word: str) -> list[str]:
    return [step.rest for step in stage if step.word == word]


def environment(stage: list[Step]) -> dict[str, str]:
    pairs = [pair for rest in of(stage, "ENV") for pair in shlex.split(rest)]
    return dict(pair.split("=", 1) for pair in pairs)


def context(folder: Path) -> None:
    """What the builder is sent: the files that `.dockerignore` lets through."""
    shown = [line[1:] for line in IGNORED if line.startswith("!")]
    hidden = [line.removeprefix("**/") for line in IGNORED if line.startswith("**/")]
    for name in shown:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source, folder / name, ignore=shutil.ignore_patterns(*hidden)
            )
        else:
            shutil.copy(source, folder / name)


@pytest.mark.promise("S27")
def test_the_image_runs_as_a_numeric_user_that_is_not_root() -> None:
    _, last = stages()

    assert of(last, "USER") == [f"{USER}:{USER}"]
    assert of(last, "RUN") == [f"mkdir /data && chown {USER}:{USER} /data"]


@pytest.mark.promise("S27")
def test_the_base_is_an_exact_tag_that_can_be_pinned_by_digest() -> None:
    base = steps()[0]

    assert re.fullmatch(r"BASE=python:3\.\d+\.\d+-slim-[a-z]+", base.rest)
    assert [of(stage, "FROM")[0] for stage in stages()] == [
        "${BASE} AS build",
        "${BASE}",
    ]
    assert "--build-arg BASE=" in DOCKERFILE.read_text(encoding="utf-8")


def test_every_package_is_checked_against_its_hash_and_none_is_compiled() -> None:
    first, _ = stages()
    locked, own = of(first, "RUN")

    assert "--require-hashes --no-deps --only-binary :all:" in locked
    assert "--no-deps --no-build-isolation" in own


@pytest.mark.promise("S27")
def test_what_is_written_lies_in_the_two_folders_that_may_be() -> None:
    _, last = stages()
    told = environment(last)

    assert told["GATEKEEPER_DATABASE_URL"].startswith("sqlite:////data/")
    assert told["HOME"] == "/data"
    assert told["MPLCONFIGDIR"].startswith("/tmp/")  # noqa: S108  (in the image)
    assert of(last, "VOLUME") == ["/data"]


def test_no_secret_history_or_database_reaches_the_builder(tmp_path: Path) -> None:
    assert IGNORED[2] == "*" or "*" in IGNORED
    allowed = {line[1:] for line in IGNORED if line.startswith("!")}
    assert allowed == {
        *("gatekeeper", "rules", "LICENSE", "README.md", "pyproject.toml"),
        "requirements.lock",
    }
    assert "**/.*" in IGNORED

    context(tmp_path)
    sent = [path.name for path in tmp_path.rglob("*")]
    assert not [name for name in sent if fnmatch(name, ".*") or name.endswith(".pyc")]


def test_the_build_copies_nothing_that_the_builder_is_not_sent(tmp_path: Path) -> None:
    context(tmp_path)
    first, _ = stages()

    for rest in of(first, "COPY"):
        *sources, _target = rest.split()
        assert all((tmp_path / source).exists() for source in sources), rest


@pytest.mark.promise("S27")
def test_hadolint_finds_nothing() -> None:
    ended = subprocess.run(  # noqa: S603  (found by us)
        [tool("hadolint"), str(DOCKERFILE)], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.promise("S27")
@pytest.mark.slow
def test_the_steps_of_the_build_give_a_program_that_runs_without_rights(
    tmp_path: Path,
) -> None:
    tool("hadolint")  # with it come the minutes and the index that this needs
    source, installed = tmp_path / "src", tmp_path / "installed"
    source.mkdir()
    context(source)
    first, last = stages()
    for rest in of(first, "RUN"):
        line = rest.replace(HOME, str(installed))
        line = line.replace("python -m", f"{sys.executable} -m")
        subprocess.run(line, shell=True, cwd=source, check=True)  # noqa: S602  (ours)
    for path in (installed, *installed.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)

    begun = without_rights(installed, last, tmp_path, "init", "rules")
    checked = without_rights(installed, last, tmp_path, "validate", "--offline")
    shown = without_rights(installed, last, tmp_path, "runs", "list")

    assert (begun.returncode, begun.stderr) == (0, "")
    assert checked.returncode == 0, checked.stderr
    assert "Nothing has run yet" in shown.stderr
    assert not (installed / "bin" / "pip").exists()


def without_rights(
    installed: Path, stage: list[Step], folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run the entry point with no capability, where it may write to two folders."""
    told = {
        name: re.sub("/(data|tmp)(?=/|$)", rf"{folder}/\1", value)
        for name, value in environment(stage).items()
    }
    told["PATH"] = f"{installed}/bin:/usr/bin:/bin"
    told["GATEKEEPER_RULES_DIR"] = str(folder / "data" / "rules")
    for name in ("data", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    setpriv = [tool("setpriv"), "--bounding-set=-all", "--inh-caps=-all"]
    return subprocess.run(  # noqa: S603  (installed above)
        [*setpriv, "--no-new-privs", "gatekeeper", *arguments],
        cwd=folder / "data",
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )
