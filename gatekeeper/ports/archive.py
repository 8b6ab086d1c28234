"""What digests read of stored runs; nothing of it changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.digest.values import Moving
    from gatekeeper.core.model import Violation
    from gatekeeper.ports.rows import RunRow


class Archive(Protocol):
    """Stored runs, counted by owner. An owner id of "" is a deal without one."""

    def last_told(self, org: str) -> RunRow | None:
        """Return the last run that kept track; None before there is one."""

    def first_told(self, org: str) -> RunRow | None:
        """Return the first kept run that kept track; None before there is one."""

    def told_runs(self, org: str, since: datetime) -> Sequence[RunRow]:
        """Return the runs that kept track, as of then or later, oldest first.

        Plans, replays, and runs that judged nothing are left out; one that failed, or
        is under way, is there from its commit on, with no counts in its report.
        """

    def deals(self, org: str, number: int) -> Mapping[tuple[str, str], int] | None:
        """Return (owner id, stage label) to deals of a run; None once forgotten."""

    def verdicts(self, org: str, number: int) -> Mapping[tuple[str, str, str], int]:
        """Return (owner id, rule id, outcome) to results of a run.

        Deals to which a rule does not apply are not counted.
        """

    def failing(self, org: str, number: int) -> Mapping[tuple[str, str], int]:
        """Return (owner id, stage label) to failing results of a run."""

    def audit_head(self, org: str) -> str:
        """Return the hash of the audit chain's last row; "" where there is none."""

    def counts(self, org: str) -> Mapping[tuple[str, str], int]:
        """Return (rule id, state) to how many violations stand."""

    def moving(self, org: str, number: int) -> Iterator[Moving]:
        """Iterate the deals of a run that may close soon; none once forgotten."""

    def standing(self, org: str, after_run: int | None) -> Iterator[Violation]:
        """Iterate what stands, and what was resolved in runs after that number.

        What was shown of the evidence is left out.

        Args:
            org: Whose.
            after_run: A run's number; None leaves out all that is resolved.
        """
