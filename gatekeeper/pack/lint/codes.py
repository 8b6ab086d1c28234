"""Every warning by its code: what it means, and what to do about it. Pure tables.

The codes never change: people search for them and leave them out by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Needs(StrEnum):
    """What a warning can be found with."""

    PACK = "the pack alone"
    SCHEMA = "the CRM's description"
    DATA = "deals and past runs (--with-data)"


@dataclass(frozen=True, slots=True)
class LintCode:
    """One kind of warning."""

    code: str
    meaning: str
    remedy: str
    needs: Needs = Needs.PACK


CODES: tuple[LintCode, ...] = (
    LintCode(
        "W301",
        'An "and" joins several conditions in one line.',
        "Write each as a line of its own: the seller then sees which one failed.",
    ),
    LintCode(
        "W302",
        "Lines that no deal can meet: one by itself, two together, or here.",
        "Correct the limit, or take one of the lines out.",
    ),
    LintCode(
        "W303",
        "A line that every deal meets: always, after an earlier line, or here.",
        "Take the line out.",
    ),
    LintCode(
        "W304",
        "A rule that asks exactly what another one asks.",
        "Keep one of the two.",
    ),
    LintCode(
        "W305",
        "An exit rule that a stricter one of an earlier stage makes idle.",
        "Take one of the two out.",
    ),
    LintCode(
        "W306",
        "A rule that is never asked: its when contradicts its place.",
        "Move the rule, or correct its when.",
    ),
    LintCode(
        "W307",
        "A rule that no test names.",
        "Begin one with: gatekeeper test --new RULE",
    ),
    LintCode(
        "W308",
        "A rule without a maintainer.",
        "Name who answers questions about it: maintainer, on the rule or as a default.",
    ),
    LintCode(
        "W309",
        "An entry rule that asks what the exit of the stage before it asks.",
        "Keep the exit rule.",
    ),
    LintCode(
        "W310",
        "A line that the CRM itself enforces: a field without which it saves no deal,"
        " or a validation rule of Salesforce, as `fields pull` last read them. HubSpot"
        " has no interface that tells its pipeline rules.",
        "Take the line out.",
        Needs.SCHEMA,
    ),
    LintCode(
        "W311",
        "A rule that is kept quiet by one of a lower mode, of which nobody hears.",
        "Raise the one named in suppressed_by, or take it out there until then.",
    ),
    LintCode(
        "W401",
        "A raw name of one CRM.",
        "Give the field a name of its own in fields.yaml.",
    ),
    LintCode(
        "W402",
        "A field that only one of the CRMs has.",
        "Add its name in the other CRM to fields.yaml.",
    ),
    LintCode(
        "W404",
        "A negative comparison on a field that may be empty.",
        "Say what empty means: X is empty or X != ..., or: X is filled and X != ...",
    ),
    LintCode(
        "W405",
        "A when on a field that is often empty: the rule silently skips those deals.",
        "Ask for the field in a rule of its own, or say what empty means.",
        Needs.DATA,
    ),
    LintCode(
        "W406",
        "An every without a some: a deal without any row passes.",
        "Add a line: some ROWS.",
    ),
    LintCode(
        "W407",
        "The latest or earliest of a moment that may still be to come.",
        "Add: where MOMENT before now.",
    ),
    LintCode(
        "W408",
        "A roll-up of the CRM that our own task may move.",
        "Ask the activities: some activities where at within last 14 days.",
    ),
    LintCode(
        "W409",
        "An exit rule that turns false by itself as time passes.",
        "Say asked: when_leaving or, if that is meant, asked: always.",
    ),
    LintCode(
        "W410",
        'A CRM checkbox asked whether it "is filled": it always is.',
        "Use a Yes/No picklist, or ask: X is true.",
        Needs.SCHEMA,
    ),
    LintCode(
        "W411",
        "A limit by segment without a value for all other segments.",
        "Add else: with the value for all others.",
    ),
    LintCode(
        "W501",
        "A rule that never failed in the last 90 days.",
        "Check that it still asks something, or take it out.",
        Needs.DATA,
    ),
    LintCode(
        "W502",
        "A rule that fails for most of the deals it applies to.",
        "Lower the bar, help people over it, or keep it in observe.",
        Needs.DATA,
    ),
    LintCode(
        "W503",
        "A grace longer than deals usually stay in the stage.",
        "Shorten the grace: otherwise nobody ever sees the violation.",
        Needs.DATA,
    ),
    LintCode(
        "W504",
        "A question about the past of a field that the CRM keeps too briefly or not.",
        "Switch on field history tracking, or ask about a shorter time.",
        Needs.SCHEMA,
    ),
    LintCode(
        "W505",
        "Two rules that demand opposite things of the same deal.",
        "Give one of them a when that leaves out the deals of the other.",
    ),
    LintCode(
        "W506",
        "A limit that is undecided, with the number that won deals suggest.",
        "Write the number you choose in place of undecided.",
        Needs.DATA,
    ),
)
"""In order of code."""

BY_CODE = {each.code: each for each in CODES}
