"""What is said about a mistake: whole messages, read and approved as they stand.

Each block of the file: the check, then for every mistake its carets, its sentence and,
two blanks in, what could be written instead.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import CheckError
from gatekeeper.language.parser.line import parse
from tests.language.scopes import SCOPE

BLOCKS = (Path(__file__).parent / "mistakes.txt").read_text("utf-8")


@pytest.mark.parametrize(
    "block", BLOCKS.strip().split("\n\n"), ids=lambda block: block.partition("\n")[0]
)
def test_a_mistake_is_told_in_these_words(block: str) -> None:
    line = block.partition("\n")[0]
    with pytest.raises(CheckError) as caught:
        check(parse(line), SCOPE)

    shown = [line]
    for each in caught.value.mistakes:
        start, end = each.span.start, each.span.end
        shown += [" " * start + "^" * (end - start), f"{each.code}: {each.text}"]
        shown += [f"  {each.help}"] if each.help else []
    assert "\n".join(shown) == block
