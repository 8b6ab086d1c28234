"""The CRM in memory, which says of each reading whether it showed everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.errors import CrmUnreachableError
from tests.fakes.crm import FakeCrm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.core.model import DealBatch, Person
    from gatekeeper.ports import PullRequest, PullTotals


@dataclass
class NightCrm(FakeCrm):
    """What runs read.

    Attributes:
        away: How many more times nobody answers.
        loses_page: The next stream of deals ends early.
        showed_all: The last stream showed every deal whole.
    """

    away: int = 0
    loses_page: bool = False
    showed_all: bool = True

    def people(self) -> Mapping[str, Person]:
        if self.away:
            self.away -= 1
            raise CrmUnreachableError("The CRM does not answer.")
        return super().people()

    def pull(self, request: PullRequest, totals: PullTotals) -> Iterator[DealBatch]:
        lost, self.loses_page = self.loses_page, False
        self.fails_at_page = 0 if lost else None
        self.showed_all = not lost and not self.hidden
        yield from super().pull(request, totals)
