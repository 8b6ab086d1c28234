"""A digest is sent once a day, whatever happens on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.model import Person
from gatekeeper.errors import SetupError
from gatekeeper.flow.post import Post, send_digests
from gatekeeper.ports import Delivery, Outcome
from gatekeeper.store.sql_store import SqlStore
from tests.builders import ORG, a_pack
from tests.flow.scene import FRIDAY
from tests.notify.digests import BEA, a_full_digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.flow.post import Sent
    from gatekeeper.ports import Outbox

CAL = Person("005C", "Cal Boss", "cal@acme.example")
SATURDAY = FRIDAY + timedelta(days=1)
MONDAY = FRIDAY + timedelta(days=3)


@dataclass
class Courier:
    """Takes letters, and answers what it is told to; then all is well again."""

    answers: list[Outcome] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    written: int = 0

    def why_not(self, who: Person) -> str:
        return "" if who.email else "has no address"

    def write(self, digest: AnyDigest, day: date) -> str:
        if not digest.who.email:
            message = f"{digest.who.name} has no address"
            raise SetupError(message)
        self.written += 1
        return f"letter {self.written} to {digest.who.email} for {day}"

    def send(self, content: str) -> Outcome:
        self.letters.append(content)
        return self.answers.pop(0) if self.answers else Outcome(Delivery.SENT)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    store = SqlStore(f"sqlite:///{tmp_path / 'gatekeeper.db'}")
    yield store.outbox
    store.close()


def sent(
    outbox: Outbox, courier: Courier, *people: Person, now=FRIDAY, stop: str = ""
) -> list[Sent]:
    made = [replace(a_full_digest(), who=who) for who in people or (BEA,)]
    post = Post(ORG, a_pack(), outbox, courier, now, lambda: stop)
    return list(send_digests(made, post))


@pytest.mark.promise("D1")
@pytest.mark.parametrize("delivery", [Delivery.SENT, Delivery.REFUSED])
def test_what_is_known_of_is_never_sent_again(
    outbox: Outbox, delivery: Delivery
) -> None:
    courier = Courier([Outcome(delivery)])

    sent(outbox, courier)
    (again,) = sent(outbox, courier)

    assert len(courier.letters) == 1
    assert (again.is_new, again.why) == (False, f"already {delivery.value}")


@pytest.mark.promise("D1", "F33")
def test_an_unknown_delivery_is_repeated_once_with_the_same_words(
    outbox: Outbox,
) -> None:
    courier = Courier([Outcome(Delivery.UNKNOWN)] * 5)

    for _ in range(4):
        last = sent(outbox, courier)

    assert len(courier.letters) == 2
    assert len(set(courier.letters)) == 1
    assert last[0].why == "it may have arrived, and was repeated once"


@pytest.mark.promise("D1", "F33")
def test_what_did_not_leave_is_tried_until_it_does(outbox: Outbox) -> None:
    courier = Courier([Outcome(Delivery.LATER)] * 5)

    for _ in range(8):
        sent(outbox, courier)

    assert len(courier.letters) == 6
    assert len(set(courier.letters)) == 1


@pytest.mark.promise("D1")
def test_a_crash_while_it_leaves_counts_as_an_unknown_delivery(
    outbox: Outbox,
) -> None:
    class Crash(BaseException):
        pass

    class Falling(Courier):
        def send(self, content: str) -> Outcome:
            super().send(content)
            raise Crash

    falling = Falling()
    for _ in range(2):
        with pytest.raises(Crash):
            sent(outbox, falling)
    (last,) = sent(outbox, falling)

    assert len(falling.letters) == 2
    assert len(set(falling.letters)) == 1
    assert last.delivery is Delivery.UNKNOWN


@pytest.mark.promise("F33")
def test_one_person_s_failure_stops_nobody_else(outbox: Outbox) -> None:
    courier = Courier([Outcome(Delivery.REFUSED, "550 no such user")])
    nobody: Any = replace(BEA, id="005N", email=None)

    found = sent(outbox, courier, BEA, nobody, CAL)

    assert [each.delivery for each in found] == [
        Delivery.REFUSED,
        None,
        Delivery.SENT,
    ]
    assert found[1].why == "Bea Boss has no address"


def test_the_next_business_day_has_its_own_digest_and_a_day_off_none(
    outbox: Outbox,
) -> None:
    courier = Courier()

    found = [sent(outbox, courier, now=day)[0] for day in (FRIDAY, SATURDAY, MONDAY)]

    assert [each.why for each in found] == ["", "no business day", ""]
    assert len(courier.letters) == 2


def test_the_kill_switch_keeps_mail_in_too(outbox: Outbox) -> None:
    courier = Courier()

    (found,) = sent(outbox, courier, stop="the file STOP exists")

    assert courier.letters == []
    assert found.why == "the file STOP exists"


def test_a_letter_whose_text_was_erased_with_a_person_does_not_leave(
    outbox: Outbox,
) -> None:
    courier = Courier([Outcome(Delivery.LATER)] * 2)
    (first,) = sent(outbox, courier)
    known = outbox.posted(ORG, BEA.id, first.day, Audience.MANAGER)
    assert known is not None
    outbox.keep(ORG, replace(known, content=""))

    (again,) = sent(outbox, courier)

    assert len(courier.letters) == 1
    assert again.why == "its text went when a person was erased"
