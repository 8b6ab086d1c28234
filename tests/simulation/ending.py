"""What must hold once faults have stopped and clean runs went through.

W2, W8 and, on some seeds each, W10 and W11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import ObligationId
from gatekeeper.core.pack import Grouping
from tests.simulation.broken import Broken
from tests.simulation.org import owing

if TYPE_CHECKING:
    from tests.simulation.records import SimTask
    from tests.simulation.stage import Stage

CLEAN_RUNS = 3
LOST_WARS = 3
"""So often a person's flags are written over before they are left alone."""
SCOPE_DROPS = 6
"""Runs that stay partial where people deleted many deals at once."""


def expect_settled(sim: Stage) -> None:
    """Let clean runs pass and hold the CRM against what it should show."""
    outcomes = _clean_runs(sim)
    if sim.watch.gauge.left_alone():  # people had begun to write before the calm
        sim.release()
        outcomes += _clean_runs(sim)
    _expect_every_deal_right(sim, f"after {CLEAN_RUNS} clean runs ({outcomes})")
    _expect_quiet(sim)
    if sim.schedule.seed % 4 == 0 and not any(
        task.marker is None for task in sim.records.tasks.values()
    ):
        _expect_rebuilt(sim)
    if sim.schedule.seed % 4 == 1:
        _expect_undone_once(sim)
    if sim.schedule.seed % 4 == 2:
        _expect_war_lost(sim)


def _clean_runs(sim: Stage) -> list[str]:
    outcomes: list[str] = []
    while sum(each != "partial" for each in outcomes) < CLEAN_RUNS:
        outcomes.append(sim.clean())
        if len(outcomes) > CLEAN_RUNS + SCOPE_DROPS:
            raise Broken("W2", f"clean runs do not come to an end: {outcomes}")
    return outcomes


def _expect_quiet(sim: Stage) -> None:
    before = sim.records.written
    outcome = sim.clean()
    if sim.records.written != before:
        raise Broken("W8", f"a run without any change wrote something ({outcome})")


def _expect_undone_once(sim: Stage) -> None:
    """Take back what a run wrote after people worked on some of it (F39).

    Once, for good, and until it is released.
    """
    _let_a_run_write(sim)
    _work_on_tasks(sim)
    sim.undo_number = 1
    outcome = sim.clean("undo")
    before = sim.records.written
    again = sim.clean("undo")
    if not outcome.startswith("partial") and sim.records.written != before:
        raise Broken("W11", f"undone twice ({outcome}, {again}) it wrote twice")
    sim.clean()  # writes nothing of what was undone: every step is held against it
    sim.release()
    outcomes = _clean_runs(sim)
    _expect_every_deal_right(sim, f"after an undo, released, and {outcomes}")
    _expect_quiet(sim)


def _let_a_run_write(sim: Stage) -> None:
    for number, deal in enumerate(sim.office.deals()):
        sim.office.move(deal, "Proposal")
        sim.office.set_field(deal, sim.schedule.seed + number, filled=number % 2 == 0)
    sim.clean()


def _work_on_tasks(sim: Stage) -> None:
    """Let people do something to two tasks in three, and to the flags of a deal."""
    columns = ("due_on", "subject", "body")
    for number, task in enumerate(sim.office.open_tasks()):
        match (sim.schedule.seed // 4 + number) % 6:
            case 0:
                sim.office.complete(task)
            case 1:
                sim.office.delete_task(task)
            case 2 | 3:
                sim.office.edit(task, columns[number % len(columns)], number)
    for deal in sim.office.deals()[:1]:
        sim.office.edit_flag(deal, sim.schedule.seed)


def _expect_war_lost(sim: Stage) -> None:
    """Let a person write into the flags of a deal again and again (F21).

    Three times they are written anew, then they stay the person's until a release. An
    edit of what no run is known to have written does not count.
    """
    if not sim.office.deals():
        return
    _let_a_run_write(sim)
    deal = sim.office.deals()[0]
    for _ in range(1 + LOST_WARS + 1):
        sim.office.edit_flag(deal, 1)
        edited = sim.records.deals[deal].flags
        outcome = sim.clean()
    if sim.records.deals[deal].flags != edited:
        raise Broken("W7", f"a run ({outcome}) wrote over a person's flags once more")
    sim.release()
    outcomes = _clean_runs(sim)
    _expect_every_deal_right(sim, f"after a war of edits, released, and {outcomes}")


def _expect_rebuilt(sim: Stage) -> None:
    """The ledger is rebuilt from the CRM: a lost one makes no task and ends none."""
    before, loose = _standing(sim), _loose(sim)
    sim.tell("THE DATABASE IS LOST")
    sim.lose_database()
    _clean_runs(sim)
    after = _standing(sim) - loose
    if after != before:
        lost, made = sorted(before - after), sorted(after - before)
        raise Broken(
            "W10", f"after the loss of the database: ended {lost}, made {made}"
        )


def _standing(sim: Stage) -> set[tuple[str, str]]:
    """Name the open tasks that a ledger without its memory must leave as they are.

    A task that a person deleted and the CRM purged may be asked for again, and one that
    a late closing of ours reached after the person's: which came first nobody can tell.
    """
    known = sim.records.of_obligation
    unclear = {
        of
        for of, tasks in known.items()
        if any(each.is_purged or _ended_twice(each) for each in tasks)
    }
    return {
        (task.key, task.remote_id)
        for task in sim.records.tasks.values()
        if task.is_open and not task.is_loose and task.id not in unclear
    }


def _ended_twice(task: SimTask) -> bool:
    return task.sealed and task.ended_by_person is not None


def _loose(sim: Stage) -> set[tuple[str, str]]:
    """Name the tasks that hang on no deal.

    Without its memory nobody knows whether such a one was never tied to its deal, and
    is then finished, or was taken off it.
    """
    return {
        (task.key, task.remote_id)
        for task in sim.records.tasks.values()
        if task.is_loose
    }


def _expect_every_deal_right(sim: Stage, when: str) -> None:
    owed = _owed(sim)
    for deal in sim.records.deals.values():
        _expect_flags(sim, deal.id, len(owing(deal, sim.pack)), when)
    for who, tasks in _open_tasks(sim).items():
        if len(tasks) > 1:
            raise Broken("W2", f"{who} has {len(tasks)} open tasks {when}")
        if who not in owed:
            raise Broken("W2", f"the task of {who} stays open for nothing {when}")
    for who, rules in owed.items():
        _expect_task(sim, who, rules, when)


def _open_tasks(sim: Stage) -> dict[ObligationId, list[SimTask]]:
    """Return the open tasks that are ours to close, by what they are for."""
    found: dict[ObligationId, list[SimTask]] = {}
    for task in sim.records.tasks.values():
        if task.is_open and not _is_beyond_us(sim, task):
            found.setdefault(task.id, []).append(task)
    return found


def _owed(sim: Stage) -> dict[ObligationId, list[str]]:
    """Return what every deal owes to whom, judged from its record alone."""
    owed: dict[ObligationId, list[str]] = {}
    by_rule = sim.pack.project.grouping is Grouping.RULE
    roles = {rule.id: rule.owed_by for rule in sim.pack.rules}
    for deal in sim.records.deals.values():
        for rule_id in owing(deal, sim.pack):
            who = ObligationId(deal.id, roles[rule_id], rule_id if by_rule else "")
            owed.setdefault(who, []).append(rule_id)
    return owed


def _is_beyond_us(sim: Stage, task: SimTask) -> bool:
    """Whether people did to a task what leaves it in their hands."""
    is_unknown = task.marker is None and sim.lost_database
    return task.was_reopened or task.is_loose or task.is_foreign or is_unknown


def _expect_task(sim: Stage, who: ObligationId, rules: list[str], when: str) -> None:
    tasks = sim.records.of_obligation.get(who, [])
    standing = [task for task in tasks if task.is_open and not task.is_loose]
    if not standing:
        if not any(map(_may_rest, tasks)):
            raise Broken("W2", f"{who} owes {rules} and has no task {when}")
        return
    task = max(standing, key=lambda each: each.episode)
    is_ours = not task.was_reopened and "body" not in task.touched and task.marker
    if is_ours and sorted(task.rule_ids) != sorted(rules):
        raise Broken("W2", f"{task.key} lists {task.rule_ids}, owed are {rules} {when}")


def _may_rest(task: SimTask) -> bool:
    """Whether a task is a person's decision, or looks like one: it is left alone."""
    by_person = task.ended_by_person is not None
    return by_person or task.is_loose or task.was_unsealed


def _expect_flags(sim: Stage, deal_id: str, owed: int, when: str) -> None:
    flags = sim.records.deals[deal_id].flags
    assert flags is not None
    status = "Open" if owed else None
    is_open = flags.status == "Open"
    if (flags.open_count or 0) != owed or is_open != (status == "Open"):
        raise Broken("W2", f"{deal_id} owes {owed}, its flags say {flags} {when}")
