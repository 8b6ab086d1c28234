"""Hand every bomb to its target, each in a process of its own, and say what it cost.

Prints a JSON object per bomb: its name, the processor seconds, the bytes of memory by
which the process grew at its peak, and what went wrong, if anything did. Run as
`python -m tests.fuzz.measure`, with `--turns 5 "as many"` for the least of five turns
of those whose name begins so; forking needs a system that can.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from resource import RUSAGE_SELF, getrusage
from time import process_time
from typing import TYPE_CHECKING, Any

from tests.fuzz.bombs import BOMBS, seconds_for
from tests.fuzz.targets import TARGETS, Slot, examine, load_and_check, seeds

if TYPE_CHECKING:
    from collections.abc import Callable

PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Measure all bombs, or some."""
    options = _options()
    for target in TARGETS.values():
        target.door(seeds(target)[0])  # what is built once is built
    for name, (door, raw) in BOMBS.items():
        if name.startswith(options.name):
            turns = [_apart(_door(door), raw) for _ in range(options.turns)]
            spent = min(turns, key=lambda turn: turn["seconds"])
            said = {"name": name, **spent, "allowed": round(seconds_for(raw), 3)}
            sys.stdout.write(json.dumps(said) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.measure")
    parser.add_argument("name", nargs="?", default="", help="how their names begin")
    parser.add_argument("--turns", type=int, default=1, help="the least is told")
    return parser.parse_args()


def _apart(door: Callable[[bytes], None], raw: bytes) -> dict[str, Any]:
    """Measure one bomb in a process of its own."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    if os.fork() == 0:
        os.write(writing, json.dumps(_spent(door, raw)).encode())
        os._exit(0)
    os.wait()
    os.close(writing)
    with os.fdopen(reading) as answer:
        spent: dict[str, Any] = json.load(answer)
    return spent


def _door(target: str) -> Callable[[bytes], None]:
    """A pack is loaded and checked, as `validate` does; linting is not bounded."""
    door = TARGETS[target].door
    if isinstance(door, Slot) and door.use is examine:
        return replace(door, use=load_and_check)
    return door


def _spent(door: Callable[[bytes], None], raw: bytes) -> dict[str, object]:
    before, began = _peak(), process_time()
    broken = None
    try:
        door(raw)
    except Exception as error:  # noqa: BLE001  (told to the test)
        broken = repr(error)
    seconds = process_time() - began
    return {"seconds": seconds, "bytes": _peak() - before, "broken": broken}


def _peak() -> int:
    return getrusage(RUSAGE_SELF).ru_maxrss * PEAK_UNIT


if __name__ == "__main__":
    main()
