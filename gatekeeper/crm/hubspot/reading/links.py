"""Associations of records, read a thousand at a time (v4).

A record without associations is an error entry in HubSpot's answer; here it has none.
One that is neither answered nor refused is unknown, never empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.wire.client import MOST_LINKED
from gatekeeper.crm.hubspot.wire.envelope import NO_LINKS, after_of
from gatekeeper.errors import CrmRejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Failure, Record


@dataclass(frozen=True, slots=True)
class Link:
    """One association.

    Attributes:
        to: The record it leads to.
        labels: Its labels, in HubSpot's order.
    """

    to: str
    labels: tuple[str, ...] = ()


def read_links(
    client: Client, source: str, target: str, ids: Sequence[str]
) -> dict[str, list[Link]]:
    """Return the associations of some records by id, [] where there are none.

    Raises:
        CrmRejectedError: HubSpot refuses some of it, or leaves some out.
    """
    found: dict[str, list[Link]] = {}
    inputs: list[Record] = [{"id": id_} for id_ in dict.fromkeys(ids)]
    while inputs:
        following: list[Record] = []
        for start in range(0, len(inputs), MOST_LINKED):
            batch = client.links(source, target, inputs[start : start + MOST_LINKED])
            found.update({key: [] for key in _without(batch.failures)})
            for row in batch.rows:
                id_ = _from(row)
                found.setdefault(id_, []).extend(_links(row))
                if after := after_of(row):
                    following.append({"id": id_, "after": after})
        inputs = following
    missing = [id_ for id_ in ids if id_ not in found]
    if missing:
        msg = f"{source}/{target}: HubSpot said nothing of {len(missing)} records"
        raise CrmRejectedError(msg, code="INCOMPLETE")
    return found


def choose(links: Iterable[Link], label: str) -> str | None:
    """Return the one record that a lookup leads to, or None.

    Where none of several is the primary one, which a person may have brought about,
    the oldest counts.
    """
    known = sorted(links, key=lambda link: (len(link.to), link.to))
    named = [link for link in known if not label or label in link.labels]
    if not named and label == PRIMARY:
        named = known
    return named[0].to if named else None


PRIMARY = "Primary"


def _without(failures: Iterable[Failure]) -> list[str]:
    """Return the records that have no association.

    Raises:
        CrmRejectedError: Another failure than that is among them.
    """
    ids: list[str] = []
    for failure in failures:
        if failure.detail != NO_LINKS:
            raise CrmRejectedError(failure.message, code=failure.code)
        ids += failure.context.get("fromObjectId", ())
    return ids


def _from(row: Record) -> str:
    source = row.get("from")
    return str(source.get("id")) if isinstance(source, dict) else ""


def _links(row: Record) -> Iterable[Link]:
    targets = row.get("to")
    for target in targets if isinstance(targets, list) else ():
        yield Link(str(target["toObjectId"]), _labels(target))


def _labels(target: Mapping[str, object]) -> tuple[str, ...]:
    types = target.get("associationTypes")
    said = types if isinstance(types, list) else []
    return tuple(
        dict.fromkeys(str(each["label"]) for each in said if each.get("label"))
    )
