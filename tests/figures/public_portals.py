"""Public data sets in their HubSpot form, served by a sandbox and judged."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from gatekeeper.bootstrap import WallClock
from gatekeeper.crm.hubspot.adapter import connect
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.services import Services
from gatekeeper.pack.load import read_pack
from gatekeeper.ports import RunKind
from gatekeeper.sandbox.clock import Clock, Elapsed, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.hubspot.stock import TOKEN
from gatekeeper.store.sql_store import SqlStore
from tests.figures.public_orgs import PACKS, DataSet, Judged
from tests.hubspot_contract import held_to_contract

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.sandbox.hubspot.portal import Portal


@dataclass(frozen=True)
class Floor:
    """The fewest calls that read a data set.

    Attributes:
        deals: In the portal, all of them kept: the lookback takes in every closed one.
        associations: Kinds of association that the rules need.
        related: Records of each kind that hang on a deal.
    """

    deals: int
    associations: int
    related: tuple[int, ...]

    def calls(self) -> int:
        reads = sum(ceil(count / 100) for count in self.related)
        return (
            ceil(self.deals / 100) + self.associations * ceil(self.deals / 1000) + reads
        )


MAVEN = DataSet("maven_crm", "maven_hubspot", "2017-12-31", ())
LEADFORGE = DataSet("leadforge_intermediate", "leadforge", "2024-04-30", ())
ACTIVITIES = DataSet("simple_crm_activities", "activities", "2025-07-09", ())
FLOORS = {
    # 85 companies, all of them of some deal
    MAVEN: Floor(8_800, 1, (85,)),
    # contacts, meetings, tasks, and the calls, mails and notes that nobody logged; the
    # records that hang on a deal, counted in the folder's associations
    LEADFORGE: Floor(4_442, 6, (2_759, 28_322, 28_131)),
    # contacts, meetings and tasks, all of them of some deal
    ACTIVITIES: Floor(500, 3, (100, 204, 296)),
}
SALES_ORDERS = "sales_order"
"""The column of the source that its HubSpot form leaves out, as a custom property."""


def judge_portal(data: Path, chosen: DataSet, folder: Path) -> Judged:
    """Serve a data set, judge every deal of it once, and count the calls."""
    source = data / "hubspot" / chosen.name
    if chosen is ACTIVITIES:
        source = with_sales_orders(data, folder / "portal")
    clock = Clock(as_of_instant(chosen.as_of))
    portal = load_portal(source, clock, Elapsed(standing=True))
    store = SqlStore(f"sqlite:///{folder / 'portal.db'}")
    try:
        return _judged(portal, hubspot_pack(chosen.pack, folder), store)
    finally:
        store.close()


def with_sales_orders(data: Path, folder: Path) -> Path:
    """Write the activities portal with the sales orders of its source."""
    folder.mkdir()
    for path in (data / "hubspot" / ACTIVITIES.name).iterdir():
        (folder / path.name).symlink_to(path)
    orders = _sales_orders(data)
    deals = folder / "deals.jsonl.gz"
    with gzip.open(deals, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        row["properties"][SALES_ORDERS] = orders[row["properties"]["external_id"]]
    deals.unlink()
    with gzip.open(deals, "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)
    return folder


def _sales_orders(data: Path) -> dict[str, str | None]:
    path = data / "real" / ACTIVITIES.name / "Opportunity.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        return {row["OpportunityID"]: row["SalesID"] or None for row in rows}


def hubspot_pack(name: str, folder: Path) -> Path:
    """Return the pack with HubSpot named as its CRM and what differs there put in."""
    pack = shutil.copytree(PACKS / name, folder / "rules")
    differing = PACKS / f"{name}_hubspot"
    if differing.is_dir():
        shutil.copytree(differing, pack, dirs_exist_ok=True)
    project = pack / "project.yaml"
    text = project.read_text(encoding="utf-8")
    project.write_text(
        text.replace("crm: salesforce", "crm: hubspot"), encoding="utf-8"
    )
    return pack


def _judged(portal: Portal, folder: Path, store: SqlStore) -> Judged:
    with held_to_contract(portal) as server:
        crm = connect(
            Access(TOKEN, server.url),
            now=WallClock().now,
            sleep=portal.elapsed.advance,
            tick=portal.elapsed.now,
        )
        crm.set_up(lambda _what, _done, _total: None)
        before = Counter(portal.requests)
        draft = read_pack(folder)
        schema = crm.schema(draft.catalogue)
        services = Services(
            crm, store, WallClock(), lambda _what, _done, _total: None, lambda: ""
        )
        order = RunOrder(crm.server_time(), RunKind.RUN)
        report = run_once(services, draft.compile(schema), schema, order)
        requests = Counter(portal.requests) - before
        crm.client.close()
    violations = store.violations(crm.org(), ("pending", "open"))
    return Judged(report, tuple(violations), requests)
