"""The chapters of the demo's story that play in the CRM: tasks, and a rep's work."""

from __future__ import annotations

import json
import urllib.request
from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.bootstrap import opened
from gatekeeper.cli.console import progress_bar, say
from gatekeeper.cli.explained import show_explanation
from gatekeeper.cli.story_stage import SHOWN, Stage, chapter, run
from gatekeeper.flow.explain import explain_deal
from gatekeeper.sandbox.salesforce.stock import INTEGRATION_USER

if TYPE_CHECKING:
    from collections.abc import Mapping

REP_WRITES = {
    "open-next-step": ("NextStep", "Send the order form to Ms Okafor by Thursday noon"),
    "open-close-date": ("CloseDate", "+30"),
}
"""What a rep writes on the deal to settle a rule of the default pack."""


def show_crm(stage: Stage) -> Mapping[str, object] | None:
    """Show the tasks as they stand in the CRM; return one a rep can finish now."""
    chapter("5. In the CRM", "One task per deal, and flags for list views.")
    tasks = _own_tasks(stage)
    for task in _one_per_owner(tasks)[:SHOWN]:
        owner = stage.org.find("User", str(task["OwnerId"])) or {}
        say(f"  {task['Subject']}")
        say(
            f"      {owner.get('Name')}, due {task['ActivityDate']}"
            f"  {stage.url}/lightning/r/Task/{task['Id']}/view",
            "dim",
        )
    say(f"  {len(tasks)} tasks in all, {_flagged(stage)} deals flagged")
    fixable = _fixable(tasks)
    if fixable is None:
        return None
    deal = stage.org.find("Opportunity", str(fixable["WhatId"])) or {}
    say()
    say(f"{fixable['Subject']}", "bold")
    for line in str(fixable["Description"]).split("\n"):
        say(f"    {line}")
    say()
    say(
        f"On its deal: {deal.get('Gate_Status__c')},"
        f" {int(float(str(deal.get('Gate_Open_Count__c') or 0)))} missing, the evidence"
        " supports"
        f" {deal.get('Gate_Supported_Stage__c')}, the CRM says"
        f" {deal.get('StageName')}."
    )
    say(f"{stage.url}/lightning/r/Opportunity/{fixable['WhatId']}/view", "dim")
    return fixable


def _own_tasks(stage: Stage) -> list[Mapping[str, object]]:
    return [
        row
        for row in stage.org.rows("Task", include_deleted=False)
        if row.get("Gatekeeper_Key__c") and not row.get("IsClosed")
    ]


def _one_per_owner(tasks: list[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Return one task of each person, so that the list shows who owes what."""
    return list({task["OwnerId"]: task for task in reversed(tasks)}.values())[::-1]


def _flagged(stage: Stage) -> int:
    deals = stage.org.rows("Opportunity", include_deleted=False)
    return sum(bool(row.get("Gate_Status__c")) for row in deals)


def _fixable(tasks: list[Mapping[str, object]]) -> Mapping[str, object] | None:
    """Find a task that asks only for what filling Next Step settles."""
    return next((task for task in tasks if _rules_of(task) <= REP_WRITES.keys()), None)


def _rules_of(task: Mapping[str, object]) -> set[str]:
    return set(str(task["Description"]).rpartition("Rules: ")[2].split(", "))


def fix(stage: Stage, task: Mapping[str, object]) -> None:
    """Do what the task asks as its rep would, and let the next run see it."""
    deal_id = str(task["WhatId"])
    chapter(
        "6. A rep does the work",
        "The rep fills what is missing on the deal, in the CRM. The next run sees it.",
    )
    written = dict(REP_WRITES[rule_id] for rule_id in _rules_of(task))
    if "CloseDate" in written:
        month_on = stage.org.now().date() + timedelta(days=30)
        written["CloseDate"] = month_on.isoformat()
    for name, value in written.items():
        say(f"  {name} = {value}")
    _as_rep(stage, f"sobjects/Opportunity/{deal_id}", written)
    report = run(stage)
    after = stage.org.find("Task", str(task["Id"])) or {}
    deal = stage.org.find("Opportunity", deal_id) or {}
    applied = report.body["applied"]
    if isinstance(applied, dict):
        say(f"Written: {applied['close']} task closed, {applied['flag']} deal flagged.")
    say(
        f'The task "{after.get("Subject")}" is now {after.get("Status")}; the deal is'
        f" {deal.get('Gate_Status__c')}.",
        "green",
    )
    with (
        progress_bar(enabled=False) as progress,
        opened(stage.ground, progress) as work,
    ):
        now = work.services.crm.server_time()
        show_explanation(explain_deal(work.services, work.pack, deal_id, now))


def _as_rep(stage: Stage, path: str, body: Mapping[str, object]) -> None:
    """Change a record over the CRM's own API, as another program would."""
    session = stage.org.logins.open(INTEGRATION_USER)
    request = urllib.request.Request(  # noqa: S310  the sandbox's own loopback address
        f"{stage.url}/services/data/v59.0/{path}",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {session.token}",
            "Content-Type": "application/json",
        },
        method="PATCH",
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310  as above
        pass
