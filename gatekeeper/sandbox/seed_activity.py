"""Calls, mails, meetings and to-dos around one deal of the demo org."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gatekeeper.sandbox import seed_words as words
from gatekeeper.sandbox.seed_people import contact_id, contact_name, email_address
from gatekeeper.sandbox.seed_rows import Row, morning, stamps, wire
from gatekeeper.sandbox.seed_story import (
    NEEDS,
    QUALIFICATION,
    Flaw,
    coming_workday,
    moment,
    workday,
)

if TYPE_CHECKING:
    from random import Random
    from typing import Protocol

    from gatekeeper.sandbox.seed_story import Story

    class Sink(Protocol):
        """Where rows go."""

        def add(self, object_name: str, row: Row) -> str:
            """Write a row under the next id of its object and return the id."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One deal while its rows are written: who owns it, with which account."""

    sink: Sink
    random: Random
    story: Story
    deal: str
    owner: str
    account_number: int
    account: str


@dataclass(frozen=True, slots=True)
class Activity:
    """What the activities of a deal add up to on the deal itself."""

    latest: date | None
    has_open: bool


def write_activities(scene: Scene) -> Activity:
    """Write the activities of a deal: what happened, and what is planned."""
    touches = _touch_days(scene)
    answer = _answer_place(scene, len(touches))
    for place, day in enumerate(touches):
        if place == answer:
            _mail(scene, day, incoming=True)
        elif scene.random.random() < 0.5:
            _call(scene, day)
        else:
            _mail(scene, day, incoming=False)
    meetings = _meetings(scene)
    planned = _planned(scene)
    days = [*touches, *meetings, *([planned] if planned else [])]
    has_todo = scene.story.is_open and scene.random.random() < 0.25
    if has_todo:
        _todo(scene)
    return Activity(max(days, default=None), has_todo or planned is not None)


def _touch_days(scene: Scene) -> list[date]:
    """Return the days of calls and mails; the last is the story's last touch."""
    story = scene.story
    count = scene.random.randint(2, 4)
    span = (story.last_touch - story.created).days
    days = [
        workday(story.created + timedelta(days=span * place // count))
        for place in range(1, count)
    ]
    return [max(day, story.created) for day in days] + [story.last_touch]


def _answer_place(scene: Scene, count: int) -> int | None:
    """Return which touch is an answer of the buyer."""
    story = scene.story
    if Flaw.NO_REPLY in story.flaws:
        return None
    if story.furthest < NEEDS and scene.random.random() < 0.6:
        return None
    return scene.random.randrange(1, count)


def _task(scene: Scene, day: date, subject: str, kind: str) -> Row:
    at = wire(moment(scene.random, day))
    return {
        "attributes": {"type": "Task"},
        "WhatId": scene.deal,
        "WhoId": contact_id(scene.account_number, 0),
        "AccountId": scene.account,
        "OwnerId": scene.owner,
        "Subject": subject,
        "TaskSubtype": kind,
        "Type": kind if kind != "Task" else None,
        "Status": "Completed",
        "Priority": "Normal",
        "ActivityDate": day.isoformat(),
        "IsClosed": True,
        "CompletedDateTime": at,
        "Description": None,
        "IsDeleted": False,
        "IsArchived": (scene.story.as_of - day).days > 365,
    } | stamps(at, at, scene.owner)


def _call(scene: Scene, day: date) -> None:
    row = _task(scene, day, scene.random.choice(words.CALL_SUBJECTS), "Call")
    minutes = scene.random.randint(3, 45)
    scene.sink.add("Task", row | {"CallDurationInSeconds": minutes * 60})


def _mail(scene: Scene, day: date, *, incoming: bool) -> None:
    subjects = words.ANSWER_SUBJECTS if incoming else words.SENT_SUBJECTS
    subject = scene.random.choice(subjects)
    task = _task(scene, day, f"Email: {subject}", "Email")
    task_id = scene.sink.add("Task", task | {"CallDurationInSeconds": None})
    first, last = contact_name(scene.account_number, 0)
    buyer = email_address(first, last, words.company(scene.account_number)[0])
    seller = "sales@gatekeeperdemo.example.com"
    row: Row = {
        "attributes": {"type": "EmailMessage"},
        "ActivityId": task_id,
        "RelatedToId": scene.deal,
        "Subject": subject,
        "FromAddress": buyer if incoming else seller,
        "ToAddress": seller if incoming else buyer,
        "Incoming": incoming,
        "Status": "1" if incoming else "3",
        "MessageDate": task["CompletedDateTime"],
        "IsDeleted": False,
    }
    at = str(task["CompletedDateTime"])
    scene.sink.add("EmailMessage", row | stamps(at, at, scene.owner))


def _meetings(scene: Scene) -> list[date]:
    """Write the meetings that were held and return their days."""
    story = scene.story
    if Flaw.NO_MEETING in story.flaws:
        return []
    held: list[date] = []
    for stage in range(QUALIFICATION, story.furthest + 1):
        must = stage == QUALIFICATION and story.furthest >= NEEDS
        if not must and scene.random.random() < 0.45:
            continue
        day = story.entered(stage) + timedelta(days=scene.random.randint(1, 4))
        day = max(workday(min(day, story.last_touch)), story.created)
        _event(scene, day, words.MEETINGS[stage])
        held.append(day)
    return held


def _planned(scene: Scene) -> date | None:
    """Write a meeting that is still to come, for some open deals."""
    story = scene.story
    quiet = story.flaws & {Flaw.STALE, Flaw.NO_MEETING}
    if not story.is_open or quiet or scene.random.random() < 0.7:
        return None
    day = coming_workday(story.as_of + timedelta(days=scene.random.randint(1, 9)))
    _event(scene, day, words.MEETINGS[story.furthest])
    return day


def _event(scene: Scene, day: date, subject: str) -> None:
    start = moment(scene.random, day).replace(minute=0)
    minutes = scene.random.choice((30, 45, 60))
    made = morning(min(scene.story.last_touch, day))
    row: Row = {
        "attributes": {"type": "Event"},
        "WhatId": scene.deal,
        "WhoId": contact_id(scene.account_number, 0),
        "AccountId": scene.account,
        "OwnerId": scene.owner,
        "Subject": subject,
        "Type": "Meeting",
        "StartDateTime": wire(start),
        "EndDateTime": wire(start + timedelta(minutes=minutes)),
        "ActivityDateTime": wire(start),
        "ActivityDate": day.isoformat(),
        "DurationInMinutes": minutes,
        "IsAllDayEvent": False,
        "Location": None,
        "Description": None,
        "IsDeleted": False,
        "IsArchived": (scene.story.as_of - day).days > 365,
    }
    scene.sink.add("Event", row | stamps(made, made, scene.owner))


def _todo(scene: Scene) -> None:
    story = scene.story
    due = coming_workday(story.as_of + timedelta(days=scene.random.randint(1, 8)))
    row = _task(scene, due, scene.random.choice(words.TODO_SUBJECTS), "Task")
    made = morning(story.last_touch)
    open_row: Row = {
        "Status": "Not Started",
        "IsClosed": False,
        "CompletedDateTime": None,
        "CallDurationInSeconds": None,
        "IsArchived": False,
    }
    scene.sink.add("Task", row | open_row | stamps(made, made, scene.owner))
