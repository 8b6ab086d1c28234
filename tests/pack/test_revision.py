"""The git revision of a folder of rules, as git's own files say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.pack.revision import revision_of

if TYPE_CHECKING:
    from pathlib import Path

REVISION = "8db1a4f2c3" * 4


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "rules"
    folder.mkdir(parents=True)
    return folder


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_a_branch_leads_to_its_revision(rules: Path) -> None:
    git = rules.parent / ".git"
    write(git / "HEAD", "ref: refs/heads/main\n")
    write(git / "refs/heads/main", f"{REVISION}\n")
    assert revision_of(rules) == REVISION


def test_a_packed_branch_leads_to_its_revision(rules: Path) -> None:
    git = rules.parent / ".git"
    write(git / "HEAD", "ref: refs/heads/main\n")
    packed = f"# pack-refs with: peeled\n{'0' * 40} refs/heads/old\n"
    write(git / "packed-refs", f"{packed}{REVISION} refs/heads/main\n")
    assert revision_of(rules) == REVISION


def test_a_checked_out_revision_stands_for_itself(rules: Path) -> None:
    write(rules.parent / ".git" / "HEAD", f"{REVISION}\n")
    assert revision_of(rules) == REVISION


def test_a_worktree_shares_the_branches_of_its_repository(rules: Path) -> None:
    git = rules.parent.parent / "origin" / ".git"
    own = git / "worktrees" / "one"
    write(rules.parent / ".git", f"gitdir: {own}\n")
    write(own / "HEAD", "ref: refs/heads/one\n")
    write(own / "commondir", "../..\n")
    write(git / "refs/heads/one", f"{REVISION}\n")
    assert revision_of(rules) == REVISION


@pytest.mark.parametrize("head", ["", "ref: refs/heads/none", "nonsense", "../etc"])
def test_what_leads_nowhere_is_no_revision(rules: Path, head: str) -> None:
    write(rules.parent / ".git" / "HEAD", head)
    assert revision_of(rules) == ""
