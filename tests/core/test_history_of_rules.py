"""Rules whose position asks the deal's past: how long they hold, and as of when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.core.judge.evaluate import judge
from gatekeeper.core.model import EMPTY, STAGE, Deal, History, Outcome, State, Stint
from gatekeeper.core.pack import Position
from gatekeeper.core.track import Memory, track
from tests.builders import a_context, a_deal, a_line, a_pack, a_rule, asking

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Answer, Verdict
    from gatekeeper.core.pack import Rule

BEGAN = datetime(2026, 8, 3, 13, tzinfo=UTC)


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, 13, tzinfo=UTC)


def went(*steps: tuple[str, datetime], is_whole: bool = True) -> Deal:
    ends = [*(at for _, at in steps[1:]), None]
    stints = tuple(
        Stint(stage, at, left, EMPTY)
        for (stage, at), left in zip(steps, ends, strict=True)
    )
    complete = {STAGE: BEGAN} if is_whole else {}
    past = History(stints, {}, complete, BEGAN)
    return replace(a_deal(steps[-1][0]), history=past)


PROPOSED = went(
    ("Prospecting", BEGAN),
    ("Qualification", day(9, 1)),
    ("Needs Analysis", day(10, 1)),
    ("Proposal", day(11, 1)),
)


def verdict(rule: Rule, deal: Deal) -> Verdict:
    (found,) = judge(deal, a_pack(rule), a_context()).verdicts
    return found


def exit_of(stage: str, **changes: Any) -> Rule:
    return a_rule(position=Position.EXIT, stage=stage, **changes)


# ---- until the next stage ------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "outcome"),
    [
        ("Discovery", Outcome.PASS),  # Proposal, the next one, is not left yet
        ("Qualification", Outcome.NOT_APPLICABLE),  # Discovery is left
        ("Proposal", Outcome.NOT_APPLICABLE),  # not past it yet
    ],
)
def test_a_rule_until_the_next_stage_ends_when_that_is_left(
    stage: str, outcome: Outcome
) -> None:
    rule = exit_of(stage, until_next_stage=True)
    assert verdict(rule, PROPOSED).outcome is outcome


def test_a_deal_that_came_back_and_went_on_is_asked_again() -> None:
    deal = went(
        ("Needs Analysis", BEGAN), ("Qualification", day(9, 1)), ("Proposal", day(9, 9))
    )
    rule = exit_of("Qualification", until_next_stage=True)
    assert verdict(rule, deal).outcome is Outcome.PASS


def test_without_history_the_end_of_a_rule_cannot_be_told() -> None:
    deal = went(("Proposal", day(11, 1)), is_whole=False)
    rule = exit_of("Qualification", until_next_stage=True)
    found = verdict(rule, deal)
    assert found.outcome is Outcome.CANNOT_TELL
    assert "stage history" in found.reason


# ---- asked when leaving --------------------------------------------------------------


def asked_on(stage: str, deal: Deal) -> set[date]:
    """The days that were "today" to the rule."""
    seen: set[date] = set()

    def test(_deal: Deal, context: Context) -> Answer:
        seen.add(context.today)
        return True

    line = asking(a_line(answer=True), test)
    verdict(exit_of(stage, require=line, asked_when_leaving=True), deal)
    return seen


@pytest.mark.parametrize(
    ("stage", "asked"),
    [
        ("Discovery", date(2026, 11, 1)),
        ("Qualification", date(2026, 10, 1)),
        ("Proposal", date(2026, 11, 20)),  # still there: today
    ],
)
def test_today_is_the_day_the_deal_left_the_stage(stage: str, asked: date) -> None:
    assert asked_on(stage, PROPOSED) == {asked}


def test_a_deal_that_leapt_over_the_stage_is_asked_on_the_day_of_the_leap() -> None:
    deal = went(("Prospecting", BEGAN), ("Proposal", day(10, 5)))
    assert asked_on("Discovery", deal) == {date(2026, 10, 5)}


def test_without_history_the_day_of_leaving_cannot_be_told() -> None:
    deal = went(("Proposal", day(11, 1)), is_whole=False)
    rule = exit_of("Discovery", asked_when_leaving=True)
    assert verdict(rule, deal).outcome is Outcome.CANNOT_TELL


# ---- old deals -----------------------------------------------------------------------


def state_of(rule: Rule, deal: Deal) -> State:
    pack = a_pack(rule)
    judged = judge(deal, pack, a_context())
    (violation,) = track(judged, Memory(), pack, a_context())
    return violation.state


@pytest.mark.parametrize(
    ("day_in_force", "is_exempt"),
    [
        (date(2026, 11, 1), False),  # it left Discovery on that very day
        (date(2026, 11, 2), True),
    ],
)
def test_a_deal_past_the_gate_on_the_day_of_the_rule_is_exempt(
    day_in_force: date, *, is_exempt: bool
) -> None:
    rule = exit_of(
        "Discovery", require=a_line(answer=False), effective_from=day_in_force
    )
    assert (state_of(rule, PROPOSED) is State.EXEMPT) is is_exempt


def test_while_in_a_stage_only_the_day_of_creation_decides() -> None:
    """It came into the stage after the day, and was there as a deal before it."""
    rule = replace(
        exit_of(
            "Proposal",
            require=a_line(answer=False),
            effective_from=date(2026, 10, 1),
        ),
        position=Position.WHILE_IN,
    )
    assert state_of(rule, PROPOSED) is State.EXEMPT


def test_without_history_the_day_of_creation_decides() -> None:
    rule = exit_of(
        "Discovery",
        require=a_line(answer=False),
        effective_from=date(2026, 11, 1),
    )
    deal = replace(a_deal("Proposal"), history=History())
    assert state_of(rule, deal) is State.EXEMPT
