"""Owners over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.call import Answer
from gatekeeper.sandbox.hubspot.errors import HubSpotError, not_found
from gatekeeper.sandbox.hubspot.routing import Route
from gatekeeper.sandbox.hubspot.scopes import Need

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.call import Call
    from gatekeeper.sandbox.hubspot.owners import Owner

_MOST = 500
_OWNERS = "/crm/v3/owners"


def list_owners(call: Call) -> Answer:
    """Answer owners by id: deactivated ones, or all others."""
    limit = call.count("limit", 100, _MOST)
    after, email = call.text("after") or "", call.text("email")
    archived = call.flag("archived")
    shown = sorted(
        (
            owner
            for owner in call.portal.owners.values()
            if owner.archived == archived
            and (not email or (owner.email or "").lower() == email.lower())
        ),
        key=lambda owner: int(owner.id),
    )
    start = int(after) if after.isdecimal() else 0
    rest = [owner for owner in shown if int(owner.id) > start]
    body: dict[str, object] = {"results": [owner.body() for owner in rest[:limit]]}
    if len(rest) > limit:
        last = rest[limit - 1].id
        link = f"{call.base_url}{_OWNERS}/?limit={limit}&after={last}"
        body["paging"] = {"next": {"after": last, "link": link}}
    return Answer(body=body)


def read_owner(call: Call) -> Answer:
    """Answer one owner by its id or its user's."""
    owner = _find(call, call.text("idProperty") or "id")
    if owner is None or owner.archived != call.flag("archived"):
        raise not_found()
    return Answer(body=owner.body())


def _find(call: Call, id_property: str) -> Owner | None:
    owner_id, owners = call.params["owner"], call.portal.owners
    match id_property:
        case "id":
            return owners.get(owner_id)
        case "userId":
            found = (o for o in owners.values() if str(o.user_id) == owner_id)
            return next(found, None)
        case _:
            raise HubSpotError(
                f"Invalid value for query parameter idProperty: {id_property}"
            )


OWNER_ROUTES = (
    Route("owners", "GET", _OWNERS, list_owners, Need.OWNERS),
    Route("owners", "GET", f"{_OWNERS}/{{owner}}", read_owner, Need.OWNERS),
)
