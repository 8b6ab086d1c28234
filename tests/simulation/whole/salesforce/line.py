"""What a line has to know of Salesforce's requests and replies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import orjson

from gatekeeper.core.model import Action
from gatekeeper.crm.salesforce.names import FLAG_FIELDS, KEY_FIELD, REF_FIELD
from tests.simulation.broken import Broken
from tests.simulation.whole.line import BY_ID, PULLS, READS, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatekeeper.core.model import Change
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.wire import Reply, Request

_SOURCE = re.compile(r" FROM (\w+)")
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")
_COLLECTION = "/composite/sobjects"
_TASK = frozenset(
    {"OwnerId", "ActivityDate", "Subject", "Description", "WhatId", "Status"}
    | {KEY_FIELD, REF_FIELD}
)
_DEAL = frozenset(FLAG_FIELDS.values())
_NO_ANSWER = ("reset_before", "503html", "500", "truncated", "reset_after")
_WRONG: Mapping[str, tuple[str, ...]] = {
    "unreachable": _NO_ANSWER,
    "page lost": (*_NO_ANSWER, "locator_expired"),
    "limited": ("concurrent403", "429", "limit403"),
    "login refused": ("401",),
    "turned away": ("limit403",),
    "lost before": ("reset_before", "503html", "500"),
    "lost after": ("reset_after", "truncated", "", ""),
    "poison": ("validation:1",),
    "refused": ("validation", "inactive_owner", "trigger"),
    "locked": ("lock_row", "lock_row_500"),
}
"""What each fault is told the sandbox as, one of several by the event's number."""


@dataclass(eq=False)
class SalesforceLine(Line):
    """Carries what simple-salesforce sends."""

    org: Org = field(init=False)
    front: Callable[[Request], Reply] = field(init=False)

    def place(self, request: Request) -> str:
        path = request.raw_path.partition("/services/")[2].partition("/v59.0/")
        name = path[2] or path[0]
        if name.startswith("query/0"):
            name = "more"
        source = _SOURCE.search(_soql(request))
        return f"{request.method} {name}{source[1] if source else ''}"

    def faults(self, request: Request) -> Sequence[str]:
        soql = _soql(request)
        if " FROM Opportunity " not in f"{soql} ":
            return PULLS if "query/0" in request.raw_path else READS
        return BY_ID if "Id IN" in soql else PULLS

    # ---- what is written ----

    def written(
        self, request: Request, changes: Sequence[Change]
    ) -> list[Change] | None:
        if not request.raw_path.endswith(_COLLECTION):
            return None
        records = orjson.loads(request.body)["records"]
        is_new = request.method == "POST"
        return [_change_of(record, changes, is_new=is_new) for record in records]

    def done(self, reply: Reply, changes: Sequence[Change]) -> list[Change]:
        rows = _rows(reply)
        if len(rows) != len(changes):
            return []
        return [
            change
            for change, row in zip(changes, rows, strict=True)
            if row.get("success") is True
        ]

    def refused(self, reply: Reply, changes: Sequence[Change]) -> list[Change]:
        if 400 <= reply.status < 500:
            return list(changes)
        rows = _rows(reply)
        if reply.status >= 500:
            is_told = bool(rows) and rows[0].get("errorCode") == "UNABLE_TO_LOCK_ROW"
            return list(changes) if is_told else []
        if len(rows) != len(changes):
            return []
        return [
            change
            for change, row in zip(changes, rows, strict=True)
            if row.get("success") is False
        ]

    def allowance(self, reply: Reply) -> tuple[int, int] | None:
        told = _USAGE.search(dict(reply.headers).get("Sforce-Limit-Info", ""))
        return (int(told[1]), int(told[2])) if told else None

    # ---- what goes wrong ----

    def ordered(self, kind: str, number: int) -> str:
        choices = _WRONG.get(kind, ("",))
        return choices[number % len(choices)]

    def answer(self, request: Request, wrong: str) -> Reply:
        if wrong:
            self.org.faults.add(f"any:{wrong}" if ":" in wrong else f"any:{wrong}:1")
        try:
            return self.front(request)
        finally:
            self.org.faults.clear()

    def spoilt(self, reply: Reply, kind: str, number: int) -> Reply:
        if reply.status >= 300 or not reply.content:
            return reply
        if kind == "lost after" and not reply.breakage.truncate:
            return replace(reply, status=500 + number % 4, content=b"<html>")
        if reply.breakage.truncate:
            return reply
        body = orjson.loads(reply.content)
        if isinstance(body, list):
            body = _part(body, kind)
        elif isinstance(body, dict) and "records" in body:
            body = _page(body, kind)
        return replace(reply, content=orjson.dumps(body))


def _soql(request: Request) -> str:
    return parse_qs(request.query).get("q", [""])[0]


def _rows(reply: Reply) -> list[dict[str, object]]:
    if reply.breakage.drop_before or not reply.content.startswith(b"["):
        return []
    rows: list[dict[str, object]] = orjson.loads(reply.content)
    return rows


def _change_of(
    record: Mapping[str, object], changes: Sequence[Change], *, is_new: bool
) -> Change:
    """Return the change that a record carries out, which must say all of it."""
    names = record.keys() - {"attributes", "Id"}
    attributes = record["attributes"]
    assert isinstance(attributes, dict)
    is_task = attributes["type"] == "Task"
    if not names <= (_TASK if is_task else _DEAL):
        raise Broken("W6", f"{sorted(names)} of a {attributes['type']} is written")
    for change in changes:
        is_flag = change.action is Action.FLAG
        if is_new and change.action is Action.CREATE:
            found = record.get(KEY_FIELD) == change.key
            found = found and record["WhatId"] == change.deal_id
        elif is_new or is_flag is is_task:
            found = False
        else:
            found = record["Id"] == (change.deal_id if is_flag else change.remote_id)
        if found:
            return change
    raise Broken("W3", f"a record left that no change says: {dict(record)}")


def _part(rows: list[dict[str, object]], kind: str) -> list[dict[str, object]]:
    match kind:
        case "halves":
            return rows[: (len(rows) + 1) // 2 - (len(rows) == 1)]
        case "answer without id":
            return [{name: row[name] for name in row if name != "id"} for row in rows]
    return rows


def _page(page: dict[str, object], kind: str) -> dict[str, object]:
    records = page["records"]
    assert isinstance(records, list)
    match kind:
        case "page skipped" | "deals unreadable":
            return {**page, "records": []}
        case "page repeated":
            return {**page, "records": records + records}
        case "nothing shown":
            return {"totalSize": 0, "done": True, "records": []}
    return page
