"""The closed list of functions of a deal's past: how each is written and what it means.

Pure tables; the questions themselves are answered by core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gatekeeper.core.catalogue import Kind

Argument = Literal["field", "date field", "stage", "window"]


@dataclass(frozen=True, slots=True)
class HistorySpec:
    """One function of the deal's past.

    Attributes:
        signature: As the help shows it.
        usage: Completes "name() takes ...".
        takes: Of each argument, in order.
        kind: Of its outcome; None for that of the field it speaks of.
        least: Arguments that must be there; the others may be left out.
        needs_stages: It reads the stages the deal stood in.
    """

    signature: str
    usage: str
    meaning: str
    takes: tuple[Argument, ...]
    kind: Kind | None
    least: int
    needs_stages: bool = False


HISTORY: dict[str, HistorySpec] = {
    "days_in_stage": HistorySpec(
        "days_in_stage()",
        "nothing: days_in_stage()",
        "Calendar days of the latest stay in the rule's stage, or in the present one.",
        (),
        Kind.NUMBER,
        0,
        needs_stages=True,
    ),
    "total_days_in_stage": HistorySpec(
        "total_days_in_stage(stage)",
        'a stage: total_days_in_stage("Discovery")',
        "Calendar days of all stays in a stage together.",
        ("stage",),
        Kind.NUMBER,
        1,
        needs_stages=True,
    ),
    "entered": HistorySpec(
        "entered(stage)",
        'nothing or a stage: entered("Discovery")',
        "When the latest stay in a stage began.",
        ("stage",),
        Kind.DATETIME,
        0,
        needs_stages=True,
    ),
    "visited": HistorySpec(
        "visited(stage)",
        'a stage: visited("Discovery")',
        "Whether the deal ever stood in a stage.",
        ("stage",),
        Kind.YES_NO,
        1,
        needs_stages=True,
    ),
    "skipped": HistorySpec(
        "skipped(stage)",
        'a stage: skipped("Discovery")',
        "Whether the deal is past a stage without having stood in it.",
        ("stage",),
        Kind.YES_NO,
        1,
        needs_stages=True,
    ),
    "moves_back": HistorySpec(
        "moves_back(window)",
        "a window: moves_back(last 30 days)",
        "How often the deal moved to an earlier stage.",
        ("window",),
        Kind.NUMBER,
        1,
        needs_stages=True,
    ),
    "moved_back": HistorySpec(
        "moved_back()",
        "nothing: moved_back()",
        "Whether the last move was a step back.",
        (),
        Kind.YES_NO,
        0,
        needs_stages=True,
    ),
    "first_stage": HistorySpec(
        "first_stage()",
        "nothing: first_stage()",
        "The stage the deal began in.",
        (),
        Kind.STAGE,
        0,
        needs_stages=True,
    ),
    "furthest_stage": HistorySpec(
        "furthest_stage()",
        "nothing: furthest_stage()",
        "The furthest open or won stage the deal ever stood in.",
        (),
        Kind.STAGE,
        0,
        needs_stages=True,
    ),
    "pushes": HistorySpec(
        "pushes(date field, window)",
        "a date field and a window: pushes(close_date, last 90 days)",
        "How often a date was changed to a later one; changes within 15 minutes count"
        " as one.",
        ("date field", "window"),
        Kind.NUMBER,
        2,
    ),
    "pushed_days": HistorySpec(
        "pushed_days(date field, window)",
        "a date field and a window: pushed_days(close_date, last 90 days)",
        "By how many days a date was moved out, pulling in minus.",
        ("date field", "window"),
        Kind.NUMBER,
        2,
    ),
    "changes": HistorySpec(
        "changes(field, window)",
        "a field and a window: changes(amount, last 90 days)",
        "How often a field changed.",
        ("field", "window"),
        Kind.NUMBER,
        2,
    ),
    "previous": HistorySpec(
        "previous(field)",
        "a field: previous(close_date)",
        "What a field was before its last change.",
        ("field",),
        None,
        1,
    ),
    "value_on_entry": HistorySpec(
        "value_on_entry(field, stage)",
        'a field, and a stage if not this one: value_on_entry(amount, "Proposal")',
        "What a field was when the latest stay in a stage began.",
        ("field", "stage"),
        None,
        1,
        needs_stages=True,
    ),
    "changed_by": HistorySpec(
        "changed_by(field)",
        "a field: changed_by(close_date)",
        "Who changed a field last; who created the deal where it never changed.",
        ("field",),
        Kind.USER,
        1,
    ),
    "last_changed": HistorySpec(
        "last_changed(field)",
        "a field: last_changed(next_step)",
        "When a field last changed.",
        ("field",),
        Kind.DATETIME,
        1,
    ),
}
"""Functions of the deal's past by name."""
