"""What runs and deals tell: counted from a real store and a CRM in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.experience import Asking, Probe
from gatekeeper.core.model import EMPTY, Group, History, Money, Quorum, Stint
from gatekeeper.flow.experience import look_back
from gatekeeper.ports import RunKind
from tests.builders import a_deal, a_line, dollars
from tests.flow.scene import FRIDAY, an_id, lacking

if TYPE_CHECKING:
    from gatekeeper.core.experience import Experience
    from gatekeeper.core.model import Deal
    from tests.flow.scene import MakeScene, Scene


def seen(scene: Scene, *probes: Probe) -> Experience:
    return look_back(scene.services, scene.pack, probes)


def day(number: int) -> datetime:
    return datetime(2026, 9, number, 12, tzinfo=UTC)


def with_past(deal: Deal, *stays: tuple[str, int]) -> Deal:
    """Give a deal its stages with the day of September on which it entered each."""
    ends = [day(entered) for _, entered in stays[1:]] + [None]
    stints = tuple(
        Stint(stage, day(entered), left, EMPTY)
        for (stage, entered), left in zip(stays, ends, strict=True)
    )
    history = History(stints, complete_since={"stage": day(1)}, began=day(1))
    return replace(deal, history=history)


def test_runs_are_counted_by_rule(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()  # a plan and a run
    scene.wait(days=3)
    scene.run()

    found = seen(scene)

    assert found.runs == 3
    record = found.records["qual-amount"]
    assert (record.runs, record.judged, record.failed, record.deals) == (3, 6, 3, 2)
    assert record.since == date(2026, 11, 20)


def test_runs_of_another_logic_or_too_long_ago_or_replays_are_not_counted(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1))
    scene.run()
    scene.wait(days=91)
    scene.run()
    scene.run(FRIDAY, kind=RunKind.REPLAY)
    scene.rule(logic="another")
    scene.run()

    found = seen(scene)

    assert found.runs == 2
    assert found.records["qual-amount"].runs == 1


def test_a_rule_that_no_run_judged_has_no_record(scene_of: MakeScene) -> None:
    assert seen(scene_of(lacking(1))).records == {}


def test_conditions_are_asked_of_the_deals_their_rule_binds(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(
        lacking(1),
        a_deal("Proposal", deal_id=an_id(2)),
        a_deal("Prospecting", deal_id=an_id(3), amount=EMPTY),
    )
    when = a_line(
        lambda deal: EMPTY if deal.fields["amount"] is EMPTY else True, "amount > 5"
    )
    scene.rule(when=when)

    assert seen(scene).askings == {("qual-amount", "amount > 5"): Asking(2, 1)}


def test_an_empty_line_counts_only_where_the_whole_condition_hangs_on_it(
    scene_of: MakeScene,
) -> None:
    silent, named, foreign = (an_id(number) for number in (1, 2, 3))
    scene = scene_of(
        *(
            a_deal("Proposal", deal_id=each, amount=EMPTY)
            for each in (silent, named, foreign)
        )
    )
    amount = a_line(lambda _deal: EMPTY, "amount > 5")
    step = a_line(lambda deal: deal.id == named, "next_step is filled")
    ours = a_line(lambda deal: deal.id != foreign, 'name != "Other"')
    either = Group(Quorum.ANY, (amount, step))
    scene.rule(when=Group(Quorum.ALL, (either, ours)))

    assert seen(scene).askings == {
        ("qual-amount", "amount > 5"): Asking(3, 1),
        ("qual-amount", "next_step is filled"): Asking(3, 0),
        ("qual-amount", 'name != "Other"'): Asking(3, 0),
    }


def test_probes_read_a_deal_as_of_the_moment_it_was_won(scene_of: MakeScene) -> None:
    won = with_past(
        a_deal("Closed Won", deal_id=an_id(1)), ("Proposal", 4), ("Closed Won", 10)
    )
    untold = a_deal("Closed Won", deal_id=an_id(2), close_date=date(2026, 11, 16))
    probe = Probe("day", lambda _deal, context: Decimal(context.today.day))

    found = seen(scene_of(won, untold), probe)

    assert found.values == {"day": (Decimal(10), Decimal(16))}


def test_finished_stays_are_measured_in_days(scene_of: MakeScene) -> None:
    won = with_past(
        a_deal("Closed Won", deal_id=an_id(1)),
        ("Prospecting", 2),
        ("Qualification", 4),
        ("Closed Won", 10),
    )
    lasting = with_past(
        a_deal("Qualification", deal_id=an_id(2)),
        ("Prospecting", 2),
        ("Qualification", 7),
    )

    stays = seen(scene_of(won, lasting)).stays

    assert sorted(stays.inside["Prospecting"]) == [2, 5]
    assert stays.inside["Qualification"] == (Decimal(6),)
    assert stays.after == {
        "Prospecting": (Decimal(6),),
        "Qualification": (Decimal(0),),
    }
    assert stays.whole == (Decimal(9),)  # created on the 1st


def test_a_deal_that_was_never_seen_open_does_not_tell_how_long_deals_live(
    scene_of: MakeScene,
) -> None:
    """One was entered as won; of one nothing is known before it was won."""
    entered = with_past(a_deal("Closed Won", deal_id=an_id(1)), ("Closed Won", 1))
    untold = with_past(a_deal("Closed Won", deal_id=an_id(2)), ("Closed Won", 9))
    history = replace(untold.history, complete_since={})

    stays = seen(scene_of(entered, replace(untold, history=history))).stays

    assert stays.whole == ()


def test_a_deal_lives_from_its_creation_whatever_its_first_stages_were(
    scene_of: MakeScene,
) -> None:
    """Created on the 1st, seen in Proposal since the 4th, won on the 10th."""
    won = with_past(
        a_deal("Closed Won", deal_id=an_id(1)), ("Proposal", 4), ("Closed Won", 10)
    )
    history = replace(won.history, complete_since={})

    stays = seen(scene_of(replace(won, history=history))).stays

    assert (stays.whole, stays.inside) == ((Decimal(9),), {})


def test_probes_read_won_deals_alone_and_in_one_currency(scene_of: MakeScene) -> None:
    scene = scene_of(
        a_deal("Closed Won", deal_id=an_id(1), amount=dollars(70)),
        a_deal("Closed Won", deal_id=an_id(2), amount=EMPTY),
        a_deal("Closed Won", deal_id=an_id(3), amount=Money(Decimal(9), "XTS")),
        a_deal("Closed Lost", deal_id=an_id(4), amount=dollars(80)),
    )
    probe = Probe("amount", lambda deal, _context: deal.fields["amount"])

    found = seen(scene, probe)

    assert (found.deals, found.won) == (4, 3)
    assert found.values == {"amount": (Decimal(70),)}


def test_what_could_not_be_read_is_said(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.crm.page_size, scene.crm.fails_at_page = 1, 1

    found = seen(scene)

    assert found.deals == 1
    assert len(found.problems) == 1


def test_progress_is_shown_from_before_the_first_page_to_the_last(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    told: list[tuple[str, int, int | None]] = []
    services = replace(scene.services, progress=lambda *step: told.append(step))

    look_back(services, scene.pack, ())

    assert told == [("deals read", 0, None), ("deals read", 2, 2)]


def test_nothing_is_written(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(1))
    scene.settle()
    before = len(scene.crm.requests), len(scene.store.runs())
    scene.wait(days=1)

    seen(scene)

    assert (len(scene.crm.requests), len(scene.store.runs())) == before
    assert timedelta(days=1) < scene.crm.now - FRIDAY + timedelta(seconds=1)
