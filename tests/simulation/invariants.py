"""What must never happen, checked after every step of a simulation.

Written against what any simulated CRM and any ledger can tell, so that every simulator
holds the product to the same. Each check raises `Broken` with the promise's id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from gatekeeper.core.model import (
    Action,
    Mode,
    ObligationState,
    Resolution,
    State,
    WriteStatus,
)
from tests.simulation.broken import Broken
from tests.simulation.limiting import Gauge, Spent, subject_of
from tests.simulation.undoing import Footprints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from gatekeeper.core.model import (
        Change,
        Deal,
        GoneReason,
        Obligation,
        ObligationId,
        Receipt,
        Violation,
    )
    from gatekeeper.core.pack import RulePack

    Place = tuple[str, str, str]
    """Deal, rule and pipeline: the identity of a violation within an org."""
    Episode = tuple[str, str, str, int]
    """Deal, role, group and number: the identity of an obligation's row."""


NOT_DONE = (WriteStatus.REJECTED, WriteStatus.NOT_ATTEMPTED, WriteStatus.LOCKED)
OVER = (ObligationState.RESOLVING, ObligationState.RESOLVED, ObligationState.ORPHANED)


SURELY_HELD = timedelta(seconds=40)
"""So long a lease runs on after a commit: it is renewed after 20 of its 60 s."""


class Row(Protocol):
    """One row of the ledger."""

    @property
    def obligation(self) -> Obligation: ...

    @property
    def fence(self) -> int: ...


class Task(Protocol):
    """One task of ours in the CRM, with what people did to it."""

    remote_id: str
    key: str
    episode: int
    is_closed: bool
    is_deleted: bool
    touched: dict[str, int]
    """Column to the step in which a person changed it last."""
    written_at: dict[str, int]
    """Column to the step in which a write of ours arrived last."""
    ended_by_person: int | None
    """The step in which a person closed or deleted it; None where nobody did."""
    first_ended: int | None
    """The step in which a person did so for the first time."""
    ended_at: datetime | None
    """When it was first ended, or taken off its deal."""
    was_ever_ended: bool
    """A person ended it once, or took it off its deal; it may be open again."""
    was_unsealed: bool
    """A write of ours that came late took our closing stamp off again."""
    created_at: datetime
    id: ObligationId
    rule_ids: tuple[str, ...]

    @property
    def sealed(self) -> bool: ...

    @property
    def is_live(self) -> bool: ...

    def hashes(self) -> Mapping[str, str]:
        """Return column to the hash of what stands there."""


@dataclass
class Session:
    """What one process has done and been told since its run began.

    Attributes:
        fence: Under which its run writes; 0 before it has a lease.
        seen: Key of a task to the step in which the CRM showed it last.
        read: Deal to what the CRM said of it; None where a deal could not be read.
        is_partial: The CRM did not show all deals.
        intents: (action, key, remote id) of the writes committed and not sent yet.
        sealed_before: Keys of episodes that were over before this run's own intents.
        is_stopped: It was told to stop.
        still_allowed: Requests to write that may leave all the same.
        is_limited: The limits hold for it: no person has looked at its plan.
        run_id: Of its run, as the ledger names it; it may get another one under way.
        undoes: Id of the run that it takes back; "" for all that take nothing back.
        times_freed: How often everything had been freed when it began.
    """

    name: str
    pack: RulePack
    day: date
    run_id: str = ""
    undoes: str = ""
    times_freed: int = 0
    is_run: bool = True
    fence: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    read: dict[str, Deal | GoneReason] = field(default_factory=dict)
    is_partial: bool = False
    intents: set[tuple[Action, str, str | None]] = field(default_factory=set)
    sealed_before: set[str] = field(default_factory=set)
    is_stopped: bool = False
    still_allowed: int = 0
    is_limited: bool = False
    spent: Spent = field(default_factory=Spent)

    def told_to_stop(self, *, allowed: int) -> None:
        """Somebody said stop; a request that is on its way already may leave."""
        self.is_stopped, self.still_allowed = True, allowed


class Judgement(Protocol):
    """Says, from the CRM's records alone, whether a deal lacks what a rule asks for."""

    def __call__(self, deal: Deal, rule_id: str, pack: RulePack) -> bool | None:
        """Return True for lacks, False for nothing missing, None for cannot tell."""


@dataclass
class Watch:
    """Remembers the last state of the ledger and holds every step against it.

    Attributes:
        lacks: The independent judgement of a deal.
        now: The clock of the database.
        task: Finds the task that holds a key in the CRM.
        fence: The newest fence that was granted.
        holder: Whose run goes on under it; "" where none does.
        last_commit: When the holder committed last, by the clock of the database.
        undisturbed: Whether nothing was done to a deal, to the rules and to the
            database since a step.
        undone: What was taken back and is left alone since.
        times_freed: How often everything could be written again.
        closing: Keys of the tasks that we ended, or were about to.
        step: The number of the present step.
        begun: Key to the step in which its task was first about to be created.
        over: Deal and rule to the step in which a run last found its line over.
    """

    lacks: Judgement
    now: Callable[[], datetime]
    task: Callable[[str], Task | None]
    fence: int = 0
    holder: str = ""
    last_commit: datetime | None = None
    undisturbed: Callable[[str, int], bool] = lambda _deal, _since: False
    step: Callable[[], int] = lambda: 0
    rows: dict[Episode, Row] = field(default_factory=dict)
    lines: dict[Place, Violation] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    times_freed: int = 0
    closing: set[str] = field(default_factory=set)
    begun: dict[str, int] = field(default_factory=dict)
    over: dict[tuple[str, str], int] = field(default_factory=dict)
    footprints: Footprints = field(init=False)
    gauge: Gauge = field(default_factory=Gauge)

    def __post_init__(self) -> None:
        self.footprints = Footprints(self.task)

    # ---- the ledger -------------------------------------------------------------

    def granted(self, session: Session, fence: int) -> None:
        """A lease was granted."""
        if fence <= self.fence:
            raise Broken("W9", f"{session.name} was given the old fence {fence}")
        idle = self.now() - self.last_commit if self.last_commit else SURELY_HELD
        if self.holder and timedelta() <= idle < SURELY_HELD:
            raise Broken("W9", f"{self.holder} lost its lease {idle} after a commit")
        self.fence = session.fence = fence
        self.holder, self.last_commit = session.name, self.now()

    def ended(self, name: str) -> None:
        """A process ended in order, and gave its lease back."""
        if self.holder == name:
            self.holder = ""

    def swapped(
        self, rows: Mapping[Episode, Row], lines: Mapping[Place, Violation], fence: int
    ) -> None:
        """Another database stands where the last one stood."""
        self.rows, self.lines, self.fence = dict(rows), dict(lines), fence
        self.holder = ""
        self.freed()  # it may not know what is left alone
        self.gauge.forget()

    def committed(self, session: Session, rows: Mapping[Episode, Row]) -> None:
        """A transaction of a run was committed."""
        if session.fence != self.fence:
            raise Broken("W9", f"{session.name} committed after it had lost its lease")
        self.last_commit = self.now()
        for place, row in rows.items():
            before = self.rows.get(place)
            if row is not before:
                self._changed(before.obligation if before else None, row)
        self.rows = dict(rows)

    def _changed(self, before: Obligation | None, row: Row) -> None:
        after = row.obligation
        if after.state is ObligationState.OPEN and after.remote_id is None:
            raise Broken("W10", f"{after.key} is open without an id")
        if row.fence != self.fence:
            raise Broken("W9", f"{after.key} was written under an old fence")
        if before is None:
            return
        if (
            after.state is ObligationState.CLOSED_BY_PERSON
            and before.state != after.state
        ):
            self._closed_by_person(after)
        if before.state in OVER and after.state not in OVER:
            raise Broken("W4", f"{after.key} was {before.state} and is {after.state}")
        if after.version <= before.version and after != before:
            raise Broken("W9", f"{after.key} changed and kept its version")

    def _closed_by_person(self, row: Obligation) -> None:
        task = self.task(row.key)
        if task is not None and not (task.was_ever_ended or task.was_unsealed):
            raise Broken(
                "W7", f"{row.key} counts as closed by a person, but nobody did"
            )

    def folded(
        self,
        session: Session,
        lines: Mapping[Place, Violation],
        claims: Iterable[tuple[Episode, int]],
    ) -> None:
        """A run made what it had staged what stands.

        Args:
            session: Whose run.
            lines: All violations as they stand now.
            claims: Place and version of each row as the run had read it.
        """
        for place, version in claims:
            known = self.rows.get(place)
            if known is not None and known.obligation.version != version:
                raise Broken("W9", f"a row read as version {version} had moved on")
        for of, line in lines.items():
            before = self.lines.get(of)
            is_over = line.state is State.RESOLVED and line is not before
            if is_over and (before is None or before.is_live):
                self._resolved(session, line)
                self.over[line.deal_id, line.rule_id] = self.step()
        self.lines = dict(lines)

    def _resolved(self, session: Session, line: Violation) -> None:
        what = f"{line.rule_id} of {line.deal_id}"
        if line.resolution is Resolution.RULE_RETIRED and not session.is_partial:
            return  # that a rule left needs no look at any deal
        if session.is_partial:
            raise Broken("W5", f"{what} was resolved in a partial run")
        found = session.read.get(line.deal_id)
        if found is None:
            raise Broken("W5", f"{what} was resolved without a read of the deal")
        is_gone = line.resolution is Resolution.DEAL_GONE
        if isinstance(found, str):
            if found != "deleted" or not is_gone:
                raise Broken("W5", f"{what} was resolved of a deal that is {found}")
        else:
            self._done(session, found, line)

    def _done(self, session: Session, deal: Deal, line: Violation) -> None:
        what = f"{line.rule_id} of {line.deal_id}"
        if line.resolution is Resolution.DEAL_GONE:
            raise Broken("W5", f"{what} was resolved as gone, but the deal is there")
        lacks = self.lacks(deal, line.rule_id, session.pack)
        if line.resolution is Resolution.FIXED and lacks is not False:
            raise Broken("W5", f"{what} was resolved; it still lacks: {lacks}")

    def intended(self, session: Session, changes: Sequence[Change]) -> None:
        """The intent of some writes was committed; call before `committed`."""
        self.gauge.intended(session, changes)
        for change in changes:
            if not session.undoes:
                self.footprints.left(session, change)
            if change.action is Action.CLOSE:
                self.closing.add(change.key)
            if change.action is Action.CREATE:
                self.begun.setdefault(change.key, self.step())
            before = self._row_of(change.key)
            if before is not None and before.obligation.state in OVER:
                session.sealed_before.add(change.key)
            session.intents.add((change.action, change.key, change.remote_id))

    def _row_of(
        self, key: str, rows: Mapping[Episode, Row] | None = None
    ) -> Row | None:
        known = self.rows if rows is None else rows
        return next((row for row in known.values() if row.obligation.key == key), None)

    # ---- what leaves ------------------------------------------------------------

    def sending(self, session: Session, changes: Sequence[Change]) -> None:
        """A request to write leaves a worker."""
        if session.is_stopped:
            session.still_allowed -= 1
            if session.still_allowed < 0:
                raise Broken("B1", f"{session.name} wrote on after it was stopped")
        for change in changes:
            self._intent_stands(session, change)
            if session.undoes:
                self.footprints.goes_back(session, change)
            else:
                self._evidence(session, change)
            if change.action is Action.CLOSE:
                self._sealed(session, change)
            self._set_aside(session, change)
        self.gauge.sending(session, changes)

    def _set_aside(self, session: Session, change: Change) -> None:
        """What was taken back, or refused too often, is left alone until released."""
        if session.fence != self.fence:
            return  # paused since: its plan is older
        if session.undoes:
            if session.times_freed == self.times_freed:
                self.undone.add(subject_of(change))
        elif subject_of(change) in self.undone:
            raise Broken("W11", f"{subject_of(change)} was undone and is written")

    def told(
        self, session: Session, changes: Sequence[Change], receipts: Sequence[Receipt]
    ) -> None:
        """What became of some writes is in the ledger."""
        self.gauge.told(session, changes, receipts)
        if session.undoes:
            self.undone -= {
                subject_of(change)
                for change, receipt in zip(changes, receipts, strict=True)
                if receipt.status in NOT_DONE
            }

    def freed(self) -> None:
        """Nothing of what was taken back is left alone any more."""
        self.times_freed += 1
        self.undone.clear()

    def released(self) -> None:
        """A person lets everything be written again."""
        self.freed()
        self.gauge.released_all()

    def _evidence(self, session: Session, change: Change) -> None:
        if change.action is Action.FLAG:
            self._flag(session, change)
        elif change.action is Action.CLOSE:
            self._close(session, change)

    def _intent_stands(self, session: Session, change: Change) -> None:
        named = (change.action, change.key, change.remote_id)
        if named not in session.intents:
            raise Broken("W3", f"{change.action} {change.key} left without an intent")
        session.intents.discard(named)
        if session.fence != self.fence or change.action is Action.FLAG:
            return  # paused since: its key, not the ledger, protects the CRM
        row = self._row_of(change.key)
        if row is None:
            raise Broken("W3", f"{change.action} {change.key} left without a row")
        if change.action is Action.CREATE and (
            row.obligation.state is not ObligationState.INTENT
        ):
            raise Broken("W3", f"{change.key} is created and is {row.obligation.state}")

    def _sealed(self, session: Session, change: Change) -> None:
        row = self._row_of(change.key)
        is_its_own = row is None or row.obligation.remote_id == change.remote_id
        if session.fence == self.fence and is_its_own:
            state = row.obligation.state if row else None
            if state not in OVER:
                raise Broken("W4", f"{change.key} is closed while it is {state}")

    def _close(self, session: Session, change: Change) -> None:
        found = self._read_of(session, change)
        if isinstance(found, str) or change.key in session.sealed_before:
            return
        latest = max(
            (
                each.obligation.episode
                for each in self.rows.values()
                if each.obligation.id == change.id
            ),
            default=0,
        )
        if session.fence == self.fence and latest > change.episode:
            return
        for rule_id in change.rule_ids:
            if self._is_owed(session, found, rule_id):
                raise Broken("W5", f"{change.key} is closed, {rule_id} does not hold")

    def _is_owed(self, session: Session, deal: Deal, rule_id: str) -> bool:
        """Whether a line belongs into a task, so that none may be closed over it."""
        if self.lacks(deal, rule_id, session.pack) is False:
            return False
        of_deal = (line for line in self.lines.values() if line.deal_id == deal.id)
        known = [line for line in of_deal if line.rule_id == rule_id]
        return not known or any(map(_is_let_in, known))

    def _flag(self, session: Session, change: Change) -> None:
        self._read_of(session, change)
        if "open_count" not in change.write or session.fence != self.fence:
            return
        standing = sum(
            line.deal_id == change.deal_id and _is_let_in(line)
            for line in self.lines.values()
        )
        if (change.write["open_count"] or 0) != standing:
            raise Broken(
                "W3",
                f"flag of {change.deal_id} says {change.write['open_count']},"
                f" {standing} committed",
            )

    def _read_of(self, session: Session, change: Change) -> Deal | GoneReason:
        if session.is_partial:
            raise Broken("W5", f"{change.action} {change.key} left in a partial run")
        found = session.read.get(change.deal_id)
        if found is None or found == "unreadable":
            raise Broken("W5", f"{change.action} {change.key}: its deal was not read")
        return found

    # ---- what the CRM takes -----------------------------------------------------

    def created(self, session: Session, task: Task, others: Iterable[Task]) -> None:
        """The CRM made a task of ours.

        Args:
            session: For whom.
            task: The new one.
            others: All others for the same obligation, in whatever state.
        """
        for other in others:
            if other.key == task.key and other.is_live:
                raise Broken("W1", f"two live tasks with {task.key}")
            if other.key == task.key and other.ended_by_person is not None:
                raise Broken("W1", f"{task.key} was deleted by a person and is back")
            is_doubled = (
                other.is_live
                and not other.is_closed
                and not other.sealed
                and other.episode < task.episode
            )
            if is_doubled and not self._is_over(other):
                raise Broken("W1", f"{task.key} was created beside {other.key}")
            self._rests(session, task, other)

    def _rests(self, session: Session, task: Task, other: Task) -> None:
        """A task that a person ended comes back for the same lines after a pause.

        One that was reopened and ended again rests from the first time on: a run may
        have seen no other.
        """
        project = session.pack.project
        is_same = set(task.rule_ids) <= set(other.rule_ids)
        if other.episode != task.episode - 1 or not is_same or other.ended_at is None:
            return
        if other.key in self.closing:
            return  # whose end came first, the person's or ours, nobody can tell
        since = other.first_ended
        if other.ended_by_person is None or since is None:
            return
        if self.begun.get(task.key, since) < since:
            return  # it was under way when they ended the one before
        asked = self.begun.get(other.key, since)
        deal_id = task.id.deal_id
        if any(self.over.get((deal_id, each), -1) > asked for each in task.rule_ids):
            return  # a run found it over since it was asked for: it fails anew
        days = (task.created_at - other.ended_at).days
        is_early = days < project.reopen_after - 2  # a clock may be a day off
        if is_early and self.undisturbed(deal_id, since):
            raise Broken("W7", f"{task.key} came {days} days after a person closed it")

    def _is_over(self, task: Task) -> bool:
        row = self._row_of(task.key)
        state = row.obligation.state if row else None
        by_person = state is ObligationState.CLOSED_BY_PERSON and task.was_ever_ended
        return state in OVER or by_person

    def updated(self, session: Session, task: Task | None, change: Change) -> None:
        """The CRM is about to change a record for us."""
        if task is None:
            raise Broken("W6", f"{change.action} of a record that is not ours")
        if task.key != change.key:
            raise Broken("W6", f"{change.action} {change.key} wrote {task.key}")
        seen = session.seen.get(change.key, -1)
        for column in change.write:
            if task.touched.get(column, seen) < seen:
                raise Broken("W7", f"{column} of {change.key} is a person's")
        ended = task.ended_by_person
        if ended is not None and ended < seen:
            raise Broken("W7", f"{change.key} was ended by a person and is written")


def _is_let_in(line: Violation) -> bool:
    """Whether a line stands in a task and in the flags of its deal."""
    is_open = line.state is State.OPEN and line.mode is Mode.ENFORCE
    return is_open and line.released_on is not None


def same_person_day(counts: Mapping[tuple[str, date], int], most: int) -> None:
    """Hold the tasks made per person and day against their limit."""
    for (person_id, day), count in counts.items():
        if count > most:
            raise Broken("B1", f"{count} tasks for {person_id} on {day}")
