"""The one way out: what hubspot-api-client may send, and what becomes of it.

The library's own transport stays in use; this stands in front of it. A call is checked
against the list of routes, waits for its window, is counted, leaves once, and comes
back as parsed JSON or as one of our errors: the library's models are slow and lose
answers whose status they do not expect, and its exceptions have no common class.
"""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit

import orjson
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)
from urllib3.exceptions import (
    TimeoutError as NoAnswerInTime,
)

from gatekeeper.crm.hubspot.wire.envelope import Answer
from gatekeeper.crm.hubspot.wire.meter import Meter
from gatekeeper.crm.hubspot.wire.paths import route_of, versioned, wording
from gatekeeper.crm.hubspot.wire.refusals import (
    DayUsedError,
    LimitedError,
    read_refusal,
    to_error,
)
from gatekeeper.errors import CrmUnreachableError, SetupError, Transient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.crm.hubspot.wire.pace import Pace
    from gatekeeper.crm.hubspot.wire.paths import Route
    from gatekeeper.crm.meter import Limits
    from gatekeeper.errors import GatekeeperError

PUBLIC = "https://api.hubapi.com"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_DOMAIN = ".hubapi.com"


class Send(Protocol):
    """The library's transport; it raises `ApiException` on 300 and above."""

    def __call__(
        self, method: str, url: str, **options: object
    ) -> urllib3.HTTPResponse:
        """Send one request."""
        ...


class Refused(Protocol):
    """What every generated package's `ApiException` has."""

    status: int
    body: bytes | None
    headers: Mapping[str, str] | None


@dataclass(slots=True)
class Door:
    """The way out to one host.

    Attributes:
        url: Where HubSpot is.
    """

    url: str
    limits: Limits
    pace: Pace
    meter: Meter = field(default_factory=Meter)

    def __post_init__(self) -> None:
        check_address(self.url)

    def send(
        self,
        transport: Send,
        refused: type[Exception],
        method: str,
        url: str,
        **options: object,
    ) -> Answer:
        """Send one call of the library's.

        Args:
            transport: What sends it.
            refused: The exception class of its package.
            method: GET or POST.
            url: As the library built it.
            options: The library's own; content and time limit are decided here.

        Raises:
            SetupError: It is nothing gatekeeper does.
            GatekeeperError: It was refused, or has no answer.
        """
        place = urlsplit(url)
        route = self._route(method, url, place.path)
        target = urlunsplit(place._replace(path=versioned(place.path)))
        what = wording(route, place.path)
        options["_preload_content"] = False
        options["_request_timeout"] = (self.limits.connect_s, self.limits.read_s)
        self.pace.wait(route.policy)
        self.meter.count(is_write=route.is_write)
        try:
            response = transport(method, target, **options)
            self._note(route, response.headers)
            return Answer(response.status, orjson.loads(response.data))
        except refused as error:
            raise self._refusal(error, route, what) from error
        except (HTTPError, ValueError) as error:
            raise self._fault(error, what, is_write=route.is_write) from error

    def _route(self, method: str, url: str, path: str) -> Route:
        if not url.startswith(f"{self.url}/"):
            msg = f"{url} is not at {self.url}, the only host that is asked"
            raise SetupError(msg)
        return route_of(method, path)

    def _note(self, route: Route, headers: Mapping[str, str]) -> None:
        self.meter.note(headers)
        self.pace.learn(route.policy, headers)

    def _refusal(self, error: Exception, route: Route, what: str) -> GatekeeperError:
        said: Refused = error  # type: ignore[assignment]
        headers = said.headers or {}
        self._note(route, headers)
        refusal = read_refusal(said.status, said.body, headers)
        ours = to_error(refusal, what, route.policy, is_write=route.is_write)
        if isinstance(ours, DayUsedError):
            return self.pace.end_day(self.meter.clock)
        if isinstance(ours, LimitedError):
            self.pace.shut(ours.policy, ours.wait_s)
        return ours

    def _fault(self, error: Exception, what: str, *, is_write: bool) -> GatekeeperError:
        reason = error.reason if isinstance(error, MaxRetryError) else error
        if isinstance(reason, SSLError):
            return CrmUnreachableError(
                f"{what}: the server's certificate is not trusted. Check the address,"
                " or name the authority's file in GATEKEEPER_CA_FILE."
            )
        never_sent = isinstance(
            reason, NewConnectionError | NameResolutionError | ConnectTimeoutError
        )
        if never_sent and self.meter.clock is None:
            return CrmUnreachableError(
                f"{what}: nothing answers at {self.url}. Check GATEKEEPER_HUBSPOT_URL"
                " and the network."
            )
        unknown = is_write and not never_sent
        return Transient(f"{what}: {_in_short(reason)}", outcome_unknown=unknown)


def _in_short(error: Exception | None) -> str:
    if isinstance(error, NoAnswerInTime):
        return "no answer in time"
    if isinstance(error, HTTPError):
        return "the connection was cut"
    return "the answer was cut short or is no JSON"


def check_address(url: str) -> None:
    """Refuse an address that is not HubSpot's.

    Raises:
        SetupError: With the remedy.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if (
        not (parts.scheme == "https" and host.endswith(_DOMAIN))
        and host not in LOOPBACK
    ):
        msg = (
            f"{url} is not the address of HubSpot. Leave GATEKEEPER_HUBSPOT_URL empty:"
            f" {PUBLIC} is asked then."
        )
        raise SetupError(msg)


def connections(url: str, limits: Limits) -> urllib3.PoolManager:
    """Return the connections to HubSpot; the machine's proxy counts."""
    trusted = str(limits.ca_file) if limits.ca_file else None
    retries = urllib3.Retry(0)
    host, proxies = urlsplit(url).hostname or "", urllib.request.getproxies()
    proxy = proxies.get(urlsplit(url).scheme)
    if proxy and host not in LOOPBACK and not urllib.request.proxy_bypass(host):
        return urllib3.ProxyManager(proxy, ca_certs=trusted, retries=retries)
    return urllib3.PoolManager(ca_certs=trusted, retries=retries)
