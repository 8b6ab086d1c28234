"""What leadership and owners are told: the same figures, of all deals or of theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.digest.values import Scope
from gatekeeper.core.model import Person
from gatekeeper.flow.digest import Desk
from gatekeeper.flow.readers import digest_of_all, everyones_digests
from tests.builders import a_deal
from tests.flow.scene import an_id, lacking

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.flow.scene import Scene

CEO = Person("leadership", "Leadership")


def desk(scene: Scene) -> Desk:
    schema = scene.crm.schema(scene.pack.catalogue)
    return Desk(scene.store.archive, scene.crm, scene.pack, schema)


def test_leadership_reads_of_every_deal_and_compares_nobody(
    scene_of: Callable[..., Scene],
) -> None:
    unowned = replace(lacking(3), owner_id=None)
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)), unowned)
    scene.settle()

    digest = digest_of_all(desk(scene), CEO)

    assert (digest.who, digest.scope, digest.reps) == (CEO, Scope.ALL, ())
    assert digest.headline.open_deals.now == 3
    assert {ask.deal_id for ask in digest.asks} == {an_id(1), an_id(3)}


def test_an_owner_reads_of_deals_of_their_own_and_a_manager_of_the_team(
    scene_of: Callable[..., Scene],
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.settle()

    bea, ann = everyones_digests(desk(scene))

    assert (bea.who.name, bea.scope) == ("Bea Boss", Scope.TEAM)
    assert (ann.scope, ann.headline.open_deals.now) == (Scope.OWN, 2)
    assert [ask.deal_id for ask in ann.asks] == [ask.deal_id for ask in bea.asks]
