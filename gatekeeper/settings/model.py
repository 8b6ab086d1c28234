"""The settings and what their values may be.

Each setting's description is the comment of `.env.example` and the remedy of the
sentence that refuses a value.
"""

from __future__ import annotations

import re
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    SecretStr,
)

from gatekeeper.core.catalogue import CrmName

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "GATEKEEPER_"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How log lines look; `auto` is console on a terminal and JSON elsewhere."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


_NO_FILE = {"/", "/:memory:"}  # history that ends with the command is none


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _as_address(text: str) -> str:
    parts = urlsplit(text)
    host = parts.hostname or ""
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    if not host or not is_safe or parts.username or parts.query or parts.fragment:
        msg = "not an address"
        raise ValueError(msg)
    return text.rstrip("/")


def _as_database_url(secret: SecretStr) -> SecretStr:
    scheme, separator, rest = secret.get_secret_value().partition("://")
    dialect = scheme.partition("+")[0]
    is_file = dialect == "sqlite" and rest[:1] == "/" and rest not in _NO_FILE
    if not separator or not (is_file or (dialect == "postgresql" and rest)):
        msg = "not a database address"
        raise ValueError(msg)
    return secret


def _as_mail_url(secret: SecretStr) -> SecretStr:
    parts = urlsplit(secret.get_secret_value())
    is_bare = parts.path in ("", "/") and not parts.query and not parts.fragment
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not is_bare:
        msg = "not a mail server"
        raise ValueError(msg)
    return secret


def _as_listening(text: str) -> str:
    host, separator, port = text.rpartition(":")
    is_port = port.isascii() and port.isdigit() and int(port) < 65_536
    if text == "off" or (host and separator and is_port):
        return text
    msg = "not a place to listen"
    raise ValueError(msg)


def _as_mail_address(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]+", text):
        return text
    msg = "not a mail address"
    raise ValueError(msg)


Address = Annotated[str, AfterValidator(_as_address)]
Listening = Annotated[str, AfterValidator(_as_listening)]
MailUrl = Annotated[SecretStr, AfterValidator(_as_mail_url)]
MailAddress = Annotated[str, AfterValidator(_as_mail_address)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_as_database_url)]
Seconds = Annotated[PositiveFloat, Field(le=3600, allow_inf_nan=False)]
Days = Annotated[int, Field(ge=1, le=36_500)]


class Settings(BaseModel):
    """Everything a person may set from outside; see `.env.example`.

    Build it with `load_settings`. Relative paths are as written: `resolve_paths`
    says which files they mean.
    """

    model_config = ConfigDict(
        defer_build=True,  # start-up time, where nothing is set
        extra="ignore",  # load_settings refuses unknown names with a suggestion
        frozen=True,
        hide_input_in_errors=True,
    )

    crm: CrmName | None = Field(
        None, description="salesforce or hubspot; empty takes what the rule pack names"
    )
    rules_dir: Path = Field(
        Path("rules"), description="the folder that holds the rule pack"
    )
    database_url: DatabaseUrl = Field(
        SecretStr("sqlite:///gatekeeper.db"),
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
    )
    keep_values_days: Days = Field(
        90, description="days after which texts and values of writes are forgotten"
    )
    keep_runs_days: Days = Field(
        396, description="days after which runs and their writes are forgotten"
    )
    keep_audit_days: Days = Field(
        731, description="days after which rows of the audit chain are forgotten"
    )
    salesforce_url: Address | None = Field(
        None, description="the org's address, such as https://acme.my.salesforce.com"
    )
    salesforce_client_id: str | None = Field(
        None, description="the consumer key of the connected app"
    )
    salesforce_client_secret: SecretStr | None = Field(
        None, description="the consumer secret, for the client credentials login"
    )
    salesforce_jwt_key: SecretStr | None = Field(
        None, description="the private key in PEM form, for the JWT login"
    )
    salesforce_jwt_username: str | None = Field(
        None, description="the integration user's name, for the JWT login"
    )
    salesforce_jwt_audience: Address = Field(
        "https://login.salesforce.com",
        description="whom the JWT addresses; https://test.salesforce.com for sandboxes",
    )
    salesforce_session_id: SecretStr | None = Field(
        None, description="a session id obtained elsewhere; it is never refreshed"
    )
    hubspot_token: SecretStr | None = Field(
        None, description="the token of a HubSpot private app or service key"
    )
    hubspot_url: Address | None = Field(
        None, description="only to reach another host than HubSpot's public one"
    )
    smtp_url: MailUrl | None = Field(
        None, description="smtps://USER:PASSWORD@HOST, or smtp:// with STARTTLS"
    )
    mail_from: MailAddress | None = Field(
        None, description="the address digests come from, such as crm@acme.com"
    )
    slack_token: SecretStr | None = Field(
        None,
        description="a Slack app's bot token, for those with a slack id in people.yaml",
    )
    health_address: Listening = Field(
        "127.0.0.1:9464",
        description="HOST:PORT of the worker's /livez, /readyz and /metrics, or off",
    )
    ca_file: Path | None = Field(
        None, description="a PEM file of authorities to trust instead of the usual ones"
    )
    connect_timeout_s: Seconds = Field(
        10, description="seconds to wait for a connection, up to 3600"
    )
    read_timeout_s: Seconds = Field(
        60, description="seconds to wait for an answer, up to 3600"
    )
    call_deadline_s: Seconds = Field(
        300, description="seconds one call may take with its repeats, up to 3600"
    )
    stop: bool = Field(
        default=False,
        description="1 writes nothing (the kill switch), 0 lets it work",
    )
    stop_file: Path | None = Field(
        None, description="a file whose existence is the kill switch"
    )
    log_level: LogLevel = Field(
        LogLevel.INFO, description="debug, info, warning or error"
    )
    log_format: LogFormat = Field(
        LogFormat.AUTO, description="console, json, or auto: console on a terminal"
    )


def variable(setting: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + setting.upper()


def secret_settings() -> Iterator[str]:
    """Name the settings that are secrets; each may also stand in a file."""
    for name, setting in Settings.model_fields.items():
        if "SecretStr" in str(setting.annotation):
            yield name
