"""The limits, counted a second time: what a run may send, and what is left alone (B1).

Counted over what leaves and over what is recorded of it, with nothing of the product
but the numbers that the rules set.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action, Deal, Flags, WriteStatus, alike
from tests.simulation.broken import Broken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from gatekeeper.core.model import Change, Receipt, Scalar, Violation
    from gatekeeper.core.pack import Limits
    from gatekeeper.ports import NewLine
    from tests.simulation.invariants import Place, Session

FLOOR = 20
TIMES = 3
LONGEST = 8_000
"""No text of ours is longer, whatever people write into theirs."""
IN_A_ROW, MANY = 5, 50
ALL_STOP_AT = 80
_DONE = (WriteStatus.DONE, WriteStatus.ADOPTED)
_COUNTED = (WriteStatus.REJECTED, WriteStatus.LOCKED)
_REFUSED = (*_COUNTED, WriteStatus.GONE)


def subject_of(change: Change) -> str:
    """Name what a change is about, so that it can be left alone."""
    if change.action is Action.FLAG or change.id is None:
        return f"flags of {change.deal_id}"
    return f"task of {change.id}"


@dataclass
class Spent:
    """What one run has sent, and been told of it.

    Attributes:
        actions: Records per kind; flags that were all empty count as `first`.
        by_person: Tasks made for each.
        code: Of the last refusal, and `in_a_row` how often it came without another.
        calls: Requests since its run began, those that read included.
        allowances: Calls of the day by all, and how many there may be, as the last two
            answers had it; one of them may have been lost on its way.
    """

    actions: Counter[str] = field(default_factory=Counter)
    by_person: Counter[str] = field(default_factory=Counter)
    attempted: int = 0
    failed: int = 0
    code: str = ""
    in_a_row: int = 0
    calls: int = 0
    allowances: tuple[tuple[int, int], ...] = ()

    def call(self, allowance: tuple[int, int] | None) -> None:
        """A request was answered, and the answer may say what is left of the day."""
        self.calls += 1
        if allowance is not None:
            self.allowances = (*self.allowances[-1:], allowance)

    @property
    def is_over(self) -> bool:
        """Whether so much failed that nothing further may be tried."""
        is_many = self.failed * 10 > self.attempted
        return is_many and (self.in_a_row >= IN_A_ROW or self.attempted >= MANY)


@dataclass
class Gauge:
    """Holds every request, and every release of lines, to the limits.

    Attributes:
        refused: Subject to the code of its last refusals, and how many there were.
        flags: Deal to the flags that we wrote last, as far as that is known.
        wars: Deal to how often a person's flags were written over.
    """

    refused: dict[str, tuple[str, int]] = field(default_factory=dict)
    flags: dict[str, dict[str, Scalar]] = field(default_factory=dict)
    wars: Counter[str] = field(default_factory=Counter)

    def sending(self, session: Session, changes: Sequence[Change]) -> None:
        """A request to write leaves."""
        if session.spent.is_over and changes:
            raise Broken("B1", f"{session.name} wrote on after the error breaker")
        for change in changes:
            longest = max((len(str(each)) for each in change.write.values()), default=0)
            if longest > LONGEST:
                raise Broken("B1", f"a text of {longest} characters is written")
            code, count = self.refused.get(subject_of(change), ("", 0))
            if count >= TIMES and not session.undoes:
                text = f"{subject_of(change)} was refused {count} times with {code}"
                raise Broken("B1", f"{text} and is sent again")
            if change.action is Action.FLAG and self.wars[change.deal_id] > TIMES:
                text = f"the flags of {change.deal_id} were written over {TIMES} times"
                raise Broken("W7", f"{text}, and are again")
        if changes:
            _calls(session)
        if session.is_limited:
            self._count(session, changes)

    def intended(self, session: Session, changes: Sequence[Change]) -> None:
        """Some writes are about to leave: what a person wrote meanwhile is seen now.

        What a person writes into our flags again and again is theirs at last.
        """
        for change in changes:
            if change.action is not Action.FLAG:
                continue
            known = self.flags.get(change.deal_id, {})
            stands = flags_read(session, change)
            if not session.undoes and any(
                name in known and not alike(known[name], stands.get(name))
                for name in change.write
            ):
                self.wars[change.deal_id] += 1
            for name in change.write:
                known.pop(name, None)

    def _count(self, session: Session, changes: Sequence[Change]) -> None:
        limits, spent = session.pack.project.limits, session.spent
        for change in changes:
            is_first = change.action is Action.FLAG and change.fills_empty
            spent.actions["first" if is_first else change.action.value] += 1
            if change.action is Action.CREATE and change.person_id is not None:
                spent.by_person[change.person_id] += 1
        for name, value, most in _bounds(spent, limits, len(session.read)):
            if value > most:
                text = f"{value} in one run, {name} allows {most}"
                raise Broken("B1", text)

    def told(
        self, session: Session, changes: Sequence[Change], receipts: Sequence[Receipt]
    ) -> None:
        """What became of some writes is in the ledger."""
        spent = session.spent
        for change, receipt in zip(changes, receipts, strict=True):
            spent.attempted += 1
            if receipt.status in _DONE:
                spent.code, spent.in_a_row = "", 0
                self.refused.pop(subject_of(change), None)
                if change.action is Action.FLAG:
                    self.flags.setdefault(change.deal_id, {}).update(change.write)
                continue
            spent.failed += 1
            if receipt.status in _REFUSED:
                again = spent.in_a_row if receipt.code == spent.code else 0
                spent.code, spent.in_a_row = receipt.code, again + 1
            if receipt.status in _COUNTED:
                self._refuse(session, subject_of(change), receipt.code)

    def _refuse(self, session: Session, subject: str, code: str) -> None:
        before, count = self.refused.get(subject, ("", 0))
        if session.undoes:
            # A person asked for it: what is not left alone by then is counted anew.
            if count < TIMES:
                self.refused.pop(subject, None)
            return
        self.refused[subject] = (code, count + 1 if before == code else 1)

    def released_all(self) -> None:
        """A person lets everything be written again.

        What people wrote by then into flags that were left alone may be written over
        once more: they did not begin another war by that. Where they wrote less often,
        the count goes on.
        """
        self.refused.clear()
        for deal_id in self.left_alone():
            self.flags.pop(deal_id, None)
            del self.wars[deal_id]

    def left_alone(self) -> list[str]:
        """Name the deals whose flags are a person's until they are released."""
        return [deal_id for deal_id, count in self.wars.items() if count >= TIMES]

    def forget(self) -> None:
        """Another database stands there, which may know less."""
        self.released_all()
        self.flags.clear()
        self.wars.clear()

    def released(
        self,
        session: Session,
        lines: Sequence[NewLine],
        day: date,
        standing: Mapping[Place, Violation],
    ) -> None:
        """A run has let lines into their tasks: no more than the ramp has left."""
        ramp = session.pack.project.limits.ramp
        if ramp is None or not session.is_run:
            return
        today = sum(line.released_on == day for line in standing.values())
        if len(lines) > max(0, ramp - today):
            text = f"{len(lines)} lines let in beside {today}, the ramp is {ramp}"
            raise Broken("B1", f"{text} a day")


def flags_read(session: Session, change: Change) -> dict[str, Scalar]:
    """Return the flags of a deal as its run read them."""
    found = session.read.get(change.deal_id)
    return flags_of(found if isinstance(found, Deal) else None)


def flags_of(deal: Deal | None) -> dict[str, Scalar]:
    """Return the flags that a deal shows, as a change has them; none of no deal."""
    flags = None if deal is None else deal.flags
    if flags is None:
        return {}
    return {each.name: _scalar(getattr(flags, each.name)) for each in fields(Flags)}


def _scalar(value: Scalar | date) -> Scalar:
    return value if value is None or isinstance(value, int | str) else str(value)


def _calls(session: Session) -> None:
    """Hold a run to its share of the calls of a day, and to what all may use."""
    spent = session.spent
    if len(spent.allowances) < 2:
        return
    used, allowed = min(spent.allowances)
    share = max(FLOOR, allowed * session.pack.project.limits.api_share_percent // 100)
    if spent.calls > share:
        raise Broken("B1", f"it wrote after {spent.calls} calls, its share is {share}")
    if used * 100 >= ALL_STOP_AT * allowed:
        raise Broken("B1", f"it wrote while {used} of {allowed} calls were used")


def _bounds(spent: Spent, limits: Limits, deals: int) -> list[tuple[str, int, int]]:
    """Return each limit of a run with what was counted and what it allows."""
    count = spent.actions
    sent = sum(count.values())
    return [
        ("writes_per_run", sent, limits.writes_per_run),
        (
            "tasks_per_run",
            count["create"],
            max(FLOOR, min(limits.tasks_per_run, deals * limits.tasks_percent // 100)),
        ),
        (
            "flag_changes_percent",
            count["flag"],
            max(FLOOR, deals * limits.flag_changes_percent // 100),
        ),
        (
            "resolves_percent",
            count["close"],
            max(FLOOR, deals * limits.resolves_percent // 100),
        ),
        (
            "tasks_per_person_per_run",
            max(spent.by_person.values(), default=0),
            limits.tasks_per_person_per_run,
        ),
    ]
