"""What each sentence of a run's report is about.

Reports used to keep sentences alone, and readers told them apart by their words. This
is the last place that does: it looks at sentences as earlier programs wrote them.
"""

from __future__ import annotations

import json
import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

CODED = re.compile(r"(?P<code>E\d{3}): (?P<text>.*)", re.DOTALL)
DRIFT = re.compile(r"(?P<place>.+?:\d+:\d+): error " + CODED.pattern, re.DOTALL)

run = sa.table(
    "run", sa.column("org"), sa.column("number"), sa.column("report", sa.Text)
)


def upgrade() -> None:
    """Add to each report what its sentences are about."""
    connection = op.get_bind()
    query = sa.select(run.c.org, run.c.number, run.c.report)
    for row in connection.execute(query).all():
        report = json.loads(row.report)
        if not report.get("messages"):
            continue
        held = set(report.get("held") or ())
        report["notices"] = [_notice(each, held) for each in report["messages"]]
        of_run = (run.c.org == row.org) & (run.c.number == row.number)
        changed = {"report": json.dumps(report, ensure_ascii=False)}
        connection.execute(run.update().where(of_run).values(changed))


def _notice(sentence: str, held: set[str]) -> dict[str, Any]:
    if sentence in held:
        return _of("held", text=sentence)
    if found := DRIFT.fullmatch(sentence):
        return _of("drift", **found.groupdict())
    if found := CODED.fullmatch(sentence):
        kind = {"E903": "partial", "E902": "held"}.get(found["code"], "note")
        return _of(kind, **found.groupdict())
    kind = "stopped" if sentence.startswith("Stopped") else "note"
    return _of(kind, text=sentence)


def _of(kind: str, text: str, code: str = "", place: str = "") -> dict[str, Any]:
    return {"kind": kind, "code": code, "place": place, "text": text}


def downgrade() -> None:
    """Refuse: a database only goes forward; restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")
