"""Records asked for in full requests: the last one is filled with what comes next.

A request takes so many records, whichever deals they hang on. Read batch by batch, a
few quotes in each would cost a request per batch; here the first of them brings those
of the batches behind it too. Pure but for the reading it is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Record = TypeVar("Record")


@dataclass(slots=True)
class Ahead(Generic[Record]):
    """The records of one kind that batch after batch wants.

    Attributes:
        read: Returns named records; one that is not among them does not exist.
        most: How many of them one request takes.
        here: What is at hand, until the last batch that wants it was given it.
    """

    read: Callable[[Sequence[str]], Mapping[str, Record]]
    most: int
    here: dict[str, Record] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)
    _asked: dict[str, None] = field(default_factory=dict)
    _until: list[int] = field(default_factory=list)
    _batch: int = 0

    def want(self, ids: Iterable[str]) -> None:
        """Name what one more batch wants; all batches do before the first is given."""
        wanted = dict.fromkeys(ids, len(self._until))
        self._last.update(wanted)
        here = self.here
        absent = (id_ for id_ in wanted if id_ not in here) if here else wanted
        self._asked.update(dict.fromkeys(absent))
        self._until.append(len(self._asked))

    def give(self) -> Mapping[str, Record]:
        """Return what the next batch wants, by id, others perhaps among it."""
        start = _whole(self._until[self._batch - 1], self.most) if self._batch else 0
        end = _whole(self._until[self._batch], self.most)
        if start < end:
            fresh = list(islice(self._asked, start, end))
            if fresh:
                self.here.update(self.read(fresh))
        batch, self._batch = self._batch, self._batch + 1
        found, last = self.here, self._last
        self.here = {
            id_: each for id_, each in found.items() if last.get(id_, -1) > batch
        }
        return found


def _whole(count: int, most: int) -> int:
    return -(-count // most) * most
