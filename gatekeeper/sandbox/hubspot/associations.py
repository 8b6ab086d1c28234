"""Associations between records, version 4: read, make and unmake by the thousand."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from gatekeeper.sandbox.hubspot.batch_answer import batch_answer
from gatekeeper.sandbox.hubspot.call import Answer, Call, Input, id_of, maybe_text
from gatekeeper.sandbox.hubspot.errors import HubSpotError, invalid_input
from gatekeeper.sandbox.hubspot.linking import check_ends, link, type_ids_in, unlink
from gatekeeper.sandbox.hubspot.rates import Lane
from gatekeeper.sandbox.hubspot.routing import Route
from gatekeeper.sandbox.hubspot.scopes import Need
from gatekeeper.sandbox.hubspot.unwell import unread

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.links import Pair

Body = dict[str, object]
_MOST_READ = 1_000
_MOST_WRITTEN = 2_000
_PAGE = 500


def read_batch(call: Call) -> Answer:
    """Answer what records are linked to; one without a link is an error entry."""
    found, errors = [], []
    for each in call.inputs(_MOST_READ):
        from_id, start = id_of(each), _offset(maybe_text(each, "after"))
        if fault := call.portal.faults.take_record(call.route):
            errors += unread(fault, fromObjectId=[from_id])
            continue
        linked = _linked(call, from_id)
        if not linked:
            errors.append(_nothing_linked(call, from_id))
            continue
        body: Body = {"from": {"id": from_id}, "to": linked[start : start + _PAGE]}
        if len(linked) > start + _PAGE:
            body["paging"] = {"next": _next(call, start + _PAGE)}
        found.append(body)
    return batch_answer(call.portal, found, errors)


def read_one(call: Call) -> Answer:
    """Answer what one record is linked to."""
    limit = call.count("limit", _PAGE, _PAGE)
    start = _offset(call.text("after"))
    linked = _linked(call, call.params["id"])
    body: Body = {"results": linked[start : start + limit]}
    if len(linked) > start + limit:
        body["paging"] = {"next": _next(call, start + limit)}
    return Answer(body=body)


def create_batch(call: Call) -> Answer:
    """Link records; one that does not exist spoils its own input alone."""
    portal, pair = call.portal, _pair(call)
    inputs = [
        (_ends(each), type_ids_in(portal, pair, each.get("types")))
        for each in call.inputs(_MOST_WRITTEN)
    ]
    found, errors = [], []
    for ends, type_ids in inputs:
        try:
            check_ends(portal, _kinds(call), ends)
        except HubSpotError as error:
            errors.append(error.batch_entry(fromObjectId=[ends[0]]))
            continue
        link(portal, pair, ends, type_ids)
        found.append(_made(call, ends, type_ids))
    return batch_answer(portal, found, errors, portal.settings.created_status)


def create_one(call: Call) -> Answer:
    """Link two records under the labels of the body, a list."""
    types = call.json_list()
    type_ids = type_ids_in(call.portal, _pair(call), types)
    ends = (call.params["id"], call.params["to_id"])
    check_ends(call.portal, _kinds(call), ends)
    link(call.portal, _pair(call), ends, type_ids)
    return Answer(201, _made(call, ends, type_ids))


def create_default_batch(call: Call) -> Answer:
    """Link records without a label."""
    found, errors = [], []
    for each in call.inputs(_MOST_WRITTEN):
        ends = _ends(each)
        try:
            found += _link_plainly(call, ends)
        except HubSpotError as error:
            errors.append(error.batch_entry(fromObjectId=[ends[0]]))
    return batch_answer(call.portal, found, errors)


def create_default(call: Call) -> Answer:
    """Link two records without a label."""
    made = _link_plainly(call, (call.params["id"], call.params["to_id"]))
    return batch_answer(call.portal, made, [])


def archive_batch(call: Call) -> Answer:
    """Take links away."""
    for each in call.inputs(_MOST_WRITTEN):
        targets = each.get("to")
        if not isinstance(targets, list):
            raise invalid_input("'to' must be a list")
        for target in targets:
            unlink(call.portal, _pair(call), (_id_in(each, "from"), id_of(target)))
    return Answer(204)


def archive_labels(call: Call) -> Answer:
    """Take labels off links that stay."""
    for each in call.inputs(_MOST_WRITTEN):
        type_ids = type_ids_in(call.portal, _pair(call), each.get("types"))
        unlink(call.portal, _pair(call), _ends(each), type_ids)
    return Answer(204)


def archive_one(call: Call) -> Answer:
    """Take the link of two records away."""
    unlink(call.portal, _pair(call), (call.params["id"], call.params["to_id"]))
    return Answer(204)


def _kinds(call: Call) -> tuple[ObjectKind, ObjectKind]:
    return call.kind_of("from"), call.kind_of("to")


def _pair(call: Call) -> Pair:
    source, target = _kinds(call)
    pair = (source.name, target.name)
    if not call.portal.links.types(pair):
        raise HubSpotError(
            f"No association types between {source.word} and {target.word}"
        )
    return pair


def _linked(call: Call, from_id: str) -> list[Body]:
    """Return the links of a record by the other id, archived records left out."""
    pair, target, links = _pair(call), call.kind_of("to"), call.portal.links
    types = links.types(pair)
    return [
        {
            "toObjectId": int(to_id),
            "associationTypes": [types[type_id].body() for type_id in sorted(held)],
        }
        for to_id, held in sorted(links.of(pair, from_id).items(), key=_by_number)
        if call.portal.live(target, to_id)
    ]


def _by_number(link_: tuple[str, object]) -> int:
    return int(link_[0])


def _nothing_linked(call: Call, from_id: str) -> Body:
    source, target = _kinds(call)
    error = HubSpotError(
        f"No {target.singular} is associated with {source.singular} {from_id}.",
        "OBJECT_NOT_FOUND",
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
    )
    return error.batch_entry(
        fromObjectId=[from_id],
        fromObjectType=[source.singular],
        toObjectType=[target.singular],
    )


def _made(call: Call, ends: tuple[str, str], type_ids: list[int]) -> Body:
    source, target = _kinds(call)
    types = call.portal.links.types((source.name, target.name))
    labels = [types[type_id].label for type_id in type_ids]
    return {
        "fromObjectTypeId": source.type_id,
        "fromObjectId": int(ends[0]),
        "toObjectTypeId": target.type_id,
        "toObjectId": int(ends[1]),
        "labels": [label for label in labels if label],
    }


def _link_plainly(call: Call, ends: tuple[str, str]) -> list[Body]:
    pair = _pair(call)
    check_ends(call.portal, _kinds(call), ends)
    plain = call.portal.links.default(pair)
    link(call.portal, pair, ends, [plain.id])
    ways = ((plain.id, ends), (plain.back, ends[::-1]))
    return [
        {
            "from": {"id": from_id},
            "to": {"id": to_id},
            "associationSpec": {
                "associationCategory": plain.category,
                "associationTypeId": type_id,
            },
        }
        for type_id, (from_id, to_id) in ways
    ]


def _ends(given: Input) -> tuple[str, str]:
    return _id_in(given, "from"), _id_in(given, "to")


def _id_in(given: Input, name: str) -> str:
    end = given.get(name)
    if not isinstance(end, dict):
        raise invalid_input(f"'{name}' must be an object with an 'id'")
    return id_of(end)


def _offset(after: str | None) -> int:
    if after is None:
        return 0
    try:
        return int(b64decode(unquote(after), validate=True))
    except ValueError:
        raise HubSpotError(f"Invalid paging token: {after}") from None


def _next(call: Call, start: int) -> dict[str, str]:
    after = quote(b64encode(str(start).encode()))
    return {"after": after, "link": f"{call.base_url}{call.path}?after={after}"}


_BATCH = "/crm/v4/associations/{from}/{to}/batch"
_OF_ONE = "/crm/v4/objects/{from}/{id}/associations"
ASSOCIATION_ROUTES = tuple(
    Route(name, method, path, handler, need, Lane.ASSOCIATIONS)
    for name, method, path, handler, need in (
        ("associations", "POST", f"{_BATCH}/read", read_batch, Need.READ),
        ("associate", "POST", f"{_BATCH}/create", create_batch, Need.WRITE),
        ("associate", "POST", f"{_BATCH}/archive", archive_batch, Need.WRITE),
        ("associate", "POST", f"{_BATCH}/labels/archive", archive_labels, Need.WRITE),
        (
            "associate",
            "POST",
            f"{_BATCH}/associate/default",
            create_default_batch,
            Need.WRITE,
        ),
        ("associations", "GET", f"{_OF_ONE}/{{to}}", read_one, Need.READ),
        ("associate", "PUT", f"{_OF_ONE}/{{to}}/{{to_id}}", create_one, Need.WRITE),
        ("associate", "DELETE", f"{_OF_ONE}/{{to}}/{{to_id}}", archive_one, Need.WRITE),
        (
            "associate",
            "PUT",
            f"{_OF_ONE}/default/{{to}}/{{to_id}}",
            create_default,
            Need.WRITE,
        ),
    )
)
