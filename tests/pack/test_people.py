"""people.yaml: managers and absences, and what is said of mistakes, whole."""

# ruff: noqa: E501  (messages stand as people see them)

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.roles import Absence
from tests.pack.packs import a_draft, messages_of_all, text

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = """\
version: 1
kind: people
people:
  Ana.Ruiz@example.com:
    manager: li.wei@example.com
    absent: [{from: 2026-12-21, until: 2027-01-03}]
"""


def test_managers_and_absences_are_read_by_address(tmp_path: Path) -> None:
    people = a_draft(tmp_path, people=PEOPLE).people
    assert people.managers == {"ana.ruiz@example.com": "li.wei@example.com"}
    away = (Absence(date(2026, 12, 21), date(2027, 1, 3)),)
    assert people.absences == {"ana.ruiz@example.com": away}


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "until: 2027-01-03",
            "until: 2026-12-20",
            """
            rules/people.yaml:6:40: error E206: "until" must be a day not before 2026-12-21, where it begins; found "2026-12-20".
                6 |     absent: [{from: 2026-12-21, until: 2026-12-20}]
                  |                                        ^^^^^^^^^^
            """,
        ),
        (
            "li.wei@example.com",
            "Li Wei",
            """
            rules/people.yaml:5:14: error E206: "manager" must be an e-mail address; found "Li Wei".
                5 |     manager: Li Wei
                  |              ^^^^^^
            """,
        ),
        (
            "  Ana.Ruiz@example.com:",
            "  Ana Ruiz:",
            """
            rules/people.yaml:4:3: error E206: "people" must be an e-mail address; found "Ana Ruiz".
                4 |   Ana Ruiz:
                  |   ^^^^^^^^
            """,
        ),
        (
            "absent: [{from: 2026-12-21, until: 2027-01-03}]",
            "absence: soon",
            """
            rules/people.yaml:6:5: error E201: "absence" is not a key of a person.
                6 |     absence: soon
                  |     ^^^^^^^
              help: did you mean "absent"? Allowed keys: manager, absent
            """,
        ),
    ],
)
def test_a_mistake_is_said_with_its_place(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    said = messages_of_all(tmp_path, people=PEOPLE.replace(right, wrong))
    assert said == text(message)
