"""Hand every bomb to its target, each in a process of its own, and say what it cost.

Prints a JSON object per bomb: its name, the processor seconds, the bytes of memory by
which the process grew at its peak, and what went wrong, if anything did. Run as
`python -m tests.fuzz.measure`; forking needs a system that can.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from resource import RUSAGE_SELF, getrusage
from time import process_time
from typing import TYPE_CHECKING

from tests.fuzz.bombs import BOMBS
from tests.fuzz.targets import TARGETS, Slot, examine, load_and_check, seeds

if TYPE_CHECKING:
    from collections.abc import Callable

PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Measure all bombs."""
    for target in TARGETS.values():
        target.door(seeds(target)[0])  # what is built once is built
    for name, (door, raw) in BOMBS.items():
        sys.stdout.flush()
        if os.fork() == 0:
            spent = _spent(_door(door), raw)
            sys.stdout.write(json.dumps({"name": name, **spent}) + "\n")
            sys.stdout.flush()
            os._exit(0)
        os.wait()


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
