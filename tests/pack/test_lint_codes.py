"""The table of warnings is whole, and every one is shown by a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatekeeper.pack.lint.codes import BY_CODE, CODES

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "gatekeeper"
DESIGNED = {
    *(f"W3{number:02}" for number in range(1, 11)),
    *(f"W4{number:02}" for number in (1, 2, *range(4, 12))),
    *(f"W5{number:02}" for number in range(1, 6)),
}
"""Those of the description of the language; W403 was never given."""


def test_every_designed_warning_has_a_meaning_and_a_remedy():
    assert BY_CODE.keys() >= DESIGNED
    for each in CODES:
        assert each.meaning.endswith(".")
        assert each.remedy.endswith((".", "...")) or "gatekeeper" in each.remedy


def test_codes_stand_in_order_once():
    codes = [each.code for each in CODES]

    assert codes == sorted(set(codes))


def test_lint_says_no_code_that_the_table_lacks():
    sources = [*PACKAGE.glob("pack/lint/*.py"), *PACKAGE.glob("language/lint/*.py")]
    said = {
        code
        for path in sources
        if path.name != "codes.py"
        for code in re.findall(r'"(W\d{3})"', path.read_text(encoding="utf-8"))
    }

    assert said == BY_CODE.keys()


@pytest.mark.parametrize("code", [each.code for each in CODES])
def test_a_test_shows_the_whole_text_of(code: str):
    texts = [path.read_text(encoding="utf-8") for path in HERE.glob("test_lint*.py")]
    shown = re.compile(rf": warning {code}: .+\n +\d+ \| .*\n +\| +\^")

    assert any(map(shown.search, texts))
