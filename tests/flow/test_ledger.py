"""One account of obligations and tasks, told by what the CRM shows of each."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.core.model import ObligationId, ObligationState, TaskHint
from gatekeeper.flow.ledger import Ledger, adopt_hinted, read_ledger
from gatekeeper.ports import NO_IDS, RunStatus
from tests.blank import blank_store
from tests.builders import DEAL_ID, a_task
from tests.fakes.crm import FakeCrm
from tests.store.values import ROLE, an_obligation, open_run, staged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.core.model import Obligation, OwnTask
    from gatekeeper.ports import Run
    from gatekeeper.store.sql_store import SqlStore

LATER = datetime(2026, 11, 21, 9, tzinfo=UTC)
TASK = "00T000000000001AAA"
INTENT, OPEN = ObligationState.INTENT, ObligationState.OPEN
RESOLVING, RESOLVED = ObligationState.RESOLVING, ObligationState.RESOLVED
CLOSED = ObligationState.CLOSED_BY_PERSON


@dataclass
class ShownCrm(FakeCrm):
    """Lists some own tasks page by page, and knows some more by their keys."""

    listed: Sequence[OwnTask] = ()
    known: Sequence[OwnTask] = ()
    asked: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)

    def own_tasks(self) -> Iterator[Sequence[OwnTask]]:
        for task in self.listed:
            yield [task]

    def tasks_by_key(
        self, keys: Sequence[str], ids: Mapping[str, str] = NO_IDS
    ) -> Mapping[str, OwnTask]:
        self.asked.append((list(keys), dict(ids)))
        return {task.key: task for task in self.known if task.key in keys}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = blank_store(tmp_path / "gatekeeper.db")
    yield opened
    opened.close()


@contextmanager
def after(store: SqlStore, *obligations: Obligation) -> Iterator[Run]:
    """Open the run after one that left these obligations."""
    deals = {each.id.deal_id for each in obligations}
    with open_run(store) as run:
        for deal_id in deals:
            mine = [each for each in obligations if each.id.deal_id == deal_id]
            run.stage([staged(deal_id=deal_id, obligations=mine)])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})
    with open_run(store) as run:
        yield run


def settled(ledger: Ledger) -> list[Obligation]:
    return [each for deal in ledger.settled.values() for each in deal.values()]


def filed(ledger: Ledger) -> dict[str, list[OwnTask]]:
    return {deal: tasks for deal, tasks in ledger.tasks.items() if tasks}


def test_nothing_known_and_nothing_shown_is_an_empty_account(store: SqlStore) -> None:
    crm = ShownCrm()
    with open_run(store) as run:
        ledger = read_ledger(crm, run, LATER)

        assert run.row.number == 1
    assert (ledger, ledger.is_behind) == (Ledger(), False)
    assert crm.asked == []


# ---- tasks that are not among the open ones ------------------------------------------


HAD = an_obligation(version=1)
SEEN = a_task()
GONE, PURGED = a_task(is_deleted=True), None
DONE, SEALED = a_task(is_closed=True), a_task(is_closed=True, sealed=True)


@pytest.mark.parametrize(
    ("state", "task", "becomes", "closed_at"),
    [
        (OPEN, PURGED, CLOSED, LATER),
        (RESOLVING, PURGED, RESOLVED, LATER),
        (INTENT, SEEN, OPEN, None),
        (OPEN, SEEN, OPEN, None),
        (RESOLVING, SEEN, RESOLVING, None),
        (INTENT, DONE, CLOSED, LATER),
        (OPEN, DONE, CLOSED, LATER),
        (RESOLVING, DONE, RESOLVED, LATER),
        (INTENT, SEALED, RESOLVED, LATER),
        (OPEN, SEALED, RESOLVED, LATER),
        (OPEN, GONE, CLOSED, LATER),
        (RESOLVING, GONE, RESOLVED, LATER),
    ],
)
def test_what_became_of_a_task_out_of_sight_is_told_by_a_look_at_it(
    store: SqlStore,
    state: ObligationState,
    task: OwnTask | None,
    becomes: ObligationState,
    closed_at: datetime | None,
) -> None:
    had = replace(HAD, state=state, remote_id=None if state is INTENT else "00Told")
    crm = ShownCrm(known=[task] if task else [])
    with after(store, had) as run:
        ledger = read_ledger(crm, run, LATER)

    remote_id = had.remote_id if task is None else TASK
    told = replace(had, state=becomes, closed_at=closed_at, remote_id=remote_id)
    assert settled(ledger) == [told]
    is_open = task is not None and not (task.is_closed or task.is_deleted)
    assert filed(ledger) == ({DEAL_ID: [task]} if is_open else {})
    assert dict(ledger.loose) == {}
    assert crm.asked == [([had.key], {had.key: "00Told"} if had.remote_id else {})]


def test_an_intent_without_a_task_stays_an_intent(store: SqlStore) -> None:
    with after(store, replace(HAD, state=INTENT, remote_id=None)) as run:
        ledger = read_ledger(ShownCrm(), run, LATER)

    assert (settled(ledger), filed(ledger)) == ([], {})


WIPED = replace(SEEN, deal_id=None, id=None, episode=0)
LOOSE = replace(WIPED, is_loose=True)


@pytest.mark.promise("W7")
def test_a_task_that_a_person_took_off_its_deal_was_closed_by_that(
    store: SqlStore,
) -> None:
    with after(store, HAD) as run:
        ledger = read_ledger(ShownCrm(known=[LOOSE]), run, LATER)

    assert settled(ledger) == [replace(HAD, state=CLOSED, closed_at=LATER)]
    assert dict(ledger.loose) == {DEAL_ID: [replace(LOOSE, id=HAD.id, episode=1)]}
    assert filed(ledger) == {}


@pytest.mark.parametrize("state", [INTENT, RESOLVING])
def test_a_task_that_was_never_tied_is_what_it_was_about_to_be(
    store: SqlStore, state: ObligationState
) -> None:
    had = replace(HAD, state=state)
    with after(store, had) as run:
        ledger = read_ledger(ShownCrm(known=[LOOSE]), run, LATER)

    assert settled(ledger) == ([] if state is INTENT else [had])
    assert filed(ledger) == {DEAL_ID: [LOOSE]}
    assert dict(ledger.loose) == {}


# ---- tasks among the open ones -------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "remote_id", "becomes"),
    [
        (OPEN, TASK, None),
        (RESOLVING, TASK, None),
        (INTENT, None, OPEN),
        (INTENT, TASK, OPEN),
        (OPEN, None, OPEN),
        (RESOLVING, None, RESOLVING),
    ],
)
def test_a_task_that_is_listed_is_filed_and_settles_what_was_not_known_of_it(
    store: SqlStore,
    state: ObligationState,
    remote_id: str | None,
    becomes: ObligationState | None,
) -> None:
    had = replace(HAD, state=state, remote_id=remote_id)
    crm = ShownCrm(listed=[SEEN])
    with after(store, had) as run:
        ledger = read_ledger(crm, run, LATER)

    told = [] if becomes is None else [replace(had, state=becomes, remote_id=TASK)]
    assert (settled(ledger), filed(ledger)) == (told, {DEAL_ID: [SEEN]})
    assert (dict(ledger.adopted), crm.asked) == ({}, [])


def test_a_task_whose_reference_was_destroyed_is_known_by_its_key(
    store: SqlStore,
) -> None:
    with after(store, HAD) as run:
        ledger = read_ledger(ShownCrm(listed=[WIPED]), run, LATER)

    assert filed(ledger) == {DEAL_ID: [replace(WIPED, id=HAD.id, episode=1)]}


def test_a_listed_task_that_hangs_on_no_deal_is_looked_up(store: SqlStore) -> None:
    crm = ShownCrm(listed=[LOOSE], known=[LOOSE])
    with after(store, HAD) as run:
        ledger = read_ledger(crm, run, LATER)

    assert len(crm.asked) == 1
    assert [each.state for each in settled(ledger)] == [CLOSED]


def test_only_what_was_not_listed_is_looked_up(store: SqlStore) -> None:
    other = an_obligation("d2", remote_id="00T2")
    crm = ShownCrm(listed=[SEEN])
    with after(store, HAD, other) as run:
        read_ledger(crm, run, LATER)

    assert crm.asked == [([other.key], {other.key: "00T2"})]


# ---- tasks that the store does not know ----------------------------------------------


def strange(deal_id: str, **changes: Any) -> OwnTask:
    obligation = an_obligation(deal_id)
    return a_task(
        id=obligation.id,
        deal_id=deal_id,
        key=obligation.key,
        remote_id=f"00T-{deal_id}",
        episode=3,
        **changes,
    )


@pytest.mark.promise("W10")
def test_a_task_that_the_store_does_not_know_is_adopted(store: SqlStore) -> None:
    """One without a reference cannot be told whose it is, and is left alone."""
    wiped = replace(strange("d1"), id=None, deal_id=None)
    task = strange("d2")
    crm = ShownCrm(listed=[wiped, task])
    with open_run(store) as run:
        ledger = read_ledger(crm, run, LATER)
        known = run.known_keys([wiped.key, task.key])

    assert known == {
        task.key: an_obligation(
            "d2",
            episode=3,
            key=task.key,
            remote_id="00T-d2",
            opened_at=task.created_at,
            due_on=date(2026, 11, 25),
        )
    }
    assert filed(ledger) == dict(ledger.adopted) == {"d2": [task]}
    assert (settled(ledger), crm.asked) == ([], [])


def test_a_strange_task_that_hangs_on_no_deal_is_an_intent(store: SqlStore) -> None:
    task = strange("d1", is_loose=True)
    with open_run(store) as run:
        ledger = read_ledger(ShownCrm(listed=[task], known=[task]), run, LATER)
        known = run.known_keys([task.key])[task.key]

    assert (known.state, known.remote_id) == (INTENT, "00T-d1")
    assert dict(ledger.adopted) == {"d1": [task]}
    assert ledger.is_behind


@pytest.mark.promise("F17")
@pytest.mark.parametrize(
    ("wrote", "is_behind", "goes_on_as"), [(1, False, 2), (2, True, 3), (41, True, 42)]
)
def test_a_run_goes_beyond_the_numbers_that_tasks_tell_of(
    store: SqlStore, wrote: int, *, is_behind: bool, goes_on_as: int
) -> None:
    listed = [a_task(run_number=wrote), strange("d2", run_number=1)]
    with after(store, HAD) as run:
        ledger = read_ledger(ShownCrm(listed=listed), run, LATER)

        assert run.row.number == goes_on_as
    assert ledger.is_behind is is_behind


def test_the_highest_number_counts_wherever_it_is_listed(store: SqlStore) -> None:
    listed = [strange("d2", run_number=7), a_task(run_number=1)]
    with after(store, HAD) as run:
        read_ledger(ShownCrm(listed=listed), run, LATER)

        assert run.row.number == 8


def test_of_two_episodes_the_higher_one_counts_and_of_one_the_later_word() -> None:
    first, second = an_obligation(episode=1), an_obligation(episode=2)
    closed = replace(second, state=CLOSED)

    for order in ((first, second, closed), (second, first, closed)):
        ledger = Ledger()
        for each in order:
            ledger.settle(each)
        assert settled(ledger) == [closed]
    boss = replace(first, id=ObligationId(DEAL_ID, "boss"))
    ledger.settle(boss)
    assert settled(ledger) == [closed, boss]


# ---- tasks that deals name -----------------------------------------------------------


def hint(deal_id: str, episode: int = 1) -> TaskHint:
    return TaskHint(ObligationId(deal_id, ROLE), episode, f"00T-{deal_id}")


def hinted(store: SqlStore, *tasks: OwnTask) -> tuple[Ledger, dict[str, Obligation]]:
    """Let two deals name their tasks, of which the CRM shows some."""
    crm = ShownCrm(known=tasks)
    ledger = Ledger()
    with after(store) as run:
        adopt_hinted(crm, run, ledger, [hint("d1"), hint("d2")], LATER)
        keys = [an_obligation(each).key for each in ("d1", "d2")]
        known = dict(run.known_keys(keys))
        number = run.row.number
    assert crm.asked == [(keys, {keys[0]: "00T-d1", keys[1]: "00T-d2"})]
    assert number == max([2, *(each.run_number + 1 for each in tasks)])
    return ledger, known


def test_a_task_that_its_deal_names_is_adopted_as_the_deal_says(
    store: SqlStore,
) -> None:
    task = replace(strange("d1", run_number=5), id=None, episode=0)

    ledger, known = hinted(store, task)

    told = replace(task, id=ObligationId("d1", ROLE), episode=1)
    assert filed(ledger) == dict(ledger.adopted) == {"d1": [told]}
    assert ledger.is_behind
    (found,) = known.values()
    assert (found.id, found.episode, found.state) == (told.id, 1, OPEN)


@pytest.mark.promise("W7")
@pytest.mark.parametrize(
    "how", [{"is_loose": True}, {"is_closed": True}, {"is_deleted": True}]
)
def test_a_named_task_that_is_open_on_no_deal_was_closed_by_a_person(
    store: SqlStore, how: dict[str, object]
) -> None:
    ledger, known = hinted(store, strange("d1", **how))

    (found,) = known.values()
    assert (found.state, found.closed_at) == (CLOSED, LATER)
    assert filed(ledger) == {}
    (adopted,) = ledger.adopted["d1"]
    assert not adopted.is_loose
    assert not ledger.is_behind


def test_a_named_task_that_we_sealed_is_resolved_and_proves_no_line(
    store: SqlStore,
) -> None:
    ledger, known = hinted(store, strange("d1", is_closed=True, sealed=True))

    (found,) = known.values()
    assert (found.state, found.closed_at) == (RESOLVED, None)
    assert (filed(ledger), dict(ledger.adopted)) == ({}, {})


def test_where_no_named_task_is_there_nothing_is_adopted(store: SqlStore) -> None:
    ledger = Ledger()
    with open_run(store) as run:
        adopt_hinted(ShownCrm(), run, ledger, [hint("d1")], LATER)

        assert list(run.open_obligations()) == []
        assert run.row.number == 1
    assert ledger == Ledger()
