"""Open a deal's dossier: what is kept of it to plan its writes later.

Pure.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    Ahead,
    Dossier,
    Mode,
    Outcome,
    Standing,
    Unavailable,
)
from gatekeeper.core.people import who_owes
from gatekeeper.core.wording import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatekeeper.core.model import (
        Deal,
        DealVerdicts,
        OwnTask,
        SupportedStage,
        Violation,
    )
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.people import Directory


def open_dossier(
    judged: DealVerdicts,
    violations: Sequence[Violation],
    tasks: tuple[OwnTask, ...],
    pack: RulePack,
    directory: Directory,
) -> Dossier:
    """Gather what planning needs; `inputs` is left to `sealed_inputs`."""
    deal = judged.deal
    enforced = _enforced_outcomes(judged, pack)
    roles = sorted({each.role for each in violations if each.is_live})
    asked = {role: who_owes(role, deal, pack.people, directory) for role in roles}
    return Dossier(
        org=deal.org,
        deal_id=deal.id,
        name=name_of(deal),
        pipeline=deal.pipeline,
        stage=deal.stage_label or deal.stage,
        url=deal.url,
        people={role: each.person_id if each else None for role, each in asked.items()},
        instead={role: each.instead for role, each in asked.items() if each},
        addresses={
            role: directory.address(each.person_id)
            for role, each in asked.items()
            if each
        },
        flags=deal.flags,
        tasks=tasks,
        ahead=_ahead(judged, pack) if roles else (),
        supported_stage=supported_text(judged.supported),
        is_enforced=any(each is not Outcome.NOT_APPLICABLE for each in enforced),
        cannot_tell=Outcome.CANNOT_TELL in enforced,
    )


def supported_text(supported: SupportedStage) -> str | None:
    """Say how far the evidence reaches; "at least" where a criterion is unreadable."""
    if supported.stage is None:
        return None
    name = supported.label or supported.stage
    stage = f"at least {name}" if supported.at_least else name
    return f"{stage} (with a waiver)" if supported.waived else stage


def _enforced_outcomes(judged: DealVerdicts, pack: RulePack) -> list[Outcome]:
    if pack.project.mode_ceiling is not Mode.ENFORCE:
        return []
    enforced = {rule.id for rule in pack.rules if rule.mode is Mode.ENFORCE}
    return [each.outcome for each in judged.verdicts if each.rule_id in enforced]


def _ahead(judged: DealVerdicts, pack: RulePack) -> tuple[Ahead, ...]:
    """List what the next gate will ask and is not there yet (language A10)."""
    titles = {rule.id: rule.title for rule in pack.rules}
    return tuple(
        Ahead(
            verdict.rule_id,
            titles[verdict.rule_id],
            " ".join(finding.lasting_sentence for finding in verdict.findings),
        )
        for verdict in judged.verdicts
        if verdict.readiness is Standing.NOT_MET
        and not (verdict.waived is not None and verdict.waived.applies)
    )


def inputs_of(deal: Deal, tasks: Iterable[OwnTask]) -> str:
    """Hash everything a plan for this deal was based on (product 7, plan files).

    The same values give the same hash in every process. Of its past counts what the CRM
    tells: a value that was changed and put back leaves nothing else behind. From when
    on that past is complete moves with the days and is left out.
    """
    digest = hashlib.sha256()
    digest.update(repr((deal.stage, deal.pipeline, deal.owner_id)).encode())
    digest.update(repr(deal.flags).encode())
    for part in (*_values(deal), *_past(deal), *_texts(tasks)):
        digest.update(part.encode())
    return digest.hexdigest()[:16]


def _values(deal: Deal) -> Iterator[str]:
    for name in sorted(deal.fields):
        yield f"{name}={_stable(deal.fields[name])}"
    for name in sorted(deal.related):
        rows = deal.related[name]
        if isinstance(rows, Unavailable):
            yield f"{name}:{rows}"
            continue
        for row in sorted(
            ";".join(f"{key}={_stable(row[key])}" for key in sorted(row))
            for row in rows
        ):
            yield f"{name}:{row}"


def _past(deal: Deal) -> Iterator[str]:
    for stint in deal.history.stints:
        yield repr((stint.stage, stint.entered, stint.left))
    for name in sorted(deal.history.changes):
        for change in deal.history.changes[name]:
            values = _stable(change.old), _stable(change.new), _stable(change.by)
            yield repr((name, change.at, values))


def _texts(tasks: Iterable[OwnTask]) -> Iterator[str]:
    for task in sorted(tasks, key=lambda each: each.remote_id):
        parts = sorted((part.value, value) for part, value in task.actual.items())
        yield repr((task.key, task.is_closed, parts))
        if not task.written:  # its reference was wiped: nothing is known to be ours
            yield "no reference"


def _stable(value: object) -> str:
    """Write a value the same way in every process; sets have no order of their own."""
    return repr(sorted(value)) if isinstance(value, frozenset) else repr(value)
