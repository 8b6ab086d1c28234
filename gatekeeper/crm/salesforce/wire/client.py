"""The calls this room makes of Salesforce: queries, pages, jobs, writes.

Reads are repeated while Salesforce is busy; writes never are, for a lost answer does
not say whether the write happened. An expired token is renewed once per call. What
comes back from here is JSON of the shape Salesforce documents, or one of our errors.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import orjson

from gatekeeper.crm.salesforce.names import API_VERSION
from gatekeeper.crm.salesforce.wire.connection import Access, Connection, Library
from gatekeeper.crm.salesforce.wire.envelope import (
    LONGEST_IN_ADDRESS,
    Page,
    composite_page,
    composite_query,
    read_page,
)
from gatekeeper.crm.salesforce.wire.refusals import (
    LocatorLostError,
    SessionExpiredError,
    not_for_us,
    unreadable,
)
from gatekeeper.crm.salesforce.wire.soql import Select, render
from gatekeeper.errors import (
    CrmRejectedError,
    CrmUnreachableError,
    Transient,
)
from gatekeeper.retry import retrying

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.crm.permission import Permission
    from gatekeeper.crm.salesforce.wire.transport import (
        Meter,
    )

RESTARTS = 5
"""How often a query that cannot be resumed is begun."""
Answer = TypeVar("Answer")
Row = Mapping[str, object]


@dataclass(slots=True)
class Client:
    """A conversation with one org.

    Attributes:
        now: The wall clock, for login assertions and to hold the org's against it.
        sleep: Waits between repeats.
        connection: The way to the org.
    """

    access: Access
    now: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = Connection(self.access, self.now)

    @property
    def meter(self) -> Meter:
        """The calls so far."""
        return self.connection.meter

    @property
    def permission(self) -> Permission:
        """What is asked before a write leaves."""
        return self.connection.permission

    def query(self, select: Select, *, include_deleted: bool = False) -> Page:
        """Return the first page of a query.

        Args:
            select: What to read.
            include_deleted: Read deleted and archived rows too.

        Raises:
            CrmRejectedError: Salesforce refuses it.
        """
        soql, what = render(select), f"reading {select.source}"
        if len(soql) > LONGEST_IN_ADDRESS:
            asked = composite_query(soql, API_VERSION, include_deleted=include_deleted)
            return self._read(lambda sf: composite_page(_post(sf, asked), what), what)
        return self._read(
            lambda sf: read_page(sf.query(soql, include_deleted=include_deleted)), what
        )

    def more(self, following: str) -> Page:
        """Return a further page.

        Raises:
            LocatorLostError: The query must go on from its last key: the place in it
                has expired, or the session that owned it has.
        """
        try:
            return self._repeated(
                lambda: self.connection.ask(
                    lambda sf: read_page(
                        sf.query_more(following, identifier_is_url=True)
                    ),
                    "reading on",
                )
            )
        except SessionExpiredError as error:
            self._renew(error)
            raise LocatorLostError(str(error)) from error

    def rows(self, select: Select) -> list[dict[str, object]]:
        """Return all rows of a query that is indispensable and not long.

        Raises:
            CrmAuthError: Salesforce refuses it.
            CrmUnreachableError: It takes too long.
        """
        for _ in range(RESTARTS):
            try:
                return self._all_pages(select)
            except LocatorLostError:
                continue
            except CrmRejectedError as error:
                raise unreadable(error, select.source) from error
        msg = f"reading {select.source}: Salesforce loses its place again and again"
        raise CrmUnreachableError(msg)

    def _all_pages(self, select: Select) -> list[dict[str, object]]:
        page = self.query(select)
        rows = list(page.rows)
        while page.following:
            page = self.more(page.following)
            rows += page.rows
        return rows

    def get(self, path: str, **params: str) -> object:
        """Return what a path of the REST API answers, such as `limits/`."""
        return self._read(lambda sf: sf.restful(path, params=params), f"reading {path}")

    def order(self, path: str, body: Row) -> Row:
        """Order a reading job; it changes nothing, so it may be repeated.

        Raises:
            CrmRejectedError: Salesforce takes no such job.
        """
        answer = self._read(
            lambda sf: sf.restful(path, method="POST", data=orjson.dumps(body)),
            f"ordering {path}",
        )
        return answer if isinstance(answer, dict) else {}

    def results(self, path: str, asked: Mapping[str, str]) -> tuple[str, str]:
        """Return one page of a job's result as text, and where the next one is."""
        answer = self._read(
            lambda sf: sf._call_salesforce(
                "GET", f"{sf.base_url}{path}", name="results", params=dict(asked)
            ),
            "reading a job's result",
        )
        text: str = answer.content.decode("utf-8")
        return text, answer.headers.get("Sforce-Locator") or "null"

    def send(self, method: str, path: str, body: Row) -> object:
        """Write once; never repeated, but for a token refused before it was tried.

        Raises:
            Transient: `outcome_unknown` says whether it may have happened.
            CrmRejectedError: The request as a whole was refused.
        """

        def call(sf: Library) -> object:
            return sf.restful(path, method=method, data=orjson.dumps(body))

        what = f"writing {path}"
        try:
            return self.connection.ask(call, what, is_write=True)
        except SessionExpiredError as error:
            self._renew(error)
        try:
            return self.connection.ask(call, what, is_write=True)
        except SessionExpiredError as error:
            raise not_for_us(error) from error

    def user_id(self) -> str | None:
        """Return the id of the user we are, where the login said so."""
        return self.connection.user_id()

    def close(self) -> None:
        """Give back the connections."""
        self.connection.close()

    def _renew(self, error: SessionExpiredError) -> None:
        self.connection.log_out(error)
        self._repeated(self.connection.library)

    def _read(self, call: Callable[[Library], Answer], what: str) -> Answer:
        try:
            return self._repeated(lambda: self.connection.ask(call, what))
        except SessionExpiredError as error:
            self._renew(error)
        try:
            return self._repeated(lambda: self.connection.ask(call, what))
        except SessionExpiredError as error:
            raise not_for_us(error) from error

    def _repeated(self, call: Callable[[], Answer]) -> Answer:
        access = self.access
        try:
            return retrying(
                call,
                attempts=access.attempts,
                deadline=access.deadline,
                sleep=self.sleep,
            )
        except Transient as error:
            msg = f"{error}. Salesforce did not recover; the next run tries again."
            raise CrmUnreachableError(msg) from error


def _post(sf: Library, composite: object) -> object:
    return sf.restful("composite", method="POST", data=orjson.dumps(composite))
