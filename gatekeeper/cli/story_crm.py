"""The chapters of the demo's story that play in the CRM: tasks, and a rep's work."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.bootstrap import opened
from gatekeeper.cli.console import progress_bar, say
from gatekeeper.cli.explained import show_explanation
from gatekeeper.cli.story_stage import SHOWN, Stage, chapter, run
from gatekeeper.flow.explain import explain_deal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.cli.story_world import StoryTask

NEXT_STEP = "Send the order form to Ms Okafor by Thursday noon"


def show_crm(stage: Stage) -> StoryTask | None:
    """Show the tasks as they stand in the CRM; return one a rep can finish now."""
    chapter("5. In the CRM", "One task per deal, and flags for list views.")
    tasks = stage.world.own_tasks()
    for task in _one_per_owner(tasks)[:SHOWN]:
        say(f"  {task.subject}")
        say(f"      {task.owner}, due {task.due}  {stage.url}{task.path}", "dim")
    say(f"  {len(tasks)} tasks in all, {stage.world.flagged()} deals flagged")
    fixable = _fixable(stage, tasks)
    if fixable is None:
        return None
    deal = stage.world.deal(fixable.deal_id)
    say()
    say(fixable.subject, "bold")
    for line in fixable.lines:
        say(f"    {line}")
    say()
    say(
        f"On its deal: {deal.status}, {deal.open_count} missing, the evidence"
        f" supports {deal.supported}, the CRM says {deal.stage}."
    )
    say(f"{stage.url}{deal.path}", "dim")
    return fixable


def _one_per_owner(tasks: Sequence[StoryTask]) -> list[StoryTask]:
    """Return one task of each person, so that the list shows who owes what."""
    return list({task.owner: task for task in reversed(tasks)}.values())[::-1]


def _rep_writes(stage: Stage) -> Mapping[str, tuple[str, str]]:
    """Return what a rep writes on the deal to settle a rule of the default pack."""
    month_on = stage.world.today() + timedelta(days=30)
    return {
        "open-next-step": (stage.world.next_step_name, NEXT_STEP),
        "open-close-date": (stage.world.close_date_name, month_on.isoformat()),
    }


def _fixable(stage: Stage, tasks: Sequence[StoryTask]) -> StoryTask | None:
    """Find a task that asks only for what a rep can fill in on the deal."""
    settled = _rep_writes(stage).keys()
    return next((task for task in tasks if task.rules <= settled), None)


def fix(stage: Stage, task: StoryTask) -> None:
    """Do what the task asks as its rep would, and let the next run see it."""
    chapter(
        "6. A rep does the work",
        "The rep fills what is missing on the deal, in the CRM. The next run sees it.",
    )
    writes = _rep_writes(stage)
    written = dict(writes[rule_id] for rule_id in task.rules)
    for name, value in written.items():
        say(f"  {name} = {value}")
    stage.world.write_as_rep(stage.url, task.deal_id, written)
    report = run(stage)
    after, deal = stage.world.task(task.id), stage.world.deal(task.deal_id)
    applied = report.body["applied"]
    if isinstance(applied, dict):
        say(f"Written: {applied['close']} task closed, {applied['flag']} deal flagged.")
    say(
        f'The task "{after.subject}" is now {after.status}; the deal is {deal.status}.',
        "green",
    )
    with (
        progress_bar(enabled=False) as progress,
        opened(stage.ground, progress) as work,
    ):
        now = work.services.crm.server_time()
        answer = explain_deal(work.services, work.pack, task.deal_id, now)
        show_explanation(answer)
