"""The only place that talks to Salesforce: token, calls, pages, faults.

Reads are repeated while Salesforce is busy; writes never are, for a lost answer does
not say whether the write happened. An expired token is renewed once per call. What
comes back from here is JSON of the shape Salesforce documents, or one of our errors.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import orjson
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from gatekeeper.crm.meter import Limits
from gatekeeper.crm.permission import Permission
from gatekeeper.crm.salesforce.names import API_VERSION
from gatekeeper.crm.salesforce.wire.envelope import (
    LONGEST_IN_ADDRESS,
    Page,
    composite_page,
    composite_query,
    read_page,
)
from gatekeeper.crm.salesforce.wire.login import Credentials, Grant, log_in
from gatekeeper.crm.salesforce.wire.refusals import (
    LocatorLostError,
    SessionExpiredError,
    not_for_us,
    read_refusal,
    to_error,
)
from gatekeeper.crm.salesforce.wire.soql import Select, render
from gatekeeper.crm.salesforce.wire.transport import (
    Meter,
    network_fault,
    open_session,
)
from gatekeeper.errors import (
    CrmAuthError,
    CrmRejectedError,
    CrmUnreachableError,
    Transient,
)
from gatekeeper.retry import retrying

RESTARTS = 5
"""How often a query that cannot be resumed is begun."""
Answer = TypeVar("Answer")
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Access:
    """Where the org is and how to get in.

    Attributes:
        url: The org's My Domain.
        deadline: What one read may take with its repeats.
        attempts: How often a busy read is made at most.
        bulk_from: Queries of so many rows are read in a Bulk API job.
    """

    url: str
    credentials: Credentials
    limits: Limits = field(default_factory=Limits)
    deadline: timedelta = timedelta(minutes=5)
    attempts: int = 5
    bulk_from: int = 20_000


class _Library(Salesforce):
    """simple-salesforce, decoding with orjson (several times faster on pages)."""

    def parse_result_to_json(self, response: requests.Response) -> object:
        """Decode an answer from its bytes."""
        return orjson.loads(response.content)


@dataclass(slots=True)
class Client:
    """A conversation with one org.

    Attributes:
        now: The wall clock, for login assertions only.
        sleep: Waits between repeats.
    """

    access: Access
    now: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    meter: Meter = field(default_factory=Meter)
    permission: Permission = field(default_factory=Permission)
    _session: requests.Session | None = None
    _library: _Library | None = None
    _grant: Grant | None = None

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
                lambda: self._ask(
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
        """
        for _ in range(RESTARTS):
            try:
                return self._all_pages(select)
            except LocatorLostError:
                continue
            except CrmRejectedError as error:
                msg = (
                    f"Salesforce refuses {error}. Grant the integration user read "
                    f"access to {select.source}."
                )
                raise CrmAuthError(msg) from error
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

        def call(sf: _Library) -> object:
            return sf.restful(path, method=method, data=orjson.dumps(body))

        what = f"writing {path}"
        try:
            return self._ask(call, what, is_write=True)
        except SessionExpiredError as error:
            self._renew(error)
        try:
            return self._ask(call, what, is_write=True)
        except SessionExpiredError as error:
            raise not_for_us(error) from error

    def user_id(self) -> str | None:
        """Return the id of the user we are, where the login said so."""
        self._connected()
        return self._grant.user_id if self._grant else None

    def close(self) -> None:
        """Give back the connections."""
        if self._session is not None:
            self._session.close()

    def _read(self, call: Callable[[_Library], Answer], what: str) -> Answer:
        try:
            return self._repeated(lambda: self._ask(call, what))
        except SessionExpiredError as error:
            self._renew(error)
        try:
            return self._repeated(lambda: self._ask(call, what))
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

    def _ask(
        self, call: Callable[[_Library], Answer], what: str, *, is_write: bool = False
    ) -> Answer:
        has_answered = self.meter.clock is not None
        library = self._connected()
        try:
            return call(library)
        except SalesforceError as error:
            refusal = read_refusal(error.status, error.content)
            raise to_error(refusal, what, is_write=is_write) from error
        except (requests.RequestException, ValueError) as error:
            raise network_fault(
                error, what, is_write=is_write, has_answered=has_answered
            ) from error

    def _connected(self) -> _Library:
        if self._library is not None:
            return self._library
        url, limits = self.access.url, self.access.limits
        if self._session is None:
            self._session = open_session(url, limits, self.meter, self.permission)
        try:
            self._grant = log_in(self._session, url, self.access.credentials, self.now)
        except requests.RequestException as error:
            known = self.meter.clock is not None
            raise network_fault(
                error, f"logging in at {url}", is_write=False, has_answered=known
            ) from error
        self._library = _Library(
            instance_url=url,
            session_id=self._grant.token,
            session=self._session,
            version=API_VERSION,
        )
        self._library.headers.pop("X-PrettyPrint", None)  # a third fewer bytes
        return self._library

    def _renew(self, error: SessionExpiredError) -> None:
        if not self.access.credentials.can_refresh:
            msg = (
                "The Salesforce session has expired and cannot be renewed. Set "
                "GATEKEEPER_SALESFORCE_SESSION_ID anew, or use a client id and secret."
            )
            raise CrmAuthError(msg) from error
        self._library = None
        self._repeated(self._connected)


def _post(sf: _Library, composite: object) -> object:
    return sf.restful("composite", method="POST", data=orjson.dumps(composite))
