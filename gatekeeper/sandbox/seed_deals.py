"""The rows of one deal of the demo org: itself, its history and its evidence."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gatekeeper.sandbox import seed_words as words
from gatekeeper.sandbox.seed_activity import Scene, write_activities
from gatekeeper.sandbox.seed_evidence import write_files, write_products, write_roles
from gatekeeper.sandbox.seed_people import (
    FORECASTS,
    PROBABILITIES,
    account_id,
    contact_id,
    contact_name,
)
from gatekeeper.sandbox.seed_rows import Row, morning, seeded_id, stamps, wire
from gatekeeper.sandbox.seed_story import (
    PROPOSAL,
    QUALIFICATION,
    STAGES,
    WON,
    Flaw,
    coming_workday,
    moment,
    workday,
)

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from gatekeeper.sandbox.seed_activity import Activity, Sink
    from gatekeeper.sandbox.seed_people import Cast
    from gatekeeper.sandbox.seed_story import Story


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of the deal that Salesforce keeps in OpportunityHistory."""

    at: datetime
    field: str
    value: str | float


def write_deal(sink: Sink, random: Random, story: Story, cast: Cast) -> None:
    """Write a deal and everything that hangs on it."""
    account = story.number * 2 // 5 % cast.accounts
    leaver = Flaw.INACTIVE_OWNER in story.flaws
    owner = cast.leaver(story.number) if leaver else cast.rep(account)
    deal = seeded_id("006", story.number + 1)
    scene = Scene(sink, random, story, deal, owner, account, account_id(account))
    activity = write_activities(scene)
    write_roles(scene)
    total = write_products(scene)
    write_files(scene)
    turns = _turns(scene, total)
    _write_history(scene, turns)
    sink.add("Opportunity", _opportunity(scene, turns, activity, priced=total > 0))


def _turns(scene: Scene, total: float) -> list[Turn]:
    """Return what changed after the deal was entered, in the order of time."""
    story, random = scene.story, scene.random
    turns = [
        Turn(moment(random, day), "StageName", stage) for stage, day in story.path[1:]
    ]
    turns += _push_turns(scene)
    estimate = random.randint(8, 90) * 1000
    if story.furthest >= QUALIFICATION and Flaw.NO_AMOUNT not in story.flaws:
        turns.append(_amount(scene, QUALIFICATION, estimate))
    if total > 0 and story.furthest >= PROPOSAL:
        turns.append(_amount(scene, PROPOSAL, total))
    return sorted(turns, key=lambda turn: turn.at)


def _amount(scene: Scene, stage: int, amount: float) -> Turn:
    at = moment(scene.random, scene.story.entered(stage))
    return Turn(at, "Amount", float(amount))


def _push_turns(scene: Scene) -> list[Turn]:
    story = scene.story
    later = story.close_dates[1:]
    span = (story.last_touch - story.created).days
    turns: list[Turn] = []
    for place, close_date in enumerate(later, start=1):
        day = story.created + timedelta(days=span * place // len(later))
        at = moment(scene.random, max(workday(day), story.created))
        turns.append(Turn(at + timedelta(minutes=place), "CloseDate", f"{close_date}"))
    return turns


def _write_history(scene: Scene, turns: list[Turn]) -> None:
    story = scene.story
    made = morning(story.created)
    now: dict[str, object] = {
        "StageName": story.path[0][0],
        "Amount": None,
        "CloseDate": story.close_dates[0].isoformat(),
    }
    _history_row(scene, made, now, {})
    for turn in turns:
        before = dict(now)
        now[turn.field] = turn.value
        at = wire(turn.at)
        _history_row(scene, at, now, before)
        if turn.field != "StageName":
            _field_row(scene, at, turn, before[turn.field])


def _history_row(
    scene: Scene, at: str, now: dict[str, object], before: dict[str, object]
) -> None:
    stage = str(now["StageName"])
    row: Row = {
        "attributes": {"type": "OpportunityHistory"},
        "OpportunityId": scene.deal,
        "StageName": stage,
        "Amount": now["Amount"],
        "ExpectedRevenue": _expected(now["Amount"], stage),
        "CloseDate": now["CloseDate"],
        "Probability": PROBABILITIES[stage],
        "ForecastCategory": FORECASTS[stage][0],
        "PrevAmount": before.get("Amount"),
        "PrevCloseDate": before.get("CloseDate"),
        "CreatedDate": at,
        "CreatedById": scene.owner,
        "SystemModstamp": at,
        "IsDeleted": False,
    }
    scene.sink.add("OpportunityHistory", row)


def _field_row(scene: Scene, at: str, turn: Turn, old: object) -> None:
    row: Row = {
        "attributes": {"type": "OpportunityFieldHistory"},
        "OpportunityId": scene.deal,
        "Field": turn.field,
        "DataType": "DateOnly" if turn.field == "CloseDate" else "Currency",
        "OldValue": old,
        "NewValue": turn.value,
        "CreatedDate": at,
        "CreatedById": scene.owner,
        "IsDeleted": False,
    }
    scene.sink.add("OpportunityFieldHistory", row)


def _opportunity(
    scene: Scene, turns: list[Turn], activity: Activity, *, priced: bool
) -> Row:
    story, random = scene.story, scene.random
    amounts = [turn.value for turn in turns if turn.field == "Amount"]
    moved = [wire(turn.at) for turn in turns if turn.field == "StageName"]
    changed = wire(turns[-1].at) if turns else morning(story.created)
    company = words.company(scene.account_number)[0]
    row: Row = {
        "attributes": {"type": "Opportunity"},
        "Id": scene.deal,
        "Name": f"{company} - {random.choice(words.PROJECTS)}",
        "AccountId": scene.account,
        "OwnerId": scene.owner,
        "ContactId": contact_id(scene.account_number, 0),
        "StageName": story.stage,
        "IsClosed": not story.is_open,
        "IsWon": story.stage == WON,
        "Amount": amounts[-1] if amounts else None,
        "NextStep": _next_step(scene),
        "Type": random.choice(("New Customer", "Existing Customer - Upgrade")),
        "LeadSource": random.choice(words.LEAD_SOURCES),
        "Description": None,
        "CampaignId": None,
        "TotalOpportunityQuantity": None,
        "IsPrivate": False,
        "IsDeleted": False,
        "Pricebook2Id": seeded_id("01s", 1) if priced else None,
        "HasOpportunityLineItem": priced,
        "HasOpenActivity": activity.has_open,
        "HasOverdueTask": False,
        "LastActivityDate": activity.latest.isoformat() if activity.latest else None,
        "LastStageChangeDate": moved[-1] if moved else None,
    }
    row |= _derived(story, row["Amount"])
    row |= stamps(morning(story.created), changed, scene.owner)
    seen = morning(story.last_touch)
    return row | {"SystemModstamp": max(changed, seen)}


def _derived(story: Story, amount: object) -> Row:
    close_date = story.close_dates[-1]
    quarter = (close_date.month + 2) // 3
    category, category_name = FORECASTS[story.stage]
    return {
        "Probability": PROBABILITIES[story.stage],
        "ExpectedRevenue": _expected(amount, story.stage),
        "ForecastCategory": category,
        "ForecastCategoryName": category_name,
        "CloseDate": close_date.isoformat(),
        "PushCount": _pushed_months(story.close_dates),
        "FiscalYear": close_date.year,
        "FiscalQuarter": quarter,
        "Fiscal": f"{close_date.year} {quarter}",
    }


def _pushed_months(close_dates: tuple[date, ...]) -> int:
    """Count the moves of the close date into a later month, as PushCount does."""
    months = [(day.year, day.month) for day in close_dates]
    return sum(later > before for before, later in itertools.pairwise(months))


def _expected(amount: object, stage: str) -> float | None:
    if not isinstance(amount, int | float):
        return None
    return round(amount * PROBABILITIES[stage] / 100, 2)


def _next_step(scene: Scene) -> str | None:
    story, random = scene.story, scene.random
    if not story.is_open or Flaw.NO_NEXT_STEP in story.flaws:
        return None
    if Flaw.PLACEHOLDER in story.flaws:
        return random.choice(words.PLACEHOLDERS)
    if story.stage == STAGES[0] and random.random() < 0.4:
        return None
    day = coming_workday(story.as_of + timedelta(days=random.randint(1, 9)))
    first = contact_name(scene.account_number, 0)[0]
    shown = f"{day.day} {day:%b}"
    return random.choice(words.NEXT_STEPS).format(day=shown, first=first)
