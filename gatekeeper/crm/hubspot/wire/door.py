"""The one way out: what hubspot-api-client may send, and what becomes of it.

This stands where each of the library's packages has a transport of its own. A call is
checked against the list of routes, waits for its window, is counted, leaves once over
the one set of connections, and comes back as parsed JSON or as one of our errors: the
library's models are slow and lose answers whose status they do not expect, and its
exceptions have no common class.
"""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

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

from gatekeeper.crm.hosts import LOOPBACK, is_of
from gatekeeper.crm.hubspot.wire.envelope import Answer
from gatekeeper.crm.hubspot.wire.meter import Meter
from gatekeeper.crm.hubspot.wire.paths import route_of, versioned, wording
from gatekeeper.crm.hubspot.wire.refusals import (
    DayUsedError,
    LimitedError,
    read_refusal,
    to_error,
)
from gatekeeper.crm.permission import Permission
from gatekeeper.errors import CrmUnreachableError, SetupError, Transient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatekeeper.crm.hubspot.wire.pace import Pace
    from gatekeeper.crm.hubspot.wire.paths import Route
    from gatekeeper.crm.meter import Limits
    from gatekeeper.errors import GatekeeperError

PUBLIC = "https://api.hubapi.com"
_DOMAIN = ".hubapi.com"
_REFUSED = 300


@dataclass(slots=True)
class Door:
    """The way out to one host.

    Attributes:
        url: Where HubSpot is.
    """

    url: str
    token: str = field(repr=False)
    limits: Limits
    pace: Pace
    meter: Meter = field(default_factory=Meter)
    permission: Permission = field(default_factory=Permission)
    connections: urllib3.HTTPConnectionPool = field(init=False)
    _headers: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_address(self.url)
        self.connections = connections(self.url, self.limits)
        self._headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "User-Agent": "gatekeeper",
        }

    def send(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, object]] = (),
        body: object = None,
    ) -> Answer:
        """Send one call of the library's.

        Args:
            method: GET or POST.
            path: As the library knows it.
            query: Name and value, or values, one pair after the other.
            body: Plain JSON.

        Raises:
            SetupError: It is nothing gatekeeper does.
            GatekeeperError: It was refused, or has no answer.
        """
        route = route_of(method, path)
        what = wording(route, path)
        sent = versioned(path)
        self.pace.wait(route.policy)
        if route.is_write:
            self.permission.ask()
        self.meter.count(is_write=route.is_write)
        try:
            reply = self.connections.urlopen(
                method,
                f"{sent}?{urlencode(query, doseq=True)}" if query else sent,
                redirect=False,  # the token goes where it was told to go, nowhere else
                headers=self._headers,
                body=None if body is None else orjson.dumps(body),
            )
            self._note(route, reply.headers)
            if reply.status < _REFUSED:
                return Answer(reply.status, orjson.loads(reply.data))
        except (HTTPError, ValueError) as error:
            raise self._fault(error, what, is_write=route.is_write) from error
        raise self._refusal(reply, route, what)

    def _note(self, route: Route, headers: Mapping[str, str]) -> None:
        self.meter.note(headers)
        self.pace.learn(route.policy, headers)

    def _refusal(
        self, reply: urllib3.BaseHTTPResponse, route: Route, what: str
    ) -> GatekeeperError:
        refusal = read_refusal(reply.status, reply.data, reply.headers)
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
    if not is_of(url, [_DOMAIN]):
        msg = (
            f"{url} is not the address of HubSpot. Leave GATEKEEPER_HUBSPOT_URL empty:"
            f" {PUBLIC} is asked then."
        )
        raise SetupError(msg)


def connections(url: str, limits: Limits) -> urllib3.HTTPConnectionPool:
    """Return the connections to HubSpot; the machine's proxy counts."""
    trusted = str(limits.ca_file) if limits.ca_file else None
    host, proxies = urlsplit(url).hostname or "", urllib.request.getproxies()
    proxy = proxies.get(urlsplit(url).scheme)
    manager: Callable[..., urllib3.PoolManager] = urllib3.PoolManager
    if proxy and host not in LOOPBACK and not urllib.request.proxy_bypass(host):
        manager = partial(urllib3.ProxyManager, proxy)
    return manager(
        ca_certs=trusted,
        retries=urllib3.Retry(0),
        timeout=urllib3.Timeout(connect=limits.connect_s, read=limits.read_s),
    ).connection_from_url(url)
