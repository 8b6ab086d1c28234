"""Search: what the index holds, at most 10,000 of it, a little behind the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.call import Answer, Input, id_of, maybe_text, names_in
from gatekeeper.sandbox.hubspot.errors import HubSpotError, invalid_input
from gatekeeper.sandbox.hubspot.rates import Lane
from gatekeeper.sandbox.hubspot.routing import Route
from gatekeeper.sandbox.hubspot.scopes import Need
from gatekeeper.sandbox.hubspot.search_filter import comparable, filters_in, words_in
from gatekeeper.sandbox.hubspot.shape import asked, record_body

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.call import Call
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.state import Stored

_LONGEST_BODY = 3_000
_MOST = 200
_WINDOW = 10_000


def search(call: Call) -> Answer:
    """Answer a page of the records that pass the filters."""
    if len(call.content.decode("utf-8", "replace")) > _LONGEST_BODY:
        raise HubSpotError(
            f"The request body is too long; at most {_LONGEST_BODY} characters fit"
        )
    given, portal, kind = call.json(), call.portal, call.kind
    start, limit = _place(given)
    passes = filters_in(portal, kind, given)
    says = words_in(kind, maybe_text(given, "query") or "")
    # Archived records are gone from the index at once; all else takes its time.
    rows = portal.index.shown(kind.name, portal.listed(kind, "0", archived=False))
    found = _sorted(kind, given, [row for row in rows if passes(row) and says(row)])
    wanted = asked(call, kind, names_in(given, "properties"))
    page = found[start : start + limit]
    body: dict[str, object] = {
        "total": len(found),
        "results": [record_body(portal, row, wanted) for row in page],
    }
    if len(found) > start + limit:
        body["paging"] = {"next": {"after": str(start + limit)}}
    return Answer(body=body)


def _place(given: Input) -> tuple[int, int]:
    limit, after = given.get("limit", 10), given.get("after", 0)
    if not isinstance(limit, int) or not 1 <= limit <= _MOST:
        raise HubSpotError(f"The maximum limit is {_MOST}, but {limit} was requested.")
    text = "0" if after == "" else str(after)
    if not text.isdecimal():
        raise invalid_input(f"'{after}' is not a valid paging token")
    if int(text) + limit > _WINDOW:
        raise HubSpotError(f"Search results are limited to {_WINDOW} records per query")
    return int(text), limit


def _sorted(kind: ObjectKind, given: Input, rows: list[Stored]) -> list[Stored]:
    """Return the rows as asked, those without a value last; by id where unasked."""
    sorts = given.get("sorts") or []
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise HubSpotError("At most one sort may be given")
    if not sorts:
        return rows
    first = sorts[0]
    asked_for = first if isinstance(first, dict) else {"propertyName": first}
    definition = kind.shown(id_of(asked_for, "propertyName"))
    if definition is None:
        raise HubSpotError(
            f"Property '{asked_for['propertyName']}' does not exist on {kind.word}"
        )
    name = definition.name
    held = [row for row in rows if row[name]]
    held.sort(
        key=lambda row: comparable(definition, str(row[name])),
        reverse=asked_for.get("direction") == "DESCENDING",
    )
    return held + [row for row in rows if not row[name]]


SEARCH_ROUTES = (
    Route(
        "search",
        "POST",
        "/crm/v3/objects/{type}/search",
        search,
        Need.READ,
        Lane.SEARCH,
    ),
)
