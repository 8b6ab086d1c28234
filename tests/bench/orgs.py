"""Seeded orgs to measure with, and the default rules under the ceiling enforce."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from gatekeeper.sandbox.seed import seed_org
from tests.e2e.program import Workspace

AS_OF = date(2026, 11, 20)
DEFAULT_RULES = Path(__file__).resolve().parents[2] / "rules"


def seeded(folder: Path, deals: int) -> Path:
    """Return a folder with an org of so many deals and their related rows."""
    org = folder / f"org-{deals}"
    seed_org(deals, 1, AS_OF, org)
    return org


def enforcing(folder: Path, settings: dict[str, str]) -> Workspace:
    """Return a workspace with the default rules, allowed to write."""
    workspace = Workspace(folder, settings)
    rules = folder / "rules"
    shutil.rmtree(rules)
    shutil.copytree(DEFAULT_RULES, rules)
    project = rules / "project.yaml"
    text = project.read_text(encoding="utf-8")
    raised = text.replace("mode_ceiling: observe", "mode_ceiling: enforce")
    project.write_text(raised, encoding="utf-8")
    return workspace
