"""What HubSpot counts up from a deal's associations, some time after their change.

The deal's modification date moves when the roll-up arrives, not when its cause does.
A value that was loaded stands until one of the deal's associations or activities
changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.history import CALCULATED
from gatekeeper.sandbox.hubspot.kinds import ENGAGEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored

Values = dict[str, str]
_CONTACTS = ("calls", "emails", "meetings")
"""Activities that count as having spoken to somebody."""


def linked(portal: Portal, pair: tuple[str, str], from_id: str, to_id: str) -> None:
    """Have the roll-ups follow that a link was made or taken away."""
    for own, other, record_id in ((*pair, from_id), (*pair[::-1], to_id)):
        if own == "deals":
            _schedule(portal, record_id, other)


def activity_changed(portal: Portal, kind_name: str, record_id: str) -> None:
    """Have the roll-ups of an activity's deals follow its change."""
    if kind_name in ENGAGEMENTS or kind_name in {"contacts", "line_items"}:
        for deal_id in portal.links.of((kind_name, "deals"), record_id):
            _schedule(portal, deal_id, kind_name)


def load_rollups(portal: Portal) -> None:
    """Count up every deal of a loaded portal, as if it had grown.

    Nobody has read a row yet, so they are filled in where they stand.
    """
    counts = tuple(dict.fromkeys(_ROLLUPS.values()))
    for row in portal.state.tables["deals"].in_order():
        deal_id = str(row["hs_object_id"])
        for count in counts:
            for name, value in count(portal, deal_id).items():
                if value:
                    row[name] = value


def _schedule(portal: Portal, deal_id: str, other: str) -> None:
    count = _ROLLUPS.get(other)
    if count is None:
        return
    key = ("rollup", deal_id, count.__name__)
    portal.late.after(
        portal.settings.rollup_lag_s, key, lambda: _arrive(portal, deal_id, count)
    )


def _arrive(
    portal: Portal, deal_id: str, count: Callable[[Portal, str], Values]
) -> None:
    kind = portal.kinds["deals"]
    row = portal.live(kind, deal_id)
    if row is None:
        return
    # A deal that was merged meanwhile leads to the one it went into.
    changes = {
        name: value
        for name, value in count(portal, str(row["hs_object_id"])).items()
        if kind.shown(name) and value != (row[name] or "")
    }
    if changes:
        portal.change(kind, row, changes, CALCULATED)


def _count_contacts(portal: Portal, deal_id: str) -> Values:
    return {"num_associated_contacts": str(len(_linked(portal, deal_id, ["contacts"])))}


def _count_lines(portal: Portal, deal_id: str) -> Values:
    lines = _linked(portal, deal_id, ["line_items"])
    return {"hs_num_of_associated_line_items": str(len(lines))}


def _count_activities(portal: Portal, deal_id: str) -> Values:
    now = portal.stamp()
    spoken = [_moment(row) for row in _linked(portal, deal_id, _CONTACTS)]
    tasks = _linked(portal, deal_id, ["tasks"])
    notes = [_moment(row) for row in _linked(portal, deal_id, ["notes"])]
    # A task counts from the day it was made: its own time is when it is due.
    logged = [str(row["hs_createdate"] or _moment(row)) for row in tasks]
    due = [_moment(row) for row in tasks if row["hs_task_status"] != "COMPLETED"]
    return {
        "notes_last_contacted": _last(spoken, now),
        "notes_last_updated": _last([*spoken, *notes, *logged], now),
        "notes_next_activity_date": min(
            (at for at in [*spoken, *due] if at > now), default=""
        ),
        "num_contacted_notes": str(len(spoken)),
        "num_notes": str(len(spoken) + len(notes) + len(tasks)),
    }


def _linked(portal: Portal, deal_id: str, names: Iterable[str]) -> list[Stored]:
    found = []
    for name in names:
        for record_id in portal.links.of(("deals", name), deal_id):
            row = portal.live(portal.kinds[name], record_id)
            if row is not None:
                found.append(row)
    return found


def _moment(row: Stored) -> str:
    return str(row["hs_timestamp"] or "")


def _last(moments: list[str], now: str) -> str:
    return max((at for at in moments if at <= now), default="")


_ROLLUPS: dict[str, Callable[[Portal, str], Values]] = {
    "contacts": _count_contacts,
    "line_items": _count_lines,
    **dict.fromkeys(ENGAGEMENTS, _count_activities),
}
