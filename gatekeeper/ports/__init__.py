"""What the flow needs from the outside, as protocols with their contracts.

Implemented in `crm/*/adapter.py` and `store/`; strict fakes live with the tests and
pass the same contract suites. Pure: no I/O, no library.
"""

from gatekeeper.ports.archive import Archive
from gatekeeper.ports.clock import (
    Clock,
    Progress,
)
from gatekeeper.ports.crm import (
    NO_IDS,
    ApiUse,
    Checkup,
    Crm,
    Health,
    PlannedField,
    PullRequest,
    PullTotals,
)
from gatekeeper.ports.notifier import (
    NO_BUSINESS_DAY,
    Delivery,
    Line,
    Notifier,
    Outbox,
    Outcome,
    Posted,
)
from gatekeeper.ports.rows import (
    ENDED,
    MAY_STAND,
    PERSON_ERASED,
    UNANSWERED,
    WITHOUT_END,
    DealFile,
    DealHistory,
    LookAlike,
    NewLine,
    RunKind,
    RunOutcomes,
    RunRow,
    RunStatus,
    RunTotals,
    StagedChange,
    StagedDeal,
)
from gatekeeper.ports.slots import Job, SlotRow, Slots, SlotState
from gatekeeper.ports.store import (
    Run,
    Store,
)

__all__ = [
    "ENDED",
    "MAY_STAND",
    "NO_BUSINESS_DAY",
    "NO_IDS",
    "PERSON_ERASED",
    "UNANSWERED",
    "WITHOUT_END",
    "ApiUse",
    "Archive",
    "Checkup",
    "Clock",
    "Crm",
    "DealFile",
    "DealHistory",
    "Delivery",
    "Health",
    "Job",
    "Line",
    "LookAlike",
    "NewLine",
    "Notifier",
    "Outbox",
    "Outcome",
    "PlannedField",
    "Posted",
    "Progress",
    "PullRequest",
    "PullTotals",
    "Run",
    "RunKind",
    "RunOutcomes",
    "RunRow",
    "RunStatus",
    "RunTotals",
    "SlotRow",
    "SlotState",
    "Slots",
    "StagedChange",
    "StagedDeal",
    "Store",
]
