"""A letter as blocks of Slack's Block Kit. Pure.

Texts go as plain text where nothing in them is a link. Where one is, what Slack reads
as its own signs is escaped, and it finds no links, people or channels by itself
(promises S14; https://docs.slack.dev/messaging/formatting-message-text).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.wording import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.notify.letter import Entry, Letter, Part

Block = dict[str, object]

MOST_BLOCKS = 50
LONGEST_HEADER = 150
LONGEST_TEXT = 3000
MOST_FIELDS = 10
_SIGNS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str) -> str:
    """Write a text so that Slack reads no sign of its own in it."""
    return "".join(_SIGNS.get(each, each) for each in text)


def blocks_of(letter: Letter) -> list[Block]:
    """Write a letter in at most fifty blocks; what does not fit is said to be more."""
    made = [_header(letter.title), _section(letter.lead)]
    made += [_section(f"⚠ {each}") for each in letter.warnings]
    if letter.figures:
        fields = [_plain(f"{f.label}\n{f.value} {f.change}") for f in letter.figures]
        made.append({"type": "section", "fields": fields[:MOST_FIELDS]})
    foot = _context(letter.footer)
    for number, part in enumerate(letter.parts):
        wanted = list(_part(part))
        if len(made) + len(wanted) + 2 > MOST_BLOCKS:
            left = ", ".join(each.title for each in letter.parts[number:])
            made.append(_context([f"No room is left for: {left}.", letter.whole]))
            break
        made += wanted
    return [*made, foot]


def _part(part: Part) -> Iterator[Block]:
    yield {"type": "divider"}
    yield _header(part.title)
    if part.note:
        yield _context([part.note])
    for text in _joined([_entry(each) for each in part.entries]):
        yield {"type": "section", "text": _marked(text)}
    if part.more:
        yield _context([part.more])


def _entry(entry: Entry) -> str:
    head = escaped(entry.head)
    if entry.link:
        head = f"<{entry.link}|{head.replace('|', '/')}>"
    side = f"  {escaped(entry.side)}" if entry.side else ""
    return "\n".join([f"• {head}{side}", *(f"    {escaped(e)}" for e in entry.lines)])


def _joined(entries: Sequence[str]) -> Iterator[str]:
    """Put entries together, as many as one block holds."""
    text = ""
    for each in entries:
        if text and len(text) + 1 + len(each) > LONGEST_TEXT:
            yield text
            text = ""
        text = f"{text}\n{each}" if text else each
    if text:
        yield text


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(text, LONGEST_HEADER)}


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text)}


def _context(lines: Sequence[str]) -> Block:
    return {"type": "context", "elements": [_plain("\n".join(lines) or " ")]}


def _plain(text: str, most: int = 2000) -> Block:
    lines = [plain(each, most) for each in text.split("\n")]
    return {"type": "plain_text", "text": "\n".join(lines)[:most], "emoji": False}


def _marked(text: str) -> Block:
    return {"type": "mrkdwn", "text": text[:LONGEST_TEXT], "verbatim": True}
