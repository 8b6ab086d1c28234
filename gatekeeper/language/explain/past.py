"""How a value of the deal's past is named, and that it is not there. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.explain.wording import title_of

if TYPE_CHECKING:
    from gatekeeper.language.tree import typed

_SUBJECTS = {
    "moves_back": "The number of moves back",
    "moved_back": "The last move back",
    "first_stage": "The first stage",
    "furthest_stage": "The furthest stage",
}
_STAGE_SUBJECTS = {
    "total_days_in_stage": "Days in {0} in all",
    "visited": "A stay in {0}",
    "skipped": "A jump over {0}",
}
_FIELD_SUBJECTS = {
    "pushes": "The number of pushes of {0}",
    "pushed_days": "Days that {0} was pushed",
    "changes": "The number of changes of {0}",
    "previous": "The previous {0}",
    "changed_by": "Who last changed {0}",
    "last_changed": "The last change of {0}",
}
_EMPTY = {
    "entered": "The deal was never in {stage}",
    "days_in_stage": "The deal was never in {stage}",
    "value_on_entry": "{field} was empty on entry",
    "previous": "{field} was empty before, or never changed",
    "last_changed": "{field} never changed",
    "changed_by": "No person changed {field}",
}


def past_subject(node: typed.Past) -> str:
    """Name a value of the past at the head of a sentence."""
    of = title_of(node.of.name) if node.of else ""
    if node.function in _FIELD_SUBJECTS:
        return _FIELD_SUBJECTS[node.function].format(of)
    if node.function in _STAGE_SUBJECTS:
        return _STAGE_SUBJECTS[node.function].format(node.stage)
    match node.function:
        case "days_in_stage":
            return f"Days in {node.stage}" if node.stage else "Days in stage"
        case "entered":
            return f"The entry into {node.stage or 'the stage'}"
        case "value_on_entry":
            return f"{of} on entry into {node.stage or 'the stage'}"
    return _SUBJECTS[node.function]


def past_empty(node: typed.Past) -> str:
    """Say that a value of the past is not there."""
    text = _EMPTY.get(node.function)
    if text is None:
        return f"{past_subject(node)} is empty"
    field = title_of(node.of.name) if node.of else ""
    return text.format(stage=node.stage or "its stage", field=field)
