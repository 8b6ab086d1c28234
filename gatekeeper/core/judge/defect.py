"""What is said of a defect of our own that costs one verdict (language E999). Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ID_LENGTH = 4


def report(rule_id: str, deal_id: str, error: Exception) -> str:
    """Say which verdict a defect cost and by which id to report it.

    The id follows from the kind of the error and its way through the code, never from
    values: one defect has one id on every deal, so reports of it can be put together.
    """
    way = list(_way(error))
    made_of = "\n".join([type(error).__name__, *way])
    found = hashlib.sha256(made_of.encode()).hexdigest()[:ID_LENGTH]
    return (
        f"E999: gatekeeper could not evaluate {rule_id} on {deal_id}. This is a bug in"
        " gatekeeper, not in your rule. Other rules were evaluated; this one is"
        f' "cannot tell". Report id {found} ({type(error).__name__} in {way[-1]}).'
    )


def _way(error: Exception) -> Iterator[str]:
    """Give each function the error came through with the line in it."""
    step = error.__traceback__
    while step is not None:
        yield f"{step.tb_frame.f_code.co_name}, line {step.tb_lineno}"
        step = step.tb_next
