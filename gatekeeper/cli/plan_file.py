"""Plan files: what `plan --out` writes and `apply` reads.

A file names the stored plan and its hash; the store holds the plan itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.cli.console import note
from gatekeeper.errors import HeldError, SetupError

if TYPE_CHECKING:
    from gatekeeper.bootstrap import Work
    from gatekeeper.flow.report import RunReport
    from gatekeeper.ports import RunRow, StagedChange, Store


def line_of(staged: StagedChange) -> dict[str, object]:
    """Return one change as JSON, without its values."""
    change = staged.change
    return {
        "seq": staged.seq,
        "action": change.action.value,
        "deal_id": change.deal_id,
        "key": change.key,
        "fields": sorted(change.write),
        "rules": list(change.rule_ids),
        "withheld": staged.withheld,
    }


def write_plan(
    path: Path, report: RunReport, store: Store, *, with_values: bool
) -> None:
    """Write ids and counts of the whole plan; values only where asked for (S29)."""
    from gatekeeper.flow.apply import plan_hash  # noqa: PLC0415  start-up time

    listed = list(store.changes(report.run_id))
    body = {
        "plan_id": report.run_id,
        "org": report.body["org"],
        "rules_fingerprint": report.body["rules_fingerprint"],
        "hash": plan_hash(listed),
        "changes": [
            {**line_of(each), "values": dict(each.change.write)}
            if with_values
            else line_of(each)
            for each in listed
        ],
    }
    try:
        path.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise SetupError(message) from error
    note(f"Wrote {path}.", "dim")


def stored_plan(work: Work, target: str) -> RunRow:
    """Return the plan that a file or an id names.

    Raises:
        SetupError: There is none.
        HeldError: The file tells another plan than the one stored.
    """
    from gatekeeper.flow.apply import plan_hash  # noqa: PLC0415  start-up time

    plan_id, expected = _target(target)
    store = work.services.store
    row = store.run(plan_id)
    if row is None:
        message = f"There is no plan {plan_id}. See: gatekeeper runs"
        raise SetupError(message)
    if expected not in (None, plan_hash(store.changes(row.id))):
        message = (
            f"{target} is not the plan stored as {row.id}; nothing was written."
            " Make a new one: gatekeeper plan --out FILE"
        )
        raise HeldError(message)
    return row


def _target(target: str) -> tuple[str, str | None]:
    """Return the plan's id, and its hash where it came in a file."""
    path = Path(target)
    if not path.is_file():
        return target, None
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        return str(body["plan_id"]), str(body["hash"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{target} is not a plan file. Make one: gatekeeper plan --out FILE"
        raise SetupError(message) from error
