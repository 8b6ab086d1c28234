"""Every exception gatekeeper raises on purpose, as one tree.

    GatekeeperError
    |- Transient            repeat it: the CRM or the network was busy
    |- CrmRejectedError     skip this change: the CRM refused one record
    `- StopError            stop the command; `exit_code` says how it ends
       |- SetupError          2  settings, arguments or rules need a person
       |  `- PackError        2  the rule pack has mistakes, all of them listed
       |- CrmAuthError        3  the CRM refuses the login or the rights
       |- CrmUnreachableError 3  the CRM cannot be reached or answers nonsense
       |- StoreError          3  the database cannot be read or written
       |- DeferredError       4  the CRM's limits are used up: try the next cycle
       |- StoppedError        4  a person or a signal stopped the run
       |- HeldError           5  the plan passes a limit and waits for a person
       `- LeaseHeldError      5  another run of the same org is under way

A message says what failed, on what, and what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta


class GatekeeperError(Exception):
    """Base of everything raised on purpose."""


class Transient(GatekeeperError):  # noqa: N818  (the name is the question it answers)
    """The same call may work in a moment.

    Attributes:
        retry_after: How long the service asked us to wait, if it said so.
        outcome_unknown: True when a write may have happened although no answer came.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: timedelta | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.outcome_unknown = outcome_unknown


class CrmRejectedError(GatekeeperError):
    """The CRM refused one record for good; the run goes on and reports it.

    Attributes:
        code: The CRM's own error code, such as FIELD_CUSTOM_VALIDATION_EXCEPTION.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class StopError(GatekeeperError):
    """The command ends; `exit_code` is what the shell sees."""

    exit_code: ClassVar[int] = 1


class SetupError(StopError):
    """Settings, arguments or rules need a person before anything can run."""

    exit_code = 2


class PackError(SetupError):
    """The rule pack has mistakes; nothing was run.

    Attributes:
        messages: Every mistake of every file, already framed, in file order.
    """

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = tuple(messages)


class CrmAuthError(StopError):
    """The CRM refuses the login or the integration user's rights."""

    exit_code = 3


class CrmUnreachableError(StopError):
    """The CRM cannot be reached, or what answers is not the CRM."""

    exit_code = 3


class StoreError(StopError):
    """The database cannot be opened, read or written."""

    exit_code = 3


class DeferredError(StopError):
    """The CRM's allowance is used up; the next cycle goes on from here."""

    exit_code = 4


class StoppedError(StopError):
    """The kill switch or a signal stopped the run; it can be resumed."""

    exit_code = 4


class HeldError(StopError):
    """The plan passes a limit; it is stored and waits for a person."""

    exit_code = 5


class LeaseHeldError(StopError):
    """Another run of the same org is under way; nothing was read."""

    exit_code = 5
