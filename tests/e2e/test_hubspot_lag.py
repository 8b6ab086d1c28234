"""A search index that lags by a minute changes nothing that gatekeeper says."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.e2e.people import HubSpotPeople
from tests.e2e.program import HUBSPOT, Workspace, serving_here

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.sandbox.wire import Reply, Request
    from tests.e2e.program import Sandbox

DEALS = "/crm/v3/objects/deals"
OPEN_DEAL = {"dealname": "Brand new", "dealstage": "qualifiedtobuy"}


@dataclass
class Searches:
    """What was asked of the index, and how many records it named."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    named: int = 0

    def __call__(self, request: Request, reply: Reply) -> None:
        if request.raw_path.endswith("/search"):
            self.asked.append(orjson.loads(request.body))
            self.named += len(orjson.loads(reply.content)["results"])


@dataclass(frozen=True)
class Told:
    """What two runs and the people between them came to."""

    counts: dict[str, int]
    violations: Counter[tuple[str, ...]]
    tasks: Counter[tuple[str, bool]]
    searches: Searches


def work_in(sandbox: Sandbox) -> None:
    """Let people change what the next run judges, a moment before it."""
    people = sandbox.people
    assert isinstance(people, HubSpotPeople)
    owing = sorted(sandbox.deals_without("amount", "next_step"))
    fine = sorted(sandbox.open_deals() - set(owing))
    for deal in owing[:2]:
        people.mend(deal)
    people.archive("deals", owing[2])
    people.post(f"{DEALS}/merge", primaryObjectId=owing[3], objectIdToMerge=owing[4])
    for deal in fine[:3]:
        people.change("deals", deal, amount="", hs_next_step="")
    people.change("deals", fine[3], dealstage="closedlost")
    people.post(DEALS, properties=OPEN_DEAL, associations=[])
    task = next(task for task in sandbox.open_tasks() if task.deal_id == owing[5])
    people.complete(task.id)


def two_runs(folder: Path, place: Path, observed: Path, lag_s: float) -> Told:
    searches = Searches()
    with serving_here(folder, HUBSPOT, observe=searches) as sandbox:
        sandbox.settle()
        sandbox.side("POST", "settings", index_lag_s=[lag_s, lag_s])
        workspace = Workspace(place, dict(sandbox.settings))
        shutil.copy(observed, workspace.database)
        first = workspace.run("run", "--json")
        assert first.code == 0, first.err
        assert first.body["applied"]["create"] > 0
        work_in(sandbox)
        searches.asked.clear()
        searches.named = 0
        second = workspace.run("run", "--json")
        assert second.code == 0, second.err
        listed = json.loads(workspace.run("violations", "--json").out)
        names = {each["deal_id"]: each["deal_name"] for each in listed}
        tasks = [
            (names.get(task.deal_id, "none"), task.is_closed)
            for task in sandbox.tasks()
        ]
    violations = [
        tuple(str(each[name]) for name in ("deal_name", "rule_id", "state"))
        for each in listed
    ]
    return Told(second.body["counts"], Counter(violations), Counter(tasks), searches)


@pytest.mark.promise("F27")
@pytest.mark.slow
def test_a_minute_of_lag_changes_no_verdict_and_no_task(
    folders: dict[str, Path], planned_databases: Any, tmp_path: Path
) -> None:
    observed = planned_databases(HUBSPOT, folders[HUBSPOT])

    current, lagging = (
        two_runs(folders[HUBSPOT], tmp_path / name, observed, lag_s)
        for name, lag_s in (("current", 0.0), ("lagging", 60.0))
    )

    assert lagging.counts == current.counts
    assert lagging.violations == current.violations
    assert lagging.tasks == current.tasks
    # The index knew our tasks in one of them and none in the other.
    assert (current.searches.named > 0, lagging.searches.named) == (True, 0)
    # And it is asked for ids alone: no value of a search can decide anything.
    for searches in (current.searches, lagging.searches):
        assert searches.asked
        assert all(s["properties"] == ["hs_object_id"] for s in searches.asked)
