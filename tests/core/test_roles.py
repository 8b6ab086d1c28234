"""What a pack says of people where the CRM is silent, and who is looked for where."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.model import Person
from gatekeeper.core.roles import People, Readers, RoleSource, RoleStep

USUAL = Calendar()
GERMAN = Calendar(frozenset({date(2026, 10, 3)}))
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ANN = Person("005A", "Ann Lee", "Ann@Example.com")
NOBODY_KNOWN = Person("005B", "Bo Ek", None)


def test_these_are_the_places_where_people_yaml_may_look() -> None:
    assert [source.value for source in RoleSource] == [
        "deal_owner",
        "owner_manager",
        "field",
        "team_member",
        "address",
    ]


def test_a_place_to_look_needs_no_argument() -> None:
    assert RoleStep(RoleSource.DEAL_OWNER).argument == ""


def test_nobody_is_sent_more_than_managers_are_unless_somebody_says_so() -> None:
    assert People().digests == Readers((), (), owners=False, fallback=None)


def test_a_person_works_by_the_calendar_that_is_said_of_their_address() -> None:
    people = People(calendars={"ann@example.com": GERMAN})

    assert people.calendar(ANN, USUAL) is GERMAN
    assert people.calendar(NOBODY_KNOWN, USUAL) is USUAL
    assert People().calendar(ANN, USUAL) is USUAL


def test_a_person_works_where_it_is_said_of_their_address() -> None:
    people = People(zones={"ann@example.com": BERLIN})

    assert people.zone(ANN, NEW_YORK) is BERLIN
    assert people.zone(NOBODY_KNOWN, NEW_YORK) is NEW_YORK
    assert People().zone(ANN, NEW_YORK) is NEW_YORK
