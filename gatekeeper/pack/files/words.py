"""The closed sets of words that rule files use and the core does not know."""

from enum import StrEnum


class BlankWord(StrEnum):
    """What an empty answer counts as."""

    FAIL = "fail"
    PASS = "pass"  # noqa: S105  (a word of the language, not a password)


class ExistingDeals(StrEnum):
    """What becomes of deals that were past a rule when it took effect."""

    LEAVE_ALONE = "leave_alone"
    INCLUDE = "include"


class AppliesUntil(StrEnum):
    """How long an exit criterion binds."""

    CLOSED = "closed"
    NEXT_STAGE = "next_stage"


class Asked(StrEnum):
    """Which moment `today` and `now` of an exit criterion mean."""

    ALWAYS = "always"
    WHEN_LEAVING = "when_leaving"


class StagePath(StrEnum):
    """What a stage that is not on every deal's way is."""

    OPTIONAL = "optional"
    SIDE = "side"


class CountsAs(StrEnum):
    """What a deal in a stage counts as, whatever the CRM says."""

    WON = "won"
    LOST = "lost"
    EXCLUDED = "excluded"


class SupportedStage(StrEnum):
    """Which criteria the supported stage follows from."""

    ALL = "all"
    ENFORCED = "enforced"
