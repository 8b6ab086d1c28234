"""The labels an account may put on associations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.call import Answer, id_of, maybe_text
from gatekeeper.sandbox.hubspot.errors import HubSpotError, not_found
from gatekeeper.sandbox.hubspot.links import OWN, LinkType
from gatekeeper.sandbox.hubspot.rates import Lane
from gatekeeper.sandbox.hubspot.routing import Route
from gatekeeper.sandbox.hubspot.scopes import Need

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.call import Call
    from gatekeeper.sandbox.hubspot.links import Pair

_LABELS = "/crm/v4/associations/{from}/{to}/labels"


def list_labels(call: Call) -> Answer:
    """Answer every type of association in this direction."""
    types = call.portal.links.types(_pair(call))
    return Answer(body={"results": [type_.body() for type_ in types.values()]})


def create_label(call: Call) -> Answer:
    """Make a label; answers both directions, each with an id of its own."""
    given, pair, links = call.json(), _pair(call), call.portal.links
    label = id_of(given, "label")
    if links.labelled(pair, label):
        raise HubSpotError(
            f"An association label '{label}' already exists.",
            "OBJECT_ALREADY_EXISTS",
            409,
        )
    made = links.define(pair, label, maybe_text(given, "inverseLabel"))
    back = links.types(pair[::-1])[made.back]
    return Answer(body={"results": [made.body(), back.body()]})


def update_label(call: Call) -> Answer:
    """Rename a label."""
    given, pair = call.json(), _pair(call)
    type_id = given.get("associationTypeId")
    found = _own(call, type_id if isinstance(type_id, int) else -1)
    call.portal.links.rename(pair, found.id, id_of(given, "label"))
    return Answer(204)


def archive_label(call: Call) -> Answer:
    """Take a label away, and off every link that has it."""
    text = call.params["label"]
    found = _own(call, int(text) if text.isdecimal() else -1)
    call.portal.links.undefine(_pair(call), found.id)
    return Answer(204)


def _pair(call: Call) -> Pair:
    return call.kind_of("from").name, call.kind_of("to").name


def _own(call: Call, type_id: int) -> LinkType:
    found = call.portal.links.types(_pair(call)).get(type_id)
    if found is None:
        raise not_found()
    if found.category != OWN:
        raise HubSpotError("HubSpot's own association types cannot be changed")
    return found


LABEL_ROUTES = tuple(
    Route("labels", method, path, handler, need, Lane.ASSOCIATIONS)
    for method, path, handler, need in (
        ("GET", _LABELS, list_labels, Need.READ),
        ("POST", _LABELS, create_label, Need.WRITE),
        ("PUT", _LABELS, update_label, Need.WRITE),
        ("DELETE", f"{_LABELS}/{{label}}", archive_label, Need.WRITE),
    )
)
