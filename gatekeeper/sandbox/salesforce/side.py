"""What no Salesforce org lets a client do, for the sandbox's side door.

POST and DELETE `faults`, POST `clock`, GET `requests`, POST `revoke`, POST `fields`
(`hide`, `show`, and `track`: the fields of opportunities whose history is kept from
now on, all others not), POST `purge`, POST `rules` (validation rules: name to formula;
of opportunities, of another object where the name begins with it: `Task.No_Calls`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gatekeeper.sandbox.clock import as_of_instant
from gatekeeper.sandbox.salesforce.activities import archive
from gatekeeper.sandbox.salesforce.field_definitions import DEAL
from gatekeeper.sandbox.salesforce.lifecycle import purge
from gatekeeper.sandbox.salesforce.validation_rules import add_rule
from gatekeeper.sandbox.side_door import texts

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.wire import SideAction
    from gatekeeper.sandbox.wire import SideBody as _Body


def side_actions(org: Org) -> dict[tuple[str, str], SideAction]:
    """Return the actions on an org by method and name."""
    return {
        ("POST", "faults"): partial(_add_faults, org),
        ("DELETE", "faults"): partial(_clear_faults, org),
        ("POST", "clock"): partial(_set_clock, org),
        ("GET", "requests"): partial(_count_requests, org),
        ("POST", "revoke"): partial(_revoke_tokens, org),
        ("POST", "fields"): partial(_set_fields, org),
        ("POST", "purge"): partial(_purge, org),
        ("POST", "rules"): partial(_add_rules, org),
    }


def _add_faults(org: Org, body: _Body) -> _Body:
    specs = texts(body, "faults")
    for spec in specs:
        org.faults.add(spec)
    return {"ordered": specs}


def _clear_faults(org: Org, _body: _Body) -> _Body:
    org.faults.clear()
    return {"ordered": []}


def _set_clock(org: Org, body: _Body) -> _Body:
    as_of = body.get("as_of")
    org.clock.set(as_of_instant(as_of) if isinstance(as_of, str) else None)
    archive(org)
    return {"now": org.now().isoformat()}


def _count_requests(org: Org, _body: _Body) -> _Body:
    logins = sum(org.logins.counts.values())
    return {"requests": dict(org.requests), "logins": logins}


def _revoke_tokens(org: Org, _body: _Body) -> _Body:
    org.logins.revoke_all()
    return {"tokens": "revoked"}


def _set_fields(org: Org, body: _Body) -> _Body:
    for name in texts(body, "hide"):
        org.hide_field(*_field_name(org, name))
    for name in texts(body, "show"):
        org.show_field(*_field_name(org, name))
    if "track" in body:
        names = [_field_name(org, name) for name in texts(body, "track")]
        org.track(*(field for object_name, field in names if object_name == DEAL))
    tracked = sorted(org.settings.tracked)
    hidden, shown = texts(body, "hide"), texts(body, "show")
    return {"hidden": hidden, "shown": shown, "tracked": tracked}


def _purge(org: Org, body: _Body) -> _Body:
    return {"purged": purge(org, everything=body.get("everything") is True)}


def _add_rules(org: Org, body: _Body) -> _Body:
    given = body.get("rules")
    formulas = given if isinstance(given, dict) else {}
    for name, formula in formulas.items():
        table, _, own = str(name).rpartition(".")
        add_rule(org, own, str(formula), table=table or DEAL)
    return {"rules": sorted(map(str, formulas))}


def _field_name(org: Org, name: str) -> tuple[str, str]:
    object_name, _, field = name.partition(".")
    kind = org.kind(object_name)
    if kind is None or field not in kind.fields:
        raise ValueError(f"there is no field '{name}'; write it as Opportunity.Amount")
    return kind.name, field
