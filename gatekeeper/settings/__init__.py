"""The only reader of the environment: settings, `.env` and secret files, once.

Every setting is a `GATEKEEPER_` variable in the environment or in the `.env` of the
current folder; the environment wins. A secret may instead stand in a file named by
the variable with `_FILE` behind it. Mistakes become one `SetupError` with a sentence
per variable, and no message, representation or log ever shows a secret's value.

pydantic-settings lives here and nowhere else. Nothing here touches a CRM, the
store or the network; the only files read are `.env` and those of the secrets.
"""

from gatekeeper.settings.load import load_settings
from gatekeeper.settings.model import LogFormat, LogLevel, Settings
from gatekeeper.settings.paths import Paths, resolve_paths
from gatekeeper.settings.required import (
    SalesforceLogin,
    agreed_crm,
    required,
    salesforce_login,
    secret_values,
)

__all__ = [
    "LogFormat",
    "LogLevel",
    "Paths",
    "SalesforceLogin",
    "Settings",
    "agreed_crm",
    "load_settings",
    "required",
    "resolve_paths",
    "salesforce_login",
    "secret_values",
]
