"""The plain shapes of values, as JSON Schema says them. Pure.

One per reader of `values` and `times`: what the reader takes, the shape takes.
"""

from __future__ import annotations

import calendar
from typing import TYPE_CHECKING

from gatekeeper.pack.files import times, values
from gatekeeper.pack.testing.schema import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Schema = dict[str, object]


def ref(name: str) -> Schema:
    """Refer to a definition of the same file."""
    return {"$ref": f"#/definitions/{name}"}


def each(of: Schema, *, keys: str | None = None) -> Schema:
    """Return a mapping from names to values of one shape."""
    named: Schema = {"type": "object", "additionalProperties": of}
    return {**named, "propertyNames": {"pattern": keys}} if keys else named


def closed(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    """Return a mapping that has these keys and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": dict(properties),
    }


def listed(of: Schema) -> Schema:
    """Return a list of values of one shape."""
    return {"type": "array", "items": of}


def either(*shapes: Schema) -> Schema:
    """Return a value of one of the shapes."""
    return {"anyOf": list(shapes)}


def one_or_more(of: Schema) -> Schema:
    """Return a value of one shape, or a list of them."""
    return either(of, listed(of))


def titled(title: str, shape: Schema) -> Schema:
    """Say in words what a shape takes; editors and the reference show it."""
    # Beside "$ref" draft-07 reads nothing, so the reference moves inside.
    own = {"allOf": [shape]} if "$ref" in shape else shape
    return {**own, "title": title}


def offered(words: Iterable[str], otherwise: Schema) -> Schema:
    """Return a shape that completes to some words and takes others."""
    return either({"enum": list(words)}, otherwise)


NAME = "^[a-z][a-z0-9_]{0,59}$"
RULE_ID_PATTERN = "^[a-z][a-z0-9-]{0,59}$"
RULE_ID = titled("rule id", {"type": "string", "pattern": RULE_ID_PATTERN})
TEXT = titled("text", {"type": ["string", "number", "boolean"]})
NOTHING: Schema = {"type": "null"}
DAY_PATTERN = "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"
DATE = titled("date", {"type": "string", "pattern": DAY_PATTERN})
MOMENT_PATTERN = (
    "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( ?Z)?)?$"
)
MOMENT = titled(
    "day, with or without a time", {"type": "string", "pattern": MOMENT_PATTERN}
)
CLOCK = titled(
    "time of day", {"type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$"}
)
WEEKDAY = titled("weekday", {"enum": [day.lower() for day in calendar.day_name]})
ADDRESS = titled("e-mail address", {"type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$"})

YES_NO = titled("true or false", {"enum": [True, False, "yes", "no"]})

BY_READER: dict[object, Schema] = {
    values.text: TEXT,
    values.texts: one_or_more(TEXT),
    names: one_or_more(TEXT),
    values.yes_no: YES_NO,
    values.whole: titled(
        "whole number",
        either(
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": "^[0-9][0-9_]*$"},
        ),
    ),
    values.some_whole: titled(
        "whole number from 1 on",
        either(
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": "^0*[1-9][0-9_]*$"},
        ),
    ),
    values.percent: titled(
        "percentage from 0 to 100",
        either(
            {"type": "integer", "minimum": 0, "maximum": 100},
            {"type": "string", "pattern": "^[0-9]{1,3} *%$"},
        ),
    ),
    values.zone: {
        "title": "time zone",
        "type": "string",
        "examples": ["America/New_York", "Europe/Berlin", "UTC"],
    },
    values.currency: {
        "title": "currency code",
        "type": "string",
        "pattern": "^[A-Z]{3}$",
    },
    values.rule_id: RULE_ID,
    values.rule_ids: one_or_more(RULE_ID),
    values.address: ADDRESS,
    times.day: DATE,
    times.days: listed(DATE),
    times.grace: {
        "title": "hours, days, business days or weeks",
        "type": "string",
        "pattern": "^[0-9]+ +([Bb]usiness +days?|[Hh]ours?|[Dd]ays?|[Ww]eeks?)$",
        "examples": ["3 business days", "0 days", "12 hours"],
    },
    times.business_days: {
        "title": "business days",
        "type": "string",
        "pattern": "^[0-9]+ +([Bb]usiness +)?[Dd]ays?$",
        "examples": ["5 business days"],
    },
    times.calendar_days: {
        "title": "days or weeks",
        "type": "string",
        "pattern": "^[0-9]+ +([Dd]ays?|[Ww]eeks?)$",
        "examples": ["30 days"],
    },
    times.short_time: {
        "title": "minutes or hours",
        "type": "string",
        "pattern": "^[0-9]+ +([Mm]inutes?|[Hh]ours?)$",
        "examples": ["5 minutes"],
    },
    times.clock: CLOCK,
    times.clocks: one_or_more(CLOCK),
    times.pace: {
        "title": "minutes or hours, from 15 minutes to 12 hours",
        "type": "string",
        "pattern": "^[0-9]+ +([Mm]inutes?|[Hh]ours?)$",
        "examples": ["1 hour"],
    },
    times.work_days: titled(
        "`business days`, `every day` or days of the week",
        either({"enum": [times.BUSINESS_DAYS, times.EVERY_DAY]}, one_or_more(WEEKDAY)),
    ),
    times.ramp: {
        "title": "`N per business day`",
        "type": "string",
        "pattern": "^[0-9]+ +per +business +day$",
    },
}
"""The reader of a value to what it takes."""
