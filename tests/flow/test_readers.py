"""Who is told what of the last run: managers, owners, leadership, RevOps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.digest.recipients import Audience, Untold
from gatekeeper.core.digest.rules import RulesDigest
from gatekeeper.core.digest.values import Digest
from gatekeeper.core.roles import People, Readers
from gatekeeper.errors import LeaseHeldError
from gatekeeper.flow.digest import Desk, roster_about
from gatekeeper.flow.post import Post
from gatekeeper.flow.readers import digests_for, send_all
from gatekeeper.ports import Delivery
from tests.builders import OWNER, a_deal
from tests.fakes.crm import ORG
from tests.flow.scene import FRIDAY, an_id, lacking
from tests.flow.test_post import Courier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.digest.recipients import Roster
    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.core.model import Person
    from tests.flow.scene import MakeScene, Scene

OPS, CEO = "ops@acme.example", "ceo@acme.example"


def desk(scene: Scene, readers: Readers = Readers()) -> Desk:  # noqa: B008  a frozen value
    schema = scene.crm.schema(scene.pack.catalogue)
    people = People(digests=readers)
    return Desk(
        scene.store.archive, scene.crm, replace(scene.pack, people=people), schema
    )


def told(at: Desk) -> tuple[Roster, list[AnyDigest]]:
    roster = roster_about(at)
    return roster, list(digests_for(roster.told, at, roster.untold))


def test_leadership_reads_of_every_deal_and_compares_nobody(
    scene_of: MakeScene,
) -> None:
    unowned = replace(lacking(3), owner_id=None)
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)), unowned)
    scene.settle()

    _, (_, digest) = told(desk(scene, Readers(leadership=(CEO,))))

    assert isinstance(digest, Digest)
    assert (digest.who.email, digest.audience) == (CEO, Audience.LEADERSHIP)
    assert digest.reps == ()
    assert digest.headline.open_deals.now == 3
    assert {ask.deal_id for ask in digest.asks} == {an_id(1), an_id(3)}


def test_an_owner_reads_of_deals_of_their_own_and_a_manager_of_the_team(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.settle()

    _, (bea, ann) = told(desk(scene, Readers(owners=True)))

    assert isinstance(bea, Digest)
    assert isinstance(ann, Digest)
    assert (bea.who.name, bea.audience) == ("Bea Boss", Audience.MANAGER)
    assert (ann.audience, ann.headline.open_deals.now) == (Audience.OWNER, 2)
    assert [ask.deal_id for ask in ann.asks] == [ask.deal_id for ask in bea.asks]


@pytest.mark.promise("F34")
def test_all_who_write_the_rules_read_whom_no_digest_reaches(
    scene_of: MakeScene,
) -> None:
    unowned = replace(lacking(3), owner_id=None)
    scene = scene_of(lacking(1), unowned)
    scene.settle()

    roster, (_, first, second) = told(desk(scene, Readers(revops=(OPS, CEO))))

    assert isinstance(first, RulesDigest)
    assert isinstance(second, RulesDigest)
    assert [first.who.email, second.who.email] == [OPS, CEO]
    assert replace(first, whole=second.whole) == second
    assert first.untold == roster.untold
    (missed,) = first.untold
    assert isinstance(missed, Untold)
    assert (missed.name, missed.open_deals) == ("A deal without an owner", 1)


def test_everybody_can_be_looked_at_though_owners_are_sent_nothing(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1))
    scene.settle()

    assert [each.who.name for each in told(desk(scene))[0].told] == ["Bea Boss"]
    roster = roster_about(desk(scene), all_owners=True)
    assert [each.who.name for each in roster.told] == ["Bea Boss", "Ann Rep"]


@pytest.mark.promise("D2", "S24")
def test_all_letters_are_made_and_sent_where_nobody_else_writes(
    scene_of: MakeScene,
) -> None:
    """Otherwise a run may end between two of them, or somebody they name be erased."""
    scene = scene_of(lacking())
    scene.settle()
    people = scene.crm.people
    refused: list[str] = []

    def asked() -> Mapping[str, Person]:
        try:
            scene.store.upkeep.erase_person(ORG, OWNER)
        except LeaseHeldError as held:
            refused.append(str(held))
        return people()

    scene.crm.people = asked  # type: ignore[method-assign]
    courier = Courier()
    post = Post(ORG, scene.pack, scene.store.outbox, courier, FRIDAY, lambda: "")

    sent, untold = send_all(desk(scene), post)

    assert [(each.who.name, each.delivery) for each in sent] == [
        ("Bea Boss", Delivery.SENT)
    ]
    assert untold == ()
    assert len(refused) == 2  # for the roster, and for the letters
    scene.run()  # the lease is free again
