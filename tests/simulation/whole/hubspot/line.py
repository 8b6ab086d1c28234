"""What a line has to know of HubSpot's requests and replies."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import orjson

from gatekeeper.core.model import Action
from gatekeeper.crm.hubspot.names import (
    FLAG_PROPERTIES,
    KEY_PROPERTY,
    REF_PROPERTY,
    SHADOW_PROPERTY,
)
from tests.simulation.broken import Broken
from tests.simulation.whole.line import BY_ID, READS, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatekeeper.core.model import Change
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.wire import Reply, Request

    Record = Mapping[str, object]

_TASK = frozenset(
    {"hubspot_owner_id", "hs_timestamp", "hs_task_subject", "hs_task_body"}
    | {"hs_task_status", "hs_task_type", KEY_PROPERTY, REF_PROPERTY}
)
_DEAL = frozenset({*FLAG_PROPERTIES.values(), SHADOW_PROPERTY})
_DAILY = "X-HubSpot-RateLimit-Daily"
_PULLS = (*READS, "page lost", "page repeated", "nothing shown")
"""A page that is skipped shows nowhere: there is no total to hold a list against."""
_NO_ANSWER = ("reset_before", "503html", "500", "truncated", "reset_after", "423")
_WRONG: Mapping[str, tuple[str, ...]] = {
    "unreachable": _NO_ANSWER,
    "page lost": _NO_ANSWER,
    "page repeated": ("page_again",),
    "limited": ("429burst", "429search", "429daily"),
    "login refused": ("403",),
    "turned away": ("429daily",),
    "lost before": ("reset_before", "503html", "500"),
    "lost after": ("reset_after", "truncated", "empty200", ""),
    "poison": ("rejected:1",),
    "refused": ("rejected", "409", "conflict"),
    "locked": ("423", "conflict"),
    "not tied": ("500",),
}
"""What each fault is told the sandbox as, one of several by the event's number."""


@dataclass(eq=False)
class HubSpotLine(Line):
    """Carries what hubspot-api-client sends."""

    portal: Portal = field(init=False)
    front: Callable[[Request], Reply] = field(init=False)

    def place(self, request: Request) -> str:
        name = request.raw_path.removeprefix("/crm/")[3:]
        return f"{request.method} {name}"

    def faults(self, request: Request) -> Sequence[str]:
        if request.raw_path.endswith("/objects/deals"):
            return _PULLS
        return BY_ID if request.raw_path.endswith("/deals/batch/read") else READS

    # ---- what is written ----

    def written(
        self, request: Request, changes: Sequence[Change]
    ) -> list[Change] | None:
        path = request.raw_path
        if not path.endswith(("/batch/upsert", "/batch/update", "/batch/create")):
            return None
        inputs = orjson.loads(request.body)["inputs"]
        if "/associations/" in path:
            for each in inputs:
                self._expect_own_deal(each, changes)
            return []
        is_task, is_new = "/tasks/" in path, not path.endswith("/update")
        found = (
            self._change_of(each, changes, is_task=is_task, is_new=is_new)
            for each in inputs
        )
        return [change for change in found if change is not None]

    def _expect_own_deal(self, given: Record, changes: Sequence[Change]) -> None:
        task, deal = _id_in(given, "from"), _id_in(given, "to")
        known = self.mirror.tasks.get(task)
        keys = {each.key for each in changes if each.action is Action.CREATE}
        if known is None or known.key not in keys or known.id.deal_id != deal:
            raise Broken("W6", f"task {task} is tied to deal {deal}")

    def _change_of(
        self, given: Record, changes: Sequence[Change], *, is_task: bool, is_new: bool
    ) -> Change | None:
        """Return the change of an input, which must say all of it.

        None for the end of a task whose deal went while it was made.
        """
        values = given["properties"]
        assert isinstance(values, dict)
        if not values.keys() <= (_TASK if is_task else _DEAL):
            raise Broken("W6", f"{sorted(values)} is written")
        for change in changes:
            is_flag = change.action is Action.FLAG
            if is_new and change.action is Action.CREATE:
                found = values[KEY_PROPERTY] == change.key
            elif is_new or is_flag is is_task or change.action is Action.CREATE:
                found = False
            else:
                wanted = change.deal_id if is_flag else change.remote_id
                found = given["id"] == wanted
            if found:
                return change
        known = self.mirror.tasks.get(str(given.get("id")))
        is_made_now = known and known.key in {each.key for each in changes}
        if is_made_now and values.get("hs_task_status") == "COMPLETED":
            return None
        raise Broken("W3", f"an input left that no change says: {dict(given)}")

    def done(self, reply: Reply, changes: Sequence[Change]) -> list[Change]:
        if reply.status >= 300 or reply.breakage.drop_before:
            return []
        if not reply.content:  # what was done is not in the answer
            return list(changes)
        named = {name for row in _part_of(reply, "results") for name in _names_of(row)}
        return [each for each in changes if named & {each.key, each.remote_id}]

    def refused(self, reply: Reply, changes: Sequence[Change]) -> list[Change]:
        if 400 <= reply.status < 500:
            return list(changes)
        named = {name for error in _part_of(reply, "errors") for name in _about(error)}
        return [each for each in changes if named & {each.key, each.remote_id}]

    def allowance(self, reply: Reply) -> tuple[int, int] | None:
        told = dict(reply.headers)
        if _DAILY not in told:
            return None
        allowed = int(told[_DAILY])
        return allowed - int(told[f"{_DAILY}-Remaining"]), allowed

    # ---- what goes wrong ----

    def ordered(self, kind: str, number: int) -> str:
        choices = _WRONG.get(kind, ("",))
        return choices[number % len(choices)]

    def answer(self, request: Request, wrong: str) -> Reply:
        if wrong:
            route = "list" if wrong == "page_again" else "any"
            count = "" if ":" in wrong else ":1"
            self.portal.faults.add(f"{route}:{wrong}{count}")
        try:
            return self.front(request)
        finally:
            self.portal.faults.clear()

    def spoilt(self, reply: Reply, kind: str, number: int) -> Reply:
        if reply.status >= 300 or reply.breakage.truncate or not reply.content:
            return reply
        if kind == "lost after":
            return replace(reply, status=500 + number % 4, content=b"<html>")
        body = orjson.loads(reply.content)
        results = body.get("results")
        if not isinstance(results, list):
            return reply
        match kind:
            case "halves":
                body["results"] = results[: len(results) // 2]
            case "answer without id":
                body["results"] = [
                    {name: row[name] for name in row if name != "id"} for row in results
                ]
            case "nothing shown":
                body = {"results": []}
            case "deals unreadable":
                body["results"] = []
        return replace(reply, content=orjson.dumps(body))


def _id_in(given: Record, end: str) -> str:
    named = given[end]
    assert isinstance(named, dict)
    return str(named["id"])


def _part_of(reply: Reply, name: str) -> list[dict[str, object]]:
    if reply.breakage.drop_before or not reply.content.startswith(b"{"):
        return []
    if reply.breakage.truncate and name == "errors":
        return []
    try:
        found = orjson.loads(reply.content).get(name)
    except orjson.JSONDecodeError:
        return []
    return found if isinstance(found, list) else []


def _names_of(row: Mapping[str, object]) -> list[str]:
    said = row.get("properties")
    key = said.get(KEY_PROPERTY) if isinstance(said, dict) else None
    return [str(each) for each in (row.get("id"), key, row.get("objectWriteTraceId"))]


def _about(error: Mapping[str, object]) -> list[str]:
    context = error.get("context")
    if not isinstance(context, dict):
        return []
    return [str(name) for names in context.values() for name in names]
