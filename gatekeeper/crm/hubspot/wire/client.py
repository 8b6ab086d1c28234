"""The calls this room makes, each by its name."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from gatekeeper.crm.hubspot.wire import paths
from gatekeeper.crm.hubspot.wire.door import Door
from gatekeeper.crm.hubspot.wire.envelope import (
    Answer,
    Associations,
    Batch,
    Page,
    Record,
    read_associations,
    read_batch,
    read_page,
)
from gatekeeper.crm.hubspot.wire.library import Library
from gatekeeper.crm.hubspot.wire.meter import Meter
from gatekeeper.crm.hubspot.wire.pace import Pace
from gatekeeper.crm.hubspot.wire.patience import Access, Patience
from gatekeeper.crm.hubspot.wire.wholly import read_wholly
from gatekeeper.errors import CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

MOST_OWNERS = 500
MOST_LISTED = 100
MOST_FOUND = 200
MOST_READ = 100
MOST_WITH_HISTORY = 50
MOST_LINKED = 1_000
Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read of records.

    Attributes:
        properties: Their names; unknown ones are left out of the answer.
        with_history: Properties whose past values are read too.
        by: The unique property that the ids are values of; "" for record ids.
        archived: Read archived records, and none but them.
    """

    properties: tuple[str, ...] = ()
    with_history: tuple[str, ...] = ()
    by: str = ""
    archived: bool = False


class Client:
    """A conversation with one portal."""

    def __init__(
        self,
        access: Access,
        sleep: Callable[[float], None] = time.sleep,
        tick: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.access = access
        self.sleep = sleep
        self.pace = Pace(sleep, tick)
        self.door = Door(access.url, access.token, access.limits, self.pace, Meter(now))
        self._library = Library(self.door)
        self._patience = Patience(access, sleep)

    @property
    def meter(self) -> Meter:
        """The calls so far."""
        return self.door.meter

    def page(self, kind: str, wanted: Wanted, after: str = "") -> Page:
        """Return a page of all records of a kind, by ascending id."""
        asked = {"after": after} if after else {}
        answer = self._patience.read(
            lambda: self._library.objects("basic").get_page(
                kind,
                limit=MOST_LISTED,
                # One text in place of a key per name: three quarters of the address.
                properties=[",".join(wanted.properties)],
                archived=wanted.archived,
                _preload_content=False,
                **asked,
            )
        )
        return read_page(answer)

    def records(
        self, kind: str, ids: Sequence[str], wanted: Wanted
    ) -> Iterable[Record]:
        """Stream named records in no order; those that do not exist are left out.

        Raises:
            CrmRejectedError: HubSpot refuses the reading itself.
        """
        most = MOST_WITH_HISTORY if wanted.with_history else MOST_READ
        read = partial(self._read_batch, kind, wanted)
        for start in range(0, len(ids), most):
            asked = ids[start : start + most]
            yield from read_wholly(read, asked, wanted.by, self.sleep)

    def links(self, source: str, target: str, inputs: Sequence[Record]) -> Associations:
        """Return associations of up to 1,000 records; see `reading.links`."""
        return read_associations(
            self._patience.read(
                lambda: self._library.crm.associations.v4.batch_api.get_page(
                    source, target, {"inputs": list(inputs)}, _preload_content=False
                )
            )
        )

    def labels(self, source: str, target: str) -> list[Record]:
        """Return the labels an association may carry."""
        definitions = self._library.crm.associations.v4.schema.definitions_api
        return read_page(
            self._patience.read(
                lambda: definitions.get_all(source, target, _preload_content=False)
            )
        ).rows

    def found(self, kind: str, search: Mapping[str, object]) -> Page:
        """Return a page of a search; its index lags, so it decides nothing."""
        return read_page(
            self._patience.read(
                lambda: self._library.objects("search").do_search(
                    kind, dict(search), _preload_content=False
                )
            )
        )

    def owners(self, after: str, *, archived: bool) -> Page:
        """Return a page of owners."""
        asked = {"after": after} if after else {}
        return read_page(
            self._patience.read(
                lambda: self._library.crm.owners.owners_api.get_page(
                    limit=MOST_OWNERS,
                    archived=archived,
                    _preload_content=False,
                    **asked,
                )
            )
        )

    def pipelines(self) -> list[Record]:
        """Return the pipelines of deals with their stages."""
        api = self._library.crm.pipelines.pipelines_api
        return read_page(
            self._patience.read(lambda: api.get_all("deals", _preload_content=False))
        ).rows

    def properties(self, kind: str) -> list[Record]:
        """Return the definitions of a kind's properties."""
        api = self._library.crm.properties.core_api
        return read_page(
            self._patience.read(lambda: api.get_all(kind, _preload_content=False))
        ).rows

    def groups(self, kind: str) -> list[Record]:
        """Return a kind's property groups."""
        api = self._library.crm.properties.groups_api
        return read_page(
            self._patience.read(lambda: api.get_all(kind, _preload_content=False))
        ).rows

    def account(self) -> Record:
        """Return the account's details: portal, zone, currencies."""
        return _table(
            self._patience.read(partial(self._library.call, "GET", paths.ACCOUNT, None))
        )

    def token(self) -> Record:
        """Return what the token may do."""
        body = {"tokenKey": self.access.token}
        return _table(
            self._patience.read(partial(self._library.call, "POST", paths.TOKEN, body))
        )

    def write(self, kind: str, verb: str, inputs: Sequence[Record]) -> Batch:
        """Create, update or upsert up to 100 records.

        Args:
            kind: `tasks` or `deals`.
            verb: `create`, `update` or `upsert`.
            inputs: What to write.

        Raises:
            Transient: `outcome_unknown` says whether it may have happened.
            CrmRejectedError: The request as a whole was refused.
        """
        call = getattr(self._library.objects("batch"), verb)
        return self._written(
            lambda: call(kind, {"inputs": list(inputs)}, _preload_content=False)
        )

    def link(self, inputs: Sequence[Record]) -> Batch:
        """Associate tasks with deals; doing it again changes nothing."""
        api = self._library.crm.associations.v4.batch_api
        return self._written(
            lambda: api.create(
                "tasks", "deals", {"inputs": list(inputs)}, _preload_content=False
            )
        )

    def make_property(self, kind: str, definition: Record) -> Record:
        """Create a property."""
        api = self._library.crm.properties.core_api
        return self._made(lambda: api.create(kind, definition, _preload_content=False))

    def make_group(self, kind: str, definition: Record) -> Record:
        """Create a property group."""
        api = self._library.crm.properties.groups_api
        return self._made(lambda: api.create(kind, definition, _preload_content=False))

    def close(self) -> None:
        """Give back the connections."""
        self._library.close()

    def _read_batch(self, kind: str, wanted: Wanted, ids: Sequence[str]) -> Batch:
        body: dict[str, object] = {
            "inputs": [{"id": id_} for id_ in ids],
            "properties": list(wanted.properties),
            "propertiesWithHistory": list(wanted.with_history),
        }
        if wanted.by:
            body["idProperty"] = wanted.by
        read = partial(self._library.objects("batch").read, kind, body)
        asked = {"archived": wanted.archived, "_preload_content": False}
        return read_batch(self._patience.read(partial(read, **asked)))

    def _made(self, call: Callable[[], Answer]) -> Record:
        return _table(self._patience.write(call))

    def _written(self, call: Callable[[], Answer]) -> Batch:
        return read_batch(self._patience.write(call), is_write=True)


def _table(answer: Answer) -> Record:
    if isinstance(answer.body, dict):
        return answer.body
    msg = "HubSpot's answer is no record; is a proxy in between?"
    raise CrmUnreachableError(msg)
