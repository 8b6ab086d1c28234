"""Slips in the store and in the adapters, each as one function in place of another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gatekeeper.core.model import WriteStatus
from gatekeeper.crm.hubspot.writing import sending
from gatekeeper.crm.salesforce.names import KEY_FIELD
from gatekeeper.crm.salesforce.wire.client import Client
from gatekeeper.crm.salesforce.writing.records import Forms
from gatekeeper.crm.salesforce.writing.write import Writer
from gatekeeper.errors import Transient
from gatekeeper.store.run import SqlRun
from tests.simulation.core.bugs import Bug


def _no_intent(_sound: Any) -> Any:
    """Commit no intent before the request leaves."""
    return lambda run, changes: None


def _sent_again(sound: Any) -> Any:
    """Send a write again whose answer did not come."""

    def send(client: Client, method: str, path: str, body: Any) -> Any:
        try:
            return sound(client, method, path, body)
        except Transient:
            return sound(client, method, path, body)

    return send


def _without_key(sound: Any) -> Any:
    """Leave the key out of a new task."""

    def record(forms: Forms, change: Any) -> Any:
        made = sound(forms, change)
        return {name: made[name] for name in made if name != KEY_FIELD}

    return record


def _not_looked_up(_sound: Any) -> Any:
    """Create without a look at what is there, the bin included."""

    def create(writer: Writer, chunk: Any) -> Any:
        return writer._adopted(chunk, writer._sent("POST", chunk))

    return create


def _unsaid_is_refused(sound: Any) -> Any:
    """Take a record that an answer says nothing of for one that was refused."""

    def matched(chunk: Any, batch: Any) -> Any:
        receipts = sound(chunk, batch)
        return {
            key: replace(each, status=WriteStatus.REJECTED, code="")
            if each.code == sending.UNSAID
            else each
            for key, each in receipts.items()
        }

    return matched


def _silence_is_done(sound: Any) -> Any:
    """Take a request without an answer for one that was carried out."""

    def unanswered(chunk: Any, error: Any) -> Any:
        receipts = sound(chunk, error)
        return {
            key: replace(each, status=WriteStatus.DONE, remote_id="1")
            for key, each in receipts.items()
        }

    return unanswered


WHOLE_BUGS = (
    Bug("intent not committed to the database", SqlRun, "intend", _no_intent),
    Bug("unanswered request sent again", Client, "send", _sent_again),
    Bug("external id left out", Forms, "record", _without_key),
    Bug("task in the bin made again", Writer, "_create", _not_looked_up),
    Bug(
        "item missing in a 207 refused",
        sending,
        "_matched",
        _unsaid_is_refused,
    ),
    Bug("no answer taken for done", sending, "_unanswered", _silence_is_done),
)
