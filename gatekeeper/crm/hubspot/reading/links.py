"""Associations of records, read a thousand at a time (v4).

A record without associations is an error entry in HubSpot's answer; here it has none.
One that is neither answered nor refused is unknown, never empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.wire.client import MOST_LINKED
from gatekeeper.crm.hubspot.wire.envelope import after_of
from gatekeeper.crm.hubspot.wire.wholly import PAUSE_S
from gatekeeper.errors import CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Failure, Record


Links = Mapping[str, tuple[str, ...]]
"""Id of a record that another leads to, and the labels of the association between."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What some records are associated with.

    Attributes:
        links: Record to its associations, none where it has none.
        untold: Record to why its associations are not known.
    """

    links: Mapping[str, Links] = field(default_factory=dict)
    untold: Mapping[str, str] = field(default_factory=dict)


def read_links(
    client: Client, source: str, target: str, ids: Sequence[str]
) -> Mapping[str, Links]:
    """Return the associations of some records by id, none where there are none.

    Raises:
        CrmRejectedError: HubSpot refuses it.
        CrmUnreachableError: It leaves some of it open.
    """
    linked = tell_links(client, source, target, ids)
    for reason in linked.untold.values():
        msg = (
            f"HubSpot left {target} of {len(linked.untold)} {source} open"
            f" ({reason.rstrip('.')}). The next run tries again."
        )
        raise CrmUnreachableError(msg)
    return linked.links


def tell_links(client: Client, source: str, target: str, ids: Sequence[str]) -> Linked:
    """Return the associations of some records, and why those of others are not known.

    What an answer leaves open is asked for once more.

    Raises:
        CrmRejectedError: HubSpot refuses all of it.
    """
    linked = _told(client, source, target, ids)
    if not linked.untold:
        return linked
    client.sleep(PAUSE_S)
    again = _told(client, source, target, list(linked.untold))
    return Linked({**linked.links, **again.links}, again.untold)


def _told(client: Client, source: str, target: str, ids: Sequence[str]) -> Linked:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    untold: dict[str, str] = {}
    inputs: list[Record] = [{"id": id_} for id_ in dict.fromkeys(ids)]
    while inputs:
        following: list[Record] = []
        for start in range(0, len(inputs), MOST_LINKED):
            asked = inputs[start : start + MOST_LINKED]
            told = client.links(source, target, asked)
            answered = set(told.without)
            for row in told.rows:
                id_ = _from(row)
                answered.add(id_)
                found.setdefault(id_, {}).update(_links(row))
                if "paging" in row and (after := after_of(row)):
                    following.append({"id": id_, "after": after})
            found.update({id_: {} for id_ in told.without if id_ not in found})
            why = _reasons(told.failures)
            for each in asked:
                if (id_ := str(each["id"])) not in answered:
                    untold[id_] = why.get(id_) or why.get("") or _SILENT
        inputs = following
    # What is known of such a record is not all of it.
    return Linked({id_: found[id_] for id_ in found if id_ not in untold}, untold)


_SILENT = "HubSpot said nothing of its associations"


def _reasons(failures: Iterable[Failure]) -> dict[str, str]:
    """Return why records were refused, by id; "" for those that are not named."""
    return {
        id_: failure.message
        for failure in failures
        for id_ in failure.context.get("fromObjectId") or ("",)
    }


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


def _links(row: Record) -> dict[str, tuple[str, ...]]:
    targets = row.get("to")
    return {
        str(target["toObjectId"]): _labels(target.get("associationTypes") or ())
        for target in (targets if isinstance(targets, list) else ())
    }


def _labels(types: Sequence[Record]) -> tuple[str, ...]:
    """Return the labels among an association's types, each once, in HubSpot's order."""
    labels = [str(each["label"]) for each in types if each.get("label")]
    return tuple(dict.fromkeys(labels)) if labels else ()
