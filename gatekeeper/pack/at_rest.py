"""Build something large while the collector of cycles rests.

A pack is hundreds of thousands of values without a cycle that all stay; the collector
would walk them again and again as they become more, for a fifth of the time that
checking a pack takes.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Let the collector rest, and then do again what it did before."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
