"""Memory while a batch is made: nothing but the interpreter's collector is touched."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def no_cycle_search() -> Iterator[None]:
    """Keep the collector from walking a batch again and again while it grows.

    Rows and deals hold no cycles, and a batch is hundreds of thousands of new
    objects: looking for cycles among them is more than a third of a pull's time. They
    are not looked through the moment it is done either: freezing and thawing puts them
    with the old objects, which seldom are (Python's `gc`).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if was_enabled:
            gc.enable()
