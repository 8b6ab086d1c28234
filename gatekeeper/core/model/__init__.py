"""The values that flow through gatekeeper, by room: what came, what is, what to do.

values -> verdicts -> violations, and artifacts beside them; import them from here.
Artifacts are loaded when the first is asked for: who only reads rules needs none.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from gatekeeper.core.model.history import (
    STAGE,
    FieldChange,
    History,
    Sighted,
    Stint,
    by_field,
)
from gatekeeper.core.model.values import (
    EMPTY,
    Deal,
    DealBatch,
    Empty,
    FieldValue,
    Flags,
    GoneReason,
    Money,
    Person,
    Related,
    Row,
    Unavailable,
    whole,
)
from gatekeeper.core.model.verdicts import (
    Answer,
    Condition,
    Cover,
    DealVerdicts,
    Escalation,
    Finding,
    Group,
    Line,
    Message,
    Outcome,
    Quorum,
    Standing,
    SupportedStage,
    Verdict,
    Waived,
)
from gatekeeper.core.model.violations import (
    Mode,
    Resolution,
    Severity,
    State,
    Violation,
)

if TYPE_CHECKING:
    from gatekeeper.core.model.artifacts import (
        LIMITED,
        Action,
        Ahead,
        Change,
        Dossier,
        Obligation,
        ObligationId,
        ObligationState,
        OwnTask,
        Receipt,
        Scalar,
        TaskHint,
        TaskPart,
        TaskText,
        WriteStatus,
        alike,
        short_hash,
        task_key,
    )
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module("gatekeeper.core.model.artifacts"), name)


__all__ = [
    "EMPTY",
    "LIMITED",
    "STAGE",
    "Action",
    "Ahead",
    "Answer",
    "Change",
    "Condition",
    "Cover",
    "Deal",
    "DealBatch",
    "DealVerdicts",
    "Dossier",
    "Empty",
    "Escalation",
    "FieldChange",
    "FieldValue",
    "Finding",
    "Flags",
    "GoneReason",
    "Group",
    "History",
    "Line",
    "Message",
    "Mode",
    "Money",
    "Obligation",
    "ObligationId",
    "ObligationState",
    "Outcome",
    "OwnTask",
    "Person",
    "Quorum",
    "Receipt",
    "Related",
    "Resolution",
    "Row",
    "Scalar",
    "Severity",
    "Sighted",
    "Standing",
    "State",
    "Stint",
    "SupportedStage",
    "TaskHint",
    "TaskPart",
    "TaskText",
    "Unavailable",
    "Verdict",
    "Violation",
    "Waived",
    "WriteStatus",
    "alike",
    "by_field",
    "short_hash",
    "task_key",
    "whole",
]
