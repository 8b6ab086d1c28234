"""The worker sends each kind of digest to whoever people.yaml names, once a day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.roles import Readers
from gatekeeper.ports import Delivery, Outcome
from tests.fakes.crm import ORG
from tests.flow.scene import MANAGER
from tests.worker.test_nights import DAY, at

if TYPE_CHECKING:
    from tests.worker.office import Office

OPS, CEO = "ops@acme.example", "ceo@acme.example"
KINDS = ["digest", "digest_leadership", "digest_owner", "digest_revops"]


def declare(office: Office, readers: Readers) -> None:
    """Write readers into people.yaml, as a person does."""
    pack = office.scene.pack
    people = replace(pack.people, digests=readers)
    office.scene.pack = replace(pack, people=people)
    office.edition += 1


@pytest.mark.promise("D1")
def test_every_kind_is_sent_once_to_each_of_its_readers(office: Office) -> None:
    declare(office, Readers(revops=(OPS,), leadership=(CEO, OPS), owners=True))

    office.go(at(12))
    office.go(at(12, day=24))

    days = Counter(each.day.isoformat() for each in office.sent)
    assert days == {"2026-11-23": 5, "2026-11-24": 5}
    kinds = Counter((each.who.id, each.audience) for each in office.sent)
    assert kinds[OPS, Audience.REVOPS] == kinds[OPS, Audience.LEADERSHIP] == 2
    assert kinds[MANAGER, Audience.MANAGER] == 2
    assert len(set(office.courier.letters)) == 10
    slots = office.scene.store.slots
    assert [bool(slots.used(ORG, kind)) for kind in KINDS] == [True] * 4


@pytest.mark.promise("F34")
def test_who_cannot_be_reached_is_told_to_those_who_look_after_it_once_a_run(
    office: Office,
) -> None:
    office.courier.reasons = {MANAGER: "has no address"}

    office.go(at(12))

    assert office.courier.letters == []
    ((missed,),) = office.untold
    assert (missed.audience, missed.name) == (Audience.MANAGER, "Bea Boss")


@pytest.mark.promise("F34")
def test_readers_who_are_declared_during_the_day_are_called_at_once(
    office: Office,
) -> None:
    office.go(at(8))
    assert len(office.sent) == 1

    declare(office, Readers(revops=(OPS,)))
    office.go(at(9))

    assert [each.who.id for each in office.sent] == [MANAGER, OPS]


@pytest.mark.promise("F33", "D1")
def test_who_was_put_off_is_sent_the_same_words_later_and_nobody_else_twice(
    office: Office,
) -> None:
    declare(office, Readers(revops=(OPS,), leadership=(CEO,)))
    office.courier.answers = [
        Outcome(Delivery.SENT),
        *[Outcome(Delivery.LATER, "not tried")] * 2,
    ]

    office.go(at(12))

    letters = Counter(office.courier.letters)
    assert sorted(letters.values()) == [1, 2, 2]
    assert office.digests.failures == 0


@pytest.mark.promise("F32", "D1")
def test_after_days_off_every_kind_covers_the_days_it_missed(office: Office) -> None:
    declare(office, Readers(revops=(OPS,)))
    office.go(at(12))
    office.clock.at = at(9) + 3 * DAY

    office.go(at(12) + 3 * DAY)

    last = office.courier.digests[-2:]
    assert [len(each.truth.days_without) for each in last] == [2, 2]
    assert office.clock.at - at(12) >= timedelta(days=3)
