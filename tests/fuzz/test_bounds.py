"""No file costs more than its size allows, whatever is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.bombs import BOMBS, bytes_for, seconds_for

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.promise("S08"),
    pytest.mark.xdist_group("bombs"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are measured"),
]


@pytest.fixture(scope="module")
def costs() -> dict[str, dict[str, float]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.measure"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {each["name"]: each for each in found}


def test_every_bomb_is_read_or_refused(costs) -> None:
    assert costs.keys() == BOMBS.keys()
    assert {
        name: each["broken"] for name, each in costs.items() if each["broken"]
    } == {}


def test_memory_is_64_mib_and_100_bytes_per_byte_at_most(costs) -> None:
    over = {
        name: costs[name]["bytes"]
        for name, (_, raw) in BOMBS.items()
        if costs[name]["bytes"] > bytes_for(raw)
    }
    assert over == {}


@pytest.mark.timed
def test_time_is_a_tenth_of_a_second_and_two_per_mebibyte_at_most(
    costs, request: pytest.FixtureRequest
) -> None:
    over = {
        name: costs[name]["seconds"]
        for name, (_, raw) in BOMBS.items()
        if costs[name]["seconds"] > seconds_for(raw)
    }
    assert over == {} or not request.config.getoption("--timed")
