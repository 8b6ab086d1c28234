"""Public data sets, served by a sandbox and judged by the rules of `tests/packs`."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper.bootstrap import WallClock
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.services import Services
from gatekeeper.pack.load import read_pack
from gatekeeper.ports import RunKind
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.server import SandboxServer
from gatekeeper.store.sql_store import SqlStore
from tests.contracts.worlds import sandbox_crm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.model import Violation
    from gatekeeper.flow.report import RunReport
    from gatekeeper.sandbox.salesforce.org import Org

PACKS = Path(__file__).resolve().parents[1] / "packs"
ROWS_PER_CALL = 2000
READING = ("query", "queryall", "querymore", "composite", "bulk")
Failing = dict[str, set[str]]
"""Ids of the failing deals, by criterion."""


@dataclass(frozen=True)
class DataSet:
    """One public data set.

    Attributes:
        pack: The folder of `tests/packs` that states its criteria.
        read: The objects its rules make the pull read, beside deals.
        lists: Calls for files, which go by lists of ids and are no part of the floor.
    """

    name: str
    pack: str
    as_of: str
    read: tuple[str, ...]
    lists: int = 0


MAVEN = DataSet("maven_crm", "maven", "2017-12-31", ("OpportunityLineItem",))
LEADFORGE = DataSet(
    "leadforge_intermediate",
    "leadforge",
    "2024-04-30",
    ("OpportunityContactRole", "Event", "Task", "EmailMessage"),
    # 4,442 deals in batches of 2,000, 2,000 and 442, one list of ids each
    lists=3,
)
ACTIVITIES = DataSet(
    "simple_crm_activities",
    "activities",
    "2025-07-09",
    ("OpportunityContactRole", "Event", "Task"),
)
PREPPIN = DataSet("preppin_2022_38", "preppin", "2029-08-23", ())
BEFORE_ANY_DEAL = 4
"""Calls a run makes once: the organization, its stages, its users, our own tasks."""


@dataclass(frozen=True)
class Judged:
    """What one run over a data set said and asked."""

    report: RunReport
    violations: tuple[Violation, ...]
    requests: Mapping[str, int]

    def failing(self) -> Failing:
        """The failing deals per criterion, named as the data set names it."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for violation in self.violations:
            found[violation.rule_id.replace("-", "_")].add(violation.deal_id)
        return dict(found)

    def counts(self) -> dict[str, int]:
        counts = self.report.body["counts"]
        assert isinstance(counts, dict)
        return counts

    def reading_calls(self) -> int:
        return sum(self.requests.get(route, 0) for route in READING)


def judge_data_set(data: Path, chosen: DataSet, folder: Path) -> Judged:
    """Serve a data set, judge every deal of it once, and count the calls."""
    org = load_org(
        data / "salesforce" / chosen.name, Clock(as_of_instant(chosen.as_of))
    )
    store = SqlStore(f"sqlite:///{folder / 'gatekeeper.db'}")
    try:
        return _judged(org, chosen, store)
    finally:
        store.close()


def _judged(org: Org, chosen: DataSet, store: SqlStore) -> Judged:
    with SandboxServer(org) as server:
        crm = sandbox_crm(server.url)
        crm.set_up(lambda _what, _done, _total: None)
        before = Counter(org.requests)
        draft = read_pack(PACKS / chosen.pack)
        schema = crm.schema(draft.catalogue)
        pack = draft.compile(schema)
        services = Services(
            crm, store, WallClock(), lambda _what, _done, _total: None, lambda: ""
        )
        order = RunOrder(crm.server_time(), RunKind.RUN)
        report = run_once(services, pack, schema, order)
        requests = Counter(org.requests) - before
        crm.client.close()
    violations = store.violations(crm.org(), ("pending", "open"))
    return Judged(report, tuple(violations), requests)


def expected_failing(
    data: Path, chosen: DataSet, id_of: str = "salesforce_id"
) -> Failing:
    path = data / "expected" / f"{chosen.name}_violations.csv.gz"
    expected: defaultdict[str, set[str]] = defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            expected[row["criterion"]].add(row[id_of])
    return dict(expected)


def expected_criteria(data: Path, chosen: DataSet) -> list[dict[str, Any]]:
    path = data / "expected" / f"{chosen.name}.json"
    criteria: list[dict[str, Any]] = json.loads(path.read_bytes())["criteria"]
    return criteria


def fewest_calls(data: Path, chosen: DataSet) -> int:
    """One call per 2,000 rows of each object, one for an object without rows."""
    path = data / "salesforce" / chosen.name / "manifest.json"
    rows: dict[str, int] = json.loads(path.read_bytes())["counts"]
    pulled = ("Opportunity", *chosen.read)
    pages = [max(1, ceil(rows.get(name, 0) / ROWS_PER_CALL)) for name in pulled]
    return BEFORE_ANY_DEAL + sum(pages)
