"""`person export` and `person erase` at the command line."""

from __future__ import annotations

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
