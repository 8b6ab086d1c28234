"""The audit chain of an org: rows are only appended, each sealed by a hash.

A row's hash covers the one before it, so an edit, a removal or another order shows.
The head of each chain is kept beside it, and logged when a run ends, so a chain that
was cut shows too. Rows older than retention keeps go from its start: what they ended
with stays as its base, and a row of the chain itself says that they were forgotten and
how they ended. Rows carry ids and counts, never names or values of people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, select, update

from gatekeeper.ports import WITHOUT_END
from gatekeeper.store.codec import canonical_text, digest_of, tree_from
from gatekeeper.store.database import database_now
from gatekeeper.store.schema import audit, audit_head, run
from gatekeeper.store.statements import PAGE, insert_missing, insert_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection

    from gatekeeper.store.database import Database
    from gatekeeper.store.rows import AnyRow

Fact = str | int | None
Facts = dict[str, Fact]


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What a walk along the chain found.

    Attributes:
        rows: Position of the last row that is sound from the start.
        head: Hash of the last sound row.
        forgotten: How many rows at the start retention took.
        damaged_at: Position of the first row that does not fit, or None.
        damage: What is wrong there.
        has_known: Whether a hash asked for is that of a sound row, or of one that
            retention took; None where none was asked for.
    """

    rows: int
    head: str
    damaged_at: int | None
    damage: str = ""
    has_known: bool | None = None
    forgotten: int = 0

    @property
    def walked(self) -> int:
        """How many rows are there, and are sound."""
        return self.rows - self.forgotten

    @property
    def is_sound(self) -> bool:
        """Whether nothing speaks against the chain."""
        return self.damaged_at is None and self.has_known is not False


def append(
    connection: Connection, org: str, entries: Sequence[Mapping[str, Fact]]
) -> None:
    """Append entries in order, within the caller's transaction."""
    if not entries:
        return
    head = lock(connection, org)
    seq, previous = head.seq, head.hash
    at = database_now(connection).isoformat()
    rows = []
    for seq_of_entry, facts in enumerate(entries, start=seq + 1):
        entry = canonical_text({"at": at, **facts})
        seal = _seal(org, seq_of_entry, previous, entry)
        rows.append(
            {
                "org": org,
                "seq": seq_of_entry,
                "entry": entry,
                "previous": previous,
                "hash": seal,
            }
        )
        previous = seal
    insert_rows(connection, audit, rows)
    _set_head(connection, org, seq=seq + len(entries), hash=previous)


def lock(connection: Connection, org: str) -> AnyRow:
    """Return the head of a chain; nobody else appends until the transaction ends."""
    query = select(audit_head).where(audit_head.c.org == org).with_for_update()
    head = connection.execute(query).first()
    if head is None:
        # A row that is not there cannot be locked, and two may begin a chain at once.
        first = {"org": org, "seq": 0, "hash": "", "base_seq": 0, "base_hash": ""}
        insert_missing(connection, audit_head, [first])
        head = connection.execute(query).one()
    return head


def head_of(connection: Connection, org: str) -> tuple[int, str]:
    """Return position and hash of the last row, (0, "") where there is none."""
    head = _head(connection, org)
    return (head.seq, head.hash) if head else (0, "")


def forget_before(connection: Connection, org: str, moment: datetime) -> int:
    """Take the rows from the start of the chain that are older than a moment.

    Returns:
        How many went; the last one's hash is the base of the rest, and a new row at
        the end of the chain says so.
    """
    old = _last_before(connection, org, moment)
    if old is None:
        return 0
    append(connection, org, [_forgot(old.seq, old.hash)])
    gone = and_(audit.c.org == org, audit.c.seq <= old.seq)
    count = connection.execute(delete(audit).where(gone)).rowcount
    _set_head(connection, org, base_seq=old.seq, base_hash=old.hash)
    return count


def _forgot(rows: int, head: str) -> Facts:
    return {"event": "forgot", "rows": rows, "head": head}


def _last_before(connection: Connection, org: str, moment: datetime) -> AnyRow | None:
    """Return the last row of the old ones at the start; rows stand in order of time."""
    found = None
    columns = audit.c
    query = select(columns.seq, columns.hash, columns.entry)
    query = query.where(columns.org == org).order_by(columns.seq).limit(PAGE)
    page = query
    while True:  # by pages: a server hands over whole results
        rows = connection.execute(page).all()
        for row in rows:
            if datetime.fromisoformat(str(tree_from(row.entry)["at"])) >= moment:
                return found
            found = row
        if len(rows) < PAGE:
            return found
        page = query.where(columns.seq > rows[-1].seq)


def verify(database: Database, org: str, known: str = "") -> AuditCheck:
    """Walk the whole chain of one moment and recompute every hash.

    Runs go on meanwhile; what they add is not looked at.

    Args:
        database: Where the chain is.
        org: Whose chain.
        known: A head that was logged or printed before; it must be in the chain.
    """
    with database.snapshot() as connection:
        head = _head(connection, org)
        first_run = _first_run(connection, org)
        walk = _Walk.along(org, known, head)
        while walk.check.damaged_at is None:
            page = select(audit).where(
                audit.c.org == org, audit.c.seq > walk.check.rows
            )
            rows = connection.execute(page.order_by(audit.c.seq).limit(PAGE)).all()
            for row in rows:
                walk.take(row)
            if len(rows) < PAGE:
                break
    check = walk.check
    if check.damaged_at is None:
        check = _to_the_end(check, head)
    if check.damaged_at is None:
        check = _from_the_start(walk, first_run)
    return replace(check, has_known=walk.has_met if known else None)


@dataclass(slots=True)
class _Walk:
    """How far along a chain, and what its rows said of its start.

    Attributes:
        has_met: The head asked for was met.
        base: What a row must confirm where rows at the start are gone.
        is_confirmed: A row says that those were forgotten.
        first_run: The first run that a row is about.
    """

    org: str
    known: str
    base: Facts
    check: AuditCheck
    has_met: bool
    is_confirmed: bool
    first_run: int | None = None

    @classmethod
    def along(cls, org: str, known: str, head: AnyRow | None) -> _Walk:
        """Stand before the first row that is kept."""
        base, ended = (head.base_seq, head.base_hash) if head else (0, "")
        check = AuditCheck(base, ended, damaged_at=None, forgotten=base)
        is_whole = base == 0
        return cls(org, known, _forgot(base, ended), check, known == ended, is_whole)

    def take(self, row: AnyRow) -> None:
        """Go one row on; stay where the damage is."""
        if self.check.damaged_at is not None:
            return
        self.check = _next(self.check, row, self.org)
        if self.check.damaged_at is None:
            self.has_met = self.has_met or self.known == self.check.head
            self._hear(row.entry)

    def _hear(self, entry: str) -> None:
        """Note what an entry says of the start of the chain."""
        is_about = self.first_run is None and '"run"' in entry
        if not (is_about or '"forgot"' in entry):
            return
        said = tree_from(entry)
        number = said.get("run")
        if isinstance(number, int) and self.first_run is None:
            self.first_run = number
        told = {name: said.get(name) for name in self.base}
        self.is_confirmed = self.is_confirmed or told == self.base


def _first_run(connection: Connection, org: str) -> int | None:
    """Return the number of the first run kept that ended with a row of the chain."""
    no_end = [each.value for each in WITHOUT_END]
    query = select(func.min(run.c.number))
    ended = query.where(run.c.org == org, run.c.status.not_in(no_end))
    return connection.execute(ended).scalar()


def _from_the_start(walk: _Walk, first_run: int | None) -> AuditCheck:
    """Hold the start of the chain against what its rows and the runs say."""
    check, forgotten = walk.check, walk.check.forgotten
    if not walk.is_confirmed:
        why = f"the {forgotten} rows before are gone, and no row says that they may be"
        return AuditCheck(0, "", damaged_at=1, damage=why)
    if first_run is None or forgotten:
        return check
    if walk.first_run is not None and walk.first_run <= first_run:
        return check
    why = f"it holds nothing of run {first_run}, which has ended"
    return AuditCheck(0, "", damaged_at=1, damage=why)


def _next(check: AuditCheck, row: AnyRow, org: str) -> AuditCheck:
    """Return the check one row on."""
    at = check.rows + 1
    if row.seq != at:
        return replace(check, damaged_at=at, damage="rows are missing, or moved")
    if row.previous != check.head:
        return replace(check, damaged_at=at, damage="it does not follow the row before")
    seal = _seal(org, at, check.head, row.entry)
    if row.hash != seal:
        return replace(check, damaged_at=at, damage="it was edited")
    return replace(check, rows=at, head=seal)


def _to_the_end(check: AuditCheck, head: AnyRow | None) -> AuditCheck:
    """Compare the last row with the head that is kept beside the chain."""
    end = (head.seq, head.hash) if head else (0, "")
    if (check.rows, check.head) == end:
        return check
    if check.rows < end[0]:
        why = f"the chain was cut: it had {end[0]} rows"
        return replace(check, damaged_at=check.rows + 1, damage=why)
    return replace(check, damaged_at=max(1, end[0]), damage="it is not the kept head")


def _head(connection: Connection, org: str) -> AnyRow | None:
    return connection.execute(select(audit_head).where(audit_head.c.org == org)).first()


def _set_head(connection: Connection, org: str, **values: Fact) -> None:
    mine = audit_head.c.org == org
    connection.execute(update(audit_head).where(mine).values(**values))


def _seal(org: str, seq: int, previous: str, entry: str) -> str:
    return digest_of("\n".join([org, str(seq), previous, entry]))
