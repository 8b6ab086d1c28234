"""The words of our tasks and flags: plain text, bounded, safe to keep.

Pure. Values come from people and other systems, so control and bidirectional
characters are taken out here, once, for every channel that follows.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatekeeper.core.model import Ahead, Deal, Dossier, Violation

SUBJECT_LENGTH = 120
BODY_LENGTH = 8000
VALUE_LENGTH = 200
MOST_LINES = 10

_BREAKS = frozenset("\r\n\t\u2028\u2029")
_DIRECTION = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def plain(text: str, limit: int = 10_000) -> str:
    """Return `text` on one line, without control or direction characters, cut."""
    return cut(" ".join(visible(text).split()), limit)


def visible(text: str) -> str:
    """Return `text` on one line, with its blanks, without what cannot be seen."""
    return "".join(
        " " if each in _BREAKS else each
        for each in text
        if each in _BREAKS
        or (unicodedata.category(each) not in ("Cc", "Cs") and each not in _DIRECTION)
    )


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters, with an ellipsis where some were lost."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def name_of(deal: Deal) -> str:
    """Return what a deal is called in all that is kept and written of it."""
    return cut(deal.name, VALUE_LENGTH)


def subject_of(deal_name: str, stage: str, count: int) -> str:
    """Name the deal, its stage and how much is missing, in at most 120 characters."""
    tail = f" ({plain(stage, 40)}): {count} thing{'' if count == 1 else 's'} missing"
    return plain(deal_name, SUBJECT_LENGTH - len(tail)) + tail


def body_of(lines: Sequence[Violation], dossier: Dossier, role: str) -> tuple[str, ...]:
    """Write the checklist: what is missing, why, what to do; then what comes next."""
    shown = lines[:MOST_LINES]
    body = ["What is missing:"]
    for number, line in enumerate(shown, start=1):
        body.append("")
        body.append(f"{number}. {plain(line.title, VALUE_LENGTH)}")
        body.extend(f"   {each}" for each in _reasons(line))
        body.append(f"   To do: {_to_do(line)}")
    if len(lines) > len(shown):
        body += ["", f"and {len(lines) - len(shown)} more: {dossier.url}"]
    body += _ahead(dossier.ahead)
    body += ["", "This task closes itself when everything is in place."]
    if why_this_person := dossier.instead.get(role):
        body.append(plain(why_this_person, VALUE_LENGTH))
    return bounded(body)


def bounded(body: Sequence[str]) -> tuple[str, ...]:
    """Keep whole lines while they fit into 8,000 characters."""
    left = BODY_LENGTH
    kept: list[str] = []
    for line in body:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return tuple(kept)


def missing_of(lines: Sequence[Violation]) -> str:
    """Write the flag that says what is missing and how to fix it."""
    parts = (
        f"{plain(line.title, VALUE_LENGTH)}: {' '.join(_reasons(line))} {_to_do(line)}"
        for line in lines[:MOST_LINES]
    )
    more = len(lines) - MOST_LINES
    tail = (f"and {more} more",) if more > 0 else ()
    return cut("\n".join((*parts, *tail)), BODY_LENGTH)


def _reasons(line: Violation) -> list[str]:
    return list(
        dict.fromkeys(
            plain(finding.lasting_sentence, 2 * VALUE_LENGTH)
            for finding in line.findings
        )
    )


def _to_do(line: Violation) -> str:
    """Cut what to do; there is more room where lines add remedies of their own."""
    own = {finding.fix for finding in line.findings if finding.fix}
    return plain(line.fix, 2 * VALUE_LENGTH * (1 + len(own)))


def _ahead(ahead: Iterable[Ahead]) -> list[str]:
    """List what the next gate will ask, after the things that are due."""
    coming = list(ahead)
    if not coming:
        return []
    lines = [
        f"- {plain(each.title, VALUE_LENGTH)}: {plain(each.text, VALUE_LENGTH)}"
        for each in coming[:MOST_LINES]
    ]
    return ["", "Still to do before the deal leaves this stage:", *lines]
