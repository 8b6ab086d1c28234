"""The one way out: a requests session that may do only what this room needs.

Every call has a connect and a read timeout, goes to the org's own host over TLS
(plain HTTP on loopback only), and is GET, POST or PATCH on a listed path. The verb
DELETE, another host and a redirect across hosts raise before anything is sent. A
composite may carry queries and nothing else. No library retries. Each call is counted,
and each answer's clock and API use noted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from gatekeeper.crm.hosts import LOOPBACK, is_of
from gatekeeper.crm.meter import CallMeter
from gatekeeper.errors import CrmUnreachableError, SetupError, Transient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

    from gatekeeper.crm.meter import Limits
    from gatekeeper.crm.permission import Permission
    from gatekeeper.errors import GatekeeperError

_DOMAINS = (".salesforce.com", ".force.com", ".salesforce.mil", ".sfcrmproducts.cn")
_USE = re.compile(r"(?:^|[;\s])api-usage=(\d+)/(\d+)")
_ROOT = r"/services/data/v\d+\.\d+"
_ALLOWED = {
    "GET": re.compile(
        rf"/services/(data/?|oauth2/userinfo)\Z|{_ROOT}/"
        r"(query(All)?(/.*)?|sobjects(/\w+/describe)?|limits/?|tooling/query/?"
        r"|jobs/query/\w{15,18}(/results)?)\Z"
    ),
    "POST": re.compile(
        rf"/services/oauth2/token\Z|{_ROOT}/(composite(/sobjects)?|jobs/query|tooling/"
        r"sobjects/CustomField|sobjects/(PermissionSet(Assignment)?|FieldPermissions"
        r"|ObjectPermissions))/?\Z"
    ),
    "PATCH": re.compile(
        rf"{_ROOT}/(composite/sobjects|sobjects/(FieldPermissions|ObjectPermissions)"
        r"/\w{15,18})/?\Z"
    ),
}
_COMPOSITE = "/composite"
_QUERY = re.compile(rf"{_ROOT}/query(All)?/\?q=")


class Meter(CallMeter):
    """The calls of one adapter."""

    __slots__ = ()

    def note_allowance(self, headers: Mapping[str, str]) -> None:
        """Take the org's API use from an answer's headers."""
        found = _USE.search(headers.get("Sforce-Limit-Info", ""))
        if found:
            self.used, self.allowed = int(found[1]), int(found[2])


class Gate(HTTPAdapter):
    """The transport of one org's host.

    simple-salesforce always asks for `https`; a loopback org may be plain HTTP, so
    the scheme of the configured address is put back here.
    """

    def __init__(
        self, url: str, limits: Limits, meter: Meter, permission: Permission
    ) -> None:
        super().__init__(max_retries=0)
        self._permission = permission
        self._home = urlsplit(url)
        self._limits = limits
        self._meter = meter

    def send(  # type: ignore[override]  # requests gives options by name only
        self, request: requests.PreparedRequest, **options: object
    ) -> requests.Response:
        """Send one request, or raise SetupError for what may not be sent."""
        path = self._checked(request)
        options["timeout"] = (self._limits.connect_s, self._limits.read_s)
        if self._limits.ca_file is not None:
            # Said on purpose, so it wins over REQUESTS_CA_BUNDLE of the machine.
            options["verify"] = str(self._limits.ca_file)
        if self._home.hostname in LOOPBACK:
            options["proxies"] = {}
        if request.method == "GET" or path.endswith(("/jobs/query", _COMPOSITE)):
            self._meter.count(is_write=False)
        elif not path.endswith("/oauth2/token"):
            self._permission.ask()
            self._meter.count(is_write=True)
        answer = super().send(request, **options)  # type: ignore[arg-type]
        self._meter.note(answer.headers)
        return answer

    def _checked(self, request: requests.PreparedRequest) -> str:
        target = urlsplit(request.url or "")
        allowed = _ALLOWED.get(request.method or "")
        if allowed is None or not allowed.match(target.path):
            msg = f"{request.method} {target.path} is not something gatekeeper does"
            raise SetupError(msg)
        if target.path.endswith(_COMPOSITE) and not _only_queries(request.body):
            msg = "a composite may carry queries only; gatekeeper does nothing else"
            raise SetupError(msg)
        if _place(target) != _place(self._home):
            msg = (
                f"Salesforce pointed to another host, {target.hostname}; only "
                f"{self._home.hostname} is asked. Check GATEKEEPER_SALESFORCE_URL."
            )
            raise SetupError(msg)
        request.url = urlunsplit(target._replace(scheme=self._home.scheme))
        return target.path


def _only_queries(body: object) -> bool:
    """Whether every call inside a composite reads rows."""
    try:
        calls = orjson.loads(body if isinstance(body, bytes | str) else b"")
        parts = [(each["method"], each["url"]) for each in calls["compositeRequest"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return False
    return all(verb == "GET" and _QUERY.match(url) for verb, url in parts)


def open_session(
    url: str, limits: Limits, meter: Meter, permission: Permission
) -> requests.Session:
    """Return a session that reaches the org at `url` and nothing else.

    Raises:
        SetupError: The address is neither Salesforce's nor on this machine.
    """
    check_address(url)
    session = requests.Session()
    gate = Gate(url, limits, meter, permission)
    session.mount("https://", gate)
    session.mount("http://", gate)
    session.max_redirects = 3
    # The machine's proxies and REQUESTS_CA_BUNDLE count (trust_env); its .netrc must
    # not: requests would put that login in place of our token. An auth that does
    # nothing keeps it from looking.
    session.auth = _no_other_login
    return session


def check_address(url: str) -> None:
    """Refuse an address that no Salesforce org has.

    Raises:
        SetupError: With the remedy.
    """
    if not is_of(url, _DOMAINS):
        msg = (
            f"{url} is not the address of a Salesforce org. Set "
            "GATEKEEPER_SALESFORCE_URL to its My Domain, such as "
            "https://acme.my.salesforce.com"
        )
        raise SetupError(msg)


def _place(parts: SplitResult) -> tuple[str | None, int | None]:
    """Return host and port, the usual ports as None: the scheme may be put back."""
    return parts.hostname, None if parts.port in {80, 443} else parts.port


def _no_other_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def network_fault(
    error: Exception, what: str, *, is_write: bool, has_answered: bool
) -> GatekeeperError:
    """Return our error for a call that brought no answer, or half of one.

    Args:
        error: What requests or the decoder raised.
        what: What was asked, for the sentence.
        is_write: A lost answer then leaves the outcome unknown.
        has_answered: The org has answered before, so its address is right.
    """
    if isinstance(error, requests.exceptions.SSLError):
        return CrmUnreachableError(
            f"{what}: the server's certificate is not trusted. Check the address, or "
            "name the authority's file in GATEKEEPER_CA_FILE."
        )
    never_sent = _is_refused(error)
    if never_sent and not has_answered:
        return CrmUnreachableError(
            f"{what}: nothing answers there. Check GATEKEEPER_SALESFORCE_URL and the "
            "network."
        )
    return Transient(
        f"{what}: {_in_short(error)}", outcome_unknown=is_write and not never_sent
    )


def _is_refused(error: Exception) -> bool:
    """Whether no connection came about, so that nothing can have been done."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | NameResolutionError)


def _in_short(error: Exception) -> str:
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    if isinstance(error, requests.RequestException):
        return "the connection was cut"
    return "the answer was cut short or is no JSON"
