"""What no portal lets a client do, for the sandbox's side door.

POST and DELETE `faults`, POST `clock`, GET `requests` (by route, and those that came
too `early` after a limit had refused one), POST `revoke`, POST `settle` (let so many
`seconds` have passed: late roll-ups and index entries arrive, limits refill), POST
`settings` (any number, truth or text of the portal's settings), POST `owners`
(`deactivate` and `activate`, by id), POST `fields` (`hide` and `show`: properties an
admin archives and restores, as in deals.amount), POST `scopes` (`take` from and `give`
to the apps).
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING

from gatekeeper.sandbox.clock import as_of_instant
from gatekeeper.sandbox.hubspot.scopes import ALL_SCOPES
from gatekeeper.sandbox.side_door import texts

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.wire import SideAction, SideBody


def side_actions(portal: Portal) -> dict[tuple[str, str], SideAction]:
    """Return the actions on a portal by method and name."""
    return {
        ("POST", "faults"): partial(_add_faults, portal),
        ("DELETE", "faults"): partial(_clear_faults, portal),
        ("POST", "clock"): partial(_set_clock, portal),
        ("GET", "requests"): partial(_count_requests, portal),
        ("POST", "revoke"): partial(_revoke_tokens, portal),
        ("POST", "settle"): partial(_settle, portal),
        ("POST", "settings"): partial(_set_settings, portal),
        ("POST", "owners"): partial(_set_owners, portal),
        ("POST", "fields"): partial(_set_fields, portal),
        ("POST", "scopes"): partial(_set_scopes, portal),
    }


def _add_faults(portal: Portal, body: SideBody) -> SideBody:
    specs = texts(body, "faults")
    for spec in specs:
        portal.faults.add(spec)
    return {"ordered": specs}


def _clear_faults(portal: Portal, _body: SideBody) -> SideBody:
    portal.faults.clear()
    return {"ordered": []}


def _set_clock(portal: Portal, body: SideBody) -> SideBody:
    as_of = body.get("as_of")
    portal.clock.set(as_of_instant(as_of) if isinstance(as_of, str) else None)
    return {"now": portal.now().isoformat()}


def _count_requests(portal: Portal, _body: SideBody) -> SideBody:
    return {"requests": dict(portal.requests), "early": dict(portal.rates.early)}


def _revoke_tokens(portal: Portal, _body: SideBody) -> SideBody:
    portal.tokens.expire_all()
    return {"tokens": "revoked"}


def _settle(portal: Portal, body: SideBody) -> SideBody:
    seconds = body.get("seconds", 60)
    if not isinstance(seconds, int | float) or seconds < 0:
        raise ValueError("'seconds' must be a number, as in 60")
    portal.elapsed.advance(seconds)
    portal.late.settle()
    return {"elapsed": portal.elapsed.now()}


def _set_owners(portal: Portal, body: SideBody) -> SideBody:
    for name, archived in (("deactivate", True), ("activate", False)):
        for owner_id in texts(body, name):
            if owner_id not in portal.owners:
                raise ValueError(f"there is no owner '{owner_id}'")
            owner = replace(portal.owners[owner_id], archived=archived)
            portal.owners[owner_id] = owner
    gone = sorted(each.id for each in portal.owners.values() if each.archived)
    return {"deactivated": gone}


def _set_fields(portal: Portal, body: SideBody) -> SideBody:
    for name, archived_at in (("hide", portal.stamp()), ("show", None)):
        for field in texts(body, name):
            kind = portal.kind(field.partition(".")[0])
            known = kind.properties.get(field.partition(".")[2]) if kind else None
            if kind is None or known is None:
                raise ValueError(f"there is no property '{field}'")
            kind.properties[known.name] = replace(known, archived_at=archived_at)
    return {"hidden": texts(body, "hide"), "shown": texts(body, "show")}


def _set_scopes(portal: Portal, body: SideBody) -> SideBody:
    taken, given = texts(body, "take"), texts(body, "give")
    for scope in (*taken, *given):
        if scope not in ALL_SCOPES:
            raise ValueError(f"there is no scope '{scope}'")
    portal.tokens.rescope(frozenset(taken), frozenset(given))
    return {"taken": taken, "given": given}


def _set_settings(portal: Portal, body: SideBody) -> SideBody:
    """Set what the body names; what a limit is belongs to the `allowance`."""
    known = {
        field.name: owner
        for owner in (portal.settings, portal.settings.allowance)
        for field in fields(owner)
    }
    for name, given in body.items():
        value = tuple(given) if isinstance(given, list) else given
        owner = known.get(name)
        if owner is None or type(value) is not type(getattr(owner, name)):
            raise ValueError(f"there is no setting '{name}' of that type")
        setattr(owner, name, value)
    return body
