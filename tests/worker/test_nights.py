"""Night after night: one run and one digest, whatever happens to the worker."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from gatekeeper.core.timetable import Times, Timetable, every
from gatekeeper.errors import (
    CrmUnreachableError,
    LeaseHeldError,
    PackError,
    Transient,
)
from gatekeeper.ports import Delivery, Job, Outcome
from tests.builders import OWNER
from tests.fakes.crm import ORG
from tests.flow.scene import MANAGER
from tests.store.values import edit, read
from tests.worker.office import MONDAY_MORNING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatekeeper.core.model import Person
    from tests.worker.office import Office

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MINUTE, HALF_AN_HOUR = timedelta(minutes=1), timedelta(minutes=30)
# Thursday 26 November is worked here: the calendar of the scene has no holidays.
BUSINESS_DAYS = [date(2026, 11, day) for day in (23, 24, 25, 26, 27, 30)]
BUSINESS_DAYS += [date(2026, 12, day) for day in (1, 2, 3, 4)]


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    """A time of November 2026 by the clocks of New York."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + 5 * HOUR


def fortnight(office: Office) -> None:
    """Every half an hour from four in the morning until one, for two weeks."""
    for day in range(14):
        office.clock.at = MONDAY_MORNING + day * DAY
        office.go(MONDAY_MORNING + day * DAY + 9 * HOUR, HALF_AN_HOUR)


def test_every_business_day_has_one_run_and_one_digest(office: Office) -> None:
    fortnight(office)

    assert office.done_runs() == BUSINESS_DAYS
    assert office.letter_days() == [day.isoformat() for day in BUSINESS_DAYS]


@pytest.mark.promise("D1", "F32")
@pytest.mark.parametrize("seed", range(3))
def test_a_worker_killed_ten_times_in_a_fortnight_leaves_no_night_out(
    office: Office, seed: int
) -> None:
    """An undisturbed fortnight takes some 160 steps; a kill may fall on any of them."""
    steps = random.Random(seed).sample(range(1, 150), 10)  # noqa: S311  (a schedule, no secret)
    office.steps.deadly = set(steps)

    fortnight(office)

    assert office.steps.taken > max(office.steps.deadly)
    assert office.done_runs() == BUSINESS_DAYS
    # A letter that was leaving at a kill is repeated once, in the same words.
    letters = Counter(office.courier.letters)
    days = sorted(letter.partition(" ")[0] for letter in letters)
    assert days == [day.isoformat() for day in BUSINESS_DAYS]
    assert max(letters.values()) <= 2


@pytest.mark.promise("F32")
def test_after_days_without_a_host_one_run_and_one_digest_cover_them(
    office: Office,
) -> None:
    office.go(at(12))  # Monday is done
    office.clock.at = at(9, day=26)  # Thursday

    office.go(at(12, day=26))

    assert office.done_runs() == [date(2026, 11, 23), date(2026, 11, 26)]
    assert office.letter_days() == ["2026-11-23", "2026-11-26"]
    truth = office.courier.digests[-1].truth
    assert truth.is_late
    assert truth.days_without == (date(2026, 11, 24), date(2026, 11, 25))


@pytest.mark.promise("D1")
def test_plans_made_before_breakfast_do_not_cost_the_digest(office: Office) -> None:
    office.go(at(6))  # the run was at five, the digest is due at seven
    for _ in range(20):
        office.scene.plan()

    office.go(at(9))

    assert office.letter_days() == ["2026-11-23"]


@pytest.mark.promise("D1")
def test_a_digest_without_the_rows_of_its_run_is_put_off_and_said_to_be(
    office: Office,
) -> None:
    office.go(at(6))
    edit(office.scene.file, "DELETE FROM staged_deal")

    with capture_logs() as logs:
        office.go(at(8))

    assert office.letter_days() == []
    needed = [each for each in logs if each["event"] == "person_needed"]
    assert "is not kept any more" in needed[0]["reason"]
    office.scene.run()
    office.go(at(9))
    assert office.letter_days() == ["2026-11-23"]


@pytest.mark.promise("D1", "D2")
def test_a_day_that_was_sent_is_not_told_as_one_without(office: Office) -> None:
    """The worker dies when Monday's letter is noted, before it can close the day."""
    office.clock.at = at(5)
    office.tick()  # the run; then a claim, a workplace, a letter
    office.clock.at = at(7)
    office.steps.deadly = {office.steps.taken + 6}
    office.tick()
    assert office.letter_days() == ["2026-11-23"]
    office.clock.at = at(9, day=25)

    office.go(at(10, day=25))

    assert office.letter_days() == ["2026-11-23", "2026-11-25"]
    truth = office.courier.digests[-1].truth
    assert truth.days_without == (date(2026, 11, 24),)


def test_a_digest_that_could_not_be_sent_by_noon_is_left_to_the_next(
    office: Office,
) -> None:
    office.clock.at = at(12, 1)

    office.go(at(9, day=24))

    assert office.done_runs() == [date(2026, 11, 23), date(2026, 11, 24)]
    assert office.letter_days() == ["2026-11-24"]


def test_all_times_of_a_day_that_were_missed_are_done_by_one_run(
    office_of: Callable[..., Office],
) -> None:
    hourly = Times(every(HOUR, time(8), time(18)))
    office = office_of(timetable=Timetable(run=hourly))
    office.clock.at = at(11, 30)

    office.go(at(13, 30))

    # Of 8 to 11 o'clock together, then of 12 and of 13 o'clock.
    assert len(office.done_runs()) == 3
    used = office.scene.store.slots.used(ORG, "run")
    assert sorted(used) == ["08:00", "09:00", "10:00", "11:00", "12:00", "13:00"]


def test_a_run_that_ended_although_its_slot_was_never_closed_is_not_repeated(
    office: Office,
) -> None:
    """The steps: a claim (two), a workplace (two), then what closes the slot."""
    office.clock.at = at(5)
    office.steps.deadly = {5}
    office.tick()
    assert office.scene.store.slots.last(ORG, Job("run", "05:00")) is None
    assert office.done_runs() == [date(2026, 11, 23)]

    office.tick()

    assert office.scene.store.slots.last(ORG, Job("run", "05:00")) == date(2026, 11, 23)
    assert office.done_runs() == [date(2026, 11, 23)]


# ---- faults ------------------------------------------------------------------------


def test_a_defect_is_told_without_the_values_in_its_words_and_tried_again(
    office: Office,
) -> None:
    office.clock.at = at(5)
    office.fault = ValueError("Acme is worth 12,000")
    with capture_logs() as lines:
        office.tick()
    office.fault = None
    office.go(at(6))

    (told,) = [line for line in lines if line["event"] == "work_put_off"]
    assert told["reason"] == (
        "A defect of gatekeeper: ValueError. GATEKEEPER_LOG_LEVEL=debug shows where."
    )
    assert office.done_runs() == [date(2026, 11, 23)]


def test_attempts_in_vain_are_made_again_after_growing_waits(office: Office) -> None:
    office.fault = CrmUnreachableError("nobody answers")
    office.clock.at = at(5)
    attempts: list[datetime] = []
    while office.clock.at < at(7):
        before = office.opened
        office.runs.tick()
        if office.opened > before:
            attempts.append(office.clock.at)
        office.clock.at += MINUTE

    waits = [(b - a) // MINUTE for a, b in pairwise(attempts)]
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    office.fault = None
    office.go(at(8))
    assert office.done_runs() == [date(2026, 11, 23)]
    assert office.runs.failures == 0


def test_no_wait_is_shorter_than_the_service_asked_for(office: Office) -> None:
    office.fault = Transient("busy", retry_after=2 * HOUR)
    office.clock.at = at(5)
    office.runs.tick()
    office.fault = None
    office.clock.at = at(6, 59)

    assert not office.runs.tick()
    office.clock.at = at(7)
    assert office.runs.tick()


def test_a_digest_waits_for_the_run_of_the_night(office: Office) -> None:
    office.go(at(12))
    office.fault = CrmUnreachableError("nobody answers")
    office.clock.at = at(5, day=24)
    office.go(at(8, 30, day=24))
    assert office.letter_days() == ["2026-11-23"]

    office.fault = None
    office.go(at(12, day=24))

    assert office.done_runs() == [date(2026, 11, 23), date(2026, 11, 24)]
    assert office.courier.digests[-1].truth.run_id == office.reports[-1].run_id
    assert office.letter_days() == ["2026-11-23", "2026-11-24"]


@pytest.mark.promise("F33")
@pytest.mark.parametrize(
    ("answer", "letters"), [(Delivery.LATER, 3), (Delivery.UNKNOWN, 2)]
)
def test_a_letter_that_did_not_arrive_leaves_again_in_the_same_words(
    office: Office, answer: Delivery, letters: int
) -> None:
    office.courier.answers = [Outcome(answer)] * 2

    office.go(at(12))

    assert len(office.courier.letters) == letters
    assert len(set(office.courier.letters)) == 1


@pytest.mark.promise("F35")
def test_mistakes_in_the_rules_stop_all_work_until_they_are_mended(
    office: Office,
) -> None:
    office.mistake = PackError(["rules/project.yaml:3:1: error E201: no"])

    office.go(at(6))

    assert office.done_runs() == []
    assert office.runs.trouble is office.mistake
    office.mistake, office.edition = None, 1
    office.tick()
    assert office.done_runs() == [date(2026, 11, 23)]
    assert office.runs.trouble is None


def test_a_second_worker_stands_by_while_the_first_one_is_at_it(
    office: Office,
) -> None:
    office.clock.at = at(5)
    with office.scene.store.outbox.posting(ORG):  # the lease is held
        office.runs.tick()
    assert office.done_runs() == []
    assert str(office.runs.trouble).startswith("Another run of ")

    office.go(at(6))

    assert office.done_runs() == [date(2026, 11, 23)]


@pytest.mark.promise("S24")
def test_who_is_told_is_asked_where_nobody_can_be_erased(office: Office) -> None:
    office.go(at(7))
    crm = office.scene.crm
    people = crm.people
    refused: list[str] = []

    def asked() -> Mapping[str, Person]:
        try:
            office.scene.store.upkeep.erase_person(ORG, OWNER)
        except LeaseHeldError as held:
            refused.append(str(held))
        return people()

    crm.people = asked  # type: ignore[method-assign]

    office.tick()

    assert office.letter_days() == ["2026-11-23"]
    assert len(refused) == 2  # for the roster, and for the letters


@pytest.mark.promise("D1", "S24")
def test_who_is_erased_after_the_digest_has_it_once_and_is_told_again_tomorrow(
    office: Office,
) -> None:
    office.go(at(8))
    assert office.letter_days() == ["2026-11-23"]

    office.scene.store.upkeep.erase_person(ORG, MANAGER)

    assert MANAGER not in str(read(office.scene.file, "SELECT * FROM slot"))
    office.go(at(11))
    assert office.letter_days() == ["2026-11-23"]
    office.go(at(11, day=24))
    assert office.letter_days() == ["2026-11-23", "2026-11-24"]


@pytest.mark.promise("D1", "S24")
def test_who_is_erased_before_the_digest_is_told_in_the_morning(
    office: Office,
) -> None:
    office.go(at(6))

    office.scene.store.upkeep.erase_person(ORG, MANAGER)

    office.go(at(11))
    assert office.letter_days() == ["2026-11-23"]


def test_once_the_end_is_wanted_nothing_is_begun(office: Office) -> None:
    office.is_ending = True

    office.go(at(12))

    assert (office.opened, office.done_runs()) == (0, [])


@pytest.mark.promise("F30")
def test_a_run_that_a_signal_ends_while_it_reads_is_made_after_the_next_start(
    office: Office,
) -> None:
    office.clock.at = at(5)
    office.signal = "signal SIGTERM came"
    office.runs.tick()
    assert [row.status.value for row in office.latest(9)] == ["stopped"]
    assert str(office.runs.trouble) == (
        "Stopped: signal SIGTERM came. The next run starts over."
    )

    office.signal = ""
    office.start()
    office.go(at(6))

    assert office.done_runs() == [date(2026, 11, 23)]


def test_the_kill_switch_keeps_letters_back_and_lets_runs_look(
    office: Office,
) -> None:
    office.scene.stop = "GATEKEEPER_STOP is set"
    office.go(at(8))
    assert [report.status.value for report in office.reports] == ["stopped"]
    assert office.courier.letters == []

    office.scene.stop = ""
    office.go(at(12))

    assert office.letter_days() == ["2026-11-23"]
