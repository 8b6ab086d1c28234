from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import EMPTY, Person, Row, Unavailable
from gatekeeper.core.people import Asked, Directory, who_owes
from gatekeeper.core.roles import Absence, People, RoleSource, RoleStep
from tests.builders import NEW_YORK, OWNER, a_context, a_deal

ANN = Person(OWNER, "Ann Rep", "ann@acme.example", manager_id="m1")
MAY = Person("m1", "May Manager", "may@acme.example", manager_id="m2")
BOSS = Person("m2", "Bea Boss", "bea@acme.example")
OPS = Person("ops", "Rev Ops", "RevOps@acme.example")


def directory(*people):
    return Directory({each.id: each for each in people})


def owes(role="deal_owner", *, people=(ANN, MAY, BOSS, OPS), deal=None, **more):
    asked = who_owes(role, deal or a_deal(), People(**more), directory(*people))
    return None if asked is None else asked.person_id


def test_the_owner_owes_and_an_inactive_one_falls_to_the_first_active_manager():
    assert owes() == OWNER
    gone = replace(ANN, is_active=False)
    assert owes(people=(gone, MAY, BOSS)) == "m1"
    assert owes(people=(gone, replace(MAY, is_active=False), BOSS)) == "m2"


def test_a_manager_cycle_is_cut_and_the_fallback_is_asked():
    one = replace(ANN, is_active=False, manager_id="m1")
    two = replace(MAY, is_active=False, manager_id=OWNER)
    assert owes(people=(one, two, OPS)) is None
    assert owes(people=(one, two, OPS), fallback="revops@ACME.example") == "ops"
    unknown = {"fallback": "nobody@acme.example"}
    assert owes(people=(one, two, OPS), **unknown) is None


def test_a_role_is_looked_for_in_its_order():
    steps = (
        RoleStep(RoleSource.TEAM_MEMBER, "Solution Architect"),
        RoleStep(RoleSource.OWNER_MANAGER),
    )
    roles = {"architect": steps}
    assert owes("architect", roles=roles) == "m1"
    team: dict[str, tuple[Row, ...] | Unavailable] = {
        "team_members": ({"role": "solution architect", "user": OPS},)
    }
    assert owes("architect", deal=a_deal(related=team), roles=roles) == "ops"
    hidden: dict[str, tuple[Row, ...] | Unavailable] = {
        "team_members": Unavailable("no access")
    }
    assert owes("architect", deal=a_deal(related=hidden), roles=roles) == "m1"


def test_a_user_field_or_an_address_may_hold_a_role():
    by_field = {"desk": (RoleStep(RoleSource.FIELD, "desk_user"),)}
    assert owes("desk", deal=a_deal(desk_user=OPS), roles=by_field) == "ops"
    by_address = {"desk": (RoleStep(RoleSource.ADDRESS, "may@acme.example"),)}
    assert owes("desk", roles=by_address) == "m1"


@given(
    st.lists(
        st.tuples(st.booleans(), st.none() | st.integers(0, 7)), min_size=8, max_size=8
    )
)
def test_any_hierarchy_gives_an_active_person_or_nobody(rows):
    people = [
        Person(
            str(number),
            f"P{number}",
            is_active=active,
            manager_id=None if boss is None else str(boss),
        )
        for number, (active, boss) in enumerate(rows)
    ]
    found = who_owes(
        "deal_owner",
        replace(a_deal(), owner_id="0"),
        People(),
        directory(*people),
    )
    assert found is None or people[int(found.person_id)].is_active


# ---- who is away, who leads whom, and why it falls to somebody else --------------


def asked_on(
    day, *, absences=None, managers=None, people=(ANN, MAY, BOSS, OPS), **more
):
    said = People(absences=absences or {}, managers=managers or {}, **more)
    noon = None if day is None else datetime.combine(day, time(12), NEW_YORK)
    seen = None if noon is None else a_context(noon)
    known = Directory({each.id: each for each in people}, said, seen)
    return who_owes("deal_owner", a_deal(), said, known)


CHRISTMAS = {"ann@acme.example": (Absence(date(2026, 12, 21), date(2027, 1, 3)),)}


def test_who_is_away_is_not_asked_from_the_first_to_the_last_day():
    def who(day):
        return asked_on(day, absences=CHRISTMAS)

    assert who(date(2026, 12, 20)) == Asked(OWNER)
    away = Asked("m1", "You are asked because Ann Rep is away until 3 Jan 2027.")
    assert who(date(2026, 12, 21)) == away
    assert who(date(2027, 1, 3)) == away
    assert who(date(2027, 1, 4)) == Asked(OWNER)


def test_a_manager_who_is_away_is_passed_over():
    both = {**CHRISTMAS, "may@acme.example": CHRISTMAS["ann@acme.example"]}
    asked = asked_on(date(2026, 12, 24), absences=both)
    assert asked is not None
    assert asked.person_id == "m2"


def test_a_manager_named_in_the_pack_comes_before_the_crms():
    gone = replace(ANN, is_active=False)
    asked = asked_on(
        date(2026, 11, 20),
        managers={"ann@acme.example": "RevOps@acme.example"},
        people=(gone, MAY, BOSS, OPS),
    )
    assert asked == Asked("ops", "You are asked because Ann Rep is not active.")


def test_where_nobody_holds_the_role_the_owners_manager_is_asked_and_told_why():
    roles = {"desk": (RoleStep(RoleSource.FIELD, "desk_user"),)}
    asked = who_owes("desk", a_deal(), People(roles), directory(ANN, MAY, BOSS))
    assert asked == Asked("m1", "You are asked because nobody holds the role desk.")


def test_five_steps_up_is_as_far_as_anybody_looks():
    def chain(length):
        """A rep below so many managers who left, and one above them at work."""
        ids = [OWNER, *(f"m{step}" for step in range(1, length + 1)), "top"]
        people = [
            Person(each, each, is_active=False, manager_id=above)
            for each, above in pairwise(ids)
        ]
        return (*people, Person("top", "Top"))

    assert owes(people=chain(4)) == "top"
    assert owes(people=chain(5)) is None


def test_nobody_is_found_by_the_address_of_somebody_who_left():
    gone = replace(ANN, is_active=False, manager_id=None)
    left = replace(OPS, is_active=False)
    assert owes(people=(gone, left), fallback=OPS.email) is None
    assert directory(left).get("ops") is left
    assert directory(Person("x", "No Mail")).at("") is None


def test_without_a_day_nobody_is_away():
    assert asked_on(None, absences=CHRISTMAS) == Asked(OWNER)


def test_the_second_absence_counts_as_the_first_does():
    easter = Absence(date(2027, 3, 26), date(2027, 3, 29))
    absences = {"ann@acme.example": (*CHRISTMAS["ann@acme.example"], easter)}
    asked = asked_on(date(2027, 3, 29), absences=absences)
    assert asked == Asked(
        "m1", "You are asked because Ann Rep is away until 29 Mar 2027."
    )


def test_an_address_of_another_case_is_away_too():
    loud = replace(ANN, email="ANN@Acme.example")
    asked = asked_on(date(2026, 12, 24), absences=CHRISTMAS, people=(loud, MAY))
    assert asked is not None
    assert asked.person_id == "m1"


def test_of_several_who_cannot_be_asked_the_first_decides_who_is():
    steps = (
        RoleStep(RoleSource.FIELD, "desk_user"),
        RoleStep(RoleSource.ADDRESS, "may@acme.example"),
        RoleStep(RoleSource.DEAL_OWNER),
    )
    first = Person("d1", "Di Desk", is_active=False, manager_id="m2")
    gone = replace(ANN, is_active=False)
    asked = who_owes(
        "desk",
        a_deal(desk_user=first),
        People({"desk": steps}),
        directory(first, gone, BOSS, OPS),
    )
    assert asked == Asked("m2", "You are asked because Di Desk is not active.")


def test_the_last_resort_is_told_why_too():
    asked = who_owes(
        "desk",
        a_deal(),
        People(fallback="RevOps@acme.example"),
        directory(replace(ANN, manager_id=None), OPS),
    )
    assert asked == Asked("ops", "You are asked because nobody holds the role desk.")


def test_a_manager_owes_as_a_role_and_falls_to_the_owners_own_where_there_is_none():
    manager = who_owes("owner_manager", a_deal(), People(), directory(ANN, MAY))
    assert manager == Asked("m1")
    assert owes("owner_manager", people=(replace(ANN, manager_id=None), BOSS)) is None


def test_in_a_team_only_the_role_and_a_known_person_count():
    rows: tuple[Row, ...] = (
        {"role": EMPTY, "user": BOSS},
        {"role": "Legal", "user": BOSS},
        {"role": "Architect", "user": EMPTY},
        {"role": "ARCHITECT", "user": OPS},
        {"role": "Architect", "user": MAY},
    )
    roles = {"architect": (RoleStep(RoleSource.TEAM_MEMBER, "architect"),)}
    deal = a_deal(related={"team_members": rows})
    assert owes("architect", deal=deal, roles=roles) == "ops"


def test_a_field_that_holds_no_person_holds_no_role():
    roles = {"desk": (RoleStep(RoleSource.FIELD, "desk_user"),)}
    for value in (EMPTY, "ops", Unavailable("no access")):
        assert owes("desk", deal=a_deal(desk_user=value), roles=roles) == "m1"


def test_an_absence_is_of_the_day_it_is_where_the_person_works():
    """16:00 UTC of 20 December is 11:00 in New York and 21 December in Tokyo."""
    moment = datetime(2026, 12, 20, 16, tzinfo=UTC)

    def asked(**said):
        people = People(absences=CHRISTMAS, **said)
        known = Directory({OWNER: ANN, "m1": MAY}, people, a_context(moment))
        return who_owes("deal_owner", a_deal(), people, known)

    tokyo = ZoneInfo("Asia/Tokyo")
    assert asked() == Asked(OWNER)
    assert asked(zones={"may@acme.example": tokyo}) == Asked(OWNER)
    away = Asked("m1", "You are asked because Ann Rep is away until 3 Jan 2027.")
    assert asked(zones={"ann@acme.example": tokyo}) == away


def test_the_address_of_a_person_is_in_lower_case_and_blank_where_none_is_known():
    known = directory(OPS, Person("x", "No Mail"))
    assert known.address("ops") == "revops@acme.example"
    assert known.address("x") == known.address("nobody") == known.address(None) == ""
