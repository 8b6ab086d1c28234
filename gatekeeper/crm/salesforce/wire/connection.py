"""A logged-in session with one org, held by simple-salesforce.

Every call goes out once and comes back as what Salesforce said or as one of our errors;
repeating it is the client's affair.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import orjson
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from gatekeeper.crm.meter import Limits
from gatekeeper.crm.permission import Permission
from gatekeeper.crm.salesforce.names import API_VERSION
from gatekeeper.crm.salesforce.wire.login import Credentials, Grant, log_in
from gatekeeper.crm.salesforce.wire.refusals import (
    SessionExpiredError,
    read_refusal,
    to_error,
)
from gatekeeper.crm.salesforce.wire.transport import (
    Meter,
    network_fault,
    open_session,
)
from gatekeeper.errors import CrmAuthError

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


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


class Library(Salesforce):
    """simple-salesforce, decoding with orjson (several times faster on pages)."""

    def parse_result_to_json(self, response: requests.Response) -> object:
        """Decode an answer from its bytes."""
        return orjson.loads(response.content)


@dataclass(slots=True)
class Connection:
    """The way to one org.

    Attributes:
        now: The wall clock, for login assertions and to hold the org's against it.
    """

    access: Access
    now: Callable[[], datetime]
    meter: Meter = field(init=False)
    permission: Permission = field(default_factory=Permission)
    _session: requests.Session | None = None
    _library: Library | None = None
    _grant: Grant | None = None

    def __post_init__(self) -> None:
        self.meter = Meter(self.now)

    def ask(
        self, call: Callable[[Library], Answer], what: str, *, is_write: bool = False
    ) -> Answer:
        """Make a call once.

        Args:
            call: Asks simple-salesforce.
            what: What is asked, for sentences.
            is_write: A lost answer then leaves the outcome unknown.

        Raises:
            GatekeeperError: What Salesforce refused, or that nothing came.
        """
        has_answered = self.meter.clock is not None
        library = self.library()
        try:
            return call(library)
        except SalesforceError as error:
            refusal = read_refusal(error.status, error.content)
            raise to_error(refusal, what, is_write=is_write) from error
        except (requests.RequestException, ValueError) as error:
            raise network_fault(
                error, what, is_write=is_write, has_answered=has_answered
            ) from error

    def library(self) -> Library:
        """Return the library, logged in."""
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
        self._library = Library(
            instance_url=url,
            session_id=self._grant.token,
            session=self._session,
            version=API_VERSION,
        )
        self._library.headers.pop("X-PrettyPrint", None)  # a third fewer bytes
        return self._library

    def log_out(self, error: SessionExpiredError) -> None:
        """Forget a session that has expired; the next call logs in anew.

        Raises:
            CrmAuthError: Nothing at hand would open another one.
        """
        if not self.access.credentials.can_refresh:
            msg = (
                "The Salesforce session has expired and cannot be renewed. Set "
                "GATEKEEPER_SALESFORCE_SESSION_ID anew, or use a client id and secret."
            )
            raise CrmAuthError(msg) from error
        self._library = None

    def user_id(self) -> str | None:
        """Return the id of the user we are, where the login said so."""
        self.library()
        return self._grant.user_id if self._grant else None

    def close(self) -> None:
        """Give back the connections."""
        if self._session is not None:
            self._session.close()
