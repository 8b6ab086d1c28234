"""Slips in the store and in the adapters, each as one function in place of another."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any

from gatekeeper.core import undo
from gatekeeper.core.model import WriteStatus
from gatekeeper.crm.hubspot.writing import sending
from gatekeeper.crm.salesforce.names import KEY_FIELD
from gatekeeper.crm.salesforce.wire.client import Client
from gatekeeper.crm.salesforce.writing.records import Forms
from gatekeeper.crm.salesforce.writing.write import Writer
from gatekeeper.errors import SetupError, Transient
from gatekeeper.flow import planning
from gatekeeper.flow.allowance import Allowance
from gatekeeper.flow.services import Services
from gatekeeper.store import pinned, quarantine
from gatekeeper.store.database import Database
from gatekeeper.store.run import SqlRun
from tests.simulation.core.bugs import Bug, per_batch


def _no_intent(_sound: Any) -> Any:
    """Commit no intent before the request leaves."""
    return lambda run, changes, aside=(): None


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


# ---- undo, stop, pin, limits, commits ------------------------------------------------


def _nobody_edited(_sound: Any) -> Any:
    """Take every part of a task for what the run wrote."""
    return lambda task, part: False


def _not_set_aside(_sound: Any) -> Any:
    """Take back, and let the next run write it again."""
    return lambda connection, org, entries: None


def _stop_looked_at_once(sound: Any) -> Any:
    """Look at the kill switch before the first request of a run only."""
    looked: set[str] = set()

    def check_stop(services: Any, run: Any) -> None:
        if run.row.id not in looked:
            looked.add(run.row.id)
            sound(services, run)

    return check_stop


def _pins_anything(sound: Any) -> Any:
    """Begin a run for whatever org the settings point at."""

    def pin(connection: Any, org: str, name: str) -> None:
        with suppress(SetupError):
            sound(connection, org, name)

    return pin


def _not_counted(_sound: Any) -> Any:
    """Make as many calls as there are records."""
    return lambda allowance, *, is_reading: None


def _refusals_forgotten(_sound: Any) -> Any:
    """Count neither refusals nor wars of edits."""
    return lambda connection, org, staged, receipts, aside: None


def _commit_swallowed(sound: Any) -> Any:
    """Commit nothing, every so often, and say nothing of it."""
    transactions = count(1)

    @contextmanager
    def writing(database: Any) -> Any:
        with sound(database) as connection:
            yield connection
            if next(transactions) % 9 == 0:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("BEGIN IMMEDIATE")

    return writing


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
    Bug("undo writes over what a person changed", undo, "_is_edited", _nobody_edited),
    Bug("what was undone is written again", quarantine, "set_aside", _not_set_aside),
    Bug(
        "kill switch looked at once in a run",
        Services,
        "check_stop",
        _stop_looked_at_once,
    ),
    Bug("another org on the same database", pinned, "pin", _pins_anything),
    Bug("limits per batch, not per run", planning, "holds", per_batch),
    Bug("calls of the day not counted", Allowance, "check", _not_counted),
    Bug("refusals not counted", quarantine, "count_receipts", _refusals_forgotten),
    Bug("commit swallowed", Database, "writing", _commit_swallowed),
)
