"""How a HubSpot value looks on a record page, and where records lie."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gatekeeper.sandbox.hubspot.times import instant
from gatekeeper.sandbox.pages_values import EMPTY, Fact, Shown, number

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind, Property
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored

_LONG = 80
_BREAK = re.compile(r"<br */?>|</p>|</li>|</ul>|</div>", re.IGNORECASE)
_POINT = re.compile(r"<li[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")
_NAMES = {
    "deals": ("dealname",),
    "companies": ("name",),
    "contacts": ("firstname", "lastname"),
    "tasks": ("hs_task_subject",),
    "meetings": ("hs_meeting_title",),
    "calls": ("hs_call_title",),
    "emails": ("hs_email_subject",),
    "notes": ("hs_note_body",),
    "line_items": ("name",),
    "quotes": ("hs_title",),
}


def record_href(portal: Portal, kind: ObjectKind, record_id: str) -> str:
    """Return the address HubSpot gives a record."""
    account = portal.settings.portal_id
    return f"/contacts/{account}/record/{kind.type_id}/{record_id}"


def record_name(kind: ObjectKind, row: Stored) -> str:
    """Return what a record is called; its id where it has no name."""
    words = [
        plain(str(row[name])) if _is_rich(kind, name) else str(row[name])
        for name in _NAMES[kind.name]
        if row[name]
    ]
    return " ".join(words) or str(row["hs_object_id"])


def _is_rich(kind: ObjectKind, name: str) -> bool:
    definition = kind.shown(name)
    return definition is not None and definition.field_type == "html"


def link(portal: Portal, kind: ObjectKind, row: Stored) -> Shown:
    """Return a record's name as a link to its page."""
    href = record_href(portal, kind, str(row["hs_object_id"]))
    return Shown(record_name(kind, row), href)


def shown(portal: Portal, definition: Property, value: object) -> Shown:
    """Return a property's value as a page shows it."""
    if value is None or value == "":
        return EMPTY
    text = str(value)
    match definition.type:
        case _ if definition.name.endswith("_id") or definition.name == "dealstage":
            return _named(portal, definition.name, text)
        case "number":
            return Shown(number(float(text)), is_number=True)
        case "date" | "datetime":
            return Shown(moment(portal, text), tone="brief")
        case "bool":
            return Shown("Yes" if text == "true" else "No")
        case "enumeration":
            labels = {option.value: option.label for option in definition.options}
            return Shown(labels.get(text, text))
        case _:
            text = plain(text) if definition.field_type == "html" else text
            return Shown(text, is_long=len(text) > _LONG or "\n" in text)


def _named(portal: Portal, name: str, record_id: str) -> Shown:
    """Return what an id stands for; the id where that has no name."""
    match name:
        case "hubspot_owner_id":
            return owner(portal, record_id)
        case "dealstage":
            return Shown(stage_label(portal, record_id))
        case "hubspot_team_id":
            return Shown(_team(portal, record_id))
        case _:
            return Shown(record_id)


def facts(
    portal: Portal, kind: ObjectKind, row: Stored, names: tuple[str, ...]
) -> list[Fact]:
    """Return the named properties of a record, those the portal has."""
    return [
        Fact(definition.label, shown(portal, definition, row[name]))
        for name in names
        if (definition := kind.shown(name)) is not None
    ]


def owner(portal: Portal, owner_id: str) -> Shown:
    """Return an owner by name; owners have no page."""
    found = portal.owners.get(owner_id)
    if found is None:
        return Shown(owner_id) if owner_id else EMPTY
    return Shown(f"{found.name} (deactivated)" if found.archived else found.name)


def stage_label(portal: Portal, stage_id: str) -> str:
    """Return what people call a stage."""
    for pipeline in portal.pipelines["deals"].values():
        if stage_id in pipeline.stages:
            return pipeline.stages[stage_id].label
    return stage_id


def _team(portal: Portal, team_id: str) -> str:
    teams = (team for each in portal.owners.values() for team in each.teams)
    return next((team.name for team in teams if team.id == team_id), team_id)


def moment(portal: Portal, stored: str) -> str:
    """Return a date, or a date-time in the account's zone, as people write one."""
    at = instant(stored)
    if stored.endswith("T00:00:00.000Z") or len(stored) == 10:
        return f"{at.day} {at:%b %Y}"
    here = at.astimezone(ZoneInfo(portal.settings.time_zone))
    return f"{here.day} {here:%b %Y, %H:%M}"


def plain(text: str) -> str:
    """Return the text of a rich-text value: nothing in it becomes markup."""
    if "<" not in text:
        return unescape(text)
    lines = _TAG.sub("", _POINT.sub("- ", _BREAK.sub("\n", text)))
    return unescape(lines).strip()
