"""Staged deals, changes and receipts; a builder states only what the test is about."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatekeeper.core.model import (
    Action,
    Change,
    Dossier,
    Obligation,
    ObligationId,
    ObligationState,
    Outcome,
    Receipt,
    Violation,
    WriteStatus,
    task_key,
)
from gatekeeper.ports import RunKind, RunStatus, StagedDeal
from tests.builders import DEAL_ID, NOW, ORG, OWNER, PIPELINE, a_pack, a_rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from gatekeeper.core.pack import RulePack
    from gatekeeper.ports import Run, StagedChange, Store

ROLE = "deal_owner"
PACK = a_pack(a_rule("qual-amount"), a_rule("qual-close-date"))


def open_run(
    store: Store,
    kind: RunKind = RunKind.RUN,
    pack: RulePack = PACK,
    org: str = ORG,
) -> AbstractContextManager[Run]:
    return store.open_run(org, kind, NOW, pack)


def a_dossier(deal_id: str = DEAL_ID, **changes: Any) -> Dossier:
    base = Dossier(
        org=ORG,
        deal_id=deal_id,
        name="Acme renewal",
        pipeline=PIPELINE.name,
        stage="Proposal",
        url=f"https://acme.example/{deal_id}",
        people={ROLE: OWNER},
        is_enforced=True,
    )
    return replace(base, **changes)


def staged(
    *violations: Violation,
    deal_id: str = DEAL_ID,
    stage: str = "Proposal",
    owner_id: str | None = OWNER,
    outcomes: Mapping[str, Outcome] | None = None,
    dossier: Dossier | None = None,
    obligations: Sequence[Obligation] = (),
) -> StagedDeal:
    if outcomes is None:
        outcomes = {each.rule_id: each.outcome for each in violations}
    return StagedDeal(
        deal_id, stage, owner_id, outcomes, violations, dossier, obligations
    )


def an_obligation(
    deal_id: str = DEAL_ID, episode: int = 1, **changes: Any
) -> Obligation:
    base = Obligation(
        id=ObligationId(deal_id, ROLE),
        episode=episode,
        key=task_key(ORG, deal_id, ROLE, "", episode),
        state=ObligationState.OPEN,
        remote_id="00T000000000001AAA",
        opened_at=NOW,
    )
    return replace(base, **changes)


def a_change(
    action: Action = Action.CREATE,
    deal_id: str = DEAL_ID,
    episode: int = 1,
    **changes: Any,
) -> Change:
    base = Change(
        action=action,
        key=task_key(ORG, deal_id, ROLE, "", episode),
        deal_id=deal_id,
        deal_name="Acme renewal",
        id=ObligationId(deal_id, ROLE),
        episode=episode,
        person_id=OWNER,
        write={"due_on": "2026-11-25", "subject": "Acme renewal: 1 thing missing"},
    )
    return replace(base, **changes)


def a_flag(deal_id: str = DEAL_ID, **changes: Any) -> Change:
    base = Change(
        action=Action.FLAG,
        key=f"flag:{deal_id}",
        deal_id=deal_id,
        deal_name="Acme renewal",
        write={"status": "Open"},
    )
    return replace(base, **changes)


def a_receipt(
    change: Change, status: WriteStatus = WriteStatus.DONE, **changes: Any
) -> Receipt:
    has_task = status in (WriteStatus.DONE, WriteStatus.ADOPTED)
    remote_id = "00T000000000001AAA" if has_task else None
    return replace(Receipt(change.key, status, remote_id), **changes)


def plan_changes(run: Run, *changes: Change) -> list[StagedChange]:
    """Propose and commit, as a run does before it writes."""
    run.propose(changes, [])
    run.commit(is_partial=False, with_tracking=True)
    return list(run.planned())


def write(
    run: Run, change: Change, status: WriteStatus = WriteStatus.DONE, **changes: Any
) -> None:
    """Carry one change from plan to receipt."""
    chunk = [each for each in plan_changes(run, change) if each.change == change]
    run.intend(chunk)
    run.record(chunk, [a_receipt(change, status, **changes)])


def carry(store: Store, change: Change, *answers: WriteStatus, **told: Any) -> None:
    """Write a change as often as there are answers, in a run of its own each."""
    for status in answers:
        with open_run(store) as run:
            write(run, change, status, **told)
            run.finish(RunStatus.DONE, {})


def the_obligation(run: Run, change: Change) -> Obligation | None:
    return run.known_keys([change.key]).get(change.key)


def edit(database: Path, statement: str, *values: object) -> None:
    """Change the database behind the store's back."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement, values)


def read(database: Path, query: str) -> list[tuple[Any, ...]]:
    """Look at the database behind the store's back."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def chain_of(database: Path, *events: str) -> list[dict[str, Any]]:
    """Return what the audit chain says of some events, without when that was."""
    rows = read(database, "SELECT entry FROM audit ORDER BY seq")
    entries = [json.loads(entry) for (entry,) in rows]
    return [
        {name: each[name] for name in each if name != "at"}
        for each in entries
        if each["event"] in events
    ]
