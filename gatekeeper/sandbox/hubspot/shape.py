"""How records look in answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.portal import ARCHIVED, CREATED
from gatekeeper.sandbox.hubspot.scopes import EMAIL_BODIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatekeeper.sandbox.hubspot.call import Call
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored

Body = dict[str, object]
_EMAIL_BODIES = {"hs_email_text", "hs_email_html"}
_MOST_LINKED = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer shows of each record, names the portal lacks left out.

    Args:
        kind: The records' object type.
        names: The properties.
        past: The properties with their history.
        linked: The object types whose associations are shown.
    """

    kind: ObjectKind
    names: tuple[str, ...]
    past: tuple[str, ...] = ()
    linked: tuple[ObjectKind, ...] = ()


def asked(
    call: Call, kind: ObjectKind, names: Sequence[str], past: Sequence[str] = ()
) -> Asked:
    """Return what a call asks to see; without any name it gets the defaults."""
    hidden = set() if EMAIL_BODIES in call.token.scopes else _EMAIL_BODIES
    wanted = [*(names or kind.defaults), *kind.always]
    return Asked(kind, _known(kind, wanted, hidden), _known(kind, past, hidden))


def every_name(kind: ObjectKind) -> list[str]:
    """Return what a write answers with: all properties that may be shown."""
    return [name for name, each in kind.properties.items() if not each.archived_at]


def _known(kind: ObjectKind, names: Iterable[str], hidden: set[str]) -> tuple[str, ...]:
    found = (name for name in names if kind.shown(name) and name not in hidden)
    return tuple(dict.fromkeys(found))


def record_body(portal: Portal, row: Stored, wanted: Asked) -> Body:
    """Return a record as the wire has it: every value a text or null."""
    kind = wanted.kind
    body: Body = {
        "id": row["hs_object_id"],
        "properties": {name: row[name] for name in wanted.names},
        "createdAt": row[CREATED],
        "updatedAt": row[kind.modified],
        "archived": row[ARCHIVED] is not None,
    }
    if row[ARCHIVED]:
        body["archivedAt"] = row[ARCHIVED]
    if wanted.past:
        body["propertiesWithHistory"] = {
            name: [each.body() for each in portal.history.shown(kind, row, name)]
            for name in wanted.past
        }
    if wanted.linked:
        associations = _associations(portal, row, wanted)
        if associations:
            body["associations"] = associations
    return body


def written_body(portal: Portal, kind: ObjectKind, row: Stored) -> Body:
    """Return a record as a write answers: what it holds, and no more."""
    held = [name for name in every_name(kind) if row[name] is not None]
    return record_body(portal, row, Asked(kind, tuple(held)))


def _associations(portal: Portal, row: Stored, wanted: Asked) -> Body:
    found: Body = {}
    for other in wanted.linked:
        pair = (wanted.kind.name, other.name)
        kinds = f"{wanted.kind.singular}_to_{other.singular}".replace(" ", "_")
        linked = [
            {"id": to_id, "type": kinds}
            for to_id in sorted(
                portal.links.of(pair, str(row["hs_object_id"])), key=int
            )
            if portal.live(other, to_id)
        ]
        if linked:
            page: Body = {"results": linked[:_MOST_LINKED]}
            if len(linked) > _MOST_LINKED:
                page["paging"] = {"next": {"after": linked[_MOST_LINKED]["id"]}}
            # With a space: so the live API writes line items here.
            found[other.name.replace("_", " ")] = page
    return found
