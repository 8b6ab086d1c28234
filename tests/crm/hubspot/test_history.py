"""A deal's past: stages by their dates, other fields by their past values."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from gatekeeper.core.model import EMPTY, STAGE, Deal, History
from gatekeeper.ports import PullTotals
from tests.crm.hubspot.scene import Scene, request


def day(number: int) -> str:
    return f"2026-11-{number:02}T10:00:00Z"


def at(number: int) -> datetime:
    return datetime(2026, 11, number, 10, tzinfo=UTC)


def past(scene: Scene, *fields: str, who: bool = False) -> History:
    scene.at("2026-11-20T14:00:00Z")
    asked = request(*(("created_by",) if who else ()), history={STAGE, *fields})
    return scene.pulled(asked)["Acme"].history


def way(history: History) -> list[tuple[str, datetime, datetime | None]]:
    return [(stint.stage, stint.entered, stint.left) for stint in history.stints]


def moved(scene: Scene, *stages: str) -> str:
    """Let a deal go through stages, a day each from the 2nd on."""
    scene.at(day(1))
    deal = scene.deal("Acme", dealstage=stages[0])
    for number, stage in enumerate(stages[1:], start=2):
        scene.at(day(number))
        scene.change("deals", deal, dealstage=stage)
    return deal


def test_a_straight_way_is_told_by_the_dates_in_the_list(scene: Scene) -> None:
    moved(scene, "appointmentscheduled", "qualifiedtobuy", "contractsent")
    before = Counter(scene.portal.requests)

    history = past(scene)

    assert way(history) == [
        ("appointmentscheduled", at(1), at(2)),
        ("qualifiedtobuy", at(2), at(3)),
        ("contractsent", at(3), None),
    ]
    assert history.complete_since == {STAGE: at(1)}
    assert history.reaches(STAGE)
    assert (Counter(scene.portal.requests) - before)["batch_read"] == 0


def test_a_way_back_is_told_by_past_values(scene: Scene) -> None:
    moved(
        scene,
        *("appointmentscheduled", "qualifiedtobuy"),
        *("appointmentscheduled", "contractsent"),
    )

    history = past(scene)

    assert way(history) == [
        ("appointmentscheduled", at(1), at(2)),
        ("qualifiedtobuy", at(2), at(3)),
        ("appointmentscheduled", at(3), at(4)),
        ("contractsent", at(4), None),
    ]
    assert history.reaches(STAGE)


def test_who_moved_a_deal_is_read_where_somebody_asks(scene: Scene) -> None:
    moved(scene, "appointmentscheduled", "qualifiedtobuy")

    (_, last) = past(scene, who=True).stints

    # The person's user is 1, who owns nothing: HubSpot shows no owner of that user.
    assert last.by is not EMPTY


def test_changes_are_told_and_the_first_value_is_none(scene: Scene) -> None:
    scene.at(day(1))
    deal = scene.deal("Acme", closedate="2026-11-30T00:00:00.000Z")
    scene.at(day(3))
    scene.change("deals", deal, closedate="2026-12-24T00:00:00.000Z")

    history = past(scene, "close_date", "next_step")

    (change,) = history.changes["close_date"]
    assert (change.field, change.at) == ("close_date", at(3))
    assert (str(change.old), str(change.new)) == ("2026-11-30", "2026-12-24")
    assert history.reaches("close_date")
    assert history.reaches("next_step")


def test_what_hubspot_has_dropped_is_unknown(scene: Scene) -> None:
    scene.at("2026-10-01T10:00:00Z")
    deal = scene.deal("Acme", hs_next_step="Step 0")
    for number in range(1, 26):
        scene.at(f"2026-10-{number + 1:02}T10:00:00Z")
        scene.change("deals", deal, hs_next_step=f"Step {number}")

    history = past(scene, "next_step")

    assert len(history.changes["next_step"]) == 19
    assert not history.reaches("next_step")
    # 26 values were given, 20 are kept: the oldest of these is Step 6, of the 7th.
    assert history.reaches("next_step", datetime(2026, 10, 7, 10, tzinfo=UTC))
    assert not history.reaches("next_step", datetime(2026, 10, 7, 9, tzinfo=UTC))


def test_without_dates_and_without_values_nothing_is_known(scene: Scene) -> None:
    moved(scene, "appointmentscheduled", "qualifiedtobuy")
    names = list(scene.portal.kinds["deals"].properties)
    for name in names:
        if name.startswith("hs_v2_date_"):
            del scene.portal.kinds["deals"].properties[name]
    with scene.portal.lock:
        scene.portal.faults.add("batch_read:503:99")
    scene.crm.portal.forget()

    deal = deal_of_partial(scene)

    assert deal.history.stints == ()
    assert not deal.history.reaches(STAGE)


def deal_of_partial(scene: Scene) -> Deal:
    totals = PullTotals()
    (batch,) = scene.crm.pull(request(history={STAGE}), totals)
    assert "history of deals could not be read" in totals.problems[0]
    return batch.deals[0]
