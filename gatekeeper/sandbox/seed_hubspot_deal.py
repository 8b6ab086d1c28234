"""A deal of the demo org as HubSpot would hold it, with its past. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.stage_dates import ENTERED, EXITED
from gatekeeper.sandbox.seed_hubspot_rows import (
    moment_of,
    number_of,
    number_text,
    record,
)
from gatekeeper.sandbox.seed_story import LOST, STAGES, WON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.sandbox.seed_rows import Row

_IDS = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
    "closedwon",
    "closedlost",
)
STAGE_IDS = dict(zip((*STAGES, WON, LOST), _IDS, strict=True))
"""HubSpot's own stages, in the place of Salesforce's."""
_WEIGHTS = dict(
    zip(_IDS, ("0.2", "0.4", "0.6", "0.8", "0.9", "1.0", "0.0"), strict=True)
)
_TYPES = {"New Customer": "newbusiness"}
_FORECASTS = {
    "Pipeline": "PIPELINE",
    "BestCase": "BEST_CASE",
    "Forecast": "COMMIT",
    "Closed": "CLOSED",
    "Omitted": "OMIT",
}
_SOURCES = {
    "Web": "DIRECT_TRAFFIC",
    "Partner Referral": "REFERRALS",
    "Other": "OTHER_CAMPAIGNS",
}
_UNCHANGED = ("dealname", "pipeline", "hubspot_owner_id", "hs_next_step", "dealtype")
_FIELDS = {"StageName": "dealstage", "Amount": "amount", "CloseDate": "closedate"}


def deal_record(row: Row, past: Sequence[Row]) -> Row:
    """Return a deal.

    Args:
        row: The opportunity.
        past: Its rows of history, oldest first; a row of one field adds nothing to
            the row of the whole deal beside it.
    """
    turns = [each for each in past if "StageName" in each]
    stages = _versions(turns, "StageName")
    stage = STAGE_IDS[str(row["StageName"])]
    versions = {
        ours: _versions(turns, theirs)[::-1] for theirs, ours in _FIELDS.items()
    }
    properties = _properties(row, stage)
    for name in _UNCHANGED:
        value = properties[name]
        versions[name] = [_version(value, turns[0])] if value is not None else []
    deal = record(row, properties | _stage_dates(stages))
    return deal | {"propertiesWithHistory": versions}


def _properties(row: Row, stage: str) -> Row:
    amount = number_text(row["Amount"])
    return {
        "dealname": row["Name"],
        "dealstage": stage,
        "pipeline": "default",
        "amount": amount,
        "amount_in_home_currency": amount,
        "closedate": moment_of(row["CloseDate"]),
        "createdate": moment_of(row["CreatedDate"]),
        "hubspot_owner_id": number_of(row["OwnerId"]),
        "hs_next_step": row["NextStep"],
        "dealtype": _TYPES.get(str(row["Type"]), "existingbusiness"),
        "hs_analytics_source": _SOURCES.get(str(row["LeadSource"]), "OFFLINE"),
        "hs_manual_forecast_category": _FORECASTS[str(row["ForecastCategory"])],
        "hs_deal_stage_probability": _WEIGHTS[stage],
        "hs_is_closed": _flag(row["IsClosed"]),
        "hs_is_closed_won": _flag(row["IsWon"]),
        "hs_is_closed_lost": _flag(row["IsClosed"] is True and row["IsWon"] is False),
        "hs_merged_object_ids": None,
        "description": None,
    }


def _versions(turns: Sequence[Row], field: str) -> list[Row]:
    """Return what a field's values were, oldest first, each as long as it stood."""
    versions: list[Row] = []
    for turn in turns:
        value = _value(field, turn[field])
        if value is not None and (not versions or versions[-1]["value"] != value):
            versions.append(_version(value, turn))
    return versions


def _version(value: object, turn: Row) -> Row:
    user_id = int(number_of(turn["CreatedById"])) % 10_000_000_000
    return {
        "value": value,
        "timestamp": moment_of(turn["CreatedDate"]),
        "sourceType": "CRM_UI",
        "sourceId": f"userId:{user_id}",
        "updatedByUserId": user_id,
    }


def _value(field: str, value: object) -> str | None:
    match field:
        case "StageName":
            return STAGE_IDS[str(value)]
        case "CloseDate":
            return moment_of(value)
        case _:
            return number_text(value)


def _stage_dates(stages: Sequence[Row]) -> Row:
    """Return when every stage was entered and left for the last time."""
    dates: Row = {f"{ENTERED}{stage_id}": None for stage_id in _IDS}
    dates |= {f"{EXITED}{stage_id}": None for stage_id in _IDS}
    for place, version in enumerate(stages):
        dates[f"{ENTERED}{version['value']}"] = version["timestamp"]
        if place:
            dates[f"{EXITED}{stages[place - 1]['value']}"] = version["timestamp"]
    last = stages[-1]["timestamp"] if stages else None
    return dates | {"hs_v2_date_entered_current_stage": last}


def _flag(value: object) -> str:
    return "true" if value is True else "false"
