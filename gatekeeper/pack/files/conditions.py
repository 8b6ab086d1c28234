"""`require`, `when`, `unless` and `define` as written: lines and their grouping.

Each line is parsed here; what its names mean is asked later, when the pack is
compiled, so a broken line never hides another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import Quorum
from gatekeeper.language.messages import CheckSyntaxError, Message
from gatekeeper.language.parser.line import parse
from gatekeeper.language.template import placeholders_in
from gatekeeper.language.tree.node import node
from gatekeeper.pack.files import rule_schema
from gatekeeper.pack.files.values import Unfit, must_be
from gatekeeper.pack.source.columns import place_of
from gatekeeper.pack.source.nodes import Listing, Node, Scalar, Table
from gatekeeper.pack.source.problems import Problem
from gatekeeper.pack.source.read import Noun, Reader
from gatekeeper.pack.source.traps import colon_key, cut_by_comment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.language.tree import syntax
    from gatekeeper.pack.files.words import BlankWord

MOST_NESTED = 2
NO_CHECK = Unfit(
    "E206", "a line must be a check such as: next_step is filled; found {found}."
)


@node
class DraftLine:
    """One check; `test` is None where it could not be read.

    Attributes:
        table: What it is a key of, with its other keys; None for a bare line.
    """

    scalar: Scalar
    test: syntax.Test | None
    title: str | None = None
    fix: Scalar | None = None
    on_blank: BlankWord | None = None
    when: DraftCondition | None = None
    forbid: tuple[str, ...] = ()
    table: Table | None = None


@node
class DraftGroup:
    """Several conditions of which all, any or at least `count` must hold."""

    quorum: Quorum
    parts: tuple[DraftCondition, ...]
    count: int = 0


DraftCondition = DraftLine | DraftGroup


def tests_of(condition: DraftCondition | None) -> Iterator[syntax.Test]:
    """Give the checks of a condition that could be read."""
    if isinstance(condition, DraftGroup):
        for part in condition.parts:
            yield from tests_of(part)
    elif condition is not None:
        yield from () if condition.test is None else (condition.test,)
        yield from tests_of(condition.when)


def read_condition(
    reader: Reader, node: Node | None, key: str, currency: str
) -> DraftCondition | None:
    """Read what stands under `require`, `when`, `unless` or a define's name.

    Args:
        reader: Takes the mistakes.
        node: What stands there; None reads as None.
        key: The key, for messages.
        currency: The project's currency, named by a message of the parser.
    """
    match node:
        case None:
            return None
        case Listing(entries=()):
            reader.unfit(node, key, must_be("a check or a list of checks"))
            return None
        case Listing():
            parts = _parts(reader, node, 0, currency)
            return DraftGroup(Quorum.ALL, parts)
        case _:
            return _entry(reader, node, 0, currency)


def _parts(
    reader: Reader, node: Listing, depth: int, currency: str
) -> tuple[DraftCondition, ...]:
    read = [_entry(reader, entry, depth, currency) for entry in node.entries]
    return tuple(part for part in read if part is not None)


def _entry(
    reader: Reader, node: Node, depth: int, currency: str
) -> DraftCondition | None:
    match node:
        case Scalar():
            return DraftLine(node, read_check(reader, node, currency))
        case Table(pairs=((Scalar(text=word) as key, inner),)) if word in _GROUPS:
            return _group(reader, key, inner, depth + 1, currency)
        case Table() if node.key("check") is None and _is_cut(node):
            key, value = node.pairs[0]
            rest = value.text if isinstance(value, Scalar) else ""
            text, advice = colon_key(key.text, rest)
            reader.say(key.place, "E105", text, advice)
        case Table() if (alone := _group_key(node)) is not None:
            text = f'"{alone.text}" stands alone; put the other checks inside it.'
            reader.say(alone.place, "E210", text)
        case Table():
            return _line(reader, node, currency)
        case Listing():
            reader.unfit(node, "check", NO_CHECK)
    return None


_GROUPS = frozenset(Quorum)


def _group_key(table: Table) -> Scalar | None:
    """Return the first key that begins a group, where there are other keys too."""
    return next((key for key, _ in table.pairs if key.text in _GROUPS), None)


def _is_cut(table: Table) -> bool:
    """Whether a colon made a mapping of what was meant as one line."""
    return len(table.pairs) == 1 and not table.pairs[0][0].text.isidentifier()


def _line(reader: Reader, table: Table, currency: str) -> DraftLine | None:
    part = reader.part(rule_schema.LinePart, table, Noun("a check", "this check"))
    check_title(reader, table.get("title"))
    check, fix = table.get("check"), table.get("fix")
    if not isinstance(check, Scalar):
        return None
    return DraftLine(
        check,
        read_check(reader, check, currency),
        title=part.title if part else None,
        fix=fix if isinstance(fix, Scalar) else None,
        on_blank=part.on_blank if part else None,
        when=read_condition(reader, table.get("when"), "when", currency),
        forbid=part.forbid if part else (),
        table=table,
    )


def check_title(reader: Reader, node: Node | None) -> None:
    """Refuse placeholders in a title: it names the same thing on every deal (E426)."""
    if not isinstance(node, Scalar):
        return
    for span in placeholders_in(node.text):
        mentioned = node.text[span.start : span.end]
        text = f"the title mentions {mentioned}; a title is the same on every deal."
        advice = 'write it in "fix", where it shows the value of the deal.'
        reader.note(Problem(place_of(node, span), "E426", text, advice))


def _group(
    reader: Reader, key: Scalar, node: Node, depth: int, currency: str
) -> DraftGroup | None:
    if depth > MOST_NESTED:
        reader.say(
            key.place,
            "E210",
            f'"{key.text}" is nested {depth} deep; at most {MOST_NESTED}.',
            'name the inner part with "define".',
        )
        return None
    count = 0
    if key.text == Quorum.AT_LEAST:
        count, node = _count(reader, key, node)
    if not isinstance(node, Listing):
        reader.unfit(node, key.text, must_be("a list of checks"))
        return None
    if not _is_enough(reader, key, node, count):
        return None
    parts = _parts(reader, node, depth, currency)
    return DraftGroup(Quorum(key.text), parts, count)


def _count(reader: Reader, key: Scalar, node: Node) -> tuple[int, Node]:
    match node:
        case Table(pairs=((Scalar(text=number), inner),)) if number.isdecimal():
            return int(number[:6]), inner
        case Table(pairs=((Scalar(text=number) as param, _),)) if number[:1] == "$":
            text = f'"at_least" counts to a number written here; {number} is a param.'
            reader.say(param.place, "E206", text, "at_least: {2: [...]}")
        case _:
            wanted = must_be("a number with its list, as in {2: [...]}")
            reader.unfit(node, key.text, wanted)
    return 1, Listing((), key.source, key.start, key.end)


def _is_enough(reader: Reader, key: Scalar, node: Listing, count: int) -> bool:
    lines = len(node.entries)
    if key.text == Quorum.AT_LEAST:
        if not 1 <= count <= lines and lines:
            text = f'"at_least" asks for {count} of {lines} lines.'
            reader.say(key.place, "E210", text)
        return 1 <= count <= lines
    if key.text == Quorum.ANY and lines == 1:
        text = '"any" holds one line; it needs at least two.'
        reader.say(key.place, "E210", text, "write the line itself.")
    elif not lines:
        reader.unfit(node, key.text, must_be("a list of checks"))
    return lines > 0


def read_check(reader: Reader, scalar: Scalar, currency: str) -> syntax.Test | None:
    """Parse one check, noting its mistakes at their place in the file."""
    reader.count_check(scalar)
    if scalar.is_blank:
        reader.unfit(scalar, "check", NO_CHECK)
        return None
    known = reader.parsed.get(scalar.text)
    if known is not None:
        return known
    try:
        test = parse(scalar.text, currency=currency)
    except CheckSyntaxError as error:
        note(reader, scalar, error)
        return None
    reader.parsed[scalar.text] = test
    return test


def note(reader: Reader, scalar: Scalar, error: CheckSyntaxError) -> None:
    """Note the parser's messages at their place in the file."""
    for mistake in error.mistakes:
        cut = cut_by_comment(scalar, "the check") if mistake.code == "E313" else None
        reader.note(cut or problem_at(scalar, mistake))


def problem_at(scalar: Scalar, message: Message) -> Problem:
    """Place a message about a check in its file."""
    return Problem(
        place_of(scalar, message.span),
        message.code,
        message.text,
        message.help,
        is_warning=message.is_warning,
    )
