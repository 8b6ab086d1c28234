"""Composite: several calls in one request, later ones using what earlier ones gave."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import orjson

from gatekeeper.sandbox.salesforce.call import Answer, Call
from gatekeeper.sandbox.salesforce.errors import SalesforceError, request_error
from gatekeeper.sandbox.salesforce.routing import Route, find_route

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_SUBREQUESTS = 25
MAX_WIDE = 5
_WIDE = {"query", "queryall", "querymore", "collections"}
_REFERENCE = re.compile(r"@\{(\w+)\.([\w.\[\]]+)\}")
_HALTED = SalesforceError(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction "
    "failed.",
)
_Bodies = dict[str, object]


def composite_route(routes: Sequence[Route]) -> Route:
    """Return the composite route over the routes a subrequest may call."""

    def composite(call: Call) -> Answer:
        return _composite(call, routes)

    return Route("composite", "POST", "/services/data/{version}/composite", composite)


def _composite(call: Call, routes: Sequence[Route]) -> Answer:
    body = call.json()
    requests = body.get("compositeRequest")
    if not isinstance(requests, list) or not all(_is_subrequest(r) for r in requests):
        raise SalesforceError(
            "JSON_PARSER_ERROR", "compositeRequest must be a list of subrequests"
        )
    if len(requests) > MAX_SUBREQUESTS:
        raise SalesforceError(
            "LIMIT_EXCEEDED",
            f"The request can't have more than {MAX_SUBREQUESTS} operations.",
        )
    all_or_none = body.get("allOrNone") is True
    answers: list[dict[str, object]] = []
    with call.org.state.transaction() as transaction:
        _run(call, routes, requests, answers)
        if all_or_none and any(_is_failed(answer) for answer in answers):
            transaction.doom()
            answers = [
                a if _is_failed(a) else _written(_halted(), a["referenceId"])
                for a in answers
            ]
    return Answer(body={"compositeResponse": answers})


def _is_subrequest(request: object) -> bool:
    return isinstance(request, dict) and all(
        isinstance(request.get(name), str) for name in ("method", "url", "referenceId")
    )


def _run(
    call: Call,
    routes: Sequence[Route],
    requests: Sequence[Mapping[str, object]],
    answers: list[dict[str, object]],
) -> None:
    bodies: _Bodies = {}
    wide = 0
    for request in requests:
        sub = _subcall(call, request, bodies)
        try:
            route, sub.params = find_route(routes, sub.method, sub.path)
            wide += route.name in _WIDE
            answer = _answer(sub, route, too_wide=wide > MAX_WIDE)
        except SalesforceError as error:
            answer = Answer(error.status, [request_error(error)])
        reference = str(request["referenceId"])
        bodies[reference] = answer.body
        answers.append(_written(answer, reference))


def _answer(sub: Call, route: Route, *, too_wide: bool) -> Answer:
    if too_wide:
        raise SalesforceError(
            "LIMIT_EXCEEDED",
            f"Only {MAX_WIDE} query or collection operations are allowed in a "
            "composite request.",
        )
    sub.route = route.name
    return route.handler(sub)


def _subcall(call: Call, request: Mapping[str, object], bodies: _Bodies) -> Call:
    path, _, query = _filled(str(request["url"]), bodies).partition("?")
    body = orjson.dumps(request.get("body"))
    return replace(
        call,
        method=str(request["method"]),
        path=path,
        query=dict(parse_qsl(query, keep_blank_values=True)),
        body=_filled(body.decode(), bodies).encode(),
        headers={name.lower(): str(v) for name, v in _headers(request).items()},
    )


def _headers(request: Mapping[str, object]) -> Mapping[str, object]:
    headers = request.get("httpHeaders")
    return headers if isinstance(headers, dict) else {}


def _filled(text: str, bodies: _Bodies) -> str:
    """Put values of earlier answers where the text names them, as in `@{ref.id}`."""

    def value(match: re.Match[str]) -> str:
        found = bodies.get(match[1])
        for step in re.findall(r"\w+", match[2]):
            if isinstance(found, list) and step.isdigit() and int(step) < len(found):
                found = found[int(step)]
            elif isinstance(found, dict):
                found = found.get(step)
        return str(found)

    return _REFERENCE.sub(value, text)


def _halted() -> Answer:
    return Answer(_HALTED.status, [request_error(_HALTED)])


def _written(answer: Answer, reference: object) -> dict[str, object]:
    return {
        "body": answer.body,
        "httpHeaders": answer.headers,
        "httpStatusCode": answer.status,
        "referenceId": reference,
    }


def _is_failed(answer: Mapping[str, object]) -> bool:
    return int(str(answer["httpStatusCode"])) >= 400
