"""What a letter says, read as its reader would: nothing of the program takes part."""

from __future__ import annotations

import email
import email.policy
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATE = re.compile(r"\d{1,2} \w{3} \d{4}")
_WITHOUT = re.compile(r"There was none on (.*?); this one covers it\.")
_MORE = re.compile(r"and (\d+) days before")
_RUN = re.compile(r"\(run (\S+), (complete|partial) reading")
_DEAL = re.compile(r"Deal \d+")
_UNTOLD = re.compile(r"cannot tell: ([\d,]+)")


@dataclass(frozen=True, slots=True)
class Letter:
    """One digest as it goes over the wire.

    Attributes:
        identity: The Message-ID of a mail, the slot of a Slack message.
        text: Its words, without any markup.
    """

    identity: str
    text: str

    @property
    def run(self) -> str:
        """The run it tells of."""
        found = _RUN.search(self.text)
        return found[1] if found else ""

    @property
    def admits(self) -> bool:
        """Whether it says that it does not know everything."""
        found, untold = _RUN.search(self.text), _UNTOLD.search(self.text)
        is_partial = found is not None and found[2] == "partial"
        return is_partial or (untold is not None and untold[1] != "0")

    @property
    def deals(self) -> frozenset[str]:
        """The deals it names."""
        return frozenset(_DEAL.findall(self.text))

    @property
    def is_all_clear(self) -> bool:
        """Whether it says that nothing is missing."""
        return "Nothing is missing" in self.text

    @property
    def covered(self) -> tuple[frozenset[date], int]:
        """The days it names as days without a digest, and how many it only counts."""
        found = _WITHOUT.search(self.text)
        if found is None:
            return frozenset(), 0
        named = [
            datetime.strptime(each, "%d %b %Y").date()  # noqa: DTZ007  (a day only)
            for each in _DATE.findall(found[1])
        ]
        more = _MORE.search(found[1])
        return frozenset(named), int(more[1]) if more else 0


def letter_of(content: str) -> Letter:
    """Read what was handed to the wire."""
    if content.startswith("{"):
        message = json.loads(content)
        slot = message["metadata"]["event_payload"]["slot"]
        return Letter(slot, " ".join(" ".join(_texts(message["blocks"])).split()))
    mail = email.message_from_string(content, policy=email.policy.default)
    part = mail.get_body(("plain",))
    assert part is not None
    return Letter(mail["Message-ID"], " ".join(part.get_content().split()))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
