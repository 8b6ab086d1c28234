"""One process's line to the CRM: every request a step, with what goes wrong with it.

What leaves is held against what was intended, and what is told of it against what was
done: a request that says more than its intent, one that leaves a second time although
nobody knows what became of the first, and a receipt that is not the truth each break a
promise at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gatekeeper.core.model import Action, WriteStatus, alike
from tests.simulation.broken import Broken
from tests.simulation.invariants import NOT_DONE
from tests.simulation.limiting import flags_of
from tests.simulation.whole.wire import Cut

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterator, Sequence

    from gatekeeper.core.model import Change, Receipt
    from gatekeeper.sandbox.wire import Reply, Request
    from tests.simulation.actors import Office
    from tests.simulation.invariants import Session
    from tests.simulation.whole.mirror import Mirror

READS = ("unreachable", "limited", "login refused")
PULLS = (*READS, "page lost", "page skipped", "page repeated", "nothing shown")
BY_ID = (*READS, "deals unreadable")
WRITES = (
    "lost before",
    "lost after",
    "late",
    "halves",
    "refused",
    "locked",
    "answer without id",
    "not tied",
    "turned away",
    "limited",
    "login refused",
)
LATE = ("late", "late and binned")
CREATES = ("binned", "late and binned", *WRITES)


class Steps(Protocol):
    """What a line needs of its process."""

    session: Session

    def begin(self, place: str, faults: Sequence[str] = ()) -> str: ...

    def end(self, place: str) -> None: ...

    def later(self, arrive: Callable[[], None], keys: Collection[str] = ()) -> None: ...

    def about_to_write(self, keys: Collection[str]) -> None: ...

    @property
    def fault_number(self) -> int: ...


@dataclass(slots=True)
class _Present:
    """What one call of `write` may send, and what is known of it.

    Attributes:
        open: Changes that left, and of which nobody told what became of them.
        done: Changes that the CRM carried out.
    """

    changes: Sequence[Change] = ()
    left: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Line(ABC):
    """Carries the requests of one process; implements `wire.Exchange`.

    Attributes:
        shows_all: No page said that there is nothing at all.
        office: Somebody throws away what was made a moment ago.
        poisoned: Names the deals of which the CRM takes no write.
        is_astray: It leads to an org to which the database does not belong.
    """

    steps: Steps
    mirror: Mirror
    office: Office
    poisoned: Callable[[], Container[str]]
    is_astray: bool = False
    shows_all: bool = True
    _present: _Present = field(default_factory=_Present)
    _spell: tuple[str, int] = ("", 0)

    # ---- what has to be known of the CRM's requests ----

    @abstractmethod
    def place(self, request: Request) -> str:
        """Name a request, for the story."""

    @abstractmethod
    def faults(self, request: Request) -> Sequence[str]:
        """Return what can go wrong with a request that reads."""

    @abstractmethod
    def written(
        self, request: Request, changes: Sequence[Change]
    ) -> list[Change] | None:
        """Return the changes that a request carries out; None where it only reads.

        Raises:
            Broken: It writes what no change says.
        """

    @abstractmethod
    def ordered(self, kind: str, number: int) -> str:
        """Return what the CRM itself is told to do wrong; "" for nothing."""

    @abstractmethod
    def answer(self, request: Request, wrong: str) -> Reply:
        """Let the CRM answer, with something going wrong there."""

    @abstractmethod
    def spoilt(self, reply: Reply, kind: str, number: int) -> Reply:
        """Change a reply on its way."""

    @abstractmethod
    def done(self, reply: Reply, changes: Sequence[Change]) -> list[Change]:
        """Return the changes that were carried out, by the CRM's own reply."""

    @abstractmethod
    def refused(self, reply: Reply, changes: Sequence[Change]) -> list[Change]:
        """Return the changes of which a reply says that nothing was done."""

    @abstractmethod
    def allowance(self, reply: Reply) -> tuple[int, int] | None:
        """Return the calls of the day and how many there may be, as a reply has it."""

    # ---- one request ----

    def __call__(self, request: Request) -> Reply:
        place = self.place(request)
        changes = self.written(request, self._present.changes)
        if changes is not None:
            self._leave(changes)
        menu = self.faults(request) if changes is None else _menu_of(changes)
        fault = self._fault(place, menu)
        reply = self._brought(request, changes, fault)
        self.steps.end(place)
        spent = self.steps.session.spent
        spent.call(None if reply is None else self.allowance(reply))
        if reply is None:
            raise Cut(is_slow=fault in LATE)
        for each in self.refused(reply, changes or []):
            self._present.open.discard(_name(each))
        return reply

    def _fault(self, place: str, menu: Sequence[str]) -> str:
        """Return what goes wrong; being unreachable may last for some requests."""
        fault = self.steps.begin(place, menu)
        kind, left = self._spell
        if not fault and left and kind in menu:
            fault, self._spell = kind, (kind, left - 1)
        elif fault in ("unreachable", "page lost"):
            self._spell = (fault, self.steps.fault_number % 4)
        return fault

    def _leave(self, changes: Sequence[Change]) -> None:
        if self.is_astray:
            raise Broken("W6", "a write left for an org that is not the database's")
        present = self._present
        names = [_name(each) for each in changes]
        for name in names:
            if name in present.open:
                raise Broken("W3", f"{name} left again, and nobody knows of the first")
        fresh = [each for each in changes if _name(each) not in present.left]
        self.mirror.watch.sending(self.steps.session, fresh)
        present.left.update(names)
        present.open.update(names)

    def _brought(
        self, request: Request, changes: list[Change] | None, fault: str
    ) -> Reply | None:
        """Bring a request to the CRM and its reply back; None where none comes."""
        number = self.steps.fault_number
        if fault in LATE:
            self._delay(request, changes or [], is_binned=fault != "late")
            return None
        wrong = self.ordered(fault, number) if fault else self._poison(changes or ())
        is_write = changes is not None
        reply = self._carried_out(request, changes or [], wrong, is_write=is_write)
        if fault == "binned":
            self._throw_away(changes or [])
            return None
        self.shows_all &= fault != "nothing shown"
        if reply.breakage.drop_before or reply.breakage.drop_after:
            return None
        return self.spoilt(reply, fault, number) if fault else reply

    def _poison(self, changes: Sequence[Change]) -> str:
        """Return the order to refuse the first record that is never taken."""
        poisoned = self.poisoned()
        for place, change in enumerate(changes):
            if change.deal_id in poisoned:
                return f"{self.ordered('poison', 0)}:after={place}"
        return ""

    def _throw_away(self, changes: Sequence[Change]) -> None:
        """Let a person delete what was made before anybody of us knows of it."""
        for change in changes:
            made = self.mirror.holder(change.key)
            if change.action is Action.CREATE and made is not None and made.is_open:
                self.office.delete_task(made.remote_id)

    def _delay(
        self, request: Request, changes: list[Change], *, is_binned: bool
    ) -> None:
        """Let a request arrive late; what is binned then at the worst moment.

        That is when another run has looked for what became of it and found nothing.
        """

        def arrive() -> None:
            self._carried_out(request, changes, "", is_write=True)
            if is_binned:
                self._throw_away(changes)

        made = [each.key for each in changes if each.action is Action.CREATE]
        self.steps.later(arrive, made if is_binned else ())

    def _carried_out(
        self, request: Request, changes: list[Change], wrong: str, *, is_write: bool
    ) -> Reply:
        session = self.steps.session
        for change in changes:
            self.mirror.expect_ours(session, change)
        reply = self.answer(request, wrong)
        self.mirror.written += len(changes)
        if is_write:
            done = self.done(reply, changes)
            self._present.done.update(map(_name, done))
            self.mirror.refresh(session, done)
        return reply

    # ---- one call of `write` ----

    @contextmanager
    def writing(self, changes: Sequence[Change]) -> Iterator[None]:
        """Let nothing leave but what these changes say."""
        self._present = _Present(changes)
        self.steps.about_to_write([each.key for each in changes])
        try:
            yield
        finally:
            self._present.changes = ()

    def expect_true(
        self, changes: Sequence[Change], receipts: Sequence[Receipt]
    ) -> None:
        """Hold what a write told against what was done."""
        if len(changes) != len(receipts):
            raise Broken("W3", f"{len(receipts)} receipts for {len(changes)} changes")
        for change, receipt in zip(changes, receipts, strict=True):
            is_done = _name(change) in self._present.done
            told = receipt.status
            if told is WriteStatus.DONE and not (is_done or self._stands(change)):
                raise Broken("W3", f"{_name(change)} is told done, and was not")
            if told is WriteStatus.ADOPTED and not is_done:
                self._expect_there(change)
            if told in NOT_DONE and is_done:
                raise Broken("W3", f"{_name(change)} is told {told}, and was done")

    def _stands(self, change: Change) -> bool:
        """Whether a deal has the flags that a change writes, whoever wrote them.

        Where the write met another one, the deal was read again to see that.
        """
        if change.action is not Action.FLAG:
            return False
        shown = flags_of(self.mirror.deals.get(change.deal_id))
        return all(alike(shown.get(name), each) for name, each in change.write.items())

    def _expect_there(self, change: Change) -> None:
        is_create = change.action is Action.CREATE
        if is_create and self.mirror.holder(change.key) is None:
            raise Broken("W3", f"{change.key} is told adopted, and nothing has the key")


def _menu_of(changes: Sequence[Change]) -> Sequence[str]:
    """Return what can go wrong with a request that writes."""
    return CREATES if any(each.action is Action.CREATE for each in changes) else WRITES


def _name(change: Change) -> str:
    return f"{change.action.value} {change.key} {change.remote_id or ''}"
