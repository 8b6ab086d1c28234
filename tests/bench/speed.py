"""How fast deals arrive translated, against a bare session with orjson.

Both read the same recorded pages from the same tape, one after the other, in turns.
What counts is how long it takes, waiting for the pages included; what this process
computes stands beside it, since that hangs less on what else the machine does.
"""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import orjson
import requests
import urllib3

from gatekeeper.crm.hubspot import adapter as hubspot
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.pack.load import read_pack
from gatekeeper.ports import PullRequest, PullTotals
from gatekeeper.sandbox.hubspot.stock import TOKEN
from tests.bench.orgs import AS_OF, rules_for, seeded
from tests.bench.tape import playing, recorded
from tests.contracts.worlds import sandbox_crm
from tests.crm.hubspot.scene import NOW
from tests.e2e.program import HUBSPOT, SALESFORCE, Sandbox, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gatekeeper.crm.hubspot.adapter import HubSpotCrm
    from gatekeeper.crm.salesforce.adapter import SalesforceCrm
    from tests.bench.tape import Call

ROUNDS = {5_000: 15, 25_000: 5}
"""Deals to rounds. Of so few, no kind has the rows of a Bulk API job; of so many, most
kinds are read in one."""
LEAST_RATIO = 0.5
TIMEOUT_S = 60


@dataclass
class Reader:
    """An adapter before the tape, and the plain requests its pull makes."""

    crm: SalesforceCrm | HubSpotCrm
    request: PullRequest
    bare: Callable[[], int]

    def pull(self) -> int:
        """Return how many deals came, translated with their related rows."""
        totals = PullTotals()
        batches = self.crm.pull(self.request, totals)
        deals = sum(len(batch.deals) for batch in batches)
        assert totals.is_complete, totals.problems
        return deals


def measure_speed(folder: Path) -> bool:
    """Print the tables; False where the goal is missed."""
    ratios = [
        _ratio(folder, crm, deals) for crm in (SALESFORCE, HUBSPOT) for deals in ROUNDS
    ]
    return min(ratios) >= LEAST_RATIO


def _ratio(folder: Path, crm: str, size: int) -> float:
    org, rounds = seeded(folder, size, crm), ROUNDS[size]
    inner = folder / f"pull-{crm}-{size}"
    inner.mkdir()
    with serving(org, "--crm", crm) as sandbox, playing(sandbox.url) as tape:
        reader = _reader(sandbox, tape, inner)
        deals, rows = reader.pull(), reader.bare()
        times = [(_timed(reader.pull), _timed(reader.bare)) for _ in range(rounds)]
        reader.crm.client.close()
    print(f"\nPull of recorded {crm} pages (default rules), median of", rounds)  # noqa: T201  a benchmark prints
    print(f"{deals:,} deals, {rows:,} rows; deals per second of")  # noqa: T201
    print(f"{'':>24} {'the clock':>11} {'computing':>11}")  # noqa: T201
    for name, reading in (("adapter, translated", 0), ("bare session + orjson", 1)):
        clock, own = (
            deals / median(each[reading][kind] for each in times) for kind in (0, 1)
        )
        print(f"{name:>24} {clock:>11,.0f} {own:>11,.0f}")  # noqa: T201
    ratios = [
        median(alone[kind] / translated[kind] for translated, alone in times)
        for kind in (0, 1)
    ]
    print(f"{'ratio':>24} {ratios[0]:>11.2f} {ratios[1]:>11.2f}")  # noqa: T201
    print(f"goal: at least {LEAST_RATIO} by the clock")  # noqa: T201
    return ratios[0]


def _reader(sandbox: Sandbox, tape: str, folder: Path) -> Reader:
    """Let the tape hear a pull, and return what then reads from it."""
    name = sandbox.settings["GATEKEEPER_CRM"]

    def let_time_pass(seconds: float) -> None:
        sandbox.side("POST", "settle", seconds=seconds)

    crm = _adapter(name, tape, let_time_pass)
    draft = read_pack(rules_for(folder, name))
    pack = draft.compile(crm.schema(draft.catalogue))
    since = AS_OF - pack.project.closed_lookback
    request = PullRequest(pack.needs, pack.catalogue, (), since)
    before = len(recorded(tape))
    Reader(crm, request, int).pull()
    calls = recorded(tape)[before:]
    bare = with_urllib3 if name == HUBSPOT else with_requests
    reader = Reader(_adapter(name, tape), request, lambda: bare(calls))
    reader.pull()
    return reader


def _adapter(
    name: str, tape: str, sleep: Callable[[float], None] = lambda _seconds: None
) -> SalesforceCrm | HubSpotCrm:
    if name == SALESFORCE:
        return sandbox_crm(tape)
    return hubspot.connect(Access(TOKEN, tape), now=lambda: NOW, sleep=sleep)


def with_requests(calls: Sequence[Call]) -> int:
    """Return how many rows came: fetched and decoded, nothing else."""
    rows = 0
    with requests.Session() as session:
        session.trust_env = False
        for call in calls:
            reply = session.request(
                call.method, call.url, data=call.body, timeout=TIMEOUT_S
            )
            if "csv" in reply.headers.get("Content-Type", ""):
                rows += sum(1 for _ in csv.reader(reply.text.splitlines())) - 1
                continue
            answer = orjson.loads(reply.content)
            parts = answer.get("compositeResponse", [{"body": answer}])
            rows += sum(len(part["body"].get("records", ())) for part in parts)
    return rows


def with_urllib3(calls: Sequence[Call]) -> int:
    """Return how many records came: fetched and decoded, nothing else."""
    records = 0
    with urllib3.PoolManager(timeout=TIMEOUT_S, retries=False) as pool:
        for call in calls:
            reply = pool.request(call.method, call.url, body=call.body or None)
            records += len(orjson.loads(reply.data)["results"])
    return records


def _timed(work: Callable[[], int]) -> tuple[float, float]:
    """Return how long it took, and how long this process computed, in seconds."""
    began = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began[0], time.process_time() - began[1]
