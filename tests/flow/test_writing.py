"""Writing a plan: what is counted, when it must end, how requests are cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from gatekeeper.core.model import LIMITED, Action, Change, Receipt, WriteStatus
from gatekeeper.errors import DeferredError, StoppedError, StoreError
from gatekeeper.flow.allowance import begin
from gatekeeper.flow.writing import Applied, write_plan
from gatekeeper.ports import ApiUse, StagedChange
from tests.builders import a_deal
from tests.fakes.crm import FakeCrm
from tests.store.values import a_change, a_flag, edit, open_run, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatekeeper.ports.crm import MayLeave
    from tests.flow.scene import MakeScene, Scene

    Answer = tuple[WriteStatus, str] | WriteStatus

DONE, ADOPTED = WriteStatus.DONE, WriteStatus.ADOPTED
REJECTED, GONE = WriteStatus.REJECTED, WriteStatus.GONE
UNKNOWN, UNTRIED = WriteStatus.UNKNOWN, WriteStatus.NOT_ATTEMPTED
LOCKED = WriteStatus.LOCKED
TASK = "00T000000000001AAA"


def counted(*answers: Answer) -> Applied:
    """Count one write per answer, each a status, or a status and its code."""
    applied = Applied()
    for number, answer in enumerate(answers):
        status, code = (answer, "") if isinstance(answer, WriteStatus) else answer
        change = a_change(deal_id=f"d{number}")
        receipt = Receipt(change.key, status, code=code)
        applied.add([StagedChange(number, change)], [receipt])
    return applied


def test_nothing_is_counted_before_the_first_write() -> None:
    nothing = Applied()

    counts = (nothing.rejected, nothing.unknown, nothing.adopted, nothing.attempted)
    assert counts == (0, 0, 0, 0)
    assert (dict(nothing.done), nothing.rejections) == ({}, [])
    assert (nothing.stopped, nothing.is_deferred, nothing.breaker()) == ("", False, "")


def test_each_answer_is_counted_as_what_it_says() -> None:
    applied = Applied()
    changes = [a_change(), a_change(Action.CLOSE, "d2"), a_change(Action.CLOSE, "d3")]
    rest = [a_flag(each) for each in ("d4", "d5", "d6", "d7", "d8")]
    statuses = (DONE, DONE, ADOPTED, UNKNOWN, UNTRIED, LOCKED, REJECTED, GONE)
    staged = [StagedChange(1, each) for each in (*changes, *rest)]
    receipts = [
        Receipt(each.change.key, status)
        for each, status in zip(staged, statuses, strict=True)
    ]

    applied.add(staged, receipts)

    assert dict(applied.done) == {Action.CREATE: 1, Action.CLOSE: 2}
    assert (applied.attempted, applied.adopted) == (8, 1)
    assert (applied.unknown, applied.put_off, applied.rejected) == (1, 2, 2)
    assert applied.rejections == receipts[6:]


# ---- the error breaker ---------------------------------------------------------------


def rest_of(code: str, failed: int, of: int, in_a_row: int) -> str:
    why = f", {in_a_row} in a row with {code}" if in_a_row else ""
    return (
        f"error breaker: {failed} of {of} writes failed{why}."
        " The rest waits; look at the messages with: gatekeeper runs show"
    )


NO: Answer = (REJECTED, "LOCKED")


@pytest.mark.promise("B1")
def test_five_refusals_in_a_row_for_one_cause_end_the_writing() -> None:
    assert counted(*[NO] * 4).breaker() == ""
    assert counted(*[NO] * 5).breaker() == rest_of("LOCKED", 5, 5, 5)
    mixed: list[Answer] = [NO, NO, (GONE, "GONE"), NO, NO]
    assert counted(*mixed).breaker() == ""
    assert counted(*mixed, NO).breaker() == rest_of("LOCKED", 6, 6, 5)


def test_a_write_that_went_well_begins_the_row_anew() -> None:
    assert counted(*[NO] * 4, DONE, *[NO] * 4).breaker() == ""
    assert counted(*[NO] * 4, ADOPTED, *[NO] * 4).breaker() == ""
    assert counted(*[NO] * 4, UNKNOWN, NO).breaker() == rest_of("LOCKED", 6, 6, 5)


@pytest.mark.promise("B1")
def test_from_fifty_writes_on_more_than_a_tenth_failed_ends_the_writing() -> None:
    failing = [NO, UNKNOWN] * 3
    well = [DONE] * 44
    assert counted(*failing, *well).breaker() == rest_of("", 6, 50, 0)
    more = [DONE] * 53
    assert counted(*failing, *more).breaker() == rest_of("", 6, 59, 0)
    assert counted(*failing, *more, DONE).breaker() == ""  # a tenth is no more
    assert counted(*failing, *well[1:]).breaker() == ""


def test_a_row_of_refusals_among_many_writes_that_went_well_ends_nothing() -> None:
    """Five of fifty are a tenth; six of fifty are more."""
    assert counted(*[DONE] * 45, *[NO] * 5).breaker() == ""
    stopped = counted(*[DONE] * 44, *[NO] * 6).breaker()
    assert stopped == rest_of("LOCKED", 6, 50, 6)


# ---- requests ------------------------------------------------------------------------


@dataclass
class NarrowCrm(FakeCrm):
    """Takes two records a request and answers as it is told, if it is."""

    answers: dict[str, Receipt] | None = None

    @property
    def batch_size(self) -> int:
        return 2

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        receipts = super().write(changes, run_number, may_leave)
        told = self.answers or {}
        return [told.get(each.key, each) for each in receipts]


def deals(count: int) -> list[str]:
    return [f"d{number}" for number in range(1, count + 1)]


@pytest.fixture
def scene(scene_of: MakeScene) -> Scene:
    """Seven deals; the tasks of the sixth and seventh stand already."""
    made = scene_of(*[a_deal("Proposal", deal_id=each) for each in deals(7)])
    made.crm = NarrowCrm(deals=made.crm.deals, users=made.crm.users)
    standing = [a_change(deal_id=each) for each in deals(7)[5:]]
    made.crm.write(standing, 0, lambda: None)
    made.crm.requests.clear()
    return made


def moved(scene: Scene, action: Action, deal_id: str) -> Change:
    task = a_change(deal_id=deal_id)
    return a_change(action, deal_id, remote_id=scene.crm.stored[task.key].remote_id)


def written(
    scene: Scene, *changes: Change, only_creates: bool = False
) -> tuple[Applied, list[str]]:
    """Write a plan; give what became of it and how each change stands."""
    services = scene.services
    with open_run(scene.store) as run:
        run.propose(changes, [])
        run.commit(is_partial=False, with_tracking=True)
        allowance = begin(scene.crm, 10)
        applied = write_plan(services, run, allowance, only_creates=only_creates)
        statuses = [each.status for each in scene.store.changes(str(run.row.number))]
    return applied, statuses


def sent(scene: Scene) -> list[list[tuple[str, str]]]:
    return [
        [(each.action.value, each.deal_id) for each in request]
        for request in scene.crm.requests
    ]


def a_plan(scene: Scene) -> list[Change]:
    return [
        *(a_change(deal_id=each) for each in deals(5)),
        moved(scene, Action.UPDATE, "d6"),
        moved(scene, Action.CLOSE, "d7"),
        *(a_flag(each) for each in deals(3)),
    ]


def test_a_request_is_of_one_kind_and_no_larger_than_the_crm_takes(
    scene: Scene,
) -> None:
    told: list[tuple[str, int, int | None]] = []
    services = scene.services
    with open_run(scene.store) as run:
        run.propose(a_plan(scene), [])
        run.commit(is_partial=False, with_tracking=True)
        applied = write_plan(
            replace(services, progress=lambda *each: told.append(each)),
            run,
            begin(scene.crm, 10),
            only_creates=False,
        )

    creates = [("create", each) for each in deals(5)]
    flags = [("flag", each) for each in deals(3)]
    assert sent(scene) == [
        *(creates[:2], creates[2:4], creates[4:]),
        [("update", "d6"), ("close", "d7")],
        *(flags[:2], flags[2:]),
    ]
    assert told == [("writes", each, None) for each in (2, 4, 5, 7, 9, 10)]
    assert (applied.attempted, applied.stopped) == (10, "")


@pytest.mark.promise("W5")
def test_after_a_partial_pull_tasks_are_created_and_nothing_else(scene: Scene) -> None:
    moves = [moved(scene, Action.UPDATE, "d6"), moved(scene, Action.CLOSE, "d7")]
    creates = [a_change(deal_id=each) for each in deals(3)]

    applied, statuses = written(
        scene, *moves, *creates, a_flag("d1"), only_creates=True
    )

    assert sent(scene) == [
        [("create", "d1"), ("create", "d2")],
        [("create", "d3")],
    ]
    assert statuses == ["planned"] * 2 + ["done"] * 3 + ["planned"]
    assert dict(applied.done) == {Action.CREATE: 3}


def test_a_crm_that_takes_nothing_now_is_asked_again_by_the_next_run(
    scene: Scene,
) -> None:
    assert isinstance(scene.crm, NarrowCrm)
    second = a_change(deal_id="d2")
    limited = Receipt(second.key, UNTRIED, code=LIMITED, message="Too many calls.")
    scene.crm.answers = {second.key: limited}

    applied, statuses = written(scene, *map(_create, deals(4)))

    assert applied.stopped == (
        "Too many calls. What was not written waits for the next run."
    )
    assert applied.is_deferred
    assert len(scene.crm.requests) == 1
    assert statuses[2:] == ["planned", "planned"]


def test_a_request_of_which_nothing_was_tried_ends_the_writing(scene: Scene) -> None:
    assert isinstance(scene.crm, NarrowCrm)
    first, second = (a_change(deal_id=each) for each in ("d1", "d2"))
    scene.crm.answers = {
        first.key: Receipt(first.key, UNTRIED, message="Busy."),
        second.key: Receipt(second.key, UNTRIED, message="Busy too."),
    }

    applied, _ = written(scene, *map(_create, deals(4)))

    assert applied.stopped == "Busy. What was not written waits for the next run."
    assert applied.is_deferred
    assert len(scene.crm.requests) == 1


def test_one_record_that_was_not_tried_does_not_end_the_writing(scene: Scene) -> None:
    assert isinstance(scene.crm, NarrowCrm)
    first = a_change(deal_id="d1")
    scene.crm.answers = {first.key: Receipt(first.key, UNTRIED, message="Busy.")}

    applied, _ = written(scene, *map(_create, deals(4)))

    assert (applied.stopped, applied.is_deferred) == ("", False)
    assert len(scene.crm.requests) == 2


@pytest.mark.promise("F13")
def test_a_locked_record_alone_in_its_request_does_not_end_the_writing(
    scene: Scene,
) -> None:
    assert isinstance(scene.crm, NarrowCrm)
    only = moved(scene, Action.UPDATE, "d6")
    lock = "UNABLE_TO_LOCK_ROW"
    scene.crm.answers = {only.key: Receipt(only.key, LOCKED, code=lock)}

    applied, statuses = written(scene, only, a_flag("d1"), a_flag("d2"))

    assert (applied.stopped, applied.is_deferred) == ("", False)
    assert (applied.put_off, applied.unknown) == (1, 0)
    assert statuses == ["locked", "done", "done"]


def test_locked_records_count_for_the_error_breaker() -> None:
    lock: Answer = (LOCKED, "UNABLE_TO_LOCK_ROW")
    assert counted(*[lock] * 4).breaker() == ""
    assert counted(*[lock] * 5).breaker() == rest_of("UNABLE_TO_LOCK_ROW", 5, 5, 5)


def _create(deal_id: str) -> Change:
    return a_change(deal_id=deal_id)


class DeferringCrm(NarrowCrm):
    """Takes one request and then no more today."""

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        if self.requests:
            message = "No more calls today."
            raise DeferredError(message)
        return super().write(changes, run_number, may_leave)


@pytest.mark.promise("F10", "W3")
def test_what_was_about_to_leave_when_the_calls_ended_keeps_its_intent(
    scene: Scene,
) -> None:
    scene.crm = DeferringCrm(deals=scene.crm.deals, users=scene.crm.users)

    applied, statuses = written(scene, *map(_create, deals(5)))

    assert (applied.stopped, applied.is_deferred) == ("No more calls today.", True)
    assert (applied.attempted, dict(applied.done)) == (2, {Action.CREATE: 2})
    assert statuses == ["done", "done", "intent", "intent", "planned"]


@dataclass
class MeddledCrm(NarrowCrm):
    """Has something happen around a request: before it may leave, or once answered."""

    before: Callable[[], object] = list
    after: Callable[[], object] = list

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        self.before()
        receipts = super().write(changes, run_number, may_leave)
        self.after()
        return receipts


def meddled(scene: Scene, **happens: Callable[[], object]) -> None:
    crm = scene.crm
    scene.crm = MeddledCrm(deals=crm.deals, users=crm.users, **happens)  # type: ignore[arg-type]


@pytest.mark.promise("F38")
def test_a_stop_between_two_requests_lets_no_further_one_leave(scene: Scene) -> None:
    meddled(scene, after=lambda: setattr(scene, "stop", "GATEKEEPER_STOP is set"))

    applied, statuses = written(scene, *map(_create, deals(3)))

    assert applied.stopped == (
        "Stopped: GATEKEEPER_STOP is set. What was not written waits for the next run."
    )
    assert not applied.is_deferred
    assert statuses == ["done", "done", "planned"]
    assert applied.unknown == 0


@pytest.mark.promise("W9")
def test_a_request_whose_lease_was_lost_since_its_intent_does_not_leave(
    scene: Scene,
) -> None:
    taken = "UPDATE lease SET fence = fence + 1, holder = 'another worker'"
    meddled(scene, before=lambda: edit(scene.file, taken))

    with pytest.raises(StoppedError, match="to another worker"):
        written(scene, *map(_create, deals(3)))

    assert scene.crm.requests == []


def test_what_keeps_a_request_back_and_is_no_stop_goes_on_up(scene: Scene) -> None:
    """A database that answers no more is told as what it is, after the receipts."""
    meddled(scene, before=lambda: edit(scene.file, "DROP TABLE kill_switch"))

    with pytest.raises(StoreError, match="no such table: kill_switch"):
        written(scene, *map(_create, deals(3)))

    assert scene.crm.requests == []
    statuses = read(scene.file, "SELECT status FROM change ORDER BY seq")
    assert statuses == [("not_attempted",), ("not_attempted",), ("planned",)]


class MeteredCrm(NarrowCrm):
    """Tells how many calls it has answered of 1,000 a day."""

    own = 0

    def usage(self) -> ApiUse:
        return ApiUse(self.own + len(self.requests), 0, 0, 1_000)


@pytest.mark.promise("F10")
@pytest.mark.parametrize(("own", "requests"), [(98, 2), (99, 1), (100, 0)])
def test_writing_has_the_whole_share_of_a_run(
    scene: Scene, own: int, requests: int
) -> None:
    """A tenth of 1,000; 80 of these are for reading, and all 100 for writing."""
    crm = scene.crm = MeteredCrm(deals=scene.crm.deals, users=scene.crm.users)
    with open_run(scene.store) as run:
        run.propose(list(map(_create, deals(6))), [])
        run.commit(is_partial=False, with_tracking=True)
        allowance = begin(crm, 10)
        crm.own = own

        applied = write_plan(scene.services, run, allowance, only_creates=False)

    assert len(crm.requests) == requests
    assert applied.is_deferred
    assert applied.stopped.startswith("This run has made 100 of the 100 calls")


# ---- the log -------------------------------------------------------------------------


def test_each_change_leaves_one_line_in_the_log(scene: Scene) -> None:
    assert isinstance(scene.crm, NarrowCrm)
    first, second = (a_change(deal_id=each) for each in ("d1", "d2"))
    refused = Receipt(second.key, REJECTED, code="LOCKED", message="Ann may not.")
    scene.crm.answers = {second.key: refused}

    with capture_logs() as lines:
        written(scene, first, second)

    told = [each for each in lines if each["event"].startswith("change_")]
    remote_id = scene.crm.stored[first.key].remote_id
    assert told == [
        {
            "event": "change_applied",
            "log_level": "debug",
            "action": "create",
            "key": first.key,
            "remote_id": remote_id,
        },
        {
            "event": "change_not_applied",
            "log_level": "warning",
            "action": "create",
            "key": second.key,
            "status": "rejected",
            "code": "LOCKED",
        },
    ]
