"""Our properties in the portal: planned, shown, then made.

Safe to repeat: what exists is compared with what it should be and left as it is. Where
HubSpot allows no unique property of tasks, the key is made without, and gatekeeper
works by best effort. That the uniqueness holds is tried once, with one task that is
closed at once: it is part of what is shown first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.metadata import scopes
from gatekeeper.crm.hubspot.wire.client import Wanted
from gatekeeper.crm.hubspot.wire.refusals import EXISTS, ScopeError
from gatekeeper.crm.hubspot.writing.own_properties import (
    KEY,
    OWN_PROPERTIES,
    OwnProperty,
)
from gatekeeper.crm.steps import Step, carry_out, exists, stopped
from gatekeeper.errors import CrmAuthError, CrmRejectedError, Transient
from gatekeeper.ports import PlannedField

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.crm.hubspot.metadata.portal import Portal
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Batch, Record
    from gatekeeper.ports import Progress

PROBE_KEY = "gk1-probe"
_PROBE = "unique task key"
_PROBE_TEXT = "Gatekeeper: try of the unique task key (safe to delete)"


def planned(client: Client, portal: Portal) -> tuple[PlannedField, ...]:
    """Return what `set_up` would do; every action `exists` when it is done.

    Raises:
        CrmAuthError: The token may not look at the properties.
    """
    return tuple(step.plan for step in _Setup(client, portal).steps())


def set_up(
    client: Client, portal: Portal, progress: Progress
) -> tuple[PlannedField, ...]:
    """Make what is missing and return what was done.

    Raises:
        CrmAuthError: The token may not do it; what was made until then stays and is
            found the next time.
    """
    return carry_out(_Setup(client, portal).steps(), progress)


@dataclass(slots=True)
class _Setup:
    """What is there, and the steps to what should be."""

    client: Client
    portal: Portal
    is_unique: bool = False

    def steps(self) -> list[Step]:
        """Read the present state and return every step in its order."""
        self.portal.forget()
        try:
            return [
                self._scope_step(),
                *map(self._group_step, (names.TASKS, names.DEALS)),
                *map(self._property_step, OWN_PROPERTIES),
                self._probe_step(),
            ]
        except CrmRejectedError as error:
            raise _not_allowed(error) from error

    def _scope_step(self) -> Step:
        granted = scopes.read_scopes(self.client)
        needed = (*scopes.scopes_for(("companies",)), *scopes.TO_SET_UP)
        missing = granted.missing(needed)
        if not missing:
            return exists("scopes", ", ".join(needed))
        text = f"by hand, in the private app's settings: {', '.join(missing)}"
        return Step(PlannedField("scopes", "grant", text), None)

    def _group_step(self, kind: str) -> Step:
        full, what = f"{kind}: {names.GROUP}", "Property group with the ones below"
        if any(row.get("name") == names.GROUP for row in self.client.groups(kind)):
            return exists(full, what)
        body: Record = {"name": names.GROUP, "label": "Gatekeeper", "displayOrder": -1}
        return Step(
            PlannedField(full, "create", what),
            lambda: self._make(lambda: self.client.make_group(kind, body)),
        )

    def _property_step(self, own: OwnProperty) -> Step:
        found = (self.portal.described(own.kind) or {}).get(own.name)
        if found is not None:
            if own is KEY:
                self.is_unique = found.is_unique
            return exists(own.full_name, _compared(own, found.type))
        plan = PlannedField(own.full_name, "create", own.purpose)
        if own is KEY:
            return Step(plan, self._make_key)
        return Step(plan, lambda: self._make_property(own, own.body()))

    def _make_property(self, own: OwnProperty, body: Record) -> None:
        """Make a property; one that somebody made meanwhile will do.

        Raises:
            CrmAuthError: One that was archived keeps its name.
        """
        try:
            self.client.make_property(own.kind, body)
        except CrmRejectedError as error:
            self._check_there(own, error)
        except Transient as error:
            raise stopped(error) from error

    def _check_there(self, own: OwnProperty, refusal: CrmRejectedError) -> None:
        """Tell a property that exists from one whose name an archived one holds."""
        if refusal.code != EXISTS:
            raise _not_allowed(refusal) from refusal
        self.portal.forget()
        if own.name not in (self.portal.described(own.kind) or {}):
            msg = (
                f"HubSpot keeps an archived property {own.full_name}, so the name is"
                " taken. Restore it under Settings > Properties > Archived properties"
                " and run gatekeeper setup-crm again."
            )
            raise CrmAuthError(msg) from refusal

    def _make_key(self) -> None:
        """Make the key unique where HubSpot allows it, else plain."""
        try:
            self.client.make_property(KEY.kind, KEY.body())
            self.portal.forget()
            found = (self.portal.described(KEY.kind) or {}).get(KEY.name)
            self.is_unique = found is not None and found.is_unique
        except CrmRejectedError as error:
            if error.code == EXISTS or isinstance(error, ScopeError):
                self._check_there(KEY, error)
                return
            self._make_property(KEY, {**KEY.body(), "hasUniqueValue": False})
        except Transient as error:
            raise stopped(error) from error

    def _probe_step(self) -> Step:
        name = f"{names.TASKS}: {_PROBE}"
        found = (self.portal.described(names.TASKS) or {}).get(names.KEY_PROPERTY)
        if found is not None and not found.is_unique:
            return exists(
                name, "best effort: HubSpot allows no unique property of tasks"
            )
        if found is not None and self._probes():
            return exists(name, "tried: one key makes one task")
        what = "Send one key twice and close the task it makes"
        return Step(PlannedField(name, "try", what), self._probe)

    def _probes(self) -> list[Record]:
        """Return the tasks that tried the key, archived ones too."""
        found: list[Record] = []
        for archived in (False, True):
            wanted = Wanted((names.ID,), by=names.KEY_PROPERTY, archived=archived)
            found += self.client.records(names.TASKS, [PROBE_KEY], wanted)
        return found

    def _probe(self) -> None:
        """Show that HubSpot makes one task of a key that comes twice.

        Raises:
            CrmAuthError: It makes two: the key is no protection.
        """
        if not self.is_unique:
            return
        made = [self._upserted(), self._upserted()]
        ids = {str(row.get("id")) for batch in made for row in batch.rows}
        close: list[Record] = [
            {"id": id_, "properties": {"hs_task_status": "COMPLETED"}} for id_ in ids
        ]
        self._make(lambda: self.client.write(names.TASKS, "update", close))
        if len(ids) > 1:
            msg = (
                "HubSpot made two tasks of one key although gatekeeper_key is unique."
                " Nothing may be enforced in this account; tell HubSpot's support."
            )
            raise CrmAuthError(msg)

    def _upserted(self) -> Batch:
        moment = self.portal.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
        values = {
            names.KEY_PROPERTY: PROBE_KEY,
            "hs_task_subject": _PROBE_TEXT,
            "hs_task_status": "NOT_STARTED",
            "hs_timestamp": moment,
        }
        record: Record = {
            "idProperty": names.KEY_PROPERTY,
            "id": PROBE_KEY,
            "objectWriteTraceId": PROBE_KEY,
            "properties": values,
        }
        try:
            batch = self.client.write(names.TASKS, "upsert", [record])
        except CrmRejectedError as error:
            raise _not_allowed(error) from error
        except Transient as error:
            raise stopped(error) from error
        if not batch.rows:
            said = batch.failures[0].message if batch.failures else "no answer"
            raise CrmAuthError(f"HubSpot refuses to try the task key: {said}")
        return batch

    def _make(self, call: Callable[[], object]) -> None:
        try:
            call()
        except CrmRejectedError as error:
            if error.code != EXISTS:
                raise _not_allowed(error) from error
        except Transient as error:
            raise stopped(error) from error


def _compared(own: OwnProperty, standing: str) -> str:
    """Say of a property that is there whether it is what we would have made."""
    wanted = own.definition["type"]
    if standing == wanted:
        return own.purpose
    return (
        f"{own.purpose}; it is {standing}, not {wanted}: change its field type under"
        " Settings > Properties, for a name cannot be changed, and run this again"
    )


def _not_allowed(error: CrmRejectedError) -> CrmAuthError:
    return CrmAuthError(
        f"HubSpot refuses the set-up: {error} ({error.code}). Give the private app the"
        f" scopes {', '.join(scopes.TO_SET_UP)} and run gatekeeper setup-crm again."
    )
