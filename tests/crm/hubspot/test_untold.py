"""What HubSpot leaves open of single records is unknown for their deals alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import EMPTY, Deal, Unavailable
from gatekeeper.ports import PullTotals
from tests.crm.hubspot.scene import request
from tests.crm.hubspot.test_reading import company, contact, on_deal, rows

if TYPE_CHECKING:
    from gatekeeper.ports import PullRequest
    from tests.crm.hubspot.scene import Scene

SILENT = "HubSpot said nothing of its associations"
WHY = {"unread": "internal error", "unanswered": SILENT}
KINDS = pytest.mark.parametrize("fault", ["unread", "unanswered"])


def pulled(
    scene: Scene, asked: PullRequest, *faults: str
) -> tuple[dict[str, Deal], PullTotals]:
    """Return a pull during which something goes wrong."""
    scene.crm.pull(asked, PullTotals())  # the portal is known by then
    with scene.portal.lock:
        for fault in faults:
            scene.portal.faults.add(fault)
    totals = PullTotals()
    batches = list(scene.crm.pull(asked, totals))
    return {deal.name: deal for batch in batches for deal in batch.deals}, totals


@pytest.mark.promise("F09")
@KINDS
def test_one_deals_rows_are_unknown_and_all_others_are_whole(
    scene: Scene, fault: str
) -> None:
    for name in "ABC":
        on_deal(scene, scene.deal(name), "notes", 214)
    asked = request("amount", rows={"notes": {"owner"}})

    # The third input of the first read, and of the second, which asks for it alone.
    found, totals = pulled(scene, asked, f"associations:{fault}:2:after=2")

    assert found["C"].related["notes"] == Unavailable(WHY[fault])
    assert [len(rows(found[name], "notes")) for name in "AB"] == [1, 1]
    assert {found[name].fields["amount"] for name in "ABC"} == {EMPTY}
    assert totals.problems == [
        f"notes could not be read for 1 of 3 deals ({WHY[fault]})."
    ]


@KINDS
def test_what_comes_when_it_is_asked_for_again_is_whole(
    scene: Scene, fault: str
) -> None:
    for name in "ABC":
        on_deal(scene, scene.deal(name), "notes", 214)
    asked = request(rows={"notes": {"owner"}})

    found, totals = pulled(
        scene, asked, f"associations:{fault}:1:after=1", f"batch_read:{fault}:1"
    )

    assert [len(rows(found[name], "notes")) for name in "ABC"] == [1, 1, 1]
    assert totals.is_complete


def test_a_lookup_is_unknown_for_one_deal_and_all_that_is_read_over_it(
    scene: Scene,
) -> None:
    for name in "AB":
        company(scene, scene.deal(name), f"{name} Corp")
    asked = request(
        "account.name", rows={"account.notes": {"owner"}, "siblings": {"name"}}
    )

    found, totals = pulled(scene, asked, "associations:unread:2:after=1")

    deal, other = found["B"], found["A"]
    unknown = Unavailable("internal error")
    assert deal.fields["account.name"] == unknown
    assert deal.related["account.notes"] == unknown
    assert isinstance(deal.related["siblings"], Unavailable)
    assert other.fields["account.name"] == "A Corp"
    assert (rows(other, "account.notes"), rows(other, "siblings")) == ([], [])
    assert [problem.partition(" could")[0] for problem in totals.problems] == [
        "account",
        "account.notes",
    ]


def test_rows_of_one_company_are_unknown_to_each_of_its_deals(scene: Scene) -> None:
    first = scene.deal("A")
    corp = company(scene, first, "Corp")
    scene.link("deals", scene.deal("B"), "companies", corp, 5)
    company(scene, scene.deal("C"), "Other")
    asked = request(rows={"account.notes": {"owner"}})

    # After the three deals: the first of the two companies.
    found, totals = pulled(
        scene, asked, "associations:unread:1:after=3", "associations:unread:1:after=4"
    )

    unknown = Unavailable("internal error")
    assert [found[name].related["account.notes"] for name in "ABC"] == [
        *(unknown, unknown),
        (),
    ]
    assert "account.notes could not be read for 2 of 3 deals" in totals.problems[0]


def test_who_took_part_is_unknown_where_one_meeting_does_not_say(
    scene: Scene,
) -> None:
    for name in "AB":
        deal = scene.deal(name)
        fox = contact(scene, deal, f"Fox {name}", "Champion")
        meeting = on_deal(scene, deal, "meetings", 212)
        scene.link("meetings", meeting, "contacts", fox, 200)
    asked = request(rows={"meetings": {"subject", "contact_roles"}})

    # Two deals of two kinds, and the first of the two meetings.
    found, totals = pulled(scene, asked, "associations:unread:2:after=5")

    (whole,), (partly,) = (rows(found[name], "meetings") for name in "AB")
    assert whole["contact_roles"] == frozenset({"Champion"})
    assert partly["contact_roles"] == Unavailable("internal error")
    assert partly["subject"] is EMPTY
    assert len(totals.problems) == 1
