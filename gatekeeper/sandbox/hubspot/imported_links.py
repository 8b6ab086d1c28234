"""Associations and their labels as a folder has them.

`associations` holds every link in one direction; `labels`, if there is such a file,
the account's own labels: `{fromObjectType, toObjectType, label, inverseLabel}`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.links import OWN
from gatekeeper.sandbox.loader import LoadError

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.links import Pair
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.loader import Record

_Targets = dict[str, frozenset[int]]


def load_links(portal: Portal, name: str, records: list[Record]) -> None:
    """Load one of the two files.

    Raises:
        LoadError: A link joins objects that cannot be joined like this.
    """
    if name == "labels":
        for record in records:
            pair = _pair(portal, record)
            inverse = record.get("inverseLabel")
            portal.links.define(
                pair, str(record["label"]), str(inverse) if inverse else None
            )
        return
    loaded: defaultdict[Pair, defaultdict[str, _Targets]] = defaultdict(
        lambda: defaultdict(dict)
    )
    pairs: dict[tuple[object, object], Pair] = {}
    known: dict[tuple[Pair, str], frozenset[int]] = {}
    for record in records:
        ends = (record.get("fromObjectType"), record.get("toObjectType"))
        if ends not in pairs:
            pairs[ends] = _pair(portal, record)
        pair, types = pairs[ends], record.get("associationTypes")
        key = (pair, str(types))
        if key not in known:
            known[key] = _types(portal, pair, types)
        targets = loaded[pair][str(record["fromObjectId"])]
        targets[str(record["toObjectId"])] = known[key]
    for pair, links in loaded.items():
        portal.links.fill(pair, links)


def _pair(portal: Portal, record: Record) -> Pair:
    names = []
    for key in ("fromObjectType", "toObjectType"):
        kind = portal.kind(str(record.get(key)))
        if kind is None:
            raise LoadError(f"associations: there is no object '{record.get(key)}'")
        names.append(kind.name)
    pair = (names[0], names[1])
    if not portal.links.types(pair):
        raise LoadError(f"associations: {pair[0]} cannot be joined with {pair[1]}")
    return pair


def _types(portal: Portal, pair: Pair, given: object) -> frozenset[int]:
    ids = {portal.links.default(pair).id}
    for each in given if isinstance(given, list) else []:
        label = str(each.get("label"))
        if each.get("category") == OWN:
            # Ids of own labels differ from account to account: the label tells.
            known = portal.links.labelled(pair, label)
            ids.add((known or portal.links.define(pair, label)).id)
        elif each.get("typeId") in portal.links.types(pair):
            ids.add(each["typeId"])
        else:
            raise LoadError(
                f"associations: {pair[0]} and {pair[1]} have no type "
                f"{each.get('typeId')}"
            )
    return frozenset(ids)
