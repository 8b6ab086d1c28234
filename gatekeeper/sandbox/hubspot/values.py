"""Whether a value may be written to a property, and how it is stored then.

Every stored value is a text. Source of codes and texts: HubSpot's error answers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.errors import Problem
from gatekeeper.sandbox.hubspot.times import day, instant, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.hubspot.kinds import ObjectKind, Property
    from gatekeeper.sandbox.hubspot.portal import Portal

_OWNERS = {"hubspot_owner_id", "hs_all_collaborator_owner_ids"}
_CURRENCIES = {"deal_currency_code", "hs_currency", "hs_line_item_currency_code"}
_LONGEST = 65_536
Values = dict[str, str]


def checked(
    portal: Portal,
    kind: ObjectKind,
    given: Mapping[str, str],
    before: Mapping[str, object],
) -> tuple[Values, list[Problem]]:
    """Return the values as they are stored, and what is wrong with the rest.

    Args:
        portal: Where the record lives.
        kind: Its object type.
        given: The values of one write; an empty text clears.
        before: The record as it is; empty for a new one.
    """
    stored: Values = {}
    problems: list[Problem] = []
    for name, value in given.items():
        definition = kind.shown(name)
        if definition is None:
            text = f'Property "{name}" does not exist'
            problems.append(Problem(name, "PROPERTY_DOESNT_EXIST", text))
        elif definition.read_only or name == "hs_object_id":
            text = f'"{name}" is a read only property; its value cannot be set.'
            problems.append(Problem(name, "READ_ONLY_VALUE", text))
        else:
            try:
                stored[name] = _stored(portal, definition, value) if value else ""
            except _RefusedError as refused:
                problems.append(Problem(name, refused.code, refused.text))
    if kind.name == "deals":
        problems += _stage_problems(portal, stored, before)
    return stored, problems


class _RefusedError(Exception):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def _stored(portal: Portal, definition: Property, value: str) -> str:
    match definition.type:
        case "number":
            return _number(value)
        case "datetime":
            return _moment(value)
        case "date":
            return _date(value)
        case "bool":
            return _choice(definition, value.lower())
        case "enumeration" if definition.name in _OWNERS:
            return _owners(portal, definition, value)
        case "enumeration" if definition.name in _CURRENCIES:
            return _currency(portal, value)
        case "enumeration" if not definition.external_options:
            return _choices(definition, value)
        case _:
            return _text(value)


def _text(value: str) -> str:
    if len(value) > _LONGEST:
        raise _RefusedError(
            "INVALID_STRING", f"String is too long; at most {_LONGEST} characters fit"
        )
    return value


def _number(value: str) -> str:
    try:
        if math.isfinite(float(value)) and "_" not in value:
            return value.strip()
    except ValueError:
        pass
    code = "INVALID_FLOAT" if "." in value else "INVALID_INTEGER"
    raise _RefusedError(code, f"{value} was not a valid number.")


def _moment(value: str) -> str:
    try:
        return stamp(instant(value))
    except (ValueError, OverflowError):
        raise _RefusedError("INVALID_DATE", f"{value} was not a valid long.") from None


def _date(value: str) -> str:
    try:
        return day(value)
    except (ValueError, OverflowError) as error:
        why = str(error)
        text = f"{value} {why}" if why.startswith("is at") else f"{value} is not a date"
        raise _RefusedError("INVALID_DATE", text) from None


def _choices(definition: Property, value: str) -> str:
    if definition.field_type != "checkbox":
        return _choice(definition, value)
    chosen = [_choice(definition, part) for part in value.split(";") if part]
    return ";".join(dict.fromkeys(chosen))


def _choice(definition: Property, value: str) -> str:
    known = [option.value for option in definition.options]
    if value not in known:
        raise _not_allowed(value, known)
    return value


def _owners(portal: Portal, definition: Property, value: str) -> str:
    """Return the owners as HubSpot writes them: a list begins with a semicolon."""
    is_list = definition.field_type == "checkbox"
    owner_ids = list(filter(None, value.split(";"))) if is_list else [value]
    for owner_id in owner_ids:
        owner = portal.owners.get(owner_id)
        if owner is None or owner.archived:
            raise _not_allowed(owner_id, [])
    return "".join(f";{owner_id}" for owner_id in owner_ids) if is_list else value


def _currency(portal: Portal, value: str) -> str:
    known = [portal.settings.currency, *portal.settings.currencies]
    if value not in known:
        raise _not_allowed(value, known)
    return value


def _not_allowed(value: str, known: list[str]) -> _RefusedError:
    text = f"{value} was not one of the allowed options: [{', '.join(known)}]"
    return _RefusedError("INVALID_OPTION", text)


def _stage_problems(
    portal: Portal, stored: Values, before: Mapping[str, object]
) -> list[Problem]:
    if not stored.keys() & {"dealstage", "pipeline"}:
        return []
    pipelines = portal.pipelines["deals"]
    pipeline_id = stored.get("pipeline") or str(before.get("pipeline") or "default")
    pipeline = pipelines.get(pipeline_id)
    if pipeline is None or pipeline.archived_at:
        known = [line.id for line in pipelines.values() if not line.archived_at]
        text = f"{pipeline_id} was not one of the allowed options: [{', '.join(known)}]"
        return [Problem("pipeline", "INVALID_OPTION", text)]
    stage_id = stored.get("dealstage", str(before.get("dealstage") or ""))
    if pipeline.stage(stage_id) is None:
        known = [stage.id for stage in pipeline.open_stages()]
        text = (
            f"{stage_id} is not a valid pipeline stage ID. Valid options are: "
            f"pipelineId={pipeline_id} : [{', '.join(known)}]"
        )
        return [Problem("dealstage", "INVALID_OPTION", text)]
    return []
