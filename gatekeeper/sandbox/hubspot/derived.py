"""What HubSpot fills in by itself at the moment a record is written."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.kinds import ENGAGEMENTS
from gatekeeper.sandbox.hubspot.stage_dates import ENTERED, EXITED
from gatekeeper.sandbox.hubspot.times import instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.pipelines import Stage
    from gatekeeper.sandbox.hubspot.portal import Portal

Values = dict[str, str]
_RATE = "hs_exchange_rate"


def derived_values(
    portal: Portal,
    kind: ObjectKind,
    before: Mapping[str, object],
    after: Mapping[str, str],
) -> Values:
    """Return what follows from a write, properties the portal lacks left out.

    Args:
        portal: Where the record lives.
        kind: Its object type.
        before: The record as it was; empty for a new one.
        after: What was written.
    """
    found: Values = {}
    if "hubspot_owner_id" in after:
        found |= _owner(portal, after["hubspot_owner_id"])
    if kind.name == "deals":
        found |= _deal(portal, before, after)
    elif kind.name == "tasks" and "hs_task_status" in after:
        found |= _task(portal, before, after["hs_task_status"])
    elif kind.name == "line_items":
        found |= _line_item(before, after)
    if kind.name in ENGAGEMENTS and not before:
        found["hs_activity_type"] = kind.word
    return {name: value for name, value in found.items() if kind.shown(name)}


def _owner(portal: Portal, owner_id: str) -> Values:
    owner = portal.owners.get(owner_id)
    team = next((team.id for team in owner.teams if team.primary), "") if owner else ""
    assigned = portal.stamp() if owner else ""
    return {"hubspot_owner_assigneddate": assigned, "hubspot_team_id": team}


def _deal(
    portal: Portal, before: Mapping[str, object], after: Mapping[str, str]
) -> Values:
    found: Values = {}
    stage_id = after.get("dealstage")
    if stage_id and stage_id != before.get("dealstage"):
        pipeline_id = after.get("pipeline") or before.get("pipeline") or "default"
        stage = portal.pipelines["deals"][str(pipeline_id)].stages[stage_id]
        found |= _stage(portal, before, stage)
    if after.keys() & {"amount", "deal_currency_code", _RATE}:
        found["amount_in_home_currency"] = _home_amount(portal, {**before, **after})
    if "closedate" in after:
        found["days_to_close"] = _days_to_close(portal, before, after)
    return found


def _stage(portal: Portal, before: Mapping[str, object], stage: Stage) -> Values:
    now = portal.stamp()
    found = {
        "hs_is_closed": _flag(stage.is_closed),
        "hs_is_closed_won": _flag(stage.is_won),
        "hs_is_closed_lost": _flag(stage.is_lost),
        "hs_v2_date_entered_current_stage": now,
        "hs_v2_time_in_current_stage": now,
        f"{ENTERED}{stage.id}": now,
        f"{EXITED}{stage.id}": "",
    }
    if stage.probability is not None:
        found["hs_deal_stage_probability"] = stage.probability
    if before.get("dealstage"):
        found[f"{EXITED}{before['dealstage']}"] = now
    return found


def _home_amount(portal: Portal, deal: Mapping[str, object]) -> str:
    amount = _decimal(deal.get("amount"))
    if amount is None:
        return ""
    currency = deal.get("deal_currency_code") or portal.settings.currency
    rate = Decimal(1)
    if currency != portal.settings.currency:
        known = _decimal(deal.get(_RATE))
        if known is None:
            return ""
        rate = known
    return str(amount * rate)


def _days_to_close(
    portal: Portal, before: Mapping[str, object], after: Mapping[str, str]
) -> str:
    made = after.get("createdate") or before.get("createdate") or portal.stamp()
    if not after["closedate"]:
        return ""
    return str((instant(after["closedate"]) - instant(str(made))).days)


def _task(portal: Portal, before: Mapping[str, object], status: str) -> Values:
    done = status == "COMPLETED"
    was_done = before.get("hs_task_status") == "COMPLETED"
    found = {"hs_task_is_completed": _flag(done)}
    if done != was_done:
        found["hs_task_completion_date"] = portal.stamp() if done else ""
    return found


def _line_item(before: Mapping[str, object], after: Mapping[str, str]) -> Values:
    if not after.keys() & {"quantity", "price", "discount"}:
        return {}
    line = {**before, **after}
    quantity, price = _decimal(line.get("quantity")), _decimal(line.get("price"))
    if quantity is None or price is None:
        return {"amount": ""}
    discount = _decimal(line.get("discount")) or Decimal(0)
    return {"amount": str(quantity * (price - discount))}


def _decimal(value: object) -> Decimal | None:
    try:
        return Decimal(str(value)) if value not in {None, ""} else None
    except InvalidOperation:
        return None


def _flag(value: bool) -> str:  # noqa: FBT001 - it is the value itself
    return "true" if value else "false"
