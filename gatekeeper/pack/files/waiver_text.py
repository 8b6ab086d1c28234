"""A new waiver as the text of a file of its own. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

_NUMBER = re.compile(r"w-(\d{4})-(\d{1,6})")


@dataclass(frozen=True, slots=True)
class NewWaiver:
    """What a person asks for; `logic` is what the rules say on the day of approval."""

    id: str
    rules: tuple[str, ...]
    reason: str
    requested_by: str
    approved_by: str
    approved_on: date
    expires: date
    deals: tuple[str, ...] = ()
    deals_where: str = ""
    max_deals: int | None = None
    ends_early_when: str = ""
    ticket: str = ""


def next_id(known: Iterable[str], year: int) -> str:
    """Return the next free id of the form `w-2026-118`."""
    taken = [
        int(found[2])
        for one in known
        if (found := _NUMBER.fullmatch(one)) and int(found[1]) == year
    ]
    return f"w-{year}-{max(taken, default=0) + 1}"


def waiver_text(waiver: NewWaiver, logic: Mapping[str, str]) -> str:
    """Return the file; every text in single quotes, where YAML guesses nothing."""
    lines = ["version: 1", "kind: waivers", "waivers:"]
    entries = [f"{key}: {value}" for key, value in _entries(waiver, logic)]
    lines.append(f"  - {entries[0]}")
    lines += [f"    {entry}" for entry in entries[1:]]
    return "\n".join(lines) + "\n"


def _entries(waiver: NewWaiver, logic: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "id", _quoted(waiver.id)
    yield "rule", _listed(waiver.rules)
    if waiver.deals:
        yield "deals", _listed(waiver.deals)
    if waiver.deals_where:
        yield "deals_where", _quoted(waiver.deals_where)
    if waiver.max_deals is not None:
        yield "max_deals", str(waiver.max_deals)
    yield "reason", _quoted(waiver.reason)
    if waiver.ticket:
        yield "ticket", _quoted(waiver.ticket)
    yield "requested_by", _quoted(waiver.requested_by)
    yield "approved_by", _quoted(waiver.approved_by)
    yield "approved_on", waiver.approved_on.isoformat()
    yield "expires", waiver.expires.isoformat()
    if waiver.ends_early_when:
        yield "ends_early_when", _quoted(waiver.ends_early_when)
    versions = ", ".join(f"{rule}: {_quoted(text)}" for rule, text in logic.items())
    if versions:
        yield "approved_logic", f"{{{versions}}}"


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    """Write one line in single quotes; control characters have no place in it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return "'" + line.replace("'", "''") + "'"
