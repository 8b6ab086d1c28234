"""`person export` and `person erase` at the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.program import Program

pytestmark = pytest.mark.promise("S24")


def test_who_is_erased_is_gone_from_the_rows_and_shown_where_the_rules_say_so(
    enforcing: Program,
) -> None:
    assert enforcing("run").code == 0
    who = enforcing("violations", "--json").json[0]["owner"]
    people = enforcing.folder / "rules" / "people.yaml"
    people.write_text(f"# asks {who}\n{people.read_text('utf-8')}", "utf-8")
    assert sum(map(len, enforcing("person", "export", who).json["rows"].values())) > 0

    erased = enforcing("person", "erase", who)

    assert erased.code == 0
    assert erased.out.startswith("Erased from ")
    assert "The rules still name this person: people.yaml:1. Take that" in erased.told
    assert not any(enforcing("person", "export", who).json["rows"].values())
    again = enforcing("person", "erase", who, "--json").json
    assert (again["rows"], again["rules"]) == ({}, ["people.yaml:1"])
    assert enforcing("audit", "verify").code == 0


@pytest.mark.parametrize(
    ("answer", "code", "is_kept"), [("n", 2, True), ("y", 0, False)]
)
def test_a_person_at_a_terminal_is_asked_first(
    enforcing: Program, answer: str, code: int, is_kept: bool
) -> None:
    assert enforcing("run").code == 0
    who = enforcing("violations", "--json").json[0]["owner"]
    keyboard, terminal = os.openpty()
    os.write(keyboard, f"{answer}\n".encode())

    asked = subprocess.run(  # noqa: S603  (our own command)
        [Path(sys.executable).with_name("gatekeeper"), "person", "erase", who],
        cwd=enforcing.folder,
        stdin=terminal,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(keyboard)
    os.close(terminal)

    assert asked.returncode == code, asked.stderr
    assert f"Take {who} out of " in asked.stderr
    assert (f'gatekeeper person erase "{who}" --yes' in asked.stderr) is is_kept
    rows = enforcing("person", "export", who).json["rows"]
    assert any(rows.values()) is is_kept
