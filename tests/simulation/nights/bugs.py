"""Slips in how digests are due, made, sent and remembered."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.digest.build import Night
from gatekeeper.core.digest.recipients import Audience, Recipient
from gatekeeper.core.digest.rules import RulesDigest
from gatekeeper.core.digest.values import Truth
from gatekeeper.flow import post
from gatekeeper.notify import email, mail, rules_letter
from gatekeeper.ports import Delivery, Outcome
from gatekeeper.store import restore
from gatekeeper.store.outbox import SqlOutbox
from gatekeeper.store.slots import SqlSlots
from gatekeeper.worker import digests, shift
from tests.builders import NOW
from tests.simulation.core.bugs import Bug

if TYPE_CHECKING:
    from collections.abc import Iterator


def _nothing(_sound: Any) -> Any:
    return lambda *_arguments: None


def _forgets(sound: Any) -> Any:
    """Remember of a letter only that it came."""

    def posted(outbox: SqlOutbox, *which: Any) -> Any:
        known = sound(outbox, *which)
        return known if known and known.delivery is Delivery.SENT else None

    return posted


def _same_id_each_day(sound: Any) -> Any:
    return lambda who, stamp: sound(who, replace(stamp, day=NOW.date()))


def _tells_of_no_missed_day(sound: Any) -> Any:
    def due(*asked: Any, **limits: Any) -> Any:
        found = sound(*asked, **limits)
        return replace(found, missed=()) if found else None

    return due


def _always_whole(_sound: Any) -> Any:
    return property(lambda _truth: True)


def _works_every_day(_sound: Any) -> Any:
    return lambda _calendar, _day: True


def _takes_silence_for_sent(sound: Any) -> Any:
    def send(*letter: Any) -> Any:
        outcome = sound(*letter)
        is_silent = outcome.delivery is Delivery.UNKNOWN
        return Outcome(Delivery.SENT) if is_silent else outcome

    return send


def _without_lease(_sound: Any) -> Any:
    @contextmanager
    def posting(_outbox: SqlOutbox, _org: str) -> Iterator[None]:
        yield

    return posting


def _begun_is_nothing(_sound: Any) -> Any:
    """Count a job from the first day that was closed, not begun."""

    def used(slots: SqlSlots, org: str, kind: str) -> Any:
        with slots._database.reading() as connection:
            found = connection.exec_driver_sql(
                "SELECT subject, max(day) FROM slot WHERE org = ? AND kind = ?"
                " AND state <> 'claimed' GROUP BY subject",
                (org, kind),
            ).all()
        return {subject: NOW.date().fromisoformat(day) for subject, day in found}

    return used


def _owners_read_of_all(sound: Any) -> Any:
    def told(night: Night, recipient: Recipient) -> Any:
        if recipient.audience is Audience.OWNER:
            recipient = replace(recipient, team=night.owners)
        return sound(night, recipient)

    return told


def _one_id_for_all_kinds(sound: Any) -> Any:
    return lambda stamp, *parts: sound(
        replace(stamp, audience=Audience.MANAGER), *parts
    )


def _one_slot_for_all_kinds(_sound: Any) -> Any:
    return lambda _audience: digests.DIGEST


def _not_dated_for_revops(sound: Any) -> Any:
    def dated(digest: Any, *rest: Any) -> Any:
        return digest if isinstance(digest, RulesDigest) else sound(digest, *rest)

    return dated


def _footer_of_a_whole_run(sound: Any) -> Any:
    def footer(digest: Any, *rest: Any) -> Any:
        whole = replace(digest.truth, is_complete=True, cannot_tell=0)
        return sound(replace(digest, truth=whole), *rest)

    return footer


NIGHT_BUGS = {
    Bug("what became of a letter forgotten", SqlOutbox, "posted", _forgets): "D1",
    Bug("one id for all days", mail, "message_id", _same_id_each_day): "D1",
    Bug("silence taken for sent", email, "send", _takes_silence_for_sent): "D1",
    Bug("sent without the lease", SqlOutbox, "posting", _without_lease): "D1",
    Bug("restored over what was sent", restore, "stay_sent", _nothing): "D1 or D2",
    Bug("sent again after a loss", restore, "take_as_sent", _nothing): "D1",
    Bug("missed days not told", shift, "due", _tells_of_no_missed_day): "F32",
    Bug("first day begun counts as none", SqlSlots, "used", _begun_is_nothing): "F32",
    Bug("days off not known", Calendar, "is_business_day", _works_every_day): "F32",
    Bug("sent days named as missed", post, "was_sent", _nothing): "D2",
    Bug("all clear on a partial run", Truth, "is_whole", _always_whole): "D2",
    Bug("owners read of all deals", Night, "told", _owners_read_of_all): "S22",
    Bug("one id for all kinds", mail.Stamp, "_short", _one_id_for_all_kinds): "D1",
    Bug("one slot for all kinds", digests, "kind_of", _one_slot_for_all_kinds): "F32",
    Bug("days missed not told to RevOps", digests, "_dated", _not_dated_for_revops): (
        "F32"
    ),
    Bug("RevOps told a whole run", rules_letter, "footer", _footer_of_a_whole_run): (
        "D2"
    ),
}
"""Each slip, and the promise that breaks."""
