"""What ends a command: the kill switch, and signals, also while it waits."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gatekeeper.bootstrap import StopSwitch
from gatekeeper.errors import StoppedError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_switch_stops_writing_and_a_signal_ends_the_process_too(
    tmp_path: Path,
) -> None:
    file = tmp_path / "STOP"
    switch = StopSwitch(is_set=False, file=file)
    assert (switch.reason(), switch.end_reason()) == ("", "")

    file.touch()
    assert switch.reason() == f"the file {file} exists"
    assert switch.end_reason() == ""

    file.unlink()
    switch.signalled.append(signal.SIGTERM)
    assert switch.reason() == switch.end_reason() == "signal SIGTERM came"


def test_a_wait_takes_its_time_and_a_signal_ends_it() -> None:
    switch = StopSwitch(is_set=True, file=None)
    began = time.monotonic()
    switch.sleep(0.05)
    assert time.monotonic() - began >= 0.05

    timer = threading.Timer(0.05, lambda: switch.signalled.append(signal.SIGINT))
    timer.start()
    with pytest.raises(StoppedError, match="signal SIGINT came while waiting"):
        switch.sleep(600)
    timer.join()


@dataclass
class Seconds:
    """A clock that only waits put forward."""

    now: float = 100.0

    def tick(self) -> float:
        return self.now

    def nap(self, seconds: float) -> None:
        self.now += seconds


def test_a_wait_keeps_a_lease_every_twenty_seconds_be_it_in_many_parts() -> None:
    seconds, kept = Seconds(), list[float]()
    switch = StopSwitch(is_set=False, file=None, nap=seconds.nap, tick=seconds.tick)
    switch.sleep(300)
    with switch.keeping(lambda: kept.append(seconds.now - 400)):
        switch.sleep(19)
        assert kept == []
        switch.sleep(2)
        switch.sleep(45)
    switch.sleep(300)

    assert kept == pytest.approx([20, 40, 60], abs=1)


def test_a_wait_ends_where_the_lease_is_lost() -> None:
    def lost() -> None:
        raise StoppedError("This run lost its lease.")

    seconds = Seconds()
    switch = StopSwitch(is_set=False, file=None, nap=seconds.nap, tick=seconds.tick)

    with switch.keeping(lost), pytest.raises(StoppedError, match="lost its lease"):
        switch.sleep(300)

    assert round(seconds.now) == 120
