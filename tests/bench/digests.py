"""What the digests of a large org cost: from the database to finished mails.

    python -m tests.bench.digests

Five hundred managers, one in twenty of them a manager of managers; every deal has an
owner and up to two violations. The runs lie in a real database, written through the
store as a run writes them: one a week for eight weeks, and one the day before.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING

from gatekeeper.core.model import Outcome, Person, Severity
from gatekeeper.flow.digest import Desk
from gatekeeper.notify.email import Mailer, server_at
from gatekeeper.ports import RunKind, RunStatus, StagedDeal
from gatekeeper.store.sql_store import SqlStore
from tests.builders import PIPELINE, a_pack, a_rule, a_violation
from tests.fakes.crm import ORG, FakeCrm
from tests.flow.scene import managers_digests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.model import Violation

MANAGERS, REPS_EACH, DEALS = 500, 8, 100_000
EARLIER = 10_000
"""Deals of the nights before, of which digests read counts only."""
MOST_SECONDS = 60.0
RULES = tuple(f"rule-{number}" for number in range(30))
STAGES = [stage.name for stage in PIPELINE.stages if not stage.is_closed]
SEVERITIES = tuple(Severity)
TODAY = datetime(2026, 11, 20, 4, tzinfo=UTC)
NIGHTS = (*(TODAY - timedelta(weeks=ago) for ago in range(7, 0, -1)),)
NIGHTS += (TODAY - timedelta(days=1), TODAY)
PAGE = 1_000


def measure_digests(folder: Path) -> bool:
    """Print the table; False where the goal is missed."""
    crm, pack = FakeCrm(users=_people()), a_pack(*map(a_rule, RULES))
    store = SqlStore(f"sqlite:///{folder / 'digests.db'}")
    for night, as_of in enumerate(NIGHTS):
        with store.open_run(ORG, RunKind.RUN, as_of, pack) as run:
            for page in _pages(night, as_of, DEALS if as_of == TODAY else EARLIER):
                run.stage(page)
            run.commit(is_partial=False, with_tracking=True)
            run.finish(RunStatus.DONE, {"complete": True, "counts": {"deals": 1}})
    desk = Desk(store.archive, crm, pack, crm.schema(pack.catalogue))
    mailer = Mailer(
        ORG,
        server_at("smtp://127.0.0.1:2525"),
        "gatekeeper@acme.example",
        lambda deal_id: f"https://acme.example/{deal_id}",
        lambda person: UTC,
    )
    began = process_time()
    made = managers_digests(desk)
    built = process_time() - began
    sizes = [len(mailer.write(each, TODAY.date())) for each in made]
    written = process_time() - began - built
    store.close()
    print(f"\nDigests of {len(made)} managers, {DEALS:,} deals")  # noqa: T201  a benchmark prints
    print(f"{'read and built':>24} {built:>8.1f}  CPU s")  # noqa: T201
    print(f"{'written as mails':>24} {written:>8.1f}  CPU s")  # noqa: T201
    print(f"{'largest mail':>24} {max(sizes) / 1024:>8.0f}  KiB")  # noqa: T201
    print(f"goal: at most {MOST_SECONDS:.0f} s; took {built + written:.1f}")  # noqa: T201
    return len(made) == MANAGERS and built + written <= MOST_SECONDS


def _people() -> dict[str, Person]:
    """Reps under managers; each twentieth manager has the nineteen after him."""
    managers = [
        Person(
            _manager_id(number),
            f"Manager {number}",
            f"manager{number}@acme.example",
            manager_id=_manager_id(number - number % 20) if number % 20 else None,
        )
        for number in range(MANAGERS)
    ]
    reps = [
        Person(
            _rep_id(number),
            f"Rep {number}",
            f"rep{number}@acme.example",
            manager_id=_manager_id(number % MANAGERS),
        )
        for number in range(MANAGERS * REPS_EACH)
    ]
    return {person.id: person for person in (*managers, *reps)}


def _manager_id(number: int) -> str:
    return f"005M{number:011d}AAA"


def _rep_id(number: int) -> str:
    return f"005R{number:011d}AAA"


def _pages(night: int, as_of: datetime, deals: int) -> Iterator[list[StagedDeal]]:
    for start in range(0, deals, PAGE):
        yield [_staged(number, night, as_of) for number in range(start, start + PAGE)]


def _staged(number: int, night: int, as_of: datetime) -> StagedDeal:
    """A deal and what fails on it; part of that is another thing every night."""
    owner = _rep_id(number % (MANAGERS * REPS_EACH))
    failing = {RULES[(number * 7 + each) % len(RULES)] for each in range(number % 3)}
    if (number + night) % 10 == 0:
        failing.add(RULES[(number + night) % len(RULES)])
    asked = {RULES[(number + each) % len(RULES)] for each in range(8)}
    outcomes = dict.fromkeys(asked, Outcome.PASS) | dict.fromkeys(failing, Outcome.FAIL)
    return StagedDeal(
        f"006{number:012d}AAA",
        STAGES[number % len(STAGES)],
        owner,
        outcomes,
        [_violation(rule, number, owner, as_of) for rule in sorted(failing)],
    )


def _violation(rule: str, number: int, owner: str, as_of: datetime) -> Violation:
    since = as_of - timedelta(days=number % 60)
    return a_violation(
        rule,
        deal_id=f"006{number:012d}AAA",
        deal_name=f"Renewal of customer {number}",
        stage=STAGES[number % len(STAGES)],
        severity=SEVERITIES[number % len(SEVERITIES)],
        first_seen=since,
        opened_at=since,
        released_on=since.date(),
        owner_id=owner,
        owner_name=f"Rep {number}",
        amount=Decimal(1_000 * (number % 400)),
        currency="USD",
    )


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        sys.exit(0 if measure_digests(Path(temporary)) else 1)
