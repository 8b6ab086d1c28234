"""What a run has to say to people, each sentence with what it is about. Pure.

A report keeps both: `messages` are the sentences, `notices` say what each is about, so
that nobody has to recognise a sentence by its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NOTICES = "notices"


class NoticeKind(StrEnum):
    """What a sentence is about, where a reader tells it from others."""

    DRIFT = "drift"
    """The rules name what the CRM lacks or hides."""
    PARTIAL = "partial"
    """Something did not come."""
    HELD = "held"
    """A limit or a missing word of a person keeps writes back."""
    STOPPED = "stopped"
    """Why the run did not come to its end."""
    NOTE = "note"
    """All else."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing a run says.

    Attributes:
        code: The message's code, "" where it has none.
        text: The sentence, without code and place.
        place: File, line and column of the rules that it points at; "" for none.
    """

    kind: NoticeKind
    code: str
    text: str
    place: str = ""

    @property
    def sentence(self) -> str:
        """Write it as people read it."""
        if self.place:
            return f"{self.place}: error {self.code}: {self.text}"
        return f"{self.code}: {self.text}" if self.code else self.text


@dataclass(frozen=True, slots=True)
class Remark:
    """What was found in a pack and does not stop a run.

    Attributes:
        place: File, line and column.
        help: What to do, "" where nothing is proposed.
        is_mistake: The CRM does not show what is asked: such lines are "cannot tell".
            Otherwise it is for those who write the rules.
    """

    place: str
    code: str
    text: str
    help: str = ""
    is_mistake: bool = False


def written(notices: Iterable[Notice]) -> dict[str, object]:
    """Return the two parts of a report that say all this."""
    every = list(notices)
    return {
        "messages": [each.sentence for each in every],
        _NOTICES: [
            {
                "kind": each.kind.value,
                "code": each.code,
                "place": each.place,
                "text": each.text,
            }
            for each in every
        ],
    }


def notices_in(report: Mapping[str, object]) -> tuple[Notice, ...]:
    """Read back from a report what was written into it."""
    rows = report.get(_NOTICES)
    return tuple(_read(rows)) if isinstance(rows, list) else ()


def said(report: Mapping[str, object], kind: NoticeKind) -> tuple[Notice, ...]:
    """Read back what a report says of one kind."""
    return tuple(each for each in notices_in(report) if each.kind is kind)


def _read(rows: Iterable[object]) -> Iterator[Notice]:
    for row in rows:
        if isinstance(row, dict):
            texts = {name: str(row.get(name, "")) for name in ("text", "code", "place")}
            yield Notice(NoticeKind(row.get("kind", NoticeKind.NOTE)), **texts)
