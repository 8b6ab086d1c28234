"""A query as it is sent, and one page of it as it comes in its envelope. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote_plus

from gatekeeper.crm.salesforce.wire.refusals import read_refusal, to_error
from gatekeeper.errors import Transient

LONGEST_IN_ADDRESS = 8_000
"""Characters of a statement that fit an address with room to spare: with its headers
it ends at 16,384 bytes, and every quote and comma takes three. A longer one travels
in the body of a composite."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query; `following` leads to the next one."""

    rows: list[dict[str, object]]
    total: int
    following: str | None


def read_page(body: object) -> Page:
    """Open an envelope.

    Raises:
        Transient: It is not whole; the same query may answer better.
    """
    if isinstance(body, dict):
        rows, total = body.get("records"), body.get("totalSize")
        following = None if body.get("done") else body.get("nextRecordsUrl")
        is_whole = body.get("done") is True or isinstance(following, str)
        if isinstance(rows, list) and isinstance(total, int) and is_whole:
            return Page(rows, total, following)
    raise Transient("a page of a query came without its envelope")


def composite_query(soql: str, version: str, *, include_deleted: bool) -> object:
    """Return the composite that holds one query, which may then be of any length.

    Source: REST API guide, "Composite"; a statement ends at 100,000 characters.
    """
    verb = "queryAll" if include_deleted else "query"
    url = f"/services/data/v{version}/{verb}/?q={quote_plus(soql)}"
    call = {"method": "GET", "url": url, "referenceId": "rows"}
    return {"compositeRequest": [call]}


def composite_page(body: object, what: str) -> Page:
    """Open the answer of a composite that held one query.

    Args:
        body: The answer.
        what: What was asked, for the sentence.

    Raises:
        GatekeeperError: The query was refused; the composite itself never is for that.
    """
    answers = body.get("compositeResponse") if isinstance(body, dict) else None
    answer = answers[0] if isinstance(answers, list) and answers else None
    if not isinstance(answer, dict):
        raise Transient("a composite came without its answers")
    status = answer.get("httpStatusCode")
    if not isinstance(status, int) or status >= 300:
        code = status if isinstance(status, int) else 500
        raise to_error(read_refusal(code, answer.get("body")), what, is_write=False)
    return read_page(answer.get("body"))
