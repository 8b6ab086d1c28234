"""Contract of a run: an intent before every write, and what each receipt leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import (
    Action,
    Obligation,
    ObligationState,
    WriteStatus,
)
from gatekeeper.errors import StoppedError
from gatekeeper.ports import RunStatus
from tests.builders import NOW, ORG
from tests.store.values import (
    a_change,
    a_flag,
    a_receipt,
    an_obligation,
    open_run,
    plan_changes,
    the_obligation,
    write,
)

if TYPE_CHECKING:
    from gatekeeper.core.model import Change
    from gatekeeper.store.sql_store import SqlStore

CREATE, CLOSE = a_change(), a_change(Action.CLOSE, remote_id="00T000000000001AAA")
UPDATE = a_change(
    Action.UPDATE, remote_id="00T000000000001AAA", write={"due_on": "2026-12-01"}
)


def after(store: SqlStore, *writes: tuple[Change, WriteStatus]) -> Obligation | None:
    """Carry out each write in a run of its own and return what stands of it."""
    for change, status in writes:
        with open_run(store) as run:
            write(run, change, status)
            run.finish(RunStatus.DONE, {})
    with open_run(store) as run:
        known = the_obligation(run, writes[0][0])
        run.finish(RunStatus.DONE, {})
    return known


@pytest.mark.promise("W3")
def test_an_intent_stands_before_the_request_leaves(store: SqlStore) -> None:
    with open_run(store) as run:
        chunk = plan_changes(run, CREATE, a_flag())
        run.intend(chunk)

        assert the_obligation(run, CREATE) == Obligation(
            id=an_obligation().id,
            episode=1,
            key=CREATE.key,
            state=ObligationState.INTENT,
            remote_id=None,
            opened_at=NOW,
            due_on=date(2026, 11, 25),
            version=1,
        )
        assert [each.status for each in store.changes("1")] == ["intent", "intent"]
        assert store.verify_audit(ORG).rows == 2
        assert list(run.planned()) == []


def test_a_created_task_is_open_with_its_id(store: SqlStore) -> None:
    known = after(store, (CREATE, WriteStatus.DONE))

    assert known is not None
    assert known.state is ObligationState.OPEN
    assert known.remote_id == "00T000000000001AAA"
    assert [each.status for each in store.changes("1")] == ["done"]


def test_a_task_that_was_already_there_is_adopted(store: SqlStore) -> None:
    known = after(store, (CREATE, WriteStatus.ADOPTED))

    assert known is not None
    assert known.state is ObligationState.OPEN
    assert known.remote_id is not None


@pytest.mark.promise("W10")
def test_a_create_done_without_an_id_stays_an_intent(store: SqlStore) -> None:
    with open_run(store) as run:
        write(run, CREATE, WriteStatus.DONE, remote_id=None)
        known = the_obligation(run, CREATE)

    assert known is not None
    assert known.state is ObligationState.INTENT


@pytest.mark.promise("F06")
def test_an_unknown_create_stays_an_intent_and_may_be_sent_again(
    store: SqlStore,
) -> None:
    unknown = (CREATE, WriteStatus.UNKNOWN)

    known = after(store, unknown)
    assert known is not None
    assert known.state is ObligationState.INTENT
    with open_run(store) as run:
        assert list(run.open_obligations()) == [known]
        assert run.live_deals() == {CREATE.deal_id}
        run.finish(RunStatus.DONE, {})

    known = after(store, (CREATE, WriteStatus.ADOPTED))
    assert known is not None
    assert (known.state, known.episode) == (ObligationState.OPEN, 1)


def test_a_refused_create_leaves_the_episode_free_and_its_message_behind(
    store: SqlStore,
) -> None:
    with open_run(store) as run:
        write(run, CREATE, WriteStatus.REJECTED, code="INACTIVE_OWNER", message="no")
        assert the_obligation(run, CREATE) is None
        assert run.live_deals() == set()
        run.finish(RunStatus.DONE, {})

    (change,) = store.changes("1")
    assert (change.status, change.message) == ("rejected", "no")
    known = after(store, (CREATE, WriteStatus.DONE))
    assert known is not None
    assert (known.state, known.episode) == (ObligationState.OPEN, 1)


def test_a_create_never_attempted_leaves_nothing(store: SqlStore) -> None:
    assert after(store, (CREATE, WriteStatus.NOT_ATTEMPTED)) is None


def test_a_create_not_attempted_after_an_unknown_one_stays_an_intent(
    store: SqlStore,
) -> None:
    known = after(
        store, (CREATE, WriteStatus.UNKNOWN), (CREATE, WriteStatus.NOT_ATTEMPTED)
    )

    assert known is not None
    assert known.state is ObligationState.INTENT


@pytest.mark.promise("W4")
@pytest.mark.parametrize("closing", [WriteStatus.DONE, WriteStatus.UNKNOWN])
def test_a_sealed_episode_is_never_created_again(
    store: SqlStore, closing: WriteStatus
) -> None:
    after(store, (CREATE, WriteStatus.DONE), (CLOSE, closing))

    with open_run(store) as run:
        chunk = plan_changes(run, CREATE)
        with pytest.raises(StoppedError, match="so it is not created again"):
            run.intend(chunk)


@pytest.mark.promise("W4")
def test_a_task_that_names_no_obligation_is_a_defect(store: SqlStore) -> None:
    nobody = replace(CREATE, id=None)
    with (
        pytest.raises(ValueError, match=f"{CREATE.key} names no obligation"),
        open_run(store) as run,
    ):
        run.intend(plan_changes(run, nobody))


def test_a_task_is_sealed_before_it_is_closed(store: SqlStore) -> None:
    after(store, (CREATE, WriteStatus.DONE))

    with open_run(store) as run:
        chunk = plan_changes(run, CLOSE)
        run.intend(chunk)
        known = the_obligation(run, CLOSE)

    assert known is not None
    assert known.state is ObligationState.RESOLVING


def test_a_closed_task_is_resolved(store: SqlStore) -> None:
    known = after(store, (CREATE, WriteStatus.DONE), (CLOSE, WriteStatus.DONE))

    assert known is not None
    assert (known.state, known.closed_at) == (ObligationState.RESOLVED, NOW)
    with open_run(store) as run:
        assert list(run.open_obligations()) == []
        assert run.live_deals() == set()


@pytest.mark.parametrize(
    "status", [WriteStatus.UNKNOWN, WriteStatus.REJECTED, WriteStatus.NOT_ATTEMPTED]
)
def test_a_close_that_did_not_come_through_stays_sealed_and_is_repeated(
    store: SqlStore, status: WriteStatus
) -> None:
    known = after(store, (CREATE, WriteStatus.DONE), (CLOSE, status))
    assert known is not None
    assert known.state is ObligationState.RESOLVING

    known = after(store, (CLOSE, WriteStatus.DONE))
    assert known is not None
    assert known.state is ObligationState.RESOLVED


def test_an_updated_task_has_its_new_due_date(store: SqlStore) -> None:
    known = after(store, (CREATE, WriteStatus.DONE), (UPDATE, WriteStatus.DONE))

    assert known is not None
    assert (known.state, known.due_on) == (ObligationState.OPEN, date(2026, 12, 1))


@pytest.mark.promise("W2", "F07")
@pytest.mark.parametrize("status", [WriteStatus.REJECTED, WriteStatus.NOT_ATTEMPTED])
def test_a_create_that_may_have_arrived_is_not_forgotten_when_it_is_refused_later(
    store: SqlStore, status: WriteStatus
) -> None:
    known = after(store, (CREATE, WriteStatus.UNKNOWN), (CREATE, status))

    assert known is not None
    assert (known.state, known.version) == (ObligationState.INTENT, 2)


def test_a_task_that_is_gone_when_it_is_closed_is_orphaned(store: SqlStore) -> None:
    known = after(store, (CREATE, WriteStatus.DONE), (CLOSE, WriteStatus.GONE))

    assert known is not None
    assert known.state is ObligationState.ORPHANED
    assert known.closed_at == NOW


@pytest.mark.promise("W7")
def test_a_task_that_is_gone_when_it_is_updated_is_still_to_be_looked_up(
    store: SqlStore,
) -> None:
    known = after(store, (CREATE, WriteStatus.DONE), (UPDATE, WriteStatus.GONE))

    assert known is not None
    assert (known.state, known.closed_at) == (ObligationState.OPEN, None)


def test_closing_a_task_the_store_never_knew_seals_it_too(store: SqlStore) -> None:
    known = after(store, (CLOSE, WriteStatus.UNKNOWN))

    assert known is not None
    assert known.state is ObligationState.RESOLVING
    assert known.remote_id == CLOSE.remote_id


def test_a_flag_leaves_no_obligation_but_its_receipt(store: SqlStore) -> None:
    flag = a_flag()
    with open_run(store) as run:
        write(run, flag, WriteStatus.REJECTED, message="a validation rule")
        assert list(run.open_obligations()) == []

    (change,) = store.changes("1")
    assert (change.status, change.message) == ("rejected", "a validation rule")


@pytest.mark.promise("W3")
def test_a_chunk_is_intended_whole_or_not_at_all(store: SqlStore) -> None:
    after(store, (CREATE, WriteStatus.DONE))
    fresh = a_change(deal_id="d2")

    with open_run(store) as run:
        chunk = plan_changes(run, fresh, CREATE)
        with pytest.raises(StoppedError):
            run.intend(chunk)

        assert the_obligation(run, fresh) is None
        assert {each.status for each in store.changes("3")} == {"planned"}


def test_receipts_belong_to_their_changes_in_order(store: SqlStore) -> None:
    changes = [a_change(deal_id=f"d{number}") for number in range(3)]
    statuses = [WriteStatus.DONE, WriteStatus.REJECTED, WriteStatus.UNKNOWN]
    with open_run(store) as run:
        chunk = plan_changes(run, *changes)
        run.intend(chunk)
        run.record(
            chunk,
            [
                a_receipt(change, status)
                for change, status in zip(changes, statuses, strict=True)
            ],
        )

        known = run.known_keys([change.key for change in changes])
        run.finish(RunStatus.DONE, {})
    assert [each.status for each in store.changes("1")] == [
        "done",
        "rejected",
        "unknown",
    ]
    assert {key: each.state for key, each in known.items()} == {
        changes[0].key: ObligationState.OPEN,
        changes[2].key: ObligationState.INTENT,
    }


def test_fewer_receipts_than_changes_are_a_defect(store: SqlStore) -> None:
    with open_run(store) as run:
        chunk = plan_changes(run, CREATE, a_flag())
        run.intend(chunk)
        with pytest.raises(ValueError, match="shorter"):
            run.record(chunk, [a_receipt(CREATE)])


def test_how_often_a_task_was_raised_again_is_kept(store: SqlStore) -> None:
    known = after(store, (replace(CREATE, raised=2), WriteStatus.DONE))

    assert known is not None
    assert known.raised == 2


def test_closing_a_surplus_copy_does_not_seal_the_task_that_stays(
    store: SqlStore,
) -> None:
    after(store, (CREATE, WriteStatus.DONE))
    copy = replace(CLOSE, remote_id="00T000000000002AAA")
    with open_run(store) as run:
        chunk = plan_changes(run, UPDATE, copy)
        run.intend(chunk)
        run.record(chunk, [a_receipt(each.change) for each in chunk])
        known = the_obligation(run, CREATE)
        run.finish(RunStatus.DONE, {})

    assert known is not None
    assert known.state is ObligationState.OPEN
    assert known.due_on == date(2026, 12, 1)
    assert [each.status for each in store.changes("latest")] == ["done", "done"]
