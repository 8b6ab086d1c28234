"""Peak memory of `gatekeeper run` over orgs of two sizes.

The sandbox has a process of its own, so what is measured is the command alone.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.orgs import enforcing, seeded
from tests.e2e.program import HUBSPOT, SALESFORCE, serving

if TYPE_CHECKING:
    from pathlib import Path

SIZES = (20_000, 100_000)
MOST_MIB = 300
MOST_GROWTH = 1.2


@dataclass(frozen=True)
class Footprint:
    """What one run took."""

    seeded: int
    deals: int
    seconds: float
    peak_mib: float


def measure_memory(folder: Path) -> bool:
    """Print the tables; False where a goal is missed."""
    met = [_measured(folder, crm) for crm in (SALESFORCE, HUBSPOT)]
    return all(met)


def _measured(folder: Path, crm: str) -> bool:
    small, large = (_footprint(folder, size, crm) for size in SIZES)
    print(f"\nPeak memory of gatekeeper run on {crm} (default rules, ceiling enforce)")  # noqa: T201  a benchmark prints
    print(f"{'seeded':>10} {'pulled':>10} {'seconds':>10} {'peak MiB':>10}")  # noqa: T201
    for each in (small, large):
        print(  # noqa: T201
            f"{each.seeded:>10,} {each.deals:>10,} {each.seconds:>10.1f}"
            f" {each.peak_mib:>10.1f}"
        )
    growth = large.peak_mib / small.peak_mib
    print(  # noqa: T201
        f"goal: at most {MOST_MIB} MiB, growth at most {MOST_GROWTH};"
        f" growth {growth:.2f}"
    )
    return large.peak_mib <= MOST_MIB and growth <= MOST_GROWTH


def _footprint(folder: Path, deals: int, crm: str) -> Footprint:
    org = seeded(folder, deals, crm)
    with serving(org, "--crm", crm) as sandbox:
        workspace = enforcing(folder / f"{crm}-work-{deals}", dict(sandbox.settings))
        process = workspace.start("run", "--json", GATEKEEPER_LOG_LEVEL="error")
        assert process.stdout is not None
        assert process.stderr is not None
        report = json.loads(process.stdout.read())
        process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        process.stderr.close()
    assert process.returncode == 0, report
    assert report["complete"] is True
    return Footprint(
        deals,
        report["counts"]["deals"],
        report["duration_s"],
        usage.ru_maxrss / 1024,
    )
