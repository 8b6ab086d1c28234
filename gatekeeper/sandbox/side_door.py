"""The side door of a sandbox process: faults, clock, counters, fields.

Nothing a CRM offers; for demos and tests that drive a sandbox in another process.
Below `/__sandbox__/`: POST and DELETE `faults`, POST `clock`, GET `requests`, POST
`revoke`, POST `fields` (`hide`, `show`, and `track`: the fields of opportunities whose
history is kept from now on, all others not), POST `purge`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response
from starlette.routing import Route

from gatekeeper.sandbox.clock import as_of_instant
from gatekeeper.sandbox.salesforce.activities import archive
from gatekeeper.sandbox.salesforce.field_definitions import DEAL
from gatekeeper.sandbox.salesforce.lifecycle import purge

if TYPE_CHECKING:
    from starlette.requests import Request

    from gatekeeper.sandbox.salesforce.org import Org

_Body = dict[str, object]
_Action = Callable[["Org", _Body], _Body]


def side_routes(org: Org) -> list[Route]:
    """Return the routes below `/__sandbox__/`."""
    return [
        _route(org, "POST", "faults", _add_faults),
        _route(org, "DELETE", "faults", _clear_faults),
        _route(org, "POST", "clock", _set_clock),
        _route(org, "GET", "requests", _count_requests),
        _route(org, "POST", "revoke", _revoke_tokens),
        _route(org, "POST", "fields", _set_fields),
        _route(org, "POST", "purge", _purge),
    ]


def _route(org: Org, method: str, name: str, action: _Action) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            body = orjson.loads(await request.body() or b"{}")
            if not isinstance(body, dict):
                return _reply({"error": "the body must be a JSON object"}, 400)
            with org.lock:
                return _reply(action(org, body))
        except ValueError as error:
            return _reply({"error": str(error)}, 400)

    return Route(f"/__sandbox__/{name}", endpoint, methods=[method])


def _add_faults(org: Org, body: _Body) -> _Body:
    specs = _texts(body, "faults")
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
    for name in _texts(body, "hide"):
        org.hide_field(*_field_name(org, name))
    for name in _texts(body, "show"):
        org.show_field(*_field_name(org, name))
    if "track" in body:
        names = [_field_name(org, name) for name in _texts(body, "track")]
        org.track(*(field for object_name, field in names if object_name == DEAL))
    tracked = sorted(org.settings.tracked)
    hidden, shown = _texts(body, "hide"), _texts(body, "show")
    return {"hidden": hidden, "shown": shown, "tracked": tracked}


def _purge(org: Org, body: _Body) -> _Body:
    return {"purged": purge(org, everything=body.get("everything") is True)}


def _texts(body: _Body, name: str) -> list[str]:
    values = body.get(name, [])
    if isinstance(values, str):
        return [values]
    return [str(value) for value in values] if isinstance(values, list) else []


def _field_name(org: Org, name: str) -> tuple[str, str]:
    object_name, _, field = name.partition(".")
    kind = org.kind(object_name)
    if kind is None or field not in kind.fields:
        raise ValueError(f"there is no field '{name}'; write it as Opportunity.Amount")
    return kind.name, field


def _reply(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
