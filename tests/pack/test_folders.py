"""What a folder may hold beside good files: nothing is read that must not, nothing
is left out in silence."""

from __future__ import annotations

import os

import pytest

from tests.pack.packs import RULES, a_pack, text, text_of
from tests.pack.testing.suites import DEALS, a_test_pack, read


def unread(path: str, reason: str) -> str:
    return text(
        f"""
        rules/{path}:1:1: error E110: the file cannot be read ({reason}).
            1 |
              | ^
        """
    )


def test_a_folder_with_the_name_of_a_file_is_named(tmp_path):
    folder = a_pack(tmp_path)
    (folder / "smb.rules.yaml").mkdir()
    assert text_of(folder) == unread("smb.rules.yaml", "it is no regular file")


def test_a_pipe_is_not_waited_for(tmp_path):
    folder = a_pack(tmp_path)
    os.mkfifo(folder / "smb.rules.yaml")
    assert text_of(folder) == unread("smb.rules.yaml", "it is no regular file")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty", "/dev/full"])
def test_a_device_is_not_read(tmp_path, device):
    folder = a_pack(tmp_path)
    (folder / "smb.rules.yaml").symlink_to(device)
    assert text_of(folder) == unread("smb.rules.yaml", "it is no regular file")


def test_a_link_to_nothing_is_no_silent_loss(tmp_path):
    folder = a_pack(tmp_path)
    (folder / "smb.rules.yaml").symlink_to(tmp_path / "gone.yaml")
    assert text_of(folder) == unread("smb.rules.yaml", "No such file or directory")


def test_a_link_to_itself_is_no_loop(tmp_path):
    folder = a_pack(tmp_path)
    link = folder / "smb.rules.yaml"
    link.symlink_to(link)
    reason = "Too many levels of symbolic links"
    assert text_of(folder) == unread("smb.rules.yaml", reason)


def test_a_link_to_a_folder_is_not_followed_and_says_so(tmp_path):
    folder = a_pack(tmp_path)
    (folder / "overlays").mkdir()
    (folder / "overlays" / "again").symlink_to(folder)
    reason = "it is a link to a folder, and those are not followed"
    assert text_of(folder) == unread("overlays/again", reason)


def test_a_link_to_a_file_is_read(tmp_path):
    """As mounted configuration is: a link into a hidden folder of the same place."""
    folder = a_pack(tmp_path)
    (folder / "..version").mkdir()
    (folder / "..data").symlink_to("..version")
    (folder / "e.rules.yaml").rename(folder / "..version" / "e.rules.yaml")
    (folder / "e.rules.yaml").symlink_to("..data/e.rules.yaml")
    assert text_of(folder) == ""


@pytest.mark.parametrize(
    "used", ["../shared.defs.yaml", "/etc/shared.defs.yaml", "a/../../s.defs.yaml"]
)
def test_no_file_outside_the_folder_is_used(tmp_path, used):
    outside = "version: 1\nkind: defs\ndefine: {big: amount > 5}\n"
    (tmp_path / "shared.defs.yaml").write_text(outside)
    (tmp_path / "s.defs.yaml").write_text(outside)
    using = RULES.replace("stages:", f"use: [{used}]\nstages:", 1)
    assert text_of(a_pack(tmp_path, e_rules=using)) == text(
        f"""
        rules/e.rules.yaml:4:7: error E211: "use: {used}" was not found next to this file.
            4 | use: [{used}]
              |       {"^" * len(used)}
        """  # noqa: E501
    )


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "gone.csv"])
def test_a_spreadsheet_that_cannot_be_there_is_not_found(tmp_path, name):
    test = f"version: 1\nkind: test\nas_of: 2026-11-20\n{DEALS}cases_from: {name}\n"
    (found,) = read(a_test_pack(tmp_path, test))[1]
    assert found.startswith('rules/tests/a.test.yaml:10:13: error E211: "cases_from: ')


@pytest.mark.parametrize("name", ["/dev/zero", "."])
def test_a_spreadsheet_is_a_file(tmp_path, name):
    test = f"version: 1\nkind: test\nas_of: 2026-11-20\n{DEALS}cases_from: {name}\n"
    (found,) = read(a_test_pack(tmp_path, test))[1]
    assert found.partition("\n")[0].endswith(
        ":1:1: error E110: the file cannot be read (it is no regular file)."
    )


def test_a_test_file_that_is_a_link_to_nothing_is_named(tmp_path):
    folder = a_test_pack(tmp_path, "version: 1\nkind: test\n")
    (folder / "tests" / "a.test.yaml").unlink()
    (folder / "tests" / "a.test.yaml").symlink_to("gone")
    (found,) = read(folder)[1]
    assert found == unread("tests/a.test.yaml", "No such file or directory")
