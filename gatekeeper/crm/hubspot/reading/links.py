"""Associations of records, read a thousand at a time (v4).

A record without associations is an error entry in HubSpot's answer; here it has none.
One that is neither answered nor refused is unknown, never empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.wire.client import MOST_LINKED
from gatekeeper.crm.hubspot.wire.envelope import after_of
from gatekeeper.errors import CrmRejectedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Record


Links = Mapping[str, tuple[str, ...]]
"""Id of a record that another leads to, and the labels of the association between."""
_NONE: Links = {}
_ID = itemgetter("toObjectId")


def read_links(
    client: Client,
    source: str,
    target: str,
    ids: Sequence[str],
    *,
    labelled: bool = True,
) -> dict[str, Links]:
    """Return the associations of some records by id, none where there are none.

    Args:
        client: Where HubSpot is asked.
        source: The kind of the records.
        target: The kind they are associated with.
        ids: Of the records.
        labelled: Somebody asks for the labels; else each association has none.

    Raises:
        CrmRejectedError: HubSpot refuses some of it, or leaves some out.
    """
    read = _labelled if labelled else _plain
    found: dict[str, Links] = {}
    inputs: list[Record] = [{"id": id_} for id_ in dict.fromkeys(ids)]
    while inputs:
        following: list[Record] = []
        for start in range(0, len(inputs), MOST_LINKED):
            told = client.links(source, target, inputs[start : start + MOST_LINKED])
            for failure in told.failures:
                raise CrmRejectedError(failure.message, code=failure.code)
            found.update(dict.fromkeys(told.without, _NONE))
            for row in told.rows:
                id_, links = _from(row), read(_targets(row))
                found[id_] = {**found[id_], **links} if id_ in found else links
                if "paging" in row and (after := after_of(row)):
                    following.append({"id": id_, "after": after})
        inputs = following
    missing = [id_ for id_ in ids if id_ not in found]
    if missing:
        msg = f"{source}/{target}: HubSpot said nothing of {len(missing)} records"
        raise CrmRejectedError(msg, code="INCOMPLETE")
    return found


def choose(links: Links, label: str) -> str | None:
    """Return the one record that a lookup leads to, or None.

    Where none of several is the primary one, which a person may have brought about,
    the oldest counts.
    """
    known = sorted(links, key=lambda id_: (len(id_), id_))
    named = [id_ for id_ in known if not label or label in links[id_]]
    if not named and label == PRIMARY:
        named = known
    return named[0] if named else None


PRIMARY = "Primary"


def _from(row: Record) -> str:
    source = row.get("from")
    return str(source.get("id")) if isinstance(source, dict) else ""


def _targets(row: Record) -> list[Record]:
    targets = row.get("to")
    return targets if isinstance(targets, list) else []


def _plain(targets: Sequence[Record]) -> Links:
    return dict.fromkeys(map(str, map(_ID, targets)), ())


def _labelled(targets: Sequence[Record]) -> Links:
    return {
        str(target["toObjectId"]): _labels(target.get("associationTypes"))
        for target in targets
    }


def _labels(types: object) -> tuple[str, ...]:
    """Return the labels among an association's types, each once, in HubSpot's order."""
    known = types if isinstance(types, list) else []
    labels = [str(each["label"]) for each in known if each.get("label")]
    return tuple(dict.fromkeys(labels)) if labels else ()
