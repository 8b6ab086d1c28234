"""How fast deals arrive translated, against a bare session with orjson.

Both read the same recorded pages from the same tape, in turns.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import orjson
import requests

from gatekeeper.pack.load import read_pack
from gatekeeper.ports import PullRequest, PullTotals
from tests.bench.orgs import AS_OF, DEFAULT_RULES, seeded
from tests.bench.tape import CONTENTS, playing
from tests.contracts.worlds import sandbox_crm
from tests.e2e.program import serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gatekeeper.crm.salesforce.adapter import SalesforceCrm

DEALS = 5_000  # fewer rows of a kind than are read in a Bulk API job
ROUNDS = 5
LEAST_RATIO = 0.5
TIMEOUT_S = 60


@dataclass
class Reader:
    """The adapter before the tape, and the plain requests its pull makes."""

    crm: SalesforceCrm
    request: PullRequest
    pages: list[str]

    def pull(self) -> int:
        """Return how many deals came, translated with their related rows."""
        totals = PullTotals()
        batches = self.crm.pull(self.request, totals)
        deals = sum(len(batch.deals) for batch in batches)
        assert totals.is_complete, totals.problems
        return deals

    def bare(self) -> int:
        """Return how many rows came: fetched and decoded, nothing else."""
        rows = 0
        with requests.Session() as session:
            session.trust_env = False
            for page in self.pages:
                reply = session.get(page, timeout=TIMEOUT_S)
                rows += len(orjson.loads(reply.content)["records"])
        return rows


def measure_speed(folder: Path) -> bool:
    """Print the table; False where the goal is missed."""
    with serving(seeded(folder, DEALS)) as sandbox, playing(sandbox.url) as tape:
        reader = _reader(tape)
        deals, rows = reader.pull(), reader.bare()
        times = [(_timed(reader.pull), _timed(reader.bare)) for _ in range(ROUNDS)]
        reader.crm.client.close()
    pulled, bare = (
        deals / median(each[reading] for each in times) for reading in (0, 1)
    )
    ratio = pulled / bare
    print("\nPull of recorded pages (default rules), median of", ROUNDS)  # noqa: T201  a benchmark prints
    print(f"{'':>24} {'deals':>8} {'rows':>8} {'deals/s':>10}")  # noqa: T201
    print(f"{'adapter, translated':>24} {deals:>8,} {rows:>8,} {pulled:>10,.0f}")  # noqa: T201
    print(f"{'bare session + orjson':>24} {deals:>8,} {rows:>8,} {bare:>10,.0f}")  # noqa: T201
    print(f"goal: ratio at least {LEAST_RATIO}; ratio {ratio:.2f}")  # noqa: T201
    return ratio >= LEAST_RATIO


def _reader(url: str) -> Reader:
    crm = sandbox_crm(url)
    draft = read_pack(DEFAULT_RULES)
    pack = draft.compile(crm.schema(draft.catalogue))
    since = AS_OF - pack.project.closed_lookback
    reader = Reader(crm, PullRequest(pack.needs, pack.catalogue, (), since), [])
    before = _recorded(url)
    reader.pull()
    reader.pages = [f"{url}{target}" for target in _recorded(url)[len(before) :]]
    return reader


def _recorded(url: str) -> list[str]:
    targets: list[str] = requests.get(f"{url}{CONTENTS}", timeout=TIMEOUT_S).json()
    return targets


def _timed(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
