"""A large rule pack: as many rules and checks as a company of a thousand rules has.

Deterministic, and in the shape of hand-written ones: several files for several
pipelines, each with its stages, limits under `params`, shared definitions, and rules of
four checks that ask about forty fields and the related rows. No rule repeats another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RULES = 1_000
CHECKS_OF_A_RULE = 4
PIPELINES = tuple(f"Region {number}" for number in range(1, 11))
STAGES = ("Discovery", "Validation", "Proposal", "Negotiation", "Signature")
FIELDS = 40

_PROJECT = """\
version: 1
kind: project
crm: salesforce
timezone: America/New_York
currency: USD
"""
_DEFS = """\
version: 1
kind: defs
define:
  is_big: amount >= 250_000
  buying_group: at least 2 contacts where role in ["Economic Buyer", "Champion"]
  held: meetings where completed is true
"""
_HEAD = """\
version: 1
kind: rules
pipeline: {pipeline}
use: [shared.defs.yaml]
defaults:
  maintainer: revops@example.com
  grace: 3 business days
params:
  least: {{type: money, value: {least}}}
  idle: {{type: duration, value: {idle} days}}
stages:
"""
_RULE = """\
      - id: {id}
        title: {title}
        when: {when}
        require:
{checks}
        fix: Fill in what is missing and save the deal.
"""
_WHENS = (
    "is_closed is false",
    "is_big",
    "amount >= 10k",
    "is_closed is false and amount is filled",
)


def write_pack(base: Path, rules: int = RULES) -> Path:
    """Write the pack and return its folder."""
    folder = base / "rules"
    folder.mkdir(parents=True)
    (folder / "project.yaml").write_text(_PROJECT, encoding="utf-8")
    (folder / "shared.defs.yaml").write_text(_DEFS, encoding="utf-8")
    (folder / "fields.yaml").write_text(_fields(), encoding="utf-8")
    each = rules // len(PIPELINES)
    for number, pipeline in enumerate(PIPELINES):
        text = _file(number, pipeline, each)
        (folder / f"region-{number}.rules.yaml").write_text(text, encoding="utf-8")
    return folder


def _fields() -> str:
    kinds = ("text", "picklist", "money", "date", "yes_no")
    lines = [
        f"  fact_{number}: {{type: {kinds[number % len(kinds)]},"
        f" salesforce: Fact_{number}__c, hubspot: fact_{number}}}"
        for number in range(FIELDS)
    ]
    return "\n".join(["version: 1", "kind: fields", "deal:", *lines, ""])


def _file(number: int, pipeline: str, rules: int) -> str:
    head = _HEAD.format(pipeline=pipeline, least=1_000 * (number + 1), idle=14 + number)
    parts = [head]
    for place, stage in enumerate(STAGES):
        parts.append(f"  {stage}:\n    exit:\n")
        parts += [_rule(number, serial) for serial in range(place, rules, len(STAGES))]
    return "".join(parts)


def _rule(number: int, serial: int) -> str:
    checks = "\n".join(f"          - {one}" for one in _checks(number, serial))
    return _RULE.format(
        id=f"r{number}-{serial}",
        title=f"What region {number + 1} asks, {serial}",
        when=_WHENS[serial % len(_WHENS)],
        checks=checks,
    )


def _checks(number: int, serial: int) -> Iterator[str]:
    """Give the checks of one rule, no two rules the same four."""
    seed = number * 131 + serial * 17
    yield f"fact_{5 * (seed % 8)} is filled"
    yield f'fact_{5 * (seed % 7) + 1} in ["A{serial}", "B{serial}", "C"]'
    match serial % 5:
        case 0:
            yield f"fact_{5 * (seed % 6) + 2} >= {1_000 + serial}"
            yield f'at least 2 contacts where role = "Champion {serial}"'
        case 1:
            yield "latest(held.start) is filled"
            yield f"amount between {1_000 + serial} and {900_000 + serial}"
        case 2:
            yield "buying_group"
            yield f"abs(sum(line_items.total) - amount) <= {serial + 1}% * amount"
        case 3:
            yield f"length(next_step) >= {10 + serial}"
            yield f"fact_{5 * (seed % 6) + 3} after 2026-01-{1 + serial % 28:02}"
        case _:
            yield f"amount >= $least * {serial}"
            yield f'count(quotes where status = "Presented {serial}") >= 1'
