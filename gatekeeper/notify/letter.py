"""The shape of a letter: what HTML and plain text are both made from.

Pure, no markup. Both say the same because both are made of the same parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class FigureCell:
    """One number at the top: what it is, how much, and what changed."""

    label: str
    value: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a list.

    Attributes:
        head: What it is called.
        link: Where its name leads, checked; "" for nowhere.
        side: A short value at the edge, such as an amount.
        lines: What is to be said of it.
        bar: Share of the longest bar of its part, 0 to 100; None for no bar.
    """

    head: str
    link: str = ""
    side: str = ""
    lines: tuple[str, ...] = ()
    bar: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A titled list; `note` stands under the title, `more` under the list.

    Attributes:
        has_chart: The picture of the trend belongs here.
    """

    title: str
    entries: tuple[Entry, ...] = ()
    note: str = ""
    more: str = ""
    has_chart: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One digest in words.

    Attributes:
        lead: The one sentence that says how it stands.
        whole: Where all of it is, for who sees less.
        warnings: Why what follows is not the whole truth.
    """

    subject: str
    title: str
    lead: str
    warnings: tuple[str, ...] = ()
    figures: tuple[FigureCell, ...] = ()
    parts: tuple[Part, ...] = ()
    footer: tuple[str, ...] = ()
    whole: str = ""


def as_text(letter: Letter) -> str:
    """Write a letter as plain text, with everything that the HTML says."""
    lines = [letter.title, "", letter.lead]
    lines += [f"! {each}" for each in letter.warnings]
    if letter.figures:
        lines += ["", *map(_figure, letter.figures)]
    for part in letter.parts:
        lines += ["", "", part.title, "-" * len(part.title)]
        lines += [part.note] if part.note else []
        for entry in part.entries:
            lines += _entry(entry)
        lines += [part.more] if part.more else []
    lines += ["", "", *letter.footer]
    return "\n".join(lines) + "\n"


def _figure(figure: FigureCell) -> str:
    change = f" ({figure.change})" if figure.change else ""
    return f"{figure.label}: {figure.value}{change}"


def _entry(entry: Entry) -> Sequence[str]:
    side = f": {entry.side}" if entry.side else ""
    lines = [f"* {entry.head}{side}", *(f"  {each}" for each in entry.lines)]
    return [*lines, f"  {entry.link}"] if entry.link else lines
