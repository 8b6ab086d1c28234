"""What a seller reads, check by check: whole findings, read and approved as they stand.

Each block of the two files: the check, the sentence, `~` the sentence of a task where
it differs, `=` what was observed and what is expected, `-` a detail.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.language import test_explain, test_history

if TYPE_CHECKING:
    from gatekeeper.core.model import Finding

HERE = Path(__file__).parent


def blocks(name: str) -> list[str]:
    return (HERE / name).read_text(encoding="utf-8").strip().split("\n\n")


def shown(check: str, found: Finding) -> str:
    lines = [check, found.text]
    if found.lasting_text != found.text:
        lines.append(f"~ {found.lasting_text}")
    if found.observed or found.expected:
        lines.append(f"= {found.observed} | {found.expected}")
    return "\n".join([*lines, *(f"- {each}" for each in found.details)])


def check_of(block: str) -> str:
    return block.partition("\n")[0]


@pytest.mark.parametrize("block", blocks("sentences.txt"), ids=check_of)
def test_a_finding_is_told_in_these_words(block: str) -> None:
    check = check_of(block)
    assert shown(check, test_explain.finding(check)) == block


@pytest.mark.parametrize("block", blocks("sentences_of_the_past.txt"), ids=check_of)
def test_a_finding_about_the_past_is_told_in_these_words(block: str) -> None:
    check = check_of(block)
    assert shown(check, test_history.finding(check)) == block
