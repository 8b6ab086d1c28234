"""What every command stands on: settings, and the ways to rules, database and CRM."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.bootstrap.machine import StopSwitch
    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import Project
    from gatekeeper.core.roles import People
    from gatekeeper.pack.load import Draft
    from gatekeeper.ports import Crm
    from gatekeeper.settings import Paths, Settings
    from gatekeeper.store.sql_store import SqlStore


@dataclass(frozen=True, slots=True)
class Ground:
    """What every command stands on before it talks to anything.

    Attributes:
        is_service: Its log is what it says, also where a person watches.
    """

    settings: Settings
    paths: Paths
    is_service: bool = False

    def draft(self) -> Draft:
        """Read the rule pack; its mistakes are collected in the draft.

        Raises:
            SetupError: There is no pack.
        """
        from gatekeeper.bootstrap.crms import own_names
        from gatekeeper.pack.load import read_pack

        crm, folder = self.settings.crm, self.paths.rules_dir
        return read_pack(folder, crm=crm.value if crm else None, own_names=own_names())

    def log(self) -> None:
        """Set up logging, for what reaches the database or the CRM.

        Reading a rule pack logs nothing, and the library takes as long to load. Where
        a person watches, the answer says what the log lines would: then only warnings
        are logged, unless a log level is set.
        """
        from gatekeeper.log import set_up_logging
        from gatekeeper.settings import secret_values

        is_chosen = "log_level" in self.settings.model_fields_set
        is_watched = sys.stderr.isatty() and not (is_chosen or self.is_service)
        set_up_logging(
            level="warning" if is_watched else self.settings.log_level.value,
            style=self.settings.log_format.value,
            secrets=secret_values(self.settings),
        )

    def switch(self) -> StopSwitch:
        """Return what says that writing must stop."""
        from gatekeeper.bootstrap.machine import StopSwitch

        return StopSwitch(self.settings.stop, self.paths.stop_file)

    def store(self) -> SqlStore:
        """Open the database."""
        from gatekeeper.store.retention import Retention
        from gatekeeper.store.sql_store import SqlStore

        self.log()
        kept = Retention(
            values=timedelta(days=self.settings.keep_values_days),
            runs=timedelta(days=self.settings.keep_runs_days),
            audit=timedelta(days=self.settings.keep_audit_days),
        )
        return SqlStore(self.paths.database_url, kept)

    def saved_schema(self) -> CrmSchema | None:
        """Return the CRM's description as last read; None where it never was."""
        from gatekeeper.store.saved import saved_schema

        return saved_schema(self.paths.database_url)

    def crm(
        self,
        project: Project | None = None,
        people: People | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Crm:
        """Return the CRM that settings and pack agree on; nothing is called yet.

        Args:
            project: Names the CRM and the currency of amounts.
            people: Say where they work, for a CRM that does not.
            sleep: Waits between repeated calls.
        """
        from gatekeeper.bootstrap.crms import hubspot, salesforce
        from gatekeeper.core.catalogue import CrmName
        from gatekeeper.settings import agreed_crm

        self.log()
        name = agreed_crm(self.settings, project.crm if project else None)
        currency = project.currency if project else "USD"
        if name is not CrmName.HUBSPOT:
            return salesforce(self.settings, self.paths, currency, sleep)
        zones = people.zones if people else {}
        return hubspot(self.settings, self.paths, currency, zones, sleep)


def prepare(*, is_service: bool = False) -> Ground:
    """Read the settings.

    Args:
        is_service: What is started runs on, and its log is what it says.

    Raises:
        SetupError: A setting is unknown or unusable.
    """
    from gatekeeper.settings import load_settings, resolve_paths

    settings = load_settings()
    return Ground(settings, resolve_paths(settings), is_service)
