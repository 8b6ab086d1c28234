"""From the wire to a call and back: tokens, faults, counters, headers, JSON.

Every route of the dialect is a plain function from a `Call` to an `Answer`. What all
routes share happens here: the session of the token, the ordered faults, one call less
on the daily allowance, and errors in Salesforce's envelope.
"""

from __future__ import annotations

import gzip
from email.utils import format_datetime
from typing import TYPE_CHECKING

import orjson

from gatekeeper.sandbox.faults import breakages
from gatekeeper.sandbox.salesforce.call import Answer, Call
from gatekeeper.sandbox.salesforce.errors import SalesforceError, request_error
from gatekeeper.sandbox.salesforce.unwell import edge_page, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.wire import Breakage

_SMALL = 1024


def respond(
    call: Call, handler: Callable[[Call], Answer], *, needs_session: bool
) -> tuple[Answer, Breakage]:
    """Answer a call, with what is ordered to go wrong with it.

    Holds the org's lock throughout. `Breakage` is what the server has to do to the
    connection itself.
    """
    org = call.org
    with org.lock:
        org.requests[call.route] += 1
        faults = org.faults.take_request(call.route)
        breakage = breakages(faults)
        if breakage.drop_before:
            return Answer(), breakage
        spoilt = edge_page(faults)
        if spoilt is not None:
            return spoilt, breakage
        try:
            error = refusal(org, call, faults)
            if error is not None:
                raise error
            if needs_session:
                call.maybe_session = org.logins.session(_token(call))
            answer = handler(call)
        except SalesforceError as error:
            answer = Answer(error.status, [request_error(error)])
        if call.maybe_session is not None:
            answer.headers["Sforce-Limit-Info"] = _spend(org)
        return answer, breakage


def _token(call: Call) -> str:
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return token if scheme in {"Bearer", "OAuth"} else ""


def _spend(org: Org) -> str:
    settings = org.settings
    settings.calls_used += 1
    return f"api-usage={settings.calls_used}/{settings.daily_calls}"


def encode(call: Call, answer: Answer) -> tuple[bytes, dict[str, str]]:
    """Return a reply's bytes and headers, compressed if the client may have it so."""
    headers = {"Date": format_datetime(call.org.now(), usegmt=True)}
    headers |= answer.headers
    if answer.body is None:
        return b"", headers
    headers["Content-Type"] = answer.media_type
    headers["Vary"] = "Accept-Encoding"
    content = (
        answer.body if isinstance(answer.body, bytes) else _json(call, answer.body)
    )
    if len(content) > _SMALL and "gzip" in call.headers.get("accept-encoding", ""):
        content = gzip.compress(content, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
    return content, headers


def _json(call: Call, body: object) -> bytes:
    pretty = call.headers.get("x-prettyprint") == "1"
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 if pretty else None)
