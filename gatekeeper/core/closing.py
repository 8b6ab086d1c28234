"""Whether a deal is closed and won: what its stage counts as (language A23). Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.core.model import Deal


def as_its_stage(deal: Deal, pipelines: Mapping[str, Pipeline]) -> Deal:
    """Let `is_closed` and `is_won` of a deal follow what its stage counts as.

    The CRM knows nothing of `counts_as`. What it did not say of a deal stays unsaid.
    """
    pipeline = pipelines.get(deal.pipeline)
    at = pipeline.position_of_value(deal.stage) if pipeline else None
    if pipeline is None or at is None:
        return deal
    stage, told = pipeline.stages[at], deal.fields
    said = {"is_closed": stage.is_closed, "is_won": stage.is_won}
    other = {name: says for name, says in said.items() if told.get(name) is (not says)}
    return replace(deal, fields={**told, **other}) if other else deal
