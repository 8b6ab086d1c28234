"""Associations of records, read a thousand at a time (v4).

A record without associations is an error entry in HubSpot's answer; here it has none.
One that is neither answered nor refused is unknown, never empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.wire.client import MOST_LINKED
from gatekeeper.crm.hubspot.wire.envelope import after_of
from gatekeeper.crm.hubspot.wire.wholly import PAUSE_S
from gatekeeper.errors import CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Associations, Failure, Record


Links = Mapping[str, tuple[str, ...]]
"""Id of a record that another leads to, and the labels of the association between."""
_NONE: Links = {}
_ID = itemgetter("toObjectId")


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


def tell_links(
    client: Client,
    source: str,
    target: str,
    ids: Sequence[str],
    *,
    labelled: bool = True,
) -> Linked:
    """Return the associations of some records, and why those of others are not known.

    What an answer leaves open is asked for once more.

    Args:
        client: Where HubSpot is asked.
        source: The kind of the records.
        target: The kind they are associated with.
        ids: Of the records.
        labelled: Somebody asks for the labels; else each association has none.

    Raises:
        CrmRejectedError: HubSpot refuses all of it.
    """
    read = _labelled if labelled else _plain
    linked = _told(partial(client.links, source, target), ids, read)
    if not linked.untold:
        return linked
    client.sleep(PAUSE_S)
    again = _told(partial(client.links, source, target), list(linked.untold), read)
    return Linked({**linked.links, **again.links}, again.untold)


def _told(
    ask: Callable[[list[Record]], Associations],
    ids: Sequence[str],
    read: Callable[[list[Record]], Links],
) -> Linked:
    found: dict[str, Links] = {}
    untold: dict[str, str] = {}
    inputs: list[Record] = [{"id": id_} for id_ in dict.fromkeys(ids)]
    while inputs:
        following: list[Record] = []
        for start in range(0, len(inputs), MOST_LINKED):
            asked = inputs[start : start + MOST_LINKED]
            told = ask(asked)
            answered = set(told.without)
            for row in told.rows:
                id_, links = _from(row), read(_targets(row))
                answered.add(id_)
                found[id_] = {**found[id_], **links} if id_ in found else links
                if "paging" in row and (after := after_of(row)):
                    following.append({"id": id_, "after": after})
            found.update({id_: _NONE for id_ in told.without if id_ not in found})
            if open_ids := {str(each["id"]) for each in asked} - answered:
                why = _reasons(told.failures)
                for id_ in open_ids:
                    untold[id_] = why.get(id_) or why.get("") or _SILENT
        inputs = following
    for id_ in untold:  # what is known of such a record is not all of it
        found.pop(id_, None)
    return Linked(found, untold)


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


def _targets(row: Record) -> list[Record]:
    targets = row.get("to")
    return targets if isinstance(targets, list) else []


def _plain(targets: list[Record]) -> Links:
    return dict.fromkeys(map(str, map(_ID, targets)), ())


def _labelled(targets: list[Record]) -> Links:
    return {
        str(target["toObjectId"]): _labels(target.get("associationTypes"))
        for target in targets
    }


def _labels(types: object) -> tuple[str, ...]:
    """Return the labels among an association's types, each once, in HubSpot's order."""
    known = types if isinstance(types, list) else []
    labels = [str(each["label"]) for each in known if each.get("label")]
    return tuple(dict.fromkeys(labels)) if labels else ()
