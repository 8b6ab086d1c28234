from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import Person, Row, Unavailable
from gatekeeper.core.people import Asked, Directory, who_owes
from gatekeeper.core.roles import Absence, People, RoleSource, RoleStep
from tests.builders import OWNER, a_deal

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
    known = Directory({each.id: each for each in people}, said, day)
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
