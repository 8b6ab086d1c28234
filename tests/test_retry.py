"""The one retry policy: what is repeated, how long it waits, when it gives up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gatekeeper.errors import CrmRejectedError, SetupError, Transient
from gatekeeper.retry import LONGEST_GUESS_S, retrying

if TYPE_CHECKING:
    from collections.abc import Callable


class Service:
    """Raises the given errors in turn, then answers; counts calls and waits."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0
        self.waits: list[float] = []

    def call(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def busy(seconds: float | None = None, *, outcome_unknown: bool = False) -> Transient:
    asked = None if seconds is None else timedelta(seconds=seconds)
    return Transient("busy", retry_after=asked, outcome_unknown=outcome_unknown)


def test_an_answer_comes_back_without_a_wait() -> None:
    service = Service()

    assert retrying(service.call, sleep=service.waits.append) == "answer"
    assert service.waits == []


def test_a_transient_error_is_repeated_until_the_answer() -> None:
    service = Service(busy(), busy())

    assert retrying(service.call, sleep=service.waits.append) == "answer"
    assert (service.calls, len(service.waits)) == (3, 2)


def test_the_last_error_is_raised_as_it_was_when_attempts_are_used_up() -> None:
    errors = [busy(), busy(), busy()]
    service = Service(*errors)

    with pytest.raises(Transient) as caught:
        retrying(service.call, attempts=3, sleep=service.waits.append)

    assert caught.value is errors[2]
    assert (service.calls, len(service.waits)) == (3, 2)


@pytest.mark.parametrize(
    "error",
    [
        CrmRejectedError("no", code="REQUIRED_FIELD_MISSING"),
        SetupError("no"),
        ValueError("no"),
        KeyboardInterrupt(),
    ],
)
def test_nothing_but_a_transient_error_is_repeated(error: Exception) -> None:
    service = Service(error)

    with pytest.raises(type(error)):
        retrying(service.call, sleep=service.waits.append)

    assert service.calls == 1


def test_a_wait_is_never_shorter_than_the_service_asked_for() -> None:
    service = Service(busy(45), busy(45))

    retrying(service.call, sleep=service.waits.append)

    assert service.waits == [45.0, 45.0]


@pytest.mark.promise("S07")
def test_a_wait_that_would_cross_the_deadline_is_not_begun() -> None:
    service = Service(busy(61))

    with pytest.raises(Transient):
        retrying(
            service.call,
            deadline=timedelta(seconds=60),
            sleep=service.waits.append,
        )

    assert (service.calls, service.waits) == (1, [])


def test_waits_add_up_towards_the_deadline() -> None:
    service = Service(busy(40), busy(40), busy(40))

    with pytest.raises(Transient):
        retrying(
            service.call,
            deadline=timedelta(seconds=100),
            sleep=service.waits.append,
        )

    assert (service.calls, service.waits) == (3, [40.0, 40.0])


@pytest.mark.promise("S07")
def test_a_write_that_may_have_happened_is_not_repeated_where_it_would_add() -> None:
    service = Service(busy(outcome_unknown=True))

    with pytest.raises(Transient):
        retrying(service.call, sleep=service.waits.append, repeats_writes=False)

    assert service.calls == 1


def test_a_write_that_did_not_happen_is_repeated_all_the_same() -> None:
    service = Service(busy())

    retrying(service.call, sleep=service.waits.append, repeats_writes=False)

    assert service.calls == 2


def test_each_repeat_is_logged_with_its_wait_and_reason() -> None:
    service = Service(busy(45))

    with capture_logs() as lines:
        retrying(service.call, sleep=service.waits.append)

    assert lines == [
        {
            "event": "call_repeated",
            "log_level": "warning",
            "attempt": 1,
            "wait_s": 45.0,
            "reason": "busy",
        }
    ]


@pytest.mark.promise("S07")
@given(st.integers(min_value=1, max_value=8), st.integers(min_value=0, max_value=400))
def test_calls_and_waits_stay_within_bounds(attempts: int, seconds: int) -> None:
    service = Service(*[busy() for _ in range(20)])
    call: Callable[[], str] = service.call

    with pytest.raises(Transient):
        retrying(
            call,
            attempts=attempts,
            deadline=timedelta(seconds=seconds),
            sleep=service.waits.append,
        )

    assert service.calls <= attempts
    assert sum(service.waits) <= seconds
    assert all(0 <= wait <= LONGEST_GUESS_S for wait in service.waits)
