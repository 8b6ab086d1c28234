"""Runs of the installed command, killed and paused at points nobody chose."""

from __future__ import annotations

import signal
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from tests.e2e.kills.census import Census, Finding, between, once_settled, taken
from tests.e2e.program import LONGEST_S

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from tests.e2e.kills.ledger import Ledger
    from tests.e2e.program import Sandbox, Workspace
    from tests.sandbox.client import Client

LIMITS = """\
limits:
  tasks_per_run: 100000
  tasks_percent: 100
  tasks_per_person_per_run: 100000
  tasks_per_person_per_day: 100000
  flag_changes_percent: 100
  resolves_percent: 100
  new_violations_per_rule: 100000
  new_violations_percent: 100
"""
FAULTS = (
    ("collections:reset_after:1",),
    ("collections:reset_before:1",),
    ("collections:truncated:1",),
    ("collections:slow=0.3:1",),
    ("collections:reset_after:1:after=1",),
    ("collections:lock_row:2",),
)
STARTING_S = 2.0
CALLS, WRITES = 30, 4
"""More than a run makes, so that some points lie behind its end."""
AFTER_A_CALL_S = 0.12
TRIES = 4


@dataclass
class Tally:
    """What was done and what was found.

    Attributes:
        found: Broken promises, with the round they showed in.
        places: How many ends came while the command did what.
    """

    kills: int = 0
    pauses: int = 0
    overtaken: int = 0
    settled: int = 0
    with_intents: int = 0
    found: list[tuple[int, Finding]] = field(default_factory=list)
    places: Counter[str] = field(default_factory=Counter)


@dataclass
class Grinder:
    """One org, one database, and no mercy.

    Attributes:
        people: Those who work in the CRM.
        rested: Deals one of whose tasks a person closed.
    """

    workspace: Workspace
    sandbox: Sandbox
    people: Client
    ledger: Ledger
    draw: Random
    tally: Tally = field(default_factory=Tally)
    rested: set[str] = field(default_factory=set)
    rounds: int = 0
    _calls_before: int = 0
    _writes_before: int = 0

    def settle_in(self) -> None:
        """Let the rules be seen once, and the first tasks be made."""
        project = self.workspace.folder / "rules" / "project.yaml"
        self.workspace.write("project.yaml", project.read_text("utf-8") + LIMITS)
        assert self.workspace.run("plan").code == 0
        self.settle()

    def kill(self) -> None:
        """Kill one run; a run that was over before does not count."""
        before = self._next_round()
        command = self._at_some_point()
        command.send_signal(signal.SIGKILL)
        command.communicate(timeout=LONGEST_S)
        self.sandbox.calm()
        if command.returncode == -signal.SIGKILL:
            self.tally.kills += 1
            self.tally.with_intents += self.ledger.intents() > 0
            self._note_place()
        self._wait_out()
        self._compare(before)

    def pause(self) -> None:
        """Stop a run past its lease, let another one do the work, and go on."""
        before = self._next_round()
        command = self._at_some_point()
        command.send_signal(signal.SIGSTOP)
        while not (lapsed := self.ledger.let_lease_run_out()):
            # A commit is under way, which nobody else gets past.
            command.send_signal(signal.SIGCONT)
            _linger(command, self.draw.uniform(0, 0.02))
            command.send_signal(signal.SIGSTOP)
        if command.poll() is None and lapsed:
            self.tally.pauses += 1
            self._note_place()
            rival = self.workspace.run("run", "--json")
            assert rival.code in (0, 4), rival.err
        command.send_signal(signal.SIGCONT)
        _, err = command.communicate(timeout=LONGEST_S)
        assert "Traceback" not in err, err
        assert command.returncode in (0, 4, 5), err
        self.tally.overtaken += "lost its lease" in err
        self.sandbox.calm()
        self._wait_out()
        self._compare(before)

    def settle(self) -> None:
        """Let a run come to its end, and look whether all is as it should be."""
        self.rounds += 1
        before = self._census()
        for _ in range(TRIES):
            ended = self.workspace.run("run", "--json")
            if ended.code == 0:
                break
        assert ended.code == 0, ended.err
        self.tally.settled += 1
        after = self._compare(before)
        self._find(once_settled(after, frozenset(self.rested)))
        sends_none = self.workspace.run("run", "--json")
        assert sends_none.code == 0, sends_none.err
        if sends_none.body["api"]["writes"]:
            self._find([Finding("unquiet runs", sends_none.body["run"])])
        verified = self.workspace.run("audit", "verify")
        if verified.code:
            self._find([Finding("broken chains", verified.sentence)])

    def _census(self) -> Census:
        return taken(self.people, self.ledger.sealed())

    # ---- one round ----------------------------------------------------------------

    def _next_round(self) -> Census:
        self.rounds += 1
        self._people_work()
        return self._census()

    def _people_work(self) -> None:
        """Mend some deals and spoil others; now and then close or rename a task."""
        census = self._census()
        lacking = sorted(census.lacking)
        sound = sorted(census.flags.keys() - census.lacking)
        for deal_id in self.draw.sample(lacking, min(3, len(lacking) // 3)):
            self.people.update("Opportunity", deal_id, Amount=1000, NextStep="Call")
        for deal_id in self.draw.sample(sound, min(3, len(sound) // 3)):
            self.people.update("Opportunity", deal_id, Amount=None)
        tasks = sorted(census.open_tasks(), key=lambda task: task.id)
        if tasks and self.draw.random() < 0.2:
            task = self.draw.choice(tasks)
            if self.draw.random() < 0.5:
                self.people.update("Task", task.id, Status="Completed")
                self.rested.add(task.deal_id)
            else:
                self.people.update("Task", task.id, Subject="mine now")

    def _at_some_point(self) -> subprocess.Popen[str]:
        """Start a run and come back somewhere on its way."""
        if self.draw.random() < 0.25:
            self.sandbox.order(*self.draw.choice(FAULTS))
        self._calls_before = self._calls()
        self._writes_before = self.sandbox.writes()
        command = self.workspace.start("run", "--json")
        calls, writes = 0, 0
        if self.draw.random() < 0.6:
            writes = self._writes_before + self.draw.randrange(1, WRITES)
        else:
            calls = self._calls_before + self.draw.randrange(CALLS)
        if calls == self._calls_before:
            _linger(command, self.draw.uniform(0, STARTING_S))
        while command.poll() is None and (
            self.sandbox.writes() < writes or self._calls() < calls
        ):
            _linger(command, 0.01)
        _linger(command, self.draw.uniform(0, AFTER_A_CALL_S))
        return command

    def _calls(self) -> int:
        return sum(self.sandbox.requests().values())

    def _note_place(self) -> None:
        if self._calls() == self._calls_before:
            place = "starting"
        elif self.sandbox.writes() == self._writes_before:
            place = "reading and planning"
        else:
            place = "writing and ending"
        self.tally.places[place] += 1

    def _wait_out(self) -> None:
        """Let the minute pass for which a dead run holds its lease on a server.

        Beside a file the system itself tells that its holder is dead.
        """
        if not self.ledger.is_server:
            return
        until = monotonic() + LONGEST_S
        while not self.ledger.let_lease_run_out():
            assert monotonic() < until, "the lease stays locked"

    def _compare(self, before: Census) -> Census:
        after = self._census()
        self._find(between(before, after))
        meant = self.ledger.keys()
        unmeant = {task.key for task in after.tasks.values()} - meant
        self._find([Finding("writes without intent", key) for key in sorted(unmeant)])
        return after

    def _find(self, findings: Iterable[Finding]) -> None:
        self.tally.found += [(self.rounds, each) for each in findings]


def _linger(command: subprocess.Popen[str], seconds: float) -> None:
    try:
        command.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return
