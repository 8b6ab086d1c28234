"""Settings to services: the only place that picks implementations.

Names the wall clock, the database, the CRM's adapter and the kill switch, and gives
every command the same way in. Each room is imported by the function that needs it: a
command that asks for help loads neither a database nor a CRM.
"""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gatekeeper.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo
    from pathlib import Path

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.model import Mode
    from gatekeeper.core.pack import Project, RulePack
    from gatekeeper.core.roles import People
    from gatekeeper.crm.salesforce.wire.client import Access
    from gatekeeper.flow.services import Services
    from gatekeeper.pack.load import Draft
    from gatekeeper.ports import Archive, Crm, Notifier, Outbox, Progress
    from gatekeeper.settings import Paths, Settings
    from gatekeeper.store.sql_store import SqlStore


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the aware present."""
        return datetime.now(UTC)


@dataclass(slots=True)
class StopSwitch:
    """Says why writing must stop: a setting, a file, or a signal."""

    is_set: bool
    file: Path | None
    signalled: list[int] = field(default_factory=list)

    def reason(self) -> str:
        """Return the reason, or ""."""
        if self.is_set:
            return "GATEKEEPER_STOP is set"
        if self.file is not None and self.file.exists():
            return f"the file {self.file} exists"
        if self.signalled:
            return f"signal {signal.Signals(self.signalled[0]).name} came"
        return ""

    def listen(self) -> None:
        """Let SIGTERM and SIGINT end a run after the request under way."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda got, _frame: self._got(got))

    def _got(self, number: int) -> None:
        if self.signalled:
            raise KeyboardInterrupt
        self.signalled.append(number)


@dataclass(frozen=True, slots=True)
class Ground:
    """What every command stands on before it talks to anything."""

    settings: Settings
    paths: Paths

    def draft(self) -> Draft:
        """Read the rule pack; its mistakes are collected in the draft.

        Raises:
            SetupError: There is no pack.
        """
        from gatekeeper.pack.load import read_pack

        crm = self.settings.crm
        return read_pack(self.paths.rules_dir, crm=crm.value if crm else None)

    def log(self) -> None:
        """Set up logging, for what reaches the database or the CRM.

        Reading a rule pack logs nothing, and the library takes as long to load. Where
        a person watches, the answer says what the log lines would: then only warnings
        are logged, unless a log level is set.
        """
        from gatekeeper.log import set_up_logging
        from gatekeeper.settings import secret_values

        is_chosen = "log_level" in self.settings.model_fields_set
        is_watched = sys.stderr.isatty() and not is_chosen
        set_up_logging(
            level="warning" if is_watched else self.settings.log_level.value,
            style=self.settings.log_format.value,
            secrets=secret_values(self.settings),
        )

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

    def crm(self, project: Project | None = None, people: People | None = None) -> Crm:
        """Return the CRM that settings and pack agree on; nothing is called yet.

        Args:
            project: Names the CRM and the currency of amounts.
            people: Say where they work, for a CRM that does not.
        """
        from gatekeeper.core.catalogue import CrmName
        from gatekeeper.settings import agreed_crm

        self.log()
        name = agreed_crm(self.settings, project.crm if project else None)
        currency = project.currency if project else "USD"
        if name is not CrmName.HUBSPOT:
            return _salesforce(self.settings, self.paths, currency)
        zones = people.zones if people else {}
        return _hubspot(self.settings, self.paths, currency, zones)


@dataclass(frozen=True, slots=True)
class Work:
    """Everything a command that talks to the CRM needs."""

    ground: Ground
    draft: Draft
    schema: CrmSchema
    pack: RulePack
    services: Services
    archive: Archive
    outbox: Outbox

    @property
    def org(self) -> str:
        """The org the CRM says it is."""
        return self.services.crm.org()


def prepare() -> Ground:
    """Read the settings.

    Raises:
        SetupError: A setting is unknown or unusable.
    """
    from gatekeeper.settings import load_settings, resolve_paths

    settings = load_settings()
    return Ground(settings, resolve_paths(settings))


def moved_by_us() -> frozenset[str]:
    """Return the fields of every CRM, by their own names, that our task may move."""
    from gatekeeper.crm.hubspot import names as hubspot
    from gatekeeper.crm.salesforce import names as salesforce

    return salesforce.MOVED_BY_US | hubspot.MOVED_BY_US


@contextmanager
def opened(
    ground: Ground, progress: Progress, ceiling: Mode | None = None
) -> Iterator[Work]:
    """Read the rules, log in, describe, check, and open the store.

    Args:
        ground: The settings.
        progress: Told of long work.
        ceiling: Judge under another mode ceiling than the pack's, for plans that
            show what enforcing would do.

    Raises:
        PackError: The rules have mistakes; nothing was run.
        StopError: Login, network, settings or database.
    """
    from gatekeeper.flow.services import Services
    from gatekeeper.pack.revision import revision_of

    draft = ground.draft()
    if draft.project is None:
        raise PackError(draft.messages)
    crm = ground.crm(draft.project, draft.people)
    schema = crm.schema(draft.catalogue)
    switch = StopSwitch(ground.settings.stop, ground.paths.stop_file)
    switch.listen()
    store = ground.store()
    try:
        schema = store.save_schema(crm.org(), schema)
        revision = revision_of(ground.paths.rules_dir.resolve())
        pack = replace(draft.compile(schema), revision=revision)
        if ceiling is not None:
            pack = replace(pack, project=replace(pack.project, mode_ceiling=ceiling))
        services = Services(crm, store, WallClock(), progress, switch.reason)
        archive, outbox = store.archive, store.outbox
        yield Work(ground, draft, schema, pack, services, archive, outbox)
    finally:
        store.close()


def mailer(work: Work) -> Notifier:
    """Return the way to people by mail.

    Raises:
        SetupError: No mail server or sender is set.
    """
    from gatekeeper.notify.email import Mailer, server_at
    from gatekeeper.settings import required

    settings, paths = work.ground.settings, work.ground.paths
    url, sender = required(settings, "smtp_url"), required(settings, "mail_from")
    server = server_at(url, settings.read_timeout_s, paths.ca_file)
    zone, people = work.pack.project.zone, work.pack.people
    url_of = work.services.crm.deal_url
    return Mailer(work.org, server, sender, url_of, lambda who: people.zone(who, zone))


def _hubspot(
    settings: Settings, paths: Paths, currency: str, zones: Mapping[str, tzinfo]
) -> Crm:
    from gatekeeper.crm.hubspot.adapter import connect
    from gatekeeper.crm.hubspot.wire.client import Access
    from gatekeeper.crm.hubspot.wire.door import PUBLIC
    from gatekeeper.crm.meter import Limits
    from gatekeeper.settings import required

    access = Access(
        token=required(settings, "hubspot_token"),
        url=settings.hubspot_url or PUBLIC,
        limits=Limits(
            connect_s=settings.connect_timeout_s,
            read_s=settings.read_timeout_s,
            ca_file=paths.ca_file,
        ),
        deadline=timedelta(seconds=settings.call_deadline_s),
    )
    return connect(access, now=WallClock().now, currency=currency, zones=zones)


def _salesforce(settings: Settings, paths: Paths, currency: str) -> Crm:
    from gatekeeper.crm.salesforce.adapter import connect

    access = _access(settings, paths)
    return connect(access, now=WallClock().now, currency=currency)


def _access(settings: Settings, paths: Paths) -> Access:
    from gatekeeper.crm.meter import Limits
    from gatekeeper.crm.salesforce.wire.client import Access
    from gatekeeper.crm.salesforce.wire.login import Credentials
    from gatekeeper.settings import required, salesforce_login

    salesforce_login(settings)

    def secret(setting: str) -> str:
        value = getattr(settings, setting)
        return "" if value is None else str(value.get_secret_value())

    return Access(
        url=required(settings, "salesforce_url"),
        credentials=Credentials(
            client_id=settings.salesforce_client_id or "",
            client_secret=secret("salesforce_client_secret"),
            jwt_key=secret("salesforce_jwt_key"),
            jwt_username=settings.salesforce_jwt_username or "",
            jwt_audience=settings.salesforce_jwt_audience,
            session_id=secret("salesforce_session_id"),
        ),
        limits=Limits(
            connect_s=settings.connect_timeout_s,
            read_s=settings.read_timeout_s,
            ca_file=paths.ca_file,
        ),
        deadline=timedelta(seconds=settings.call_deadline_s),
    )
