"""The collector of cycles while something large is built."""

from __future__ import annotations

import gc

import pytest

from gatekeeper.at_rest import collector_at_rest


def test_the_collector_looks_through_nothing_while_it_rests_and_nothing_built_after():
    gc.collect()
    rounds = _rounds()
    kept: list[list[int]] = []

    with collector_at_rest():
        kept.extend([number] for number in range(100_000))
    kept.append([0])

    assert _rounds() == rounds
    assert any(kept[7] is each for each in gc.get_objects(generation=2))


def test_a_cycle_made_meanwhile_is_still_found():
    class Knot:
        alive = 0

        def __init__(self) -> None:
            self.itself = self
            Knot.alive += 1

        def __del__(self) -> None:
            Knot.alive -= 1

    with collector_at_rest():
        Knot()
    assert Knot.alive == 1

    gc.collect()

    assert Knot.alive == 0


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_does_again_what_it_did_before(was_on: bool):
    before = gc.isenabled()
    (gc.enable if was_on else gc.disable)()
    try:
        with pytest.raises(ValueError, match="broken"), collector_at_rest():
            raise ValueError("broken")
        assert gc.isenabled() is was_on
    finally:
        (gc.enable if before else gc.disable)()


def _rounds() -> int:
    return sum(each["collections"] for each in gc.get_stats())
