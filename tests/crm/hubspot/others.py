"""People who work in a portal while gatekeeper reads it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.history import Source
from gatekeeper.sandbox.hubspot.merging import merge
from gatekeeper.sandbox.hubspot.records import archive, create, update

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored
    from gatekeeper.sandbox.wire import Reply, Request

PERSON = Source("CRM_UI", "userId:1", 1)


class Others:
    """Act between two calls; pass it to the server as its observer.

    An act comes after the answer to a call was made and before the next call is
    looked at, under the rules that every write of the portal keeps.
    """

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.answered: Counter[str] = Counter()
        self._acts: defaultdict[tuple[str, int], list[Callable[[], object]]] = (
            defaultdict(list)
        )

    def after(self, path: str, times: int, act: Callable[[], object]) -> None:
        """Have somebody act once a path was answered so often."""
        self._acts[path, times].append(act)

    def __call__(self, request: Request, _reply: Reply) -> None:
        path = request.raw_path
        self.answered[path] += 1
        with self.portal.lock:
            for act in self._acts.pop((path, self.answered[path]), ()):
                act()

    def left(self) -> int:
        """Return how many have not had their turn."""
        return sum(map(len, self._acts.values()))

    def archive(self, kind: str, id_: str) -> None:
        archive(self.portal, self.portal.kinds[kind], id_)

    def create(self, kind: str, **values: str) -> str:
        row = create(self.portal, self.portal.kinds[kind], values, PERSON)
        return str(row["hs_object_id"])

    def change(self, kind: str, id_: str, **values: str) -> None:
        row = self._live(kind, id_)
        update(self.portal, self.portal.kinds[kind], row, values, PERSON)

    def merge(self, kind: str, first: str, second: str) -> str:
        pair = (self._live(kind, first), self._live(kind, second))
        row = merge(self.portal, self.portal.kinds[kind], pair, PERSON)
        return str(row["hs_object_id"])

    def _live(self, kind: str, id_: str) -> Stored:
        row = self.portal.live(self.portal.kinds[kind], id_)
        assert row is not None, f"{kind} {id_} is gone"
        return row
