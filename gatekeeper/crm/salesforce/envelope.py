"""One page of a query, as it comes in its envelope. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.errors import Transient


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
