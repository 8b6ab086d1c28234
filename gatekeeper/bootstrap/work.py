"""Everything a command that talks to the CRM works with, opened and closed here."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.bootstrap.machine import StopSwitch, WallClock
from gatekeeper.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.bootstrap.ground import Ground
    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.model import Mode
    from gatekeeper.core.pack import RulePack
    from gatekeeper.flow.digest import Desk
    from gatekeeper.flow.services import Services
    from gatekeeper.pack.load import Draft
    from gatekeeper.ports import Archive, Outbox, Progress


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


def moved_by_us() -> frozenset[str]:
    """Return the fields of every CRM, by their own names, that our task may move."""
    from gatekeeper.crm.hubspot import names as hubspot
    from gatekeeper.crm.salesforce import names as salesforce

    return salesforce.MOVED_BY_US | hubspot.MOVED_BY_US


@contextmanager
def opened(
    ground: Ground,
    progress: Progress,
    ceiling: Mode | None = None,
    switch: StopSwitch | None = None,
) -> Iterator[Work]:
    """Read the rules, log in, describe, check, and open the store.

    Args:
        ground: The settings.
        progress: Told of long work.
        ceiling: Judge under another mode ceiling than the pack's, for plans that
            show what enforcing would do.
        switch: Ends the work; None makes one that listens to signals.

    Raises:
        PackError: The rules have mistakes; nothing was run.
        StopError: Login, network, settings or database.
    """
    from gatekeeper.flow.services import Services
    from gatekeeper.pack.revision import revision_of

    draft = ground.draft()
    if draft.project is None:
        raise PackError(draft.messages)
    if switch is None:
        switch = ground.switch()
        switch.listen()
    crm = ground.crm(draft.project, draft.people, switch.sleep)
    schema = crm.schema(draft.catalogue)
    store = ground.store()
    try:
        schema = store.save_schema(crm.org(), schema)
        revision = revision_of(ground.paths.rules_dir.resolve())
        pack = replace(draft.compile(schema), revision=revision)
        if ceiling is not None:
            pack = replace(pack, project=replace(pack.project, mode_ceiling=ceiling))
        services = Services(
            crm,
            store,
            WallClock(),
            progress,
            switch.reason,
            switch.end_reason,
            switch.keeping,
        )
        archive, outbox = store.archive, store.outbox
        yield Work(ground, draft, schema, pack, services, archive, outbox)
    finally:
        store.close()


def desk_of(work: Work) -> Desk:
    """Return what digests are made from."""
    from gatekeeper.flow.digest import Desk

    return Desk(work.archive, work.services.crm, work.pack, work.schema)
