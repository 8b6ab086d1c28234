"""A plain client of the sandbox: requests, a token, and the few calls tests make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import requests

from gatekeeper.sandbox.salesforce.stock import CLIENT_ID, CLIENT_SECRET

if TYPE_CHECKING:
    from types import TracebackType

VERSION = "59.0"
TIMEOUT_S = 10


class Client:
    """A logged-in session; `api` takes addresses below the version's root."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.log_in()

    def log_in(self) -> None:
        reply = self.session.post(
            f"{self.url}/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(CLIENT_ID, CLIENT_SECRET),
            timeout=TIMEOUT_S,
        )
        assert reply.status_code == 200, reply.text
        self.session.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"

    def api(self, method: str, path: str, **more: Any) -> requests.Response:
        address = f"{self.url}/services/data/v{VERSION}{path}"
        return self.session.request(method, address, timeout=TIMEOUT_S, **more)

    def query(self, soql: str, *, everything: bool = False) -> list[dict[str, Any]]:
        path = "/queryAll/" if everything else "/query/"
        reply = self.api("GET", path, params={"q": soql})
        assert reply.status_code == 200, reply.text
        records: list[dict[str, Any]] = reply.json()["records"]
        return records

    def create(self, kind: str, **values: object) -> str:
        reply = self.api("POST", f"/sobjects/{kind}/", json=values)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    def update(self, kind: str, record_id: str, **values: object) -> None:
        reply = self.api("PATCH", f"/sobjects/{kind}/{record_id}", json=values)
        assert reply.status_code == 204, reply.text

    def get(self, kind: str, record_id: str) -> dict[str, Any]:
        reply = self.api("GET", f"/sobjects/{kind}/{record_id}")
        assert reply.status_code == 200, reply.text
        body: dict[str, Any] = reply.json()
        return body

    def deal(self, **values: object) -> str:
        base = {"Name": "Acme", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
        return self.create("Opportunity", **{**base, **values})

    def collection(
        self,
        method: str,
        kind: str,
        *records: dict[str, object],
        all_or_none: bool = False,
    ) -> requests.Response:
        body = {
            "allOrNone": all_or_none,
            "records": [{"attributes": {"type": kind}, **each} for each in records],
        }
        return self.api(method, "/composite/sobjects", json=body)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.session.close()
