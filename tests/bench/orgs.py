"""Seeded orgs to measure with, and the default rules under the ceiling enforce."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from gatekeeper.sandbox.seed import seed_org
from tests.e2e.program import Workspace

AS_OF = date(2026, 11, 20)
DEFAULT_RULES = Path(__file__).resolve().parents[2] / "rules"


def seeded(folder: Path, deals: int, crm: str = "salesforce") -> Path:
    """Return a folder with an org of so many deals and their related rows."""
    org = folder / f"{crm}-{deals}"
    seed_org(deals, 1, AS_OF, org, crm)
    return org


def rules_for(folder: Path, crm: str) -> Path:
    """Return the default rules with that CRM named, and nothing else changed."""
    rules = folder / f"{crm}-rules"
    shutil.copytree(DEFAULT_RULES, rules)
    _replaced(rules, "crm: salesforce", f"crm: {crm}")
    return rules


def enforcing(folder: Path, settings: dict[str, str]) -> Workspace:
    """Return a workspace with the default rules, allowed to write."""
    workspace = Workspace(folder, settings)
    rules = folder / "rules"
    shutil.rmtree(rules)
    shutil.copytree(DEFAULT_RULES, rules)
    _replaced(rules, "mode_ceiling: observe", "mode_ceiling: enforce")
    _replaced(rules, "crm: salesforce", f"crm: {settings['GATEKEEPER_CRM']}")
    return workspace


def _replaced(rules: Path, old: str, new: str) -> None:
    project = rules / "project.yaml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace(old, new), encoding="utf-8")
