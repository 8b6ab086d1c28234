"""What values are made of: arithmetic, how they are written, and names. Pure.

Each with what it means and an example that is a whole check.
"""

from __future__ import annotations

from gatekeeper.language.reference.words import Group

VALUES: tuple[tuple[Group, str, str, str], ...] = (
    (
        Group.ARITHMETIC,
        "value + value",
        "Sum; a date and a length of time give a date. Also -.",
        "close_date <= created_on + 90 days",
    ),
    (
        Group.ARITHMETIC,
        "value * value",
        "Product; a percentage of money is money. Also /, where a division by zero is"
        " empty.",
        "sum(line_items.total) >= 99% * amount",
    ),
    (
        Group.ARITHMETIC,
        "-value",
        "The number below zero.",
        "pushed_days(close_date, last 90 days) >= -14",
    ),
    (
        Group.WRITTEN,
        "50000, 50_000, 50k, 1.5m",
        "Numbers and amounts; no commas, no currency sign.",
        "amount between 1_000 and 1.5m",
    ),
    (Group.WRITTEN, "20%", "A percentage.", "probability > 20%"),
    (
        Group.WRITTEN,
        '"text"',
        "A text, in double or single quotes.",
        "type = 'New Business'",
    ),
    (
        Group.WRITTEN,
        "2026-12-31",
        "A day; with a time of day it is a moment.",
        "created_at on or after 2026-12-31 09:00",
    ),
    (
        Group.WRITTEN,
        "today",
        "The day of the run, in the project's zone.",
        "close_date = today",
    ),
    (
        Group.WRITTEN,
        "now",
        "The moment of the run.",
        "some meetings where start after now",
    ),
    (
        Group.WRITTEN,
        "14 days",
        "A length of time in hours, days, business days, weeks, months, quarters or"
        " years.",
        "close_date within next 2 quarters",
    ),
    (
        Group.WRITTEN,
        "[.., ..]",
        "A list of values.",
        'stage in ["Discovery", "Proposal"]',
    ),
    (
        Group.WRITTEN,
        "$name",
        "A parameter of `params`, wherever a value of its type may stand.",
        "amount >= $least",
    ),
    (
        Group.NAME,
        "field",
        "A field of the deal; inside a where, of the row.",
        "amount > 0",
    ),
    (
        Group.NAME,
        "lookup.field",
        "A field of the one record a lookup leads to.",
        "account.name is filled",
    ),
    (
        Group.NAME,
        "collection.field",
        "That field of all rows, in a function over rows.",
        "latest(meetings.start) within last 14 days",
    ),
    (
        Group.NAME,
        "lookup.collection",
        "The rows of the record a lookup leads to.",
        "some account.meetings where completed is true",
    ),
    (
        Group.NAME,
        "deal.field",
        "The deal's own field, inside a where.",
        "no meetings where start before deal.created_at",
    ),
    (
        Group.NAME,
        "custom.Name__c",
        "A field of the deal by its name in the CRM; works, and is not portable.",
        "custom.Pilot__c is filled",
    ),
    (
        Group.NAME,
        "name of a define",
        "A condition, a value or rows that were named under `define`.",
        "is_big_deal and some held",
    ),
)
"""Group, how it is written, what it means, and an example."""
