"""What is due next, and what was done last: the schedule as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.slots import due, next_slot
from gatekeeper.worker.shift import used_days

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from gatekeeper.core.slots import Slot
    from gatekeeper.worker.shift import Shift


@dataclass(frozen=True, slots=True)
class Coming:
    """One job.

    Attributes:
        who: For whom, "" for everybody.
        at: When it is due next, by the clocks it goes by; None where it never is.
        is_due: It is due now, since then.
        last: The last day whose work is done, or was taken along by a later one.
    """

    kind: str
    subject: str
    who: str
    at: datetime | None
    is_due: bool
    last: date | None


def forecast(shift: Shift) -> Iterator[Coming]:
    """Give what each job of a shift is at, in the order of its appointments.

    Raises:
        PackError: The rules have mistakes, so that nothing will be done.
    """
    ledger = shift.ledger
    now, wanted = ledger.clock.now(), shift.duty.appointments()
    used = used_days(ledger.slots, ledger.org(), wanted, now) if wanted else {}
    for each in wanted:
        last = used.get(each.job)
        found = due(each.schedule, last, now, until=each.until)
        slot: Slot | None = found.slot if found else next_slot(each.schedule, now)
        yield Coming(
            each.job.kind,
            each.job.subject,
            each.who,
            slot.due_at.astimezone(each.schedule.zone) if slot else None,
            found is not None,
            last,
        )
