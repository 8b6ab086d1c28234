"""Which events of the simulation play which faults.

An event that is no more, or a fault that the design does not know, fails a test.
"""

from __future__ import annotations

PLAYED: dict[str, tuple[str, ...]] = {
    "F01": ("kill before", "kill after"),
    "F02": ("kill before", "kill after"),
    "F03": ("kill before", "kill after"),
    "F04": ("kill before", "kill after", "halves"),
    "F05": ("lost after",),
    "F06": ("lost before",),
    "F07": ("late",),
    "F08": ("answer without id",),
    "F09": ("halves", "refused", "locked"),
    "F10": ("limited", "turned away"),
    "F12": ("login refused",),
    "F13": ("refused", "locked"),
    "F14": ("rival",),
    "F15": ("freeze",),
    "F16": ("host clock", "database clock"),
    "F17": ("restore",),
    "F18": ("empty database",),
    "F20": (
        "complete",
        "delete task",
        "reassign",
        "rename task",
        "move due date",
        "edit body",
        "reopen",
        "take off deal",
    ),
    "F21": ("edit flag",),
    "F22": ("delete deal", "advance", "retreat", "lose", "hand over", "leave"),
    "F23": ("delete task", "delete deal"),
    "F24": ("page lost", "page skipped", "page repeated"),
    "F25": ("hide field",),
    "F26": ("nothing shown",),
    "F28": ("disk full",),
    "F29": ("commit unheard",),
    "F30": ("signal",),
    "F36": ("rules",),
    "F38": ("stop",),
}
