"""Read the associations a write asks for, and make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot import rollups
from gatekeeper.sandbox.hubspot.call import Input, id_of
from gatekeeper.sandbox.hubspot.errors import HubSpotError, invalid_input
from gatekeeper.sandbox.hubspot.links import DEFINED, OWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.links import Pair
    from gatekeeper.sandbox.hubspot.portal import Portal

_CATEGORIES = {DEFINED, OWN, "INTEGRATOR_DEFINED"}


def link(
    portal: Portal, pair: Pair, ends: tuple[str, str], type_ids: Iterable[int]
) -> None:
    """Link two records; doing it again changes nothing."""
    portal.links.add(pair, *ends, type_ids)
    rollups.linked(portal, pair, *ends)


def unlink(
    portal: Portal,
    pair: Pair,
    ends: tuple[str, str],
    type_ids: Iterable[int] | None = None,
) -> None:
    """Take labels off a link, or the link away; one that is not there is no error."""
    portal.links.remove(pair, *ends, type_ids)
    rollups.linked(portal, pair, *ends)


def check_ends(
    portal: Portal, kinds: tuple[ObjectKind, ObjectKind], ends: tuple[str, str]
) -> None:
    """Refuse a link to what does not exist.

    Raises:
        HubSpotError: 404, naming the record.
    """
    for kind, record_id in zip(kinds, ends, strict=True):
        if portal.live(kind, record_id) is None:
            raise HubSpotError(
                f"{kind.word}={record_id} is not valid",
                "OBJECT_NOT_FOUND",
                404,
                context={"id": [record_id], "objectType": [kind.singular]},
            )


def type_ids_in(portal: Portal, pair: Pair, given: object) -> list[int]:
    """Return the ids of the types a body asks for.

    Raises:
        HubSpotError: One is malformed, or no type of these objects in this direction.
    """
    if not isinstance(given, list) or not given:
        raise invalid_input("'types' must be a list of at least one type")
    return [_type_id(portal, pair, each) for each in given]


def _type_id(portal: Portal, pair: Pair, given: object) -> int:
    if not isinstance(given, dict):
        raise invalid_input("a type must be an object")
    type_id, category = given.get("associationTypeId"), given.get("associationCategory")
    if category not in _CATEGORIES or not isinstance(type_id, int):
        raise invalid_input(
            "a type needs 'associationCategory' and 'associationTypeId'"
        )
    known = portal.links.types(pair).get(type_id)
    if known is None or known.category != category:
        raise HubSpotError(
            f"{category} association type {type_id} doesn't exist between object "
            f"types {pair[0]} and {pair[1]}"
        )
    return type_id


def link_new(portal: Portal, kind: ObjectKind, record_id: str, given: object) -> None:
    """Make the associations a create asks for.

    Args:
        portal: Where the record lives.
        kind: The new record's object type.
        record_id: The new record's id.
        given: `associations` of the body.

    Raises:
        HubSpotError: One is malformed or leads nowhere.
    """
    if given is None:
        return
    if not isinstance(given, list):
        raise invalid_input("'associations' must be a list")
    for each in given:
        if not isinstance(each, dict) or not isinstance(each.get("to"), dict):
            raise invalid_input("an association needs 'to' and 'types'")
        target: Input = each["to"]
        _link_one(portal, (kind, record_id), id_of(target), each.get("types"))


def _link_one(
    portal: Portal, new: tuple[ObjectKind, str], to_id: str, types: object
) -> None:
    kind, record_id = new
    wanted = _target_kind(portal, kind, types)
    pair = (kind.name, wanted.name)
    type_ids = type_ids_in(portal, pair, types)
    if portal.live(wanted, to_id) is None:
        raise HubSpotError(
            f"{wanted.word}={to_id} is not valid", context={"id": [to_id]}
        )
    link(portal, pair, (record_id, to_id), type_ids)


def _target_kind(portal: Portal, kind: ObjectKind, types: object) -> ObjectKind:
    """Return the object type an association's first type leads to."""
    first = types[0] if isinstance(types, list) and types else None
    type_id = first.get("associationTypeId") if isinstance(first, dict) else None
    for other in portal.kinds.values():
        if type_id in portal.links.types((kind.name, other.name)):
            return other
    raise HubSpotError(f"{type_id} is not a valid association type of {kind.word}")
