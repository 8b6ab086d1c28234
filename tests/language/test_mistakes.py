"""What is said about a mistake: whole messages, read and approved as they stand.

Each block of the two files: the check, then for every mistake its carets, its
sentence and, two blanks in, what could be written instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import CheckError
from gatekeeper.language.messages import CheckSyntaxError
from gatekeeper.language.parser.line import parse
from tests.language.scopes import SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.language.messages import Message

HERE = Path(__file__).parent


def blocks(name: str) -> list[str]:
    return (HERE / name).read_text("utf-8").strip().split("\n\n")


def line_of(block: str) -> str:
    return block.partition("\n")[0]


def shown(line: str, mistakes: Iterable[Message]) -> str:
    lines = [line]
    for each in mistakes:
        start, end = each.span.start, each.span.end
        lines += [" " * start + "^" * (end - start), f"{each.code}: {each.text}"]
        lines += [f"  {each.help}"] if each.help else []
    return "\n".join(lines)


@pytest.mark.parametrize("block", blocks("mistakes.txt"), ids=line_of)
def test_a_mistake_is_told_in_these_words(block: str) -> None:
    line = line_of(block)
    with pytest.raises(CheckError) as caught:
        check(parse(line), SCOPE)

    assert shown(line, caught.value.mistakes) == block


@pytest.mark.parametrize("block", blocks("mistakes_of_syntax.txt"), ids=line_of)
def test_a_line_that_cannot_be_read_is_told_in_these_words(block: str) -> None:
    line = line_of(block)
    with pytest.raises(CheckSyntaxError) as caught:
        parse(line)

    assert shown(line, caught.value.mistakes) == block
