"""The past of deals, from a sandbox that writes its own history rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.core.history import fields as field_history
from gatekeeper.core.history import stages as stage_history
from gatekeeper.core.model import EMPTY, STAGE, Deal, Person, Unavailable
from gatekeeper.core.pack import Needs
from gatekeeper.crm.salesforce.reading.past import STAGES, PastShape
from gatekeeper.ports import PullRequest, PullTotals
from tests.builders import a_context
from tests.contracts.worlds import SandboxWorld, usd

if TYPE_CHECKING:
    from gatekeeper.core.context import Context


MOVED: dict[str, object] = {"StageName": "Prospecting", "CreatedById": None}


def request(*history: str) -> PullRequest:
    fields = frozenset(history) | {"created_by"}
    needs = Needs(fields - {STAGE}, {}, frozenset(history))
    return PullRequest(needs, BUILT_IN, (), date(2026, 10, 21))


def pulled(world: SandboxWorld, *history: str) -> Deal:
    totals = PullTotals()
    (deal,) = [
        deal
        for batch in world.crm.pull(request(*history), totals)
        for deal in batch.deals
    ]
    assert totals.problems == []
    return deal


def context(world: SandboxWorld) -> Context:
    pipelines = world.crm.schema(BUILT_IN).pipelines
    return a_context(
        world.crm.server_time() + timedelta(seconds=1),
        pipelines={each.name: each for each in pipelines},
    )


def later(world: SandboxWorld, **span: float) -> None:
    world.org.clock.set(world.org.clock.now() + timedelta(**span))
    world.people.log_in()


@pytest.mark.trap("S7b")
def test_every_move_is_a_stint_and_every_change_a_change(world: SandboxWorld) -> None:
    id_ = world.deal("Acme", stage="Prospecting", amount=usd("100"))
    later(world, days=10)
    world.people.update("Opportunity", id_, StageName="Proposal/Price Quote")
    later(world, days=3)
    world.people.update("Opportunity", id_, Amount=250)
    later(world, days=1)

    deal, ctx = pulled(world, STAGE, "amount"), context(world)

    stages = [stint.stage for stint in deal.history.stints]
    assert stages == ["Prospecting", "Proposal/Price Quote"]
    assert stage_history.days_in_stage(deal, ctx, None) == 4
    assert stage_history.days_in_stage(deal, ctx, "Prospecting") == 10
    assert stage_history.visited(deal, ctx, "Qualification") is False
    (change,) = field_history.changes_of("amount", deal, ctx)
    assert (change.old, change.new) == (usd("100"), usd("250"))
    assert isinstance(change.by, Person)


def test_a_forecast_category_is_named_as_the_deal_shows_it(
    world: SandboxWorld,
) -> None:
    id_ = world.deal("Acme")
    later(world, days=1)
    world.people.update("Opportunity", id_, ForecastCategoryName="Best Case")
    later(world, days=1)
    world.people.update("Opportunity", id_, ForecastCategoryName="Commit")

    deal, ctx = pulled(world, "forecast_category"), context(world)

    assert deal.fields["forecast_category"] == "Commit"
    found = field_history.previous("forecast_category", deal, ctx)
    assert found == "Best Case"


def test_a_deal_nobody_touched_is_known_from_its_creation_on(
    world: SandboxWorld,
) -> None:
    world.deal("Acme")
    later(world, days=2)
    deal, ctx = pulled(world, STAGE, "close_date"), context(world)
    assert deal.history.reaches(STAGE)
    assert field_history.count_pushes("close_date", deal, ctx, None) == 0
    assert field_history.previous("close_date", deal, ctx) is EMPTY


def test_a_field_that_nobody_tracks_cannot_be_told(world: SandboxWorld) -> None:
    world.deal("Acme")
    deal, ctx = pulled(world, "next_step"), context(world)
    found = field_history.last_changed("next_step", deal, ctx)
    assert isinstance(found, Unavailable)


def test_a_tracked_field_is_known_from_the_first_change_of_any_deal(
    world: SandboxWorld,
) -> None:
    world.org.settings.tracked |= {"NextStep"}
    old = world.deal("Old")
    world.people.update("Opportunity", old, NextStep="Call")
    later(world, hours=1)
    new = world.deal("New")
    later(world, days=1)
    world.people.update("Opportunity", new, NextStep="Send the offer")

    batches = world.crm.pull(request("next_step"), PullTotals())
    deals = {deal.name: deal for batch in batches for deal in batch.deals}

    ctx = context(world)
    changed = field_history.last_changed("next_step", deals["New"], ctx)
    assert isinstance(changed, datetime)
    assert field_history.previous("next_step", deals["New"], ctx) is EMPTY
    assert deals["New"].history.reaches("next_step")


def test_a_lookup_is_told_by_its_ids(world: SandboxWorld) -> None:
    world.org.settings.tracked |= {"OwnerId"}
    id_ = world.deal("Acme")
    later(world, minutes=1)
    boss = world.person("Boss")
    world.people.update("Opportunity", id_, OwnerId=boss)

    deal, ctx = pulled(world, "owner"), context(world)

    (change,) = field_history.changes_of("owner", deal, ctx)
    assert isinstance(change.new, Person)
    assert change.new.email == "boss@acme.example"


def test_no_history_is_read_unless_a_rule_asks(world: SandboxWorld) -> None:
    world.deal("Acme")
    asked = replace(request(), needs=Needs(frozenset({"amount"})))
    batches = list(world.crm.pull(asked, PullTotals()))
    assert batches[0].deals[0].history.stints == ()


def test_a_history_whose_stages_are_hidden_cannot_be_told(world: SandboxWorld) -> None:
    world.deal("Acme")
    world.org.hide_field("OpportunityHistory", "OpportunityId")
    world.crm.facts.forget()
    deal, ctx = pulled(world, STAGE), context(world)
    assert isinstance(stage_history.visited(deal, ctx, "Qualification"), Unavailable)


def test_a_loaded_deal_younger_than_its_history_began_with_the_history() -> None:
    rows = [
        {"Id": "008A", "CreatedDate": "2026-01-10T00:00:00.000+0000", **MOVED},
        {"Id": "008B", "CreatedDate": "2026-02-10T00:00:00.000+0000", **MOVED}
        | {"StageName": "Proposal"},
    ]
    shape = PastShape(lambda _wire: EMPTY, (), (), "USD")
    row = {"CreatedDate": "2026-03-01T09:00:00.000+0000", "StageName": "Proposal"}
    past = shape.of(row, {STAGES: rows}, {})
    january, february = (datetime(2026, month, 10, tzinfo=UTC) for month in (1, 2))
    assert past.began == january
    assert [(stint.entered, stint.left) for stint in past.stints] == [
        (january, february),
        (february, None),
    ]
    assert past.reaches(STAGE)
