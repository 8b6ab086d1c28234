"""Everybody who owns a deal is in some digest, or is named as one who is in none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.digest.recipients import (
    Audience,
    Recipient,
    Roster,
    StandIn,
    Untold,
    shared_addresses,
)
from gatekeeper.core.digest.roster import roster_of
from gatekeeper.core.model import Person
from gatekeeper.core.people import Directory
from gatekeeper.core.roles import People, Readers

if TYPE_CHECKING:
    from collections.abc import Mapping

ACME = "acme.example"
OPS, CEO, HEAD = f"ops@{ACME}", f"ceo@{ACME}", f"head@{ACME}"
NO_ADDRESS = StandIn("Bea", "has no address")
GIVE_OWNER = "give the deals an owner in the CRM who works there"
DEALS = {"ann": 7, "bob": 5, "cal": 3}


def somebody(name: str, above: str | None = None, **changes: object) -> Person:
    known = {"email": f"{name}@{ACME}", "is_active": True, **changes}
    return Person(name, name.title(), manager_id=above, **known)  # type: ignore[arg-type]


def an_org(*people: Person) -> dict[str, Person]:
    """Ann and Bob report to Bea, Bea and Cal to Dee; whoever is given is as given."""
    usual = (
        somebody("dee"),
        somebody("bea", "dee"),
        somebody("ann", "bea"),
        somebody("bob", "bea"),
        somebody("cal", "dee"),
    )
    return {each.id: each for each in (*usual, *people)}


def called(
    *people: Person,
    deals: Mapping[str, int] = DEALS,
    said: People | None = None,
    **readers: object,
) -> Roster:
    directory = Directory(an_org(*people), said)
    return roster_of(directory, deals, Readers(**readers))  # type: ignore[arg-type]


def teams(roster: Roster, audience: Audience = Audience.MANAGER) -> dict[str, set[str]]:
    return {
        each.who.id: set(each.team) for each in roster.told if each.audience is audience
    }


def instead(roster: Roster) -> dict[str, tuple[StandIn, ...]]:
    return {each.who.id: each.instead_of for each in roster.told if each.instead_of}


def test_each_manager_is_told_of_everybody_below() -> None:
    roster = called()

    assert teams(roster) == {
        "bea": {"bea", "ann", "bob"},
        "dee": {"dee", "bea", "ann", "bob", "cal"},
    }
    assert (roster.untold, instead(roster)) == ((), {})


# ---- managers who cannot be reached -------------------------------------------------


@pytest.mark.promise("F34")
def test_without_an_address_the_manager_above_is_told_and_told_why() -> None:
    roster = called(somebody("bea", "dee", email=None))

    assert set(teams(roster)) == {"dee"}
    assert instead(roster) == {"dee": (NO_ADDRESS,)}
    assert roster.untold == ()


@pytest.mark.promise("F34")
def test_who_left_is_told_nothing_and_the_one_above_reads_of_the_team() -> None:
    roster = called(somebody("bea", "dee", is_active=False))

    assert teams(roster) == {"dee": {"dee", "bea", "ann", "bob", "cal"}}
    (why,) = instead(roster)["dee"]
    assert why == StandIn("Bea", "is not active in the CRM")


@pytest.mark.promise("F34")
def test_a_manager_whom_people_yaml_names_and_who_left_is_stood_in_for_too() -> None:
    said = People(managers={f"ann@{ACME}": f"gus@{ACME}"})
    gone = somebody("gus", "dee", is_active=False)

    roster = called(gone, said=said, deals={"ann": 7})

    assert teams(roster)["dee"] >= {"ann", "gus"}
    assert instead(roster)["dee"][0].name == "Gus"


def test_a_team_s_manager_is_told_of_those_of_whom_nothing_nearer_is_known() -> None:
    """HubSpot knows teams and no managers; its own word and a person's go first."""
    said = People(
        managers={f"ivy@{ACME}": f"dee@{ACME}"},
        team_managers={"west": f"gus@{ACME}"},
    )
    west = [
        somebody("gus", team="West"),
        somebody("hal", team="West"),
        somebody("ivy", team="West"),
        somebody("jon", "bea", team="West"),
    ]
    deals = dict.fromkeys(("gus", "hal", "ivy", "jon"), 1)

    roster = called(*west, said=said, deals=deals)

    found = teams(roster)
    assert found["gus"] == {"gus", "hal"}
    assert "jon" in found["bea"]
    assert {"ivy", "jon"} <= found["dee"]
    assert roster.untold == ()


@pytest.mark.promise("F34")
def test_a_declared_fallback_goes_before_the_manager_above() -> None:
    roster = called(somebody("bea", "dee", email=None), fallback=HEAD)

    assert teams(roster)[HEAD] == {"bea", "ann", "bob"}
    assert instead(roster) == {HEAD: (NO_ADDRESS,)}


@pytest.mark.promise("F34", "S22")
def test_where_nobody_is_above_revops_is_told_of_that_team_and_no_other() -> None:
    top = somebody("dee", email=None)
    other, rep = somebody("eve"), somebody("fay", "eve")

    roster = called(top, other, rep, deals={**DEALS, "fay": 2}, revops=(OPS,))

    assert "fay" not in teams(roster)[OPS]
    assert instead(roster) == {OPS: (StandIn("Dee", "has no address"),)}
    # What RevOps reads of the rules is a digest beside it.
    assert teams(roster, Audience.REVOPS) == {OPS: set()}


@pytest.mark.promise("F34")
def test_one_who_stands_in_for_two_reads_of_both_teams_in_one_digest() -> None:
    bea, eve = somebody("bea", email=None), somebody("eve", email=None)
    fay = somebody("fay", "eve")

    roster = called(bea, eve, fay, deals={**DEALS, "fay": 2}, fallback=HEAD)

    (head,) = [each for each in roster.told if each.who.id == HEAD]
    assert head.team == {"bea", "ann", "bob", "eve", "fay"}
    assert [each.name for each in head.instead_of] == ["Bea", "Eve"]


@pytest.mark.promise("F34")
def test_where_nobody_can_stand_in_it_is_said_how_many_deals_nobody_reads_of() -> None:
    roster = called(
        somebody("bea", email=None), somebody("dee", email=None), leadership=(CEO,)
    )

    assert teams(roster) == {}
    found = {each.name: (each.why, each.open_deals) for each in roster.untold}
    assert found == {"Bea": ("has no address", 12), "Dee": ("has no address", 3)}
    assert {each.remedy for each in roster.untold} == {
        "name who is told instead in people.yaml: digests: {fallback: ADDRESS}"
    }


@pytest.mark.promise("F34", "S22")
def test_two_managers_of_one_address_are_each_told_of_their_own_team() -> None:
    """Two letters to one address: nothing of one team stands in the other's."""
    eve, fay = somebody("eve", email=f"bea@{ACME}"), somebody("fay", "eve")

    roster = called(somebody("bea"), eve, fay, deals={**DEALS, "fay": 2})

    found = teams(roster)
    assert (found["bea"], found["eve"]) == ({"bea", "ann", "bob"}, {"eve", "fay"})


@pytest.mark.promise("F34")
def test_a_manager_who_is_a_rep_reads_of_own_deals_with_the_team_s() -> None:
    roster = called(deals={"bea": 2, "ann": 1}, owners=True)

    assert "bea" in teams(roster)["bea"]
    assert set(teams(roster, Audience.OWNER)) == {"ann"}


# ---- owners, leadership, RevOps -----------------------------------------------------


def test_somebody_who_manages_and_leads_has_a_digest_of_each_kind() -> None:
    roster = called(revops=(f"BEA@{ACME}",), leadership=(f"bea@{ACME}",))

    kinds = [each.audience for each in roster.told if each.who.id == "bea"]
    assert kinds == [Audience.MANAGER, Audience.LEADERSHIP, Audience.REVOPS]


def test_a_declared_reader_who_left_is_sent_nothing_and_named() -> None:
    roster = called(somebody("gus", is_active=False), revops=(f"gus@{ACME}", OPS))

    assert set(teams(roster, Audience.REVOPS)) == {OPS}
    assert roster.untold == (
        Untold(
            Audience.REVOPS,
            "gus",
            "Gus",
            "is not active in the CRM",
            "name another address in people.yaml, under digests:",
        ),
    )


def test_owners_who_left_or_are_unknown_keep_no_other_owner_from_a_digest() -> None:
    gone = somebody("abe", "bea", is_active=False)

    roster = called(gone, deals={"": 1, "abe": 1, "ann": 7}, owners=True)

    assert teams(roster, Audience.OWNER) == {"ann": {"ann"}}
    assert [each.name for each in roster.untold] == ["A deal without an owner"]


def test_an_owner_without_an_address_is_named_with_the_deals_nobody_sends() -> None:
    roster = called(somebody("ann", "bea", email=None), owners=True)

    assert set(teams(roster, Audience.OWNER)) == {"bob", "cal"}
    assert roster.untold == (
        Untold(
            Audience.OWNER,
            "ann",
            "Ann",
            "has no address",
            "give that person an address in the CRM",
            7,
        ),
    )


def test_a_manager_of_nobody_who_owns_a_deal_is_sent_nothing() -> None:
    roster = called(somebody("eve"), somebody("fay", "eve"))
    assert set(teams(roster)) == {"bea", "dee"}


def test_a_manager_whom_the_crm_does_not_show_leaves_the_owner_uncovered() -> None:
    (missed,) = called(somebody("gus", "zed"), deals={"gus": 2}).untold
    assert (missed.name, missed.why) == ("Gus", "has no manager")


def test_an_owner_without_a_manager_is_named_unless_owners_read_themselves() -> None:
    alone = somebody("gus")

    (missed,) = called(alone, deals={"gus": 4}).untold
    assert (missed.audience, missed.name, missed.why, missed.open_deals) == (
        None,
        "Gus",
        "has no manager",
        4,
    )
    assert called(alone, deals={"gus": 4}, owners=True).untold == ()
    assert called(alone, deals={"gus": 0}).untold == ()


@pytest.mark.parametrize(
    ("owner", "name", "why", "remedy"),
    [
        ("", "A deal without an owner", "is in no manager's digest", GIVE_OWNER),
        ("005X", "005X", "is not among the users of the CRM", GIVE_OWNER),
        (
            "hal",
            "Hal",
            f"reports to vp@{ACME}, who is not a user of the CRM",
            "name a manager in people.yaml, of the person (people: ADDRESS: {manager:"
            " ADDRESS}) or of the team (teams: NAME: {manager: ADDRESS})",
        ),
    ],
)
def test_deals_that_nobody_near_is_told_of_are_said_with_reason_and_remedy(
    owner: str, name: str, why: str, remedy: str
) -> None:
    said = People(managers={f"hal@{ACME}": f"vp@{ACME}"})

    roster = called(somebody("hal"), said=said, deals={owner: 2})

    assert roster.untold == (Untold(None, owner, name, why, remedy, 2),)


def test_who_manages_a_team_alone_is_not_said_to_report_to_themselves() -> None:
    said = People(team_managers={"west": f"ivy@{ACME}"})

    (missed,) = called(somebody("ivy", team="West"), said=said, deals={"ivy": 2}).untold

    assert (missed.name, missed.why) == ("Ivy", "has no manager")


def test_a_mailbox_of_several_managers_is_named_with_them() -> None:
    """Their letters go to one address in any case; owners and leadership may share."""
    office = "Office@acme.example"
    told = (
        Recipient(Audience.MANAGER, somebody("bea", email=office)),
        Recipient(Audience.MANAGER, somebody("dee", email=office.lower())),
        Recipient(Audience.MANAGER, somebody("cal")),
        Recipient(Audience.MANAGER, somebody("gus", email=None)),
        Recipient(Audience.MANAGER, somebody("hal", email=None)),
        Recipient(Audience.OWNER, somebody("ann")),
        Recipient(Audience.LEADERSHIP, somebody("ann")),
    )
    assert shared_addresses(Roster(told)) == {"office@acme.example": ("Bea", "Dee")}


def test_the_words_of_audiences_stay_as_stores_and_metrics_have_them() -> None:
    assert [str(each) for each in Audience] == [
        "manager",
        "owner",
        "leadership",
        "revops",
    ]


def test_who_is_in_no_digest_is_counted_by_the_digest_that_misses_them() -> None:
    said = ("gus", "Gus", "has no address", "enter one")
    assert Untold(Audience.REVOPS, *said).kind == "revops"
    assert Untold(None, *said).kind == "no_manager"
    assert Untold(None, *said).open_deals == 0


# ---- properties ---------------------------------------------------------------------

NAMES = tuple("abcdef")
PEOPLE = st.fixed_dictionaries(
    {
        name: st.tuples(st.sampled_from([None, *NAMES]), st.booleans(), st.booleans())
        for name in NAMES
    }
)


@given(PEOPLE, st.sampled_from([(), (OPS,)]), st.sampled_from([None, HEAD]))
@pytest.mark.promise("F34", "D1")
def test_nothing_is_dropped_silently(
    hierarchy: dict[str, tuple[str | None, bool, bool]],
    revops: tuple[str, ...],
    fallback: str | None,
) -> None:
    people = {
        name: somebody(
            name, above, is_active=active, email=f"{name}@{ACME}" if reachable else None
        )
        for name, (above, active, reachable) in hierarchy.items()
    }
    deals = dict.fromkeys(NAMES, 1)

    readers = Readers(revops=revops, fallback=fallback)
    roster = roster_of(Directory(people), deals, readers)

    told = [each for each in roster.told if each.audience is Audience.MANAGER]
    assert len({each.who.id for each in told}) == len(told)
    assert all(each.who.is_active and each.who.email for each in told)
    read_of = {owner for each in told for owner in each.team}
    missing = set(NAMES) - read_of
    named = sum(each.open_deals for each in roster.untold)
    assert bool(missing) <= bool(named)
    if revops or fallback:
        # Whoever has a manager, reached or not, is read of by somebody.
        alone = {each.person_id for each in roster.untold if each.audience is None}
        assert missing == alone
