"""Write-ahead ledger: the intent of a write, then what became of it.

An episode's row is claimed by version and fence before its request may leave; the
receipt is stored only where the claim still holds. A sealed episode (resolving or
resolved) never goes back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, select

from gatekeeper.core.model import Action
from gatekeeper.errors import StoppedError
from gatekeeper.store import audit
from gatekeeper.store.codec import canonical_text, digest_of
from gatekeeper.store.episodes import claim, concerns_row, settle
from gatekeeper.store.rows import episode_row, obligation_of
from gatekeeper.store.schema import change, obligation
from gatekeeper.store.statements import insert_rows, update_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.engine import Connection

    from gatekeeper.core.model import Change, Obligation, Receipt
    from gatekeeper.ports import StagedChange
    from gatekeeper.store.audit import Facts
    from gatekeeper.store.rows import Scope

_CLAIM = ("org", "key", "version", "fence")


@dataclass(slots=True)
class Ledger:
    """The intents of one run that wait for their receipts.

    Attributes:
        fence: Of the lease under which the rows are claimed.
        as_of: The moment of the run, at which its tasks open and close.
        day: The local day of `as_of`, for the limit per person and day.
    """

    scope: Scope
    fence: int
    as_of: datetime
    day: date
    _claims: dict[int, Obligation] = field(default_factory=dict)

    def intend(self, connection: Connection, staged: Sequence[StagedChange]) -> None:
        """Claim the rows of one chunk and note what is about to be written.

        Raises:
            StoppedError: A task to create exists already, or a row moved on.
        """
        keys = [each.change.key for each in staged]
        known = self._known(connection, keys)
        tasks = [
            each
            for each in staged
            if concerns_row(each.change, known.get(each.change.key))
        ]
        claims = {
            each.seq: claim(each.change, known.get(each.change.key), self.as_of)
            for each in tasks
        }
        fresh = [
            self._new_row(each.change, claims[each.seq])
            for each in tasks
            if each.change.key not in known
        ]
        insert_rows(connection, obligation, fresh)
        for action in Action:
            rows = [
                self._claim_row(each.change, known[each.change.key], claims[each.seq])
                for each in tasks
                if each.change.action is action and each.change.key in known
            ]
            found = update_rows(connection, obligation, ("org", "key", "version"), rows)
            _require(len(rows), found)
        self._note_intents(connection, staged)
        self._claims.update(claims)

    def record(
        self,
        connection: Connection,
        staged: Sequence[StagedChange],
        receipts: Sequence[Receipt],
    ) -> None:
        """Store the receipts of one chunk where its claims still hold.

        Raises:
            StoppedError: Another run took a row over.
        """
        settled: list[dict[str, object]] = []
        dropped: list[dict[str, object]] = []
        for each, receipt in zip(staged, receipts, strict=True):
            held = self._claims.get(each.seq)
            if held is None:
                continue
            outcome = settle(each.change, receipt, held, self.as_of)
            if outcome is None:
                dropped.append(self._claimed(held))
            elif outcome != held:
                settled.append(self._settled_row(held, outcome))
        _require(len(settled), update_rows(connection, obligation, _CLAIM, settled))
        _require(len(dropped), _delete_claimed(connection, dropped))
        self._note_receipts(connection, staged, receipts)

    def _known(
        self, connection: Connection, keys: Sequence[str]
    ) -> dict[str, Obligation]:
        query = select(obligation).where(
            obligation.c.org == self.scope.org, obligation.c.key.in_(keys)
        )
        return {row.key: obligation_of(row) for row in connection.execute(query)}

    def _new_row(self, task: Change, held: Obligation) -> dict[str, object]:
        is_created = task.action is Action.CREATE
        return {
            **episode_row(held),
            "org": self.scope.org,
            "fence": self.fence,
            "person_id": task.person_id if is_created else None,
            "created_on": self.day if is_created else None,
            "payload_hash": _payload_hash(task),
        }

    def _claim_row(
        self, task: Change, known: Obligation, held: Obligation
    ) -> dict[str, object]:
        row: dict[str, object] = {
            "key_org": self.scope.org,
            "key_key": known.key,
            "key_version": known.version,
            "state": held.state.value,
            "remote_id": held.remote_id,
            "due_on": held.due_on,
            "version": held.version,
            "fence": self.fence,
            "payload_hash": _payload_hash(task),
        }
        if task.action is Action.CREATE:
            row |= {"person_id": task.person_id, "created_on": self.day}
        return row

    def _claimed(self, held: Obligation) -> dict[str, object]:
        return {
            "key_org": self.scope.org,
            "key_key": held.key,
            "key_version": held.version,
            "key_fence": self.fence,
        }

    def _settled_row(self, held: Obligation, outcome: Obligation) -> dict[str, object]:
        return {
            **self._claimed(held),
            "state": outcome.state.value,
            "remote_id": outcome.remote_id,
            "due_on": outcome.due_on,
            "closed_at": outcome.closed_at,
            "version": held.version + 1,
        }

    def _note_intents(
        self, connection: Connection, staged: Sequence[StagedChange]
    ) -> None:
        rows = [{**self._place(each), "status": "intent"} for each in staged]
        update_rows(connection, change, ("org", "run", "seq"), rows)
        entries = [
            {
                **self._facts("intent", each),
                "episode": each.change.episode,
                "fence": self.fence,
                "payload": _payload_hash(each.change),
                "remote_id": each.change.remote_id,
            }
            for each in staged
        ]
        audit.append(connection, self.scope.org, entries)

    def _note_receipts(
        self,
        connection: Connection,
        staged: Sequence[StagedChange],
        receipts: Sequence[Receipt],
    ) -> None:
        pairs = list(zip(staged, receipts, strict=True))
        rows = [
            {
                **self._place(each),
                "status": receipt.status.value,
                "remote_id": receipt.remote_id,
                "code": receipt.code,
                "message": receipt.message,
            }
            for each, receipt in pairs
        ]
        update_rows(connection, change, ("org", "run", "seq"), rows)
        entries = [
            {
                **self._facts("receipt", each),
                "code": receipt.code,
                "remote_id": receipt.remote_id,
                "status": receipt.status.value,
            }
            for each, receipt in pairs
        ]
        audit.append(connection, self.scope.org, entries)

    def _place(self, staged: StagedChange) -> dict[str, object]:
        return {
            "key_org": self.scope.org,
            "key_run": self.scope.run,
            "key_seq": staged.seq,
        }

    def _facts(self, event: str, staged: StagedChange) -> Facts:
        return {
            "event": event,
            "run": self.scope.run,
            "seq": staged.seq,
            "action": staged.change.action.value,
            "key": staged.change.key,
            "deal_id": staged.change.deal_id,
        }


def _payload_hash(task: Change) -> str:
    return digest_of(canonical_text(task))


def _delete_claimed(connection: Connection, rows: Sequence[dict[str, object]]) -> int:
    if not rows:
        return 0
    mine = and_(*(obligation.c[key] == bindparam(f"key_{key}") for key in _CLAIM))
    return connection.execute(delete(obligation).where(mine), rows).rowcount


def _require(wanted: int, found: int) -> None:
    if wanted != found:
        raise StoppedError(
            "Another run changed tasks that this run was writing, so it stops here."
            " Run again: tasks are found by their keys."
        )
