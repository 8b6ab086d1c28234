"""people.yaml: managers and absences, and what is said of mistakes, whole."""

# ruff: noqa: E501  (messages stand as people see them)

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from gatekeeper.core.roles import Absence, Readers
from gatekeeper.pack.mentions import mentions
from tests.pack.packs import a_draft, messages_of_all, rule, text
from tests.pack.test_structure_messages import GOOD

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


def test_the_zone_and_the_calendar_of_a_person_are_read_by_address(
    tmp_path: Path,
) -> None:
    """12 October is a day off in Spain; Thanksgiving, 26 November, is worked there."""
    said = "    timezone: Europe/Madrid\n    calendar: {country: ES}\n"
    people = a_draft(tmp_path, people=PEOPLE + said).people
    assert people.zones == {"ana.ruiz@example.com": ZoneInfo("Europe/Madrid")}
    days = people.calendars["ana.ruiz@example.com"]
    assert not days.is_business_day(date(2026, 10, 12))
    assert days.is_business_day(date(2026, 11, 26))


def test_the_slack_member_of_a_person_is_kept_by_address(tmp_path: Path) -> None:
    people = a_draft(tmp_path, people=f"{PEOPLE}    slack: U024BE7LH\n").people
    assert people.slack == {"ana.ruiz@example.com": "U024BE7LH"}


def test_a_person_of_whom_nothing_is_said_has_the_zone_and_days_of_the_project(
    tmp_path: Path,
) -> None:
    people = a_draft(tmp_path, people=PEOPLE).people
    assert (people.zones, people.calendars) == ({}, {})


READERS = """\
version: 1
kind: people
digests:
  revops: [Ops@example.com, ops@example.com]
  leadership: vp@example.com
  owners: yes
  fallback: Head@example.com
"""


def test_readers_of_digests_are_read_each_once_in_lower_case(tmp_path: Path) -> None:
    assert a_draft(tmp_path, people=READERS).people.digests == Readers(
        revops=("ops@example.com",),
        leadership=("vp@example.com",),
        owners=True,
        fallback="head@example.com",
    )


def test_the_manager_of_a_team_is_read_by_the_team_s_name(tmp_path: Path) -> None:
    said = "teams:\n  West: {manager: li.wei@example.com}\n"
    people = a_draft(tmp_path, people=READERS + said).people
    assert people.team_managers == {"west": "li.wei@example.com"}


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "  fallback: Head@example.com",
            "teams: {West: {manger: li.wei@example.com}}",
            """
            rules/people.yaml:7:16: error E201: "manger" is not a key of a team.
                7 | teams: {West: {manger: li.wei@example.com}}
                  |                ^^^^^^
              help: did you mean "manager"? Allowed keys: manager
            """,
        ),
        (
            "ops@example.com]",
            "Ops]",
            """
            rules/people.yaml:4:29: error E206: "revops" must be an e-mail address; found "Ops".
                4 |   revops: [Ops@example.com, Ops]
                  |                             ^^^
            """,
        ),
        (
            "owners: yes",
            "owner: yes",
            """
            rules/people.yaml:6:3: error E201: "owner" is not a key of digests.
                6 |   owner: yes
                  |   ^^^^^
              help: did you mean "owners"? Allowed keys: revops, leadership, owners, fallback
            """,
        ),
        (
            "fallback: Head@example.com",
            "fallback: the head",
            """
            rules/people.yaml:7:13: error E206: "fallback" must be an e-mail address; found "the head".
                7 |   fallback: the head
                  |             ^^^^^^^^
            """,
        ),
    ],
)
def test_a_mistake_in_who_reads_digests_is_shown_where_it_is(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    said = messages_of_all(tmp_path, people=READERS.replace(right, wrong))
    assert said == text(message)


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
              help: did you mean "absent"? Allowed keys: manager, timezone, calendar, absent, slack
            """,
        ),
        (
            "manager: li.wei@example.com",
            "timezone: Europe/Madird",
            """
            rules/people.yaml:5:15: error E207: timezone "Europe/Madird" is not a known time zone.
                5 |     timezone: Europe/Madird
                  |               ^^^^^^^^^^^^^
              help: did you mean "Europe/Madrid"?
            """,
        ),
        (
            "manager: li.wei@example.com",
            "calendar: {country: ESX}",
            """
            rules/people.yaml:5:25: error E207: country "ESX" is no country whose holidays are known.
                5 |     calendar: {country: ESX}
                  |                         ^^^
              help: did you mean "ES", "SX" or "BES"?
            """,
        ),
        (
            "manager: li.wei@example.com",
            "calendar: {land: ES}",
            """
            rules/people.yaml:5:16: error E201: "land" is not a key of calendar.
                5 |     calendar: {land: ES}
                  |                ^^^^
              help: Allowed keys: country, subdivision, extra_holidays
            """,
        ),
        (
            "manager: li.wei@example.com",
            "slack: '@ana'",
            """
            rules/people.yaml:5:12: error E206: "slack" must be a member id of Slack such as U024BE7LH, not a name; found "@ana".
                5 |     slack: '@ana'
                  |            ^^^^^^
            """,
        ),
    ],
)
def test_a_mistake_is_said_with_its_place(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    said = messages_of_all(tmp_path, people=PEOPLE.replace(right, wrong))
    assert said == text(message)


def test_a_role_is_no_persons_address(tmp_path: Path) -> None:
    """A role's name goes into keys, where nobody can be taken out any more."""
    roles = "version: 1\nkind: people\nroles:\n  ana@example.com: [deal_owner]\n"

    assert messages_of_all(tmp_path, people=roles) == text("""
        rules/people.yaml:4:3: error E206: "roles" must be the name of a part that people play, not an address; found "ana@example.com".
            4 |   ana@example.com: [deal_owner]
              |   ^^^^^^^^^^^^^^^
          help: it stands in the keys of tasks for ever, also when the person is erased: write legal: [{address: somebody@example.com}], and legal in owed_by
        """)


def test_a_role_that_is_refused_is_said_once_however_often_it_is_owed(
    tmp_path: Path,
) -> None:
    roles = "version: 1\nkind: people\nroles:\n  ana@example.com: [deal_owner]\n"
    said = messages_of_all(
        tmp_path,
        people=roles,
        e_rules=rule(*GOOD, "owed_by: ana@example.com"),
    )

    assert said.count("error ") == 1


@pytest.mark.promise("S24")
def test_every_line_that_names_a_person_is_found_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "overlays").mkdir()
    (tmp_path / "people.yaml").write_text("a:\n  Ann@Acme.example: [x]\n", "utf-8")
    (tmp_path / "overlays" / "o.yaml").write_text(
        "by: ann@acme.example\nto: joann@acme.example\nat: ann@acme.example.org\n",
        "utf-8",
    )
    (tmp_path / "w.yaml").write_text("# asked by Ann Rep, not Ann Repin\n", "utf-8")

    found = list(mentions(tmp_path, "ann@acme.example"))
    assert found == ["overlays/o.yaml:1", "people.yaml:2"]
    assert list(mentions(tmp_path, "ann rep")) == ["w.yaml:1"]
    assert list(mentions(tmp_path, "nn Rep")) == []
    assert list(mentions(tmp_path / "none", "Ann Rep")) == []
