"""The query calls: pages, locators and what becomes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.call import Answer
from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.query import run_query
from gatekeeper.sandbox.salesforce.query_answer import Paging, QueryAnswer
from gatekeeper.sandbox.salesforce.routing import Route

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.sandbox.salesforce.call import Call

_LIFETIME = timedelta(days=2)
_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
_SMALLEST, _LARGEST = 200, 2000
_MOST_CURSORS = 500


@dataclass(frozen=True, slots=True)
class Cursor:
    """A query being paged; it belongs to the session that asked."""

    answer: QueryAnswer
    token: str
    opened_at: datetime
    page_size: int


def query(call: Call) -> Answer:
    """Answer `GET /query/?q=`."""
    return _first_page(call, include_deleted=False)


def query_all(call: Call) -> Answer:
    """Answer `GET /queryAll/?q=`: deleted and archived rows too."""
    return _first_page(call, include_deleted=True)


def query_more(call: Call) -> Answer:
    """Answer the `nextRecordsUrl` of a page."""
    name, _, start = call.params["locator"].rpartition("-")
    cursor = call.org.cursors.get(name)
    now = call.org.now()
    if (
        cursor is None
        or not start.isdigit()
        or cursor.token != call.session.token
        or now - cursor.opened_at > _LIFETIME
    ):
        raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return Answer(body=_page(call, cursor.answer, int(start), cursor.page_size, name))


def _first_page(call: Call, *, include_deleted: bool) -> Answer:
    soql = call.query.get("q")
    if not soql:
        raise SalesforceError("MALFORMED_QUERY", "SOQL statements cannot be empty")
    answer = run_query(
        call.org,
        call.session,
        soql,
        include_deleted=include_deleted,
        version=call.version,
    )
    return Answer(body=_page(call, answer, 0, _page_size(call)))


def _page_size(call: Call) -> int:
    """Return the rows per page: the org's, lowered by the request's batchSize."""
    asked = _BATCH.search(call.headers.get("sforce-query-options", ""))
    size = call.org.settings.page_size
    if asked is None:
        return size
    return min(size, max(_SMALLEST, min(_LARGEST, int(asked[1]))))


def _keep(call: Call, answer: QueryAnswer, page_size: int) -> str:
    org = call.org
    if len(org.cursors) >= _MOST_CURSORS:
        del org.cursors[next(iter(org.cursors))]
    name = org.new_id("0r8")
    org.cursors[name] = Cursor(answer, call.session.token, org.now(), page_size)
    return name


def _page(
    call: Call, answer: QueryAnswer, start: int, page_size: int, name: str | None = None
) -> dict[str, object]:
    settings = call.org.settings

    def locate(child: QueryAnswer, begin: int) -> str:
        kept = _keep(call, child, settings.child_page_size)
        return f"{call.root}/query/{kept}-{begin}"

    paging = Paging(settings.child_page_size, locate)
    end = start + page_size
    done = end >= len(answer.rows)
    body: dict[str, object] = {"totalSize": answer.total_size, "done": done}
    if not done:
        kept = name or _keep(call, answer, page_size)
        body["nextRecordsUrl"] = f"{call.root}/query/{kept}-{end}"
    body["records"] = answer.page(start, page_size, paging)
    return body


QUERY_ROUTES = (
    Route("query", "GET", "/services/data/{version}/query", query),
    Route("queryall", "GET", "/services/data/{version}/queryAll", query_all),
    Route("querymore", "GET", "/services/data/{version}/query/{locator}", query_more),
    Route(
        "querymore", "GET", "/services/data/{version}/queryAll/{locator}", query_more
    ),
)
