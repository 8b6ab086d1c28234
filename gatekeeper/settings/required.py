"""Questions that need several settings at once: logins, secrets, what is missing."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from gatekeeper.core.catalogue import CrmName
from gatekeeper.errors import SetupError
from gatekeeper.settings.model import Settings, secret_settings, variable


class SalesforceLogin(StrEnum):
    """The ways to obtain a Salesforce session, best first."""

    CLIENT_CREDENTIALS = "client credentials"
    JWT = "JWT"
    SESSION = "session id"


def required(settings: Settings, setting: str) -> str:
    """Return the text of a setting that what follows cannot do without.

    Raises:
        SetupError: It is not set; the sentence says what belongs there.
    """
    value = getattr(settings, setting)
    if value is None:
        expected = Settings.model_fields[setting].description
        msg = f"{variable(setting)} is not set. Put it into the environment or .env"
        raise SetupError(f"{msg}: {expected}.")
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def agreed_crm(settings: Settings, named_by_pack: str | None) -> CrmName:
    """Return the CRM that rule pack and environment agree on.

    Where neither names one, the login that is set does.

    Args:
        settings: Its `crm` need not be set.
        named_by_pack: The `crm:` of project.yaml, if it says one.

    Raises:
        SetupError: The two contradict each other, or neither names a CRM.
    """
    told = CrmName.SALESFORCE if settings.salesforce_url else None
    if told is None and settings.hubspot_token is not None:
        told = CrmName.HUBSPOT
    named = named_by_pack or settings.crm or told
    if named is None:
        msg = "No CRM is named. Write `crm: salesforce` into project.yaml."
        raise SetupError(msg)
    if settings.crm not in {None, named}:
        msg = (
            f"GATEKEEPER_CRM is {settings.crm}, but project.yaml says `crm: {named}`."
            " Remove the variable or correct the file."
        )
        raise SetupError(msg)
    return CrmName(named)


def salesforce_login(settings: Settings) -> SalesforceLogin:
    """Choose the best Salesforce login that the settings are complete for.

    Raises:
        SetupError: None is configured, or the one begun lacks a setting.
    """
    if settings.salesforce_client_secret is not None:
        required(settings, "salesforce_client_id")
        return SalesforceLogin.CLIENT_CREDENTIALS
    if settings.salesforce_jwt_key is not None:
        required(settings, "salesforce_client_id")
        required(settings, "salesforce_jwt_username")
        return SalesforceLogin.JWT
    if settings.salesforce_session_id is not None:
        return SalesforceLogin.SESSION
    msg = (
        "No Salesforce login is set. Put GATEKEEPER_SALESFORCE_CLIENT_ID and"
        " GATEKEEPER_SALESFORCE_CLIENT_SECRET of a connected app into the environment"
        " or .env."
    )
    raise SetupError(msg)


def secret_values(settings: Settings) -> tuple[str, ...]:
    """Every secret that is set, for the log to keep out of sight."""
    secrets = [
        value.get_secret_value()
        for setting in secret_settings()
        if setting not in ("database_url", "smtp_url")
        and (value := getattr(settings, setting)) is not None
    ]
    for url in (settings.database_url, settings.smtp_url):
        password = urlsplit(url.get_secret_value()).password if url else None
        secrets += [password, unquote(password)] if password else []
    return tuple(secrets)
